import type {
  EventsRequest,
  EventsTaken,
  Reconciliation,
  ReconciliationQuery,
  TracesRequest,
  TracesTaken,
} from "@cistern/contract";
import type { CallOptions } from "./call-options.ts";
import type { Calls, Within } from "./calls.ts";

/**
 * Usage in the words of others.
 *
 * @example
 * const { results } = await acme.ingest.events([
 *   { specversion: "1.0", id: "req-1", source: "service-0", type: "usage.report", data: { member: "ana", credits: "3.5" } },
 * ]);
 */
interface EventsClient {
  /**
   * Sends CloudEvents. Source and id together happen once, so that it can be called again with the same. Of many each is told what
   * became of it; one alone that is refused is thrown.
   */
  events(events: EventsRequest, options?: CallOptions): Promise<EventsTaken>;
}

/** The same of one workspace, with what came of it. */
export interface WorkspaceIngestClient extends EventsClient {
  /**
   * Spans that were received beside what was settled, by the provider's id of the answer. `from` and `to` are instants, at most 92
   * days apart. `overloaded` where other reports are being made.
   */
  reconciliation(query: ReconciliationQuery, options?: CallOptions): Promise<Reconciliation>;
}

/** The same of any workspace. */
export interface IngestClient extends EventsClient {
  /** Sends spans of calls in OTLP's JSON form, by hand: an exporter does it by itself with `…/v1/otlp` as its endpoint. */
  traces(request: TracesRequest, options?: CallOptions): Promise<TracesTaken>;
}

export function workspaceIngest(calls: Calls, within: Within): WorkspaceIngestClient {
  return {
    events: async (events, options) => await calls.ask(within("events"), events, options),
    reconciliation: async (query, options) =>
      await calls.read(within("reconciliation"), query, options),
  };
}

export function ingestClient(calls: Calls, pathOf: Within): IngestClient {
  return {
    events: async (events, options) => await calls.ask(pathOf("events"), events, options),
    traces: async (request, options) =>
      await calls.ask(pathOf("otlp", "v1", "traces"), request, options),
  };
}
