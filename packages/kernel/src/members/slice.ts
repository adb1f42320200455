/** Owns who may spend and where their calls count. */
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import type { Group, Member, Path } from "./member.ts";

/** Members and groups of one workspace. */
export interface MemberSlice {
  readonly members: Table<Member>;
  readonly groups: Table<Group>;
  readonly counts: { guests: number };
  /** What acts for a member, by that member. */
  readonly sponsored: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A chain of sponsors has at most this length; a longer one is refused when a member is registered. */
export const sponsorsMax = 8;

/** An empty slice. */
export function memberSlice(undo: UndoLog): MemberSlice {
  const members = new Table<Member>("members", undo, isMember);
  const groups = new Table<Group>("groups", undo, isGroup);
  const counts = { guests: 0 };
  members.watch((_id, before, after) => {
    counts.guests += Number(after?.isGuest ?? false) - Number(before?.isGuest ?? false);
  });
  const sponsored = new Map<string, Set<string>>();
  members.watch((id, before, after) => {
    const [from, to] = [before?.sponsor ?? null, after?.sponsor ?? null];
    if (from === to) return;
    if (
      from !== null &&
      sponsored.get(from)?.delete(id) === true &&
      sponsored.get(from)?.size === 0
    )
      sponsored.delete(from);
    if (to !== null) sponsored.set(to, (sponsored.get(to) ?? new Set()).add(id));
  });
  return { members, groups, counts, sponsored };
}

/**
 * Where a call of this member counts (RULES 3): itself, its sponsors, the groups of all of them. The caller has looked the
 * member up; of many members each look goes far through memory. What it leads to keeps the row's text of the id, once for all.
 */
export function pathOf(slice: MemberSlice, asked: string, member: Member | undefined): Path {
  if (member === undefined) return { member: asked, sponsors: nobody, groups: nobody };
  const { id } = member;
  if (member.sponsor === null) return { member: id, sponsors: nobody, groups: member.groups };
  const sponsors = sponsorsOf(slice, member);
  const groups = [id, ...sponsors].flatMap((one) => slice.members.get(one)?.groups ?? nobody);
  return { member: id, sponsors, groups: [...new Set(groups)] };
}

const nobody: readonly string[] = [];

/** Sponsors from near to far. */
export function sponsorsOf(slice: MemberSlice, member: Member): readonly string[] {
  const chain: string[] = [];
  let next = member.sponsor;
  while (next !== null && chain.length < sponsorsMax) {
    chain.push(next);
    next = slice.members.get(next)?.sponsor ?? null;
  }
  return chain;
}

/** The longest chain of members that act for this one, directly or not. */
export function depthBelow(slice: MemberSlice, id: string): number {
  let deepest = 0;
  for (const acting of slice.sponsored.get(id) ?? [])
    deepest = Math.max(deepest, 1 + depthBelow(slice, acting));
  return deepest;
}

const isMember = (value: unknown): value is Member =>
  typeof value === "object" && value !== null && "isGuest" in value;
const isGroup = (value: unknown): value is Group =>
  typeof value === "object" && value !== null && "id" in value;
