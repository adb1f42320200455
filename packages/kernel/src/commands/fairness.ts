/** Owns what an owner may change of how a pool is shared: gifts, guarantees, and the reach of one member. */
import { type Credits, creditsMax, noCredits } from "../amount.ts";
import { type Decision, accept, reject } from "../decision.ts";
import { knobsInForce, whole } from "../fairness/setting.ts";
import { plainTerms } from "../fairness/terms.ts";
import type { Instant } from "../instant.ts";
import { type State, workspaceOf } from "../state/state.ts";

/** Gives reserved credits of one member to another. Owners only: the caller checks that. */
export interface GiftReserve {
  readonly kind: "giftReserve";
  readonly gift: string;
  readonly from: string;
  readonly to: string;
  readonly credits: Credits;
}

/** Guarantees credits to a member, in each period from the next one on: they never fade. 0 takes the guarantee back. */
export interface SetGuarantee {
  readonly kind: "setGuarantee";
  readonly member: string;
  readonly credits: Credits;
}

/** Lowers how far one member may go above its share, in thousandths of the workspace's reach; 1000 leaves it alone. At once. */
export interface SetReach {
  readonly kind: "setReach";
  readonly member: string;
  readonly reach: number;
}

/** Gives reserved credits away. */
export function giftReserve(state: State, command: GiftReserve, _at: Instant): Decision {
  for (const member of [command.from, command.to])
    if (!isKnown(state, member))
      return reject({ code: "unknown_member", member, reason: "not_registered" });
  if (command.from === command.to) return invalid("to", "A gift is for another member.");
  if (command.credits === 0n) return invalid("credits", "A gift is more than 0 credits.");
  const own = workspaceOf(state)?.fairness;
  if (knobsInForce(own, state.subscriptions.live.row?.plan) === undefined)
    return reject({ code: "fairness_off" });
  return reject({ code: "gift_exceeds_reserve", member: command.from, reserved: noCredits });
}

/** Guarantees credits to a member. */
export function setGuarantee(
  state: State,
  { member, credits }: SetGuarantee,
  at: Instant,
): Decision {
  if (!isKnown(state, member))
    return reject({ code: "unknown_member", member, reason: "not_registered" });
  if (credits > creditsMax) return invalid("credits", "At most 10^12 credits are guaranteed.");
  const terms = state.fairness.terms.get(member) ?? plainTerms(member);
  return accept({ kind: "member_terms.updated", at, terms: { ...terms, guarantee: credits } });
}

/** Lowers a member's reach, or lets it be as it was. */
export function setReach(state: State, { member, reach }: SetReach, at: Instant): Decision {
  if (!isKnown(state, member))
    return reject({ code: "unknown_member", member, reason: "not_registered" });
  if (!Number.isSafeInteger(reach) || reach < 0 || reach > whole)
    return invalid("reach", "A member's reach is 0 to 1000 thousandths of the workspace's.");
  const terms = state.fairness.terms.get(member) ?? plainTerms(member);
  return accept({ kind: "member_terms.updated", at, terms: { ...terms, reach } });
}

const isKnown = ({ members }: State, member: string): boolean =>
  members.members.get(member) !== undefined;

const invalid = (field: string, reason: string): Decision =>
  reject({ code: "invalid_request", field, reason });
