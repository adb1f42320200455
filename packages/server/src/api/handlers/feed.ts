import { limits, parseCursor, printCursor } from "@cistern/contract";
import type { HandlersOf } from "../calls/call.ts";
import type { ApiParts } from "../parts.ts";
import { factsOf } from "../facts.ts";
import { refuse, unknownWorkspace } from "../problems/problem.ts";

const start = "0.0";

/** The events feed: every durable fact of a workspace, gapless and in order. */
export function feedHandlers(parts: ApiParts): HandlersOf<"listEvents"> {
  const facts = factsOf(parts.engine);
  return {
    async listEvents({ params: { workspace: workspaceId }, query }) {
      const { after = start, limit = limits.pageRowsDefault } = query;
      const cursor = parseCursor(after);
      const page = await facts(workspaceId, { hash: "", ...cursor }, limit);
      switch (page.kind) {
        case "unknown_workspace":
          return unknownWorkspace(workspaceId);
        case "cursor_lost":
          return refuse(
            "cursor_lost",
            `The journal does not hold the event that ${after} names: a failover lost its tail, or the cursor is another workspace's. Read again from ${start} and match events by their id.`,
          );
        case "page": {
          const data = page.facts.map(({ event }) => event);
          const next = printCursor(page.facts.at(-1)?.place ?? cursor);
          return { kind: "done", status: 200, body: { data, next } };
        }
      }
    },
  };
}
