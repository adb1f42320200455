/** Who spends. A guest came by spending and not by being registered. */
export interface Member {
  readonly id: string;
  readonly kind: "person" | "agent" | "key";
  /** Groups, in the order given; limits of all of them apply. */
  readonly groups: readonly string[];
  /** The one group that shares with this member; null without groups. */
  readonly home: string | null;
  /** Whose limits an agent or a key counts in as well. */
  readonly sponsor: string | null;
  readonly status: "active" | "inactive";
  readonly isGuest: boolean;
}

/** A set of members with limits of its own. */
export interface Group {
  readonly id: string;
  /** Members who answer requests of its members; left out: nobody. */
  readonly leads?: readonly string[];
}

/** The nodes that a call counts in, from near to far (RULES 3): the member, its sponsors, all groups, the workspace. */
export interface Path {
  readonly member: string;
  readonly sponsors: readonly string[];
  readonly groups: readonly string[];
}
