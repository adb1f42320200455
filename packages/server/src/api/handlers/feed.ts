import { limits, parseCursor, printCursor } from "@cistern/contract";
import { cloudEvent } from "../answers/cloud-event.ts";
import type { HandlersOf } from "../calls/call.ts";
import type { ApiParts } from "../parts.ts";
import { refuse, unknownWorkspace } from "../problems/problem.ts";
import { rememberCurrencies } from "./grants.ts";

const start = "0.0";

/** The events feed: every durable fact of a workspace, gapless and in order. */
export function feedHandlers(parts: ApiParts): HandlersOf<"listEvents"> {
  const currencyOf = rememberCurrencies(parts);
  return {
    async listEvents({ params: { workspace: workspaceId }, query }) {
      const { after = start, limit = limits.pageRowsDefault } = query;
      const cursor = parseCursor(after);
      const page = await parts.engine.events(workspaceId, cursor, limit);
      switch (page.kind) {
        case "unknown_workspace":
          return unknownWorkspace(workspaceId);
        case "cursor_lost":
          return refuse(
            "cursor_lost",
            `The journal does not hold the event that ${after} names: a failover lost its tail, or the cursor is another workspace's. Read again from ${start} and match events by their id.`,
          );
        case "page": {
          const currency = page.events.length === 0 ? "" : await currencyOf(workspaceId);
          const data = page.events.map(({ event, position, hash }) =>
            cloudEvent(event, { workspaceId, position, hash, currency }),
          );
          const next = printCursor(page.next);
          return { kind: "done", status: 200, body: { data, next } };
        }
      }
    },
  };
}
