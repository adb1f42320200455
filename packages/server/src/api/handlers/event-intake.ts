/**
 * Owns what becomes of events that arrive: each is a call of the API of its own, and all are handed over at once and in order, as
 * those of a batch.
 *
 * T1 what was accepted before is `duplicate`, the same source and id with something else in it `refused`. T2 an event that is refused
 * stops no other. T3 where any could not be decided all is answered 503, so that a sender that reads no more than the status sends
 * all again; what was accepted is a duplicate then.
 */
import type { EventResult, ReceivedEvent } from "@cistern/contract";
import {
  type ArrivedCall,
  type EventFault,
  callOfEvent,
  isFault,
  namesOf,
  readEvent,
} from "../../ingest/index.ts";
import type { StoredKey } from "../../identity/index.ts";
import type { HandlersOf } from "../calls/call.ts";
import type { Answer } from "../calls/operation.ts";
import type { Dispatch } from "../dispatcher.ts";
import type { ApiParts } from "../parts.ts";
import { type Refusal, invalid, refuse } from "../problems/problem.ts";

type TakeEvents = HandlersOf<"takeEvents" | "takeEventsOfAll">;

/** Usage and outcomes as CloudEvents. */
export function eventIntakeHandlers({ catalog }: ApiParts, dispatch: Dispatch): TakeEvents {
  const take = async (
    sent: Parameters<TakeEvents["takeEvents"]>[0]["body"],
    workspace: string | undefined,
    caller: StoredKey | undefined,
  ) => {
    const intake = { workspace, rules: catalog.events() };
    const callOf = (value: unknown): ArrivedCall | EventFault => {
      const event = readEvent(value);
      return isFault(event) ? event : callOfEvent(event, intake);
    };
    const events = isMany(sent) ? sent : [sent];
    const fates = await Promise.all(
      events.map(async (event) => {
        const call = callOf(event);
        if (isFault(call)) return invalid([call]);
        const answer = await dispatch({ method: "POST", ...call }, caller);
        return answer.kind === "refused" ? inWordsOfEvents(answer, event) : answer;
      }),
    );
    const undecided = fates.find(isUndecided);
    if (undecided !== undefined) return undecided;
    const [only] = fates;
    if (!isMany(sent) && only?.kind === "refused") return only;
    const results = fates.map((fate, index) => resultOf(fate, index, events[index]));
    const count = (status: EventResult["status"]): number =>
      results.filter((one) => one.status === status).length;
    return {
      kind: "done",
      status: 200,
      body: {
        accepted: count("accepted"),
        duplicates: count("duplicate"),
        refused: count("refused"),
        results,
      },
    } as const;
  };
  return {
    takeEvents: async ({ params: { workspace }, body, caller }) =>
      await take(body, workspace, caller),
    takeEventsOfAll: async ({ body, caller }) => await take(body, caller?.workspace, caller),
  };
}

const isMany = (sent: ReceivedEvent | readonly ReceivedEvent[]): sent is readonly ReceivedEvent[] =>
  Array.isArray(sent);

/** T3. */
const isUndecided = (answer: Answer): answer is Refusal =>
  answer.kind === "refused" && answer.problem.status >= 500;

/** T1. The sender knows no Idempotency-Key. */
function inWordsOfEvents(refusal: Refusal, event: unknown): Refusal {
  if (refusal.problem.code !== "idempotency_key_reused") return refusal;
  const { source = "", id = "" } = namesOf(event);
  return refuse(
    "idempotency_key_reused",
    `Event ${id} of ${source} was accepted before, and said something else then. Give an event that says something else an id of its own.`,
  );
}

function resultOf(answer: Answer, index: number, event: unknown): EventResult {
  const names = { index, ...namesOf(event) };
  if (answer.kind === "refused") return { ...names, status: "refused", problem: answer.problem };
  return {
    ...names,
    status: answer.isReplayed === true ? "duplicate" : "accepted",
    ...textOf(answer.body, "id", "of"),
    ...textOf(answer.body, "charged", "charged"),
  };
}

/** A field of an answer under the name that it has in a result. */
function textOf(body: unknown, field: string, name: string): Readonly<Record<string, string>> {
  const value: unknown =
    typeof body === "object" && body !== null ? Reflect.get(body, field) : undefined;
  return typeof value === "string" ? { [name]: value } : {};
}
