/** Owns what an owner may change of how a pool is shared: gifts, guarantees of members and groups, and the reach of one member. */
import { type Credits, credits, creditsMax } from "../amount.ts";
import { type Decision, accept, reject } from "../decision.ts";
import { type Asked, askFor } from "../fairness/ask.ts";
import { guestsId } from "../fairness/node.ts";
import { memberNode, ownNode } from "../fairness/places.ts";
import { whole } from "../fairness/setting.ts";
import { plainTerms } from "../fairness/terms.ts";
import type { Instant } from "../instant.ts";
import { pathOf } from "../members/slice.ts";
import type { State } from "../state/state.ts";

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

/**
 * Guarantees credits to the members of a home group together, in each period from the next one on: they never leave the group. 0 takes
 * the guarantee back. A group always guarantees at least what its members are guaranteed.
 */
export interface SetGroupGuarantee {
  readonly kind: "setGroupGuarantee";
  readonly group: string;
  readonly credits: Credits;
}

/** Lowers how far one member may go above its share, in thousandths of the workspace's reach; 1000 leaves it alone. At once. */
export interface SetReach {
  readonly kind: "setReach";
  readonly member: string;
  readonly reach: number;
}

/** Gives reserved credits away. */
export function giftReserve(state: State, command: GiftReserve, at: Instant): Decision {
  for (const member of [command.from, command.to])
    if (!isKnown(state, member))
      return reject({ code: "unknown_member", member, reason: "not_registered" });
  if (command.from === command.to) return invalid("to", "A gift is for another member.");
  if (command.credits === 0n) return invalid("credits", "A gift is more than 0 credits.");
  const giver = standingOf(state, command.from, at);
  const taker = standingOf(state, command.to, at);
  if (giver === undefined || taker === undefined) return reject({ code: "fairness_off" });
  if (taker.leaf.id === guestsId)
    return invalid("to", `Nothing is reserved for ${command.to}: it has no seat of its own.`);
  if (taker.leaf.id === giver.leaf.id) return invalid("to", "Both draw on the same reserve.");
  const reserved = credits(isOwn(giver.leaf.id, command.from) ? (giver.path[0]?.stock ?? 0n) : 0n);
  if (command.credits > reserved)
    return reject({ code: "gift_exceeds_reserve", member: command.from, reserved });
  const { gift, from, to } = command;
  const seats = { from: giver.leaf.id, to: taker.leaf.id };
  return accept({ kind: "reserve.gifted", at, gift, from, to, credits: command.credits, seats });
}

const standingOf = (state: State, member: string, at: Instant): Asked | undefined => {
  const { sponsors } = pathOf(state.members, member, state.members.members.get(member));
  return askFor(state, { member, sponsors }, at);
};

const isOwn = (seat: string, member: string): boolean =>
  seat === memberNode(member) || seat === ownNode(member);

/** Guarantees credits to a member. */
export function setGuarantee(
  state: State,
  { member, credits: guarantee }: SetGuarantee,
  at: Instant,
): Decision {
  if (!isKnown(state, member))
    return reject({ code: "unknown_member", member, reason: "not_registered" });
  if (guarantee > creditsMax) return tooMuch;
  const terms = state.fairness.terms.get(member) ?? plainTerms(member);
  return accept({ kind: "member_terms.updated", at, terms: { ...terms, guarantee } });
}

/** Guarantees credits to a group. */
export function setGroupGuarantee(
  { members }: State,
  { group, credits: guarantee }: SetGroupGuarantee,
  at: Instant,
): Decision {
  if (members.groups.get(group) === undefined) return reject({ code: "unknown_group", group });
  if (guarantee > creditsMax) return tooMuch;
  return accept({ kind: "group_terms.updated", at, terms: { group, guarantee } });
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

const tooMuch = invalid("credits", "At most 10^12 credits are guaranteed.");
