import { type Decision, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import type { Group, Member } from "../members/member.ts";
import type { EndedKey } from "../members/events.ts";
import { type MemberSlice, depthBelow, sponsorsMax, sponsorsOf } from "../members/slice.ts";
import { byId } from "../pool/burn-order.ts";
import { takesSeat } from "../seats/seat-of.ts";
import type { State } from "../state/state.ts";

/** Registers a member, or changes it; a deactivated one is active again. */
export interface PutMember {
  readonly kind: "putMember";
  readonly member: string;
  readonly memberKind: "person" | "agent" | "key";
  readonly groups: readonly string[];
  readonly home: string | null;
  readonly sponsor: string | null;
}

/** Ends a member's right to spend. */
export interface DeactivateMember {
  readonly kind: "deactivateMember";
  readonly member: string;
}

/** Registers a group. */
export interface PutGroup {
  readonly kind: "putGroup";
  readonly group: string;
  /** Left out: nobody leads it. */
  readonly leads?: readonly string[];
}

/** Registers or changes a member. Groups and the sponsor must exist; nobody sponsors itself in a circle. */
export function putMember(state: State, command: PutMember, at: Instant): Decision {
  const { members, groups } = state.members;
  const missing = command.groups.find((group) => groups.get(group) === undefined);
  if (missing !== undefined) return reject({ code: "unknown_group", group: missing });
  if (command.home !== null && !command.groups.includes(command.home))
    return invalid("home", "The home group must be one of the member's groups.");
  if (command.sponsor !== null) {
    const sponsor = members.get(command.sponsor);
    if (sponsor === undefined)
      return reject({ code: "unknown_member", member: command.sponsor, reason: "not_registered" });
    const chain = [sponsor.id, ...sponsorsOf(state.members, sponsor)];
    if (command.memberKind === "person")
      return invalid("sponsor", "A person has no sponsor; only agents and keys act for somebody.");
    if (chain.includes(command.member))
      return invalid("sponsor", "The sponsor is itself sponsored by this member.");
    if (chain.length + depthBelow(state.members, command.member) > sponsorsMax)
      return invalid("sponsor", `The chain of sponsors would be longer than ${sponsorsMax}.`);
  }
  const terms = state.subscriptions.live.row?.plan.seats ?? null;
  const isSeated = state.seats.seats.get(command.member) !== undefined;
  const keepsSeat = terms !== null && takesSeat(terms, command.memberKind);
  const freed = isSeated && !keepsSeat ? ({ freesSeat: true } as const) : {};
  return accept({ kind: "member.updated", at, member: memberOf(command), ...freed });
}

/**
 * Ends a member's right to spend, with the keys that act for it; open holds may still settle or expire (RULES 7), and seats are free.
 * Its agents are refused while it is inactive, and go on when it is registered again; keys that ended are registered again themselves.
 */
export function deactivateMember(state: State, command: DeactivateMember, at: Instant): Decision {
  const member = state.members.members.get(command.member);
  if (member === undefined)
    return reject({ code: "unknown_member", member: command.member, reason: "not_registered" });
  const keys = keysOf(state.members, member.id).map((key) => endOf(state, key));
  const ended = keys.length === 0 ? {} : { keys };
  return accept({ kind: "member.deactivated", at, ...endOf(state, member), ...ended });
}

function endOf({ seats }: State, member: Member): EndedKey {
  const freed = seats.seats.get(member.id) === undefined ? {} : ({ freesSeat: true } as const);
  return { member: { ...member, status: "inactive" }, ...freed };
}

/** Active keys that act for a member, directly or through others, by id. */
function keysOf(slice: MemberSlice, id: string): readonly Member[] {
  const acting = [...(slice.sponsored.get(id) ?? [])].flatMap(
    (one) => slice.members.get(one) ?? [],
  );
  const keys = acting.filter(({ kind, status }) => kind === "key" && status === "active");
  return [...keys, ...acting.flatMap((one) => keysOf(slice, one.id))].toSorted((a, b) =>
    byId(a.id, b.id),
  );
}

/** Registers a group. */
export const putGroup = (command: PutGroup, at: Instant): Decision =>
  accept({ kind: "group.updated", at, group: groupOf(command) });

const groupOf = ({ group: id, leads = [] }: PutGroup): Group =>
  leads.length === 0 ? { id } : { id, leads: [...new Set(leads)] };

const memberOf = (command: PutMember): Member => ({
  id: command.member,
  kind: command.memberKind,
  groups: [...new Set(command.groups)],
  home: command.home ?? command.groups[0] ?? null,
  sponsor: command.sponsor,
  status: "active",
  isGuest: false,
});

const invalid = (field: string, reason: string): Decision =>
  reject({ code: "invalid_request", field, reason });
