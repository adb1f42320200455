/** Owns how shares follow who comes and goes, and what owners say of members (RULES 32, FAIRNESS 1.5). */
import type { Event } from "../events.ts";
import type { ReserveGifted } from "./events.ts";
import { membersIn } from "../members/events.ts";
import type { Member } from "../members/member.ts";
import type { State } from "../state/state.ts";
import { type ShareNode, isSeat, rootId, seatWeight } from "./node.ts";
import { groupNode, isSeated, memberNode, termsOf } from "./places.ts";
import type { Bought, ShareTree } from "./tree.ts";

/** The members that an event seats, unseats or changes. */
export function movedBy(event: Event): readonly string[] {
  if (event.kind === "member.updated" || event.kind === "member.deactivated")
    return membersIn(event).map(({ member }) => member.id);
  if (event.kind === "seat.assigned" || event.kind === "seat.released") return [event.seat.member];
  return "seatFor" in event && event.seatFor !== undefined ? [event.seatFor] : nobody;
}

const nobody: readonly string[] = [];

/** Brings a member's node to where it is now. Its group and its sponsor stay those that it came with, until all is shared anew. */
export function bringMember(state: State, tree: ShareTree, id: string, bought: () => Bought): void {
  const member = state.members.members.get(id);
  const node = state.fairness.nodes.get(memberNode(id));
  if (member === undefined) return;
  const isThere = isSeated(state, member) || isActing(member, node);
  if (node === undefined) {
    if (!isThere) return;
    const group = member.home === null ? rootId : groupNode(member.home);
    const place = { id: memberNode(id), parent: group, isLeaf: true, weight: seatWeight };
    tree.join({ ...place, ...termsOf(state, id), guarantee: 0n }, bought());
  } else if (isThere && !node.isPresent) tree.comeBack(node);
  else if (!isThere && node.isPresent) tree.leave(node);
}

/** What acts for somebody stays where it is while it is active. */
const isActing = ({ status }: Member, node: ShareNode | undefined): boolean =>
  status === "active" && node !== undefined && isSeat(node.parent);

/** Whether an owner changed something of shares. */
export const isOwners = (event: Event): boolean =>
  event.kind === "member_terms.updated" || giftOf(event) !== undefined;

/** Carries out what an owner changed. */
export function followOwner(state: State, tree: ShareTree, event: Event): void {
  const { nodes } = state.fairness;
  if (event.kind === "member_terms.updated") {
    const { member, reach } = event.terms;
    const node = nodes.get(memberNode(member));
    if (node !== undefined) nodes.replace(node.id, node, { ...node, reach });
  }
  const gift = giftOf(event);
  if (gift === undefined) return;
  tree.gift(tree.leaf(gift.seats.from), tree.leaf(gift.seats.to), gift.credits);
}

/** Reserved credits that changed hands: by themselves, or as the answer to a request. */
export function giftOf(event: Event): Pick<ReserveGifted, "credits" | "seats"> | undefined {
  if (event.kind === "reserve.gifted") return event;
  return event.kind === "credit_request.approved" ? event.gift : undefined;
}
