/**
 * Owns who may answer a request: an owner of the workspace any, a lead those of members of its groups for limits below the workspace.
 *
 * Q3 a workspace without owners takes whom its vendor names. Q4 a lead answers none of its own.
 */
import type { AppliedLimit } from "../limits/slice.ts";
import type { Path } from "../members/member.ts";
import type { Rejection } from "../rejections.ts";
import { type State, workspaceOf } from "../state/state.ts";

/** Why somebody may not answer; undefined: it may. */
export function mayAnswer(
  state: State,
  by: string,
  {
    request,
    path,
    limit,
  }: {
    readonly request: string;
    readonly path: Path;
    /** Left out where nothing is given. */
    readonly limit?: AppliedLimit["limit"] | undefined;
  },
): Rejection | undefined {
  if (state.members.members.get(by)?.status === "inactive")
    return { code: "member_inactive", member: by };
  if (answersAll(state, by)) return undefined;
  const led = path.groups.filter(
    (group) => state.members.groups.get(group)?.leads?.includes(by) === true,
  );
  const isOwn = path.member === by || path.sponsors.includes(by);
  return led.length > 0 && !isOwn && isWithin(limit, led)
    ? undefined
    : { code: "not_an_approver", request, by };
}

/** Q3. */
export function answersAll(state: State, by: string): boolean {
  const { owners = [] } = workspaceOf(state) ?? {};
  return owners.length === 0 || owners.includes(by);
}

/** A lead raises limits of its members and of its group. */
function isWithin(limit: AppliedLimit["limit"] | undefined, led: readonly string[]): boolean {
  if (limit === undefined) return true;
  const { scope } = limit;
  switch (scope.kind) {
    case "member":
    case "eachMember":
      return true;
    case "group":
      return led.includes(scope.id);
    case "workspace":
      return false;
  }
}
