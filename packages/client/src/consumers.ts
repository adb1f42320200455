import type {
  Acknowledged,
  Consumer,
  ConsumerPage,
  ConsumerQuery,
  ConsumerRemoved,
  ConsumerRequest,
} from "@cistern/contract";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { Calls } from "./calls.ts";
import { durationMs } from "./duration.ts";
import { paths } from "./paths.ts";

/**
 * The events of all workspaces, with what was read of each kept by the server. Needs a key without a workspace.
 *
 * @example
 * await cistern.consumers.put("warehouse", { from: "now" });
 * const { data, next } = await cistern.consumers.events("warehouse", { wait: "PT30S" });
 * await store(data);
 * await cistern.consumers.acknowledge("warehouse", next);
 */
export interface ConsumersClient {
  /** Makes one; one that is there stays as it is. */
  put(id: string, request?: ConsumerRequest, options?: ChangeOptions): Promise<Consumer>;
  /** What was not acknowledged yet; with `wait` an empty page is held until there is something. */
  events(id: string, query?: ConsumerQuery, options?: CallOptions): Promise<ConsumerPage>;
  /** Says what you have: by workspace, the cursor after the last event. What lies before it does not come again. */
  acknowledge(
    id: string,
    through: Readonly<Record<string, string>>,
    options?: CallOptions,
  ): Promise<Acknowledged>;
  remove(id: string, options?: ChangeOptions): Promise<ConsumerRemoved>;
}

export function consumersClient(calls: Calls): ConsumersClient {
  return {
    put: async (id, request = {}, options = {}) =>
      await calls.change("PUT", paths.consumer(id), request, options),
    events: async (id, query = {}, options = {}) => {
      const waitMs = query.wait === undefined ? 0 : durationMs(query.wait);
      return await calls.read(paths.consumer(id, "events"), query, { ...options, waitMs });
    },
    acknowledge: async (id, through, options) =>
      await calls.ask(paths.consumer(id, "ack"), { through }, options),
    remove: async (id, options) =>
      await calls.change("DELETE", paths.consumer(id), undefined, options),
  };
}
