import type {
  ApplyFairnessRequest,
  FairnessChosen,
  FairnessRecommendation,
  FairnessReplay,
  FairnessStanding,
  Gift,
  GiftRequest,
  GroupTerms,
  MemberTerms,
  ReplayQuery,
} from "@cistern/contract";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { Calls, Within } from "./calls.ts";

/**
 * What an owner changes of how members share the pool. The policy itself is a setting of the workspace (`update({ fairness })`) or
 * of its plan; where a member stands is in `allowance(member).share`. Refusals: `unknown_member`, `unknown_group`,
 * `fairness_off`, `gift_exceeds_reserve`, `not_an_owner`.
 *
 * @example
 * await acme.update({ fairness: { preset: "balanced" } });
 * await acme.fairness.gift({ from: "ben", to: "ana", credits: "200" });
 */
export interface FairnessClient {
  /** What is set, and what is in force. */
  get(options?: CallOptions): Promise<FairnessStanding>;
  /** A past period under each preset, by the production rules, against what really happened. Rejects with `invalid_request` where none is over. */
  replay(query?: ReplayQuery, options?: CallOptions): Promise<FairnessReplay>;
  /** What the last period speaks for; it changes nothing. Rejects with `invalid_request` where none is over. Where that is not in force, the event `fairness.recommended` said so once when the period was over. */
  recommendation(options?: CallOptions): Promise<FairnessRecommendation>;
  /** Sets it in the name of an owner. */
  apply(request: ApplyFairnessRequest, options?: ChangeOptions): Promise<FairnessChosen>;
  /** Gives reserved credits of one member to another. */
  gift(request: GiftRequest, options?: ChangeOptions): Promise<Gift>;
  /** Credits of each period that never fade, from the next one on; `"0"` takes the guarantee back. */
  guarantee(member: string, credits: string, options?: ChangeOptions): Promise<MemberTerms>;
  /** Credits of each period for the members of a home group together: they never leave it. From the next period on; `"0"` takes the guarantee back. */
  groupGuarantee(group: string, credits: string, options?: ChangeOptions): Promise<GroupTerms>;
  /** How far a member may go above its share, in thousandths of the workspace's reach, 0 to 1000. At once. */
  reach(member: string, reach: number, options?: ChangeOptions): Promise<MemberTerms>;
}

export function fairnessClient(calls: Calls, within: Within): FairnessClient {
  return {
    get: async (options) => await calls.read(within("fairness"), {}, options),
    replay: async (query, options) =>
      await calls.read(within("fairness", "replay"), query, options),
    recommendation: async (options) =>
      await calls.read(within("fairness", "recommendation"), {}, options),
    apply: async (request, options) =>
      await calls.change("POST", within("fairness", "apply"), request, options),
    gift: async (request, options) => await calls.change("POST", within("gifts"), request, options),
    guarantee: async (member, credits, options) =>
      await calls.change("PUT", within("members", member, "guarantee"), { credits }, options),
    groupGuarantee: async (group, credits, options) =>
      await calls.change("PUT", within("groups", group, "guarantee"), { credits }, options),
    reach: async (member, reach, options) =>
      await calls.change("PUT", within("members", member, "reach"), { reach }, options),
  };
}
