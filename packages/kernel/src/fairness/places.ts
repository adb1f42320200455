/**
 * Owns who sits where in the tree of shares (RULES 3, 32; FAIRNESS 1.10).
 *
 * P1 in a plan with seats weight comes from seats that are paid for and assigned; in any other, and without a plan, every registered
 * person weighs one seat. P2 what acts for a member divides its weight with it. P3 all others share the guests' seat, which is there
 * when one of them is. P4 what begins to act for a member in a period shares the member's own place until the next one.
 */
import type { Member } from "../members/member.ts";
import { split } from "../rounding.ts";
import type { State } from "../state/state.ts";
import type { Place } from "./lay-out.ts";
import { guestsId, rootId, seatWeight } from "./node.ts";
import { whole } from "./setting.ts";
import { plainTerms } from "./terms.ts";

/** The node of a member. */
export const memberNode = (member: string): string => `member:${member}`;
/** Beside what acts for it, the member itself. */
export const ownNode = (member: string): string => `own:${member}`;
/** The node of a home group. */
export const groupNode = (group: string): string => `group:${group}`;

/** The home group of a node; undefined where it is the node of anything else. */
export const groupOf = (node: string): string | undefined =>
  node.startsWith(groupPrefix) ? node.slice(groupPrefix.length) : undefined;

const groupPrefix = "group:";

/** Whether a member has a place of its own under its group, or the workspace. */
export function isSeated({ subscriptions, seats }: State, member: Member): boolean {
  if (member.status === "inactive" || member.isGuest) return false;
  if ((subscriptions.live.row?.plan.seats ?? null) !== null)
    return seats.seats.get(member.id) !== undefined;
  return member.kind === "person";
}

/** The terms of a member's node. */
export function termsOf({ fairness }: State, member: string): { guarantee: bigint; reach: number } {
  const { guarantee, reach } = fairness.terms.get(member) ?? plainTerms(member);
  return { guarantee, reach };
}

/** All who are there, parents before their children or after: the order does not matter. `hasGuests`: somebody comes as a guest. */
export function placesNow(state: State, hasGuests: boolean): readonly Place[] {
  const places: Place[] = [];
  const groups = new Map<string, bigint>();
  const guaranteeOf = (group: string): bigint =>
    state.fairness.groupTerms.get(group)?.guarantee ?? 0n;
  let isGuestThere = hasGuests;
  for (const member of state.members.members.values()) {
    if (isSeated(state, member)) {
      const { home } = member;
      if (home !== null) groups.set(home, (groups.get(home) ?? 0n) + seatWeight);
      const parent = home === null ? rootId : groupNode(home);
      place(state, places, { member, parent, weight: seatWeight });
    } else if (member.status === "active" && !isGuestThere)
      isGuestThere = isWithoutSeat(state, member);
  }
  for (const [group, weight] of groups) {
    const terms = { reach: whole, guarantee: guaranteeOf(group) };
    places.push({ id: groupNode(group), parent: rootId, isLeaf: false, weight, ...terms });
  }
  if (isGuestThere) places.push(guestsPlace);
  return places;
}

/** Whether any place is taken: everybody who is active sits somewhere. */
export function isAnybodyThere(state: Pick<State, "members">): boolean {
  for (const { status } of state.members.members.values()) if (status === "active") return true;
  return false;
}

/** The guests' seat. */
export const guestsPlace: Place = {
  id: guestsId,
  parent: rootId,
  isLeaf: true,
  weight: seatWeight,
  reach: 1_000,
  guarantee: 0n,
};

/** Whether nobody on the chain of its sponsors, itself included, is seated. */
function isWithoutSeat(state: State, member: Member): boolean {
  for (let one: Member | undefined = member; one !== undefined;) {
    if (isSeated(state, one)) return false;
    one = one.sponsor === null ? undefined : state.members.members.get(one.sponsor);
  }
  return true;
}

/** A member, and what acts for it, down to the last. */
function place(
  state: State,
  places: Place[],
  { member, parent, weight }: { member: Member; parent: string; weight: bigint },
): void {
  const id = memberNode(member.id);
  const terms = termsOf(state, member.id);
  const acting = actingFor(state, member.id, Number(weight) - 1);
  places.push({ id, parent, isLeaf: acting.length === 0, weight, ...terms });
  if (acting.length === 0) return;
  const weights = split(weight, [1n, ...acting.map(() => 1n)]);
  const own = { parent: id, isLeaf: true, reach: 1_000, guarantee: 0n };
  places.push({ id: ownNode(member.id), weight: weights[0] ?? 0n, ...own });
  for (const [index, one] of acting.entries())
    place(state, places, { member: one, parent: id, weight: weights[index + 1] ?? 0n });
}

const nobody: readonly Member[] = [];

/** Members that act for one and have no seat, by id; at most so many, that none is without weight. */
function actingFor(state: State, id: string, most: number): readonly Member[] {
  const { members, sponsored } = state.members;
  const ids = sponsored.get(id);
  if (ids === undefined) return nobody;
  const acting = [...ids]
    .toSorted()
    .flatMap((one) => members.get(one) ?? [])
    .filter((one) => one.status === "active" && !isSeated(state, one));
  return acting.slice(0, Math.max(0, most));
}
