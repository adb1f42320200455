import type {
  BillableOutcome,
  BillableOutcomePage,
  ConfirmRequest,
  DisputeRequest,
  OutcomeRequest,
  PageQuery,
  ReopenRequest,
  Signal,
  SignalRequest,
} from "@cistern/contract";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { Calls, Within } from "./calls.ts";

/**
 * Billable outcomes. What is said may come late and in any order: what it comes to is the same.
 *
 * @example
 * await acme.outcomes.claim({ type: "resolution", customer: "cus_9", topic: "refund", conversation: "conv_1" });
 * await acme.outcomes.signal({ kind: "contact", customer: "cus_9", topic: "refund", conversation: "conv_1" });
 */
export interface BillableOutcomes {
  /** Says that a result was reached. */
  claim(request: OutcomeRequest, options?: ChangeOptions): Promise<BillableOutcome>;
  /** Says what somebody did in a case. */
  signal(request: SignalRequest, options?: ChangeOptions): Promise<Signal>;
  /** It is one: it is billed and need not mature. */
  confirm(id: string, request?: ConfirmRequest, options?: ChangeOptions): Promise<BillableOutcome>;
  /** It is none after all. */
  reopen(id: string, request?: ReopenRequest, options?: ChangeOptions): Promise<BillableOutcome>;
  /** Raises a dispute, or with a resolution ends it. */
  dispute(id: string, request?: DisputeRequest, options?: ChangeOptions): Promise<BillableOutcome>;
  get(id: string, options?: CallOptions): Promise<BillableOutcome>;
  list(query?: PageQuery, options?: CallOptions): Promise<BillableOutcomePage>;
}

export function billableOutcomes(calls: Calls, within: Within): BillableOutcomes {
  const at = (id: string, ...verb: readonly string[]): string => within("outcomes", id, ...verb);
  return {
    claim: async (request, options) =>
      await calls.change("POST", within("outcomes"), request, options),
    signal: async (request, options) =>
      await calls.change("POST", within("outcomes", "signals"), request, options),
    confirm: async (id, request = {}, options = {}) =>
      await calls.change("POST", at(id, "confirm"), request, options),
    reopen: async (id, request = {}, options = {}) =>
      await calls.change("POST", at(id, "reopen"), request, options),
    dispute: async (id, request = {}, options = {}) =>
      await calls.change("POST", at(id, "dispute"), request, options),
    get: async (id, options) => await calls.read(at(id), {}, options),
    list: async (query, options) => await calls.read(within("outcomes"), query, options),
  };
}
