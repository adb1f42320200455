import type { EventsRequest, EventsTaken } from "@cistern/contract";
import type { CallOptions } from "./call-options.ts";
import type { Calls } from "./calls.ts";

/**
 * Usage in the words of others.
 *
 * @example
 * const { results } = await acme.ingest.events([
 *   { specversion: "1.0", id: "req-1", source: "service-0", type: "usage.report", data: { member: "ana", credits: "3.5" } },
 * ]);
 */
export interface IngestClient {
  /**
   * Sends CloudEvents. Source and id together happen once, so that it can be called again with the same. Of many each is told what
   * became of it; one alone that is refused is thrown.
   */
  events(events: EventsRequest, options?: CallOptions): Promise<EventsTaken>;
}

export function ingestClient(
  calls: Calls,
  pathOf: (...parts: readonly string[]) => string,
): IngestClient {
  return {
    events: async (events, options) => await calls.ask(pathOf("events"), events, options),
  };
}
