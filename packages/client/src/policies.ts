import type {
  Acceptance,
  AcceptancePage,
  AcceptanceRequest,
  PageQuery,
  Policy,
  PolicyPage,
  PolicyRemoved,
  PolicyRequest,
  PolicyText,
} from "@cistern/contract";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { Calls, Within } from "./calls.ts";

/**
 * Acceptable use: which meters and models members may call, in which hours, and the text that they accept first. All policies
 * on a call's path must allow it; what they refuse is `not_allowed`, or `policy_not_accepted`. Refusals of the methods:
 * `unknown_policy`, `unknown_group`, `policy_text_differs`, `member_inactive`, `unknown_member`.
 *
 * @example
 * await acme.policies.put("design", { scope: { kind: "group", id: "design" }, meters: ["image", "chat"] });
 */
export interface PoliciesClient {
  list(query?: PageQuery, options?: CallOptions): Promise<PolicyPage>;
  get(policy: string, options?: CallOptions): Promise<Policy>;
  /** The policy as it shall be. A text that changed needs another version. */
  put(policy: string, request: PolicyRequest, options?: ChangeOptions): Promise<Policy>;
  /** It binds no more; what was accepted of it stands in the events feed alone. */
  remove(policy: string, options?: ChangeOptions): Promise<PolicyRemoved>;
  /** Records that a member accepted the version that it read; of an agent or a key its sponsor accepts. */
  accept(policy: string, request: AcceptanceRequest, options?: ChangeOptions): Promise<Acceptance>;
  /** Who accepted it, and which version last. */
  acceptances(policy: string, query?: PageQuery, options?: CallOptions): Promise<AcceptancePage>;
  /** A text by its hash, also one that was replaced since. */
  text(hash: string, options?: CallOptions): Promise<PolicyText>;
}

export function policiesClient(calls: Calls, within: Within): PoliciesClient {
  return {
    list: async (query, options) => await calls.read(within("policies"), query, options),
    get: async (policy, options) => await calls.read(within("policies", policy), {}, options),
    put: async (policy, request, options) =>
      await calls.change("PUT", within("policies", policy), request, options),
    remove: async (policy, options) =>
      await calls.change("DELETE", within("policies", policy), undefined, options),
    accept: async (policy, request, options) =>
      await calls.change("POST", within("policies", policy, "acceptances"), request, options),
    acceptances: async (policy, query, options) =>
      await calls.read(within("policies", policy, "acceptances"), query, options),
    text: async (hash, options) => await calls.read(within("policy-texts", hash), {}, options),
  };
}
