import type { Position } from "./position.ts";

/** Whom a policy binds; `workspace` is everybody in it, guests too. */
export type PolicyScope =
  | { readonly kind: "workspace" }
  | { readonly kind: "group"; readonly id: string }
  | { readonly kind: "member"; readonly id: string };

/** A day of the week. */
export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

/** Hours of some days by the clock of the workspace's zone; `to` is outside, and where it is not after `from` it stands on the next day. */
export interface PolicyHours {
  readonly days: readonly Weekday[];
  /** `HH:MM`, 00:00 to 23:59. */
  readonly from: string;
  /** `HH:MM`, up to 24:00. */
  readonly to: string;
}

/** What is acceptable use, as it shall be. What is left out is not restricted; an empty list allows nothing. */
export interface PolicyRequest {
  readonly scope: PolicyScope;
  /** Names and patterns with `*`, as in a rate card; they need not be in one. */
  readonly meters?: readonly string[];
  readonly models?: readonly string[];
  readonly hours?: readonly PolicyHours[];
  /** A text for people. One that changed is another version. */
  readonly text?: { readonly version: string; readonly text: string };
  /** Nobody spends who has not accepted this version of the text. */
  readonly mustAccept?: boolean;
}

/** Which text it is, by its SHA-256. */
export interface PolicyTextName {
  readonly version: string;
  readonly hash: string;
}

/** A policy that stands. */
export interface Policy {
  readonly id: string;
  readonly scope: PolicyScope;
  readonly meters?: readonly string[];
  readonly models?: readonly string[];
  readonly hours?: readonly PolicyHours[];
  readonly text?: PolicyTextName;
  readonly mustAccept: boolean;
  readonly at: Position;
}

/** A page of policies, by id. */
export interface PolicyPage {
  readonly data: readonly Policy[];
  readonly nextCursor?: string;
}

/** A policy that was taken away, with what was accepted of it. */
export interface PolicyRemoved {
  readonly id: string;
  readonly removed: true;
  readonly at: Position;
}

/** Who accepted which version, having read it. */
export interface AcceptanceRequest {
  readonly member: string;
  readonly version: string;
}

/** What a member accepted last of a policy. */
export interface Acceptance {
  readonly policy: string;
  readonly member: string;
  readonly text: PolicyTextName;
  readonly acceptedAt: string;
  readonly at: Position;
}

/** A row of a list of acceptances; `current` is whether it is of the version that stands. */
export interface AcceptanceRow extends Acceptance {
  readonly current: boolean;
}

/** A page of acceptances, by member. */
export interface AcceptancePage {
  readonly data: readonly AcceptanceRow[];
  readonly nextCursor?: string;
}

/** A text of a policy, read back by its hash: also one that no policy has any more. */
export interface PolicyText {
  readonly hash: string;
  readonly text: string;
}

/** What a policy refused (`not_allowed`), or what of it is still to be accepted (`policy_not_accepted`). */
export interface PolicyRefusal {
  readonly id: string;
  readonly forbids?: "meter" | "model" | "hours";
  /** The meter, or the model; left out where the call names none. */
  readonly name?: string;
  /** Names and patterns that are allowed. */
  readonly allowed?: readonly string[];
  readonly hours?: readonly PolicyHours[];
  readonly timeZone?: string;
  /** The text to be accepted, who accepts it, and the version that was accepted last. */
  readonly text?: PolicyTextName;
  readonly member?: string;
  readonly accepted?: string;
}

/** A policy as it stands for a member. */
export interface PolicyStanding {
  readonly id: string;
  readonly scope: PolicyScope;
  readonly meters?: readonly string[];
  readonly models?: readonly string[];
  readonly hours?: readonly PolicyHours[];
  /** Whether its hours allow now, and when they do next. */
  readonly open: boolean;
  readonly opensAt?: string;
  /** Who accepts the text for the member, and the version that it accepted last. */
  readonly text?: PolicyTextName & {
    readonly mustAccept: boolean;
    readonly member: string;
    readonly accepted?: string;
  };
}
