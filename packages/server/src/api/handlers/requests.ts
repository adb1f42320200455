import { parseCredits } from "@cistern/contract";
import { type CreditRequest, type State, credits } from "@cistern/kernel";
import { type RequestWords, requestBody } from "../answers/request.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import { pageById } from "../calls/pages.ts";
import { readDuration } from "../calls/read-field.ts";
import type { ApiParts } from "../parts.ts";
import { refuse } from "../problems/problem.ts";

const waitsMsDefault = 7 * 24 * 60 * 60 * 1_000;

/** Requests for more. What people write stands outside the journal (RULES 26). */
export const requestHandlers = (parts: ApiParts): HandlersOf<AskRoute | AnswerRoute> => ({
  ...askHandlers(parts),
  ...answerHandlers(parts),
});

type AskRoute = "askForMore" | "listRequests" | "getRequest" | "eraseRequestWords";
type AnswerRoute = "approveRequest" | "declineRequest";

function askHandlers(parts: ApiParts): HandlersOf<AskRoute> {
  const { engine, names, newId } = parts;
  return {
    async askForMore({ params: { workspace: workspaceId }, body, key }) {
      const { member, limit, reason, ttl } = body;
      const answer = await carryOut(engine, "credit_request.created", {
        workspaceId,
        key,
        command: {
          kind: "requestCredits",
          request: newId("crq"),
          member,
          limit: limit ?? null,
          credits: credits(parseCredits(body.credits)),
          ttlMs: ttl === undefined ? waitsMsDefault : readDuration("/ttl", ttl),
        },
        asker: "The request",
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      await keep(parts, workspaceId, "reason", { id: event.request.id, words: reason });
      const told = requestBody(event.request, { reason }, position);
      return { kind: "done", status: 201, body: told, isReplayed };
    },

    async listRequests({ params: { workspace: workspaceId }, query }) {
      const answer = await ask(engine, workspaceId, (state) =>
        pageById(chosen(state, query), query),
      );
      if (answer.kind === "refused") return answer;
      const { rows, nextCursor } = answer.value;
      const words = await wordsOf(
        parts,
        workspaceId,
        rows.map(({ id }) => id),
      );
      const data = rows.map((one) => requestBody(one, words(one.id), answer.at));
      const body = { data, ...(nextCursor === undefined ? {} : { nextCursor }) };
      return { kind: "done", status: 200, body };
    },

    getRequest: ({ params: { workspace, request } }) => readOne(parts, workspace, request),

    async eraseRequestWords({ params: { workspace: workspaceId, request: id } }) {
      const answer = await readOne(parts, workspaceId, id);
      if (answer.kind === "refused") return answer;
      await names.put({ workspaceId, kind: "reason", id }, undefined);
      await names.put({ workspaceId, kind: "note", id }, undefined);
      return await readOne(parts, workspaceId, id);
    },
  };
}

function answerHandlers(parts: ApiParts): HandlersOf<AnswerRoute> {
  const { engine } = parts;
  return {
    async approveRequest({ params: { workspace: workspaceId, request }, body, key }) {
      const { by, as, note } = body;
      const given = body.credits === undefined ? null : credits(parseCredits(body.credits));
      const answer = await carryOut(engine, "credit_request.approved", {
        workspaceId,
        key,
        command: {
          kind: "approveRequest",
          request,
          by,
          as,
          credits: given,
          from: body.from ?? null,
        },
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      await keep(parts, workspaceId, "note", { id: request, words: note });
      const told = requestBody(event.request, { note }, position);
      return { kind: "done", status: 200, body: told, isReplayed };
    },

    async declineRequest({ params: { workspace: workspaceId, request }, body, key }) {
      const { by, note } = body;
      const command = { kind: "declineRequest", request, by } as const;
      const answer = await carryOut(engine, "credit_request.declined", {
        workspaceId,
        key,
        command,
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      await keep(parts, workspaceId, "note", { id: request, words: note });
      const told = requestBody(event.request, { note }, position);
      return { kind: "done", status: 200, body: told, isReplayed };
    },
  };
}

async function wordsOf({ names }: ApiParts, workspaceId: string, ids: readonly string[]) {
  const [reasons, notes] = await Promise.all([
    names.read({ workspaceId, kind: "reason" }, ids),
    names.read({ workspaceId, kind: "note" }, ids),
  ]);
  return (id: string): RequestWords => ({ reason: reasons.get(id), note: notes.get(id) });
}

/** A retry brings back nothing that was erased since. */
async function keep(
  { names }: ApiParts,
  workspaceId: string,
  kind: "reason" | "note",
  { id, words }: { id: string; words: string | undefined },
): Promise<void> {
  if (words !== undefined) await names.putIfNone({ workspaceId, kind, id }, words);
}

async function readOne(parts: ApiParts, workspaceId: string, id: string) {
  const answer = await ask(parts.engine, workspaceId, ({ requests }) => requests.requests.get(id));
  if (answer.kind === "refused") return answer;
  if (answer.value === undefined)
    return refuse("unknown_request", `There is no request ${id} in workspace ${workspaceId}.`);
  const words = await wordsOf(parts, workspaceId, [id]);
  const body = requestBody(answer.value, words(id), answer.at);
  return { kind: "done", status: 200, body } as const;
}

function* chosen(
  { requests }: State,
  { status, member }: { readonly status?: string; readonly member?: string },
): Generator<CreditRequest> {
  for (const one of requests.requests.values())
    if (
      (status === undefined || (one.end?.kind ?? "open") === status) &&
      (member === undefined || one.member === member)
    )
      yield one;
}
