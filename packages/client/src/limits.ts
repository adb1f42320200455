import type { LimitsChanged, LimitsRequest, SplitPreview, SplitRequest } from "@cistern/contract";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { Calls, Within } from "./calls.ts";

/**
 * Many limits at once: all of them or none. A refusal (`invalid_request`) lists every fault with its place in `violations`.
 *
 * @example
 * await acme.manyLimits.put({ limits: [{ id: "a", scope: { kind: "eachMember" }, cap: { percent: "10", window: "month" } }] });
 * await acme.manyLimits.split({ name: "fair", among: { kind: "workspace" }, credits: "1000", window: "month" });
 */
export interface ManyLimitsClient {
  /** Sets and removes up to 1,000; what is not named stays. */
  put(request: LimitsRequest, options?: ChangeOptions): Promise<LimitsChanged>;
  /** Gives each member that is there now an equal part, as a cap of its own. */
  split(request: SplitRequest, options?: ChangeOptions): Promise<LimitsChanged>;
  /** What `split` would give; changes nothing. */
  previewSplit(request: SplitRequest, options?: CallOptions): Promise<SplitPreview>;
}

export function manyLimitsClient(calls: Calls, within: Within): ManyLimitsClient {
  return {
    put: async (request, options) => await calls.change("PUT", within("limits"), request, options),
    split: async (request, options) =>
      await calls.change("POST", within("limits", "split"), request, options),
    previewSplit: async (request, options) =>
      await calls.ask(within("limits", "split", "preview"), request, options),
  };
}
