import type { Position } from "./position.ts";

/** Who spends: somebody, a program that acts, or an API key of the vendor's customer. */
export type MemberKind = "person" | "agent" | "key";

/** A member as it shall be; a deactivated one becomes active again. */
export interface MemberRequest {
  /** Default `person`. */
  readonly kind?: MemberKind;
  readonly name?: string;
  readonly groups?: readonly string[];
  /** The group whose share it draws on; default the first of `groups`. */
  readonly home?: string;
  /** The person for whom an agent or key acts; her limits include it. */
  readonly sponsor?: string;
}

/** A registered member. */
export interface Member {
  readonly id: string;
  readonly kind: MemberKind;
  readonly name?: string;
  readonly groups: readonly string[];
  readonly home?: string;
  readonly sponsor?: string;
  readonly status: "active" | "inactive";
  readonly at: Position;
}

/** A page of members, by id. */
export interface MemberPage {
  readonly data: readonly Member[];
  readonly nextCursor?: string;
}

/** A group as it shall be. */
export interface GroupRequest {
  readonly name?: string;
  /** Members who answer requests for more of its members. */
  readonly leads?: readonly string[];
}

/** A set of members: team, project or cost centre. */
export interface Group {
  readonly id: string;
  readonly name?: string;
  /** Left out: nobody leads it. */
  readonly leads?: readonly string[];
  readonly at: Position;
}

/** A page of groups, by id. */
export interface GroupPage {
  readonly data: readonly Group[];
  readonly nextCursor?: string;
}
