import {
  type CloudEvent,
  type Cursor,
  type EventPage,
  type EventType,
  isEventType,
  limits,
  parseCursor,
  printCursor,
  type routes,
} from "@cistern/contract";
import type { Call, HandlersOf } from "../calls/call.ts";
import { readWait } from "../calls/read-wait.ts";
import { factsOf } from "../facts.ts";
import type { ApiParts } from "../parts.ts";
import { InvalidField } from "../problems/invalid-field.ts";
import { type Refusal, refuse, unknownWorkspace } from "../problems/problem.ts";

const start = "0.0";
/** Of a feed in which hardly anything is wanted so many pages are read before the answer says how far that came. */
const pagesReadMax = 20;

/** The events feed: every durable fact of a workspace, gapless and in order. */
export function feedHandlers(parts: ApiParts): HandlersOf<"listEvents" | "streamEvents"> {
  const facts = factsOf(parts.engine);
  const read = async ({ workspaceId, after, limit, types }: Asked, cursor: Cursor) => {
    const page = await facts(workspaceId, { hash: "", ...cursor }, limit);
    if (page.kind !== "page") return notThere(page.kind, { workspaceId, after });
    const data = page.facts
      .map(({ event }) => event)
      .filter(({ type }) => types === undefined || types.has(type));
    const next = page.facts.at(-1)?.place ?? cursor;
    return { kind: "read", data, next, isEnd: page.facts.length === 0 } as const;
  };

  /** Who waits enters before it reads, so that nothing comes in between. */
  const answer = async (asked: Asked) => {
    const { workspaceId, waitMs: ms, signal, isStream } = asked;
    const wait = { workspaceId, ms, signal, isStream };
    const waiting = ms === 0 ? undefined : parts.feed.enter(wait);
    try {
      let cursor: Cursor = parseCursor(asked.after);
      for (let pages = 1; ; pages += 1) {
        const page = await read(asked, cursor);
        if (page.kind === "refused") return page;
        cursor = page.next;
        if (page.data.length > 0 || (!page.isEnd && pages >= pagesReadMax))
          return pageOf(page.data, cursor);
        if (page.isEnd && (waiting === undefined || !(await waiting.more(cursor))))
          return pageOf([], cursor);
      }
    } finally {
      waiting?.leave();
    }
  };
  return {
    listEvents: (call) => answer(askedOf(call, false)),
    streamEvents: (call) => answer(askedOf(call, true)),
  };
}

/** A page as it was asked for. */
interface Asked {
  readonly workspaceId: string;
  readonly after: string;
  readonly limit: number;
  readonly waitMs: number;
  readonly types: ReadonlySet<EventType> | undefined;
  readonly signal: AbortSignal | undefined;
  readonly isStream: boolean;
}

function askedOf(
  {
    params,
    query,
    signal,
  }: Pick<Call<(typeof routes)["listEvents"]>, "params" | "query" | "signal">,
  isStream: boolean,
): Asked {
  const { after = start, limit = limits.pageRowsDefault, wait, types } = query;
  return {
    workspaceId: params.workspace,
    after,
    limit,
    waitMs: wait === undefined ? 0 : readWait(wait),
    types: types === undefined ? undefined : typesOf(types),
    signal,
    isStream,
  };
}

function typesOf(text: string): ReadonlySet<EventType> {
  return new Set(
    text.split(",").map((type) => {
      if (isEventType(type)) return type;
      throw new InvalidField("/query/types", `must be types of events; ${type} is none`);
    }),
  );
}

function notThere(
  kind: "unknown_workspace" | "cursor_lost",
  { workspaceId, after }: Pick<Asked, "workspaceId" | "after">,
): Refusal {
  return kind === "unknown_workspace"
    ? unknownWorkspace(workspaceId)
    : refuse(
        "cursor_lost",
        `The journal does not hold the event that ${after} names: a failover lost its tail, or the cursor is another workspace's. Read again from ${start} and match events by their id.`,
      );
}

const pageOf = (data: readonly CloudEvent[], next: Cursor) => {
  const body: EventPage = { data, next: printCursor(next) };
  return { kind: "done", status: 200, body } as const;
};
