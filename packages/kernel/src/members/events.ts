/** Owns the facts of members and groups. */
import type { Fact } from "../fact.ts";
import type { Group, Member } from "./member.ts";

/** A member as registered, or registered again. */
export interface MemberUpdated extends Fact<"member.updated"> {
  readonly member: Member;
  /** Its new kind takes no seat: it has its own no longer. Left out of all else. */
  readonly freesSeat?: true;
}

/** A member may no longer open holds; its open ones may still end. */
export interface MemberDeactivated extends Fact<"member.deactivated"> {
  readonly member: Member;
  /** It had a seat. */
  readonly freesSeat?: true;
  /** Keys that act for it, directly or not, and end with it; left out where there are none. */
  readonly keys?: readonly EndedKey[];
}

/** A key whose sponsor was deactivated. */
export interface EndedKey {
  readonly member: Member;
  /** It had a seat. */
  readonly freesSeat?: true;
}

/** Whoever an event registers, changes or deactivates. */
export function membersIn(
  event: MemberUpdated | MemberDeactivated,
): readonly { readonly member: Member; readonly freesSeat?: true }[] {
  return event.kind === "member.deactivated" ? [event, ...(event.keys ?? [])] : [event];
}

/** A group exists. */
export interface GroupUpdated extends Fact<"group.updated"> {
  readonly group: Group;
}
