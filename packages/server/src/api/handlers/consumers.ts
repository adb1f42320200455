import {
  type CloudEvent,
  type Consumer,
  limits,
  parseCursor,
  printCursor,
  printInstant,
} from "@cistern/contract";
import type { BehindWorkspace, FeedConsumer, FeedPlace } from "../../feed/index.ts";
import type { StoredKey } from "../../identity/index.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ofOperator } from "../calls/of-operator.ts";
import { readWait } from "../calls/read-wait.ts";
import { factsOf } from "../facts.ts";
import type { ApiParts } from "../parts.ts";
import { InvalidField } from "../problems/invalid-field.ts";
import { type Refusal, refuse, unknownWorkspace } from "../problems/problem.ts";

/** The events of all workspaces, for consumers whose places are kept here. */
export function consumerHandlers(
  parts: ApiParts,
): HandlersOf<"putConsumer" | "listConsumerEvents" | "acknowledgeEvents" | "removeConsumer"> {
  const { consumers } = parts;
  const acknowledge = acknowledger(parts);
  const read = pageReader(parts);

  /** The consumer, for a key that may see all workspaces. */
  const known = async (
    name: string,
    caller: StoredKey | undefined,
  ): Promise<FeedConsumer | Refusal> => {
    const refused = bound(caller);
    if (refused !== undefined) return refused;
    return (await consumers.read(name)) ?? unknownConsumer(name);
  };
  return {
    async putConsumer({ params, body, caller }) {
      const refused = bound(caller);
      if (refused !== undefined) return refused;
      const createdAtMs = parts.catalog.now();
      const sinceMs = body.from === "now" ? createdAtMs : 0;
      const put = await consumers.put({ name: params.consumer, sinceMs, createdAtMs });
      return { kind: "done", status: 200, body: consumerBody(put) };
    },

    async listConsumerEvents({ params, query, caller, signal }) {
      const consumer = await known(params.consumer, caller);
      if ("kind" in consumer) return consumer;
      const { limit = limits.pageRowsDefault, wait } = query;
      const ms = wait === undefined ? 0 : readWait(wait);
      const waiting = ms === 0 ? undefined : parts.feed.enter({ ms, signal });
      try {
        for (;;) {
          const page = await read(consumer, limit);
          const isEmpty = page.data.length === 0 && page.lost === undefined;
          if (!isEmpty || waiting === undefined || !(await waiting.more({ seq: 0 })))
            return { kind: "done", status: 200, body: page };
        }
      } finally {
        waiting?.leave();
      }
    },

    async acknowledgeEvents({ params, body, caller }) {
      const consumer = await known(params.consumer, caller);
      if ("kind" in consumer) return consumer;
      const said = Object.entries(body.through);
      for (const [workspaceId, cursor] of said) {
        const refused = await acknowledge(consumer.name, workspaceId, cursor);
        if (refused !== undefined) return refused;
      }
      return { kind: "done", status: 200, body: { workspaces: said.length } };
    },

    async removeConsumer({ params, caller }) {
      const consumer = await known(params.consumer, caller);
      if ("kind" in consumer) return consumer;
      await consumers.remove(consumer.name);
      return { kind: "done", status: 200, body: { id: consumer.name, removed: true } };
    },
  };
}

/** Pages over workspaces: each has its share, and what is left of one goes to the next. */
function pageReader({ consumers, engine }: ApiParts) {
  const facts = factsOf(engine);
  return async (consumer: FeedConsumer, limit: number) => {
    const behind = await consumers.behind(consumer, limit);
    const data: CloudEvent[] = [];
    const next: Record<string, string> = {};
    const lost: { workspace: string; cursor: string }[] = [];
    for (const [index, { workspaceId, place }] of behind.entries()) {
      const share = Math.ceil((limit - data.length) / (behind.length - index));
      const page = await facts(workspaceId, place, share);
      if (page.kind === "cursor_lost") lost.push(lostPlace({ workspaceId, place }));
      if (page.kind !== "page") continue;
      data.push(...page.facts.map(({ event }) => event));
      const last = page.facts.at(-1);
      if (last !== undefined) next[workspaceId] = printCursor(last.place);
      else if (place.hash !== "")
        await consumers.move(consumer.name, workspaceId, {
          ...place,
          isRowDone: true,
          mayGoBack: false,
        });
    }
    return { data, next, ...(lost.length === 0 ? {} : { lost }) };
  };
}

const lostPlace = ({ workspaceId, place }: BehindWorkspace) => ({
  workspace: workspaceId,
  cursor: printCursor(place),
});

/** Moves a place to where the consumer says that it is, when that is a place of the journal. */
function acknowledger({ consumers, engine }: ApiParts) {
  const facts = factsOf(engine);
  const isLost = async (workspaceId: string, place: FeedPlace | undefined): Promise<boolean> =>
    place !== undefined &&
    place.seq > 0 &&
    (await facts(workspaceId, place, 1)).kind === "cursor_lost";
  return async (
    name: string,
    workspaceId: string,
    cursor: string,
  ): Promise<Refusal | undefined> => {
    const { seq, index, hash = "" } = parseCursor(cursor);
    if (seq > 0 && hash === "")
      throw new InvalidField(
        `/through/${workspaceId}`,
        `must have the hash of its row, such as 9.0.1f3a90bc; ${cursor} has none`,
      );
    const place = { seq, index, hash };
    const page = await facts(workspaceId, place, 1);
    if (page.kind === "unknown_workspace") return unknownWorkspace(workspaceId);
    if (page.kind === "cursor_lost")
      return refuse(
        "cursor_lost",
        `The journal of ${workspaceId} does not hold the event that ${cursor} names. Acknowledge one that it holds, or 0.0 to begin anew.`,
      );
    const isRowDone = seq > 0 && page.facts[0]?.place.seq !== seq;
    const mayGoBack =
      seq === 0 || (await isLost(workspaceId, await consumers.place(name, workspaceId)));
    await consumers.move(name, workspaceId, { ...place, isRowDone, mayGoBack });
    return undefined;
  };
}

const bound = (caller: StoredKey | undefined): Refusal | undefined =>
  caller?.workspace === undefined
    ? undefined
    : ofOperator(caller, "the events of all workspaces take");

const unknownConsumer = (name: string): Refusal =>
  refuse(
    "unknown_consumer",
    `There is no consumer ${name}. Make it with PUT /v1/consumers/${name}; it reads from the start, or from now on.`,
  );

const consumerBody = ({ name, sinceMs, createdAtMs }: FeedConsumer): Consumer => ({
  id: name,
  ...(sinceMs === 0 ? {} : { since: printInstant(sinceMs) }),
  createdAt: printInstant(createdAtMs),
});
