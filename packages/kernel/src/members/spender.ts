/**
 * Owns who may spend now: the rungs `member_inactive` and `unknown_member` (RULES 2, 5).
 *
 * M1 an id never seen comes in as a guest, up to the workspace's ceiling, unless only known members may spend.
 * M2 what acts for an inactive sponsor is inactive too.
 */
import type { Rejection } from "../rejections.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { Member, Path } from "./member.ts";
import { type MemberSlice, pathOf } from "./slice.ts";

/** A member that may spend, with its path; `guest` is set when it was never seen before. */
export type Spender =
  | { readonly kind: "known"; readonly path: Path; readonly guest: Member | null }
  | { readonly kind: "refused"; readonly rejection: Rejection };

/** Who opens a hold. */
export function spender(slice: MemberSlice, workspace: Workspace, id: string): Spender {
  const member = slice.members.get(id);
  if (member === undefined) return newcomer(slice, workspace, id);
  const path = pathOf(slice, id, member);
  const inactive =
    member.status === "inactive"
      ? id
      : path.sponsors.find((one) => slice.members.get(one)?.status === "inactive");
  if (inactive !== undefined)
    return { kind: "refused", rejection: { code: "member_inactive", member: inactive } };
  return member.isGuest
    ? guestStill(workspace, member, path)
    : { kind: "known", path, guest: null };
}

/** Whose usage was reported after the fact: it is not refused for having been deactivated since (RULES 1). */
export function reportedSpender(slice: MemberSlice, workspace: Workspace, id: string): Spender {
  const member = slice.members.get(id);
  if (member === undefined) return newcomer(slice, workspace, id);
  return { kind: "known", path: pathOf(slice, id, member), guest: null };
}

function newcomer(slice: MemberSlice, workspace: Workspace, id: string): Spender {
  if (workspace.members === "known") return unknown(id, "known_members_only");
  if (slice.counts.guests >= workspace.guestsMax) return unknown(id, "too_many_guests");
  const guest: Member = {
    id,
    kind: "person",
    groups: [],
    home: null,
    sponsor: null,
    status: "active",
    isGuest: true,
  };
  return { kind: "known", path: pathOf(slice, id, undefined), guest };
}

const guestStill = (workspace: Workspace, member: Member, path: Path): Spender =>
  workspace.members === "known"
    ? unknown(member.id, "known_members_only")
    : { kind: "known", path, guest: null };

const unknown = (member: string, reason: "known_members_only" | "too_many_guests"): Spender => ({
  kind: "refused",
  rejection: { code: "unknown_member", member, reason },
});
