import type { Instant } from "../instant.ts";

/** Whom a policy binds. `workspace`: everybody in it. */
export type PolicyScope =
  | { readonly kind: "workspace" }
  | { readonly kind: "group"; readonly id: string }
  | { readonly kind: "member"; readonly id: string };

/**
 * Hours of some days by the clock of the workspace's zone. Days are 1 (Monday) to 7; minutes count from midnight, and `to` is
 * outside. Where `to` is not after `from` it stands on the next day.
 */
export interface WeeklyHours {
  readonly days: readonly number[];
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** Which text it is. The text itself stands beside the journal, by its hash. */
export interface PolicyText {
  readonly version: string;
  /** SHA-256 of the text in UTF-8, in hex. */
  readonly hash: string;
}

/**
 * What is acceptable use. `null` allows all; an empty list allows nothing. Meters and models are names or patterns, as rows of a
 * rate card have them, and need not be in any catalog.
 */
export interface Policy {
  readonly id: string;
  readonly scope: PolicyScope;
  readonly meters: readonly string[] | null;
  readonly models: readonly string[] | null;
  readonly hours: readonly WeeklyHours[] | null;
  readonly text: PolicyText | null;
  /** Whoever answers for a call must have accepted this version of the text. */
  readonly mustAccept: boolean;
}

/** Who accepted which text last. */
export interface Acceptance {
  readonly policy: string;
  readonly member: string;
  readonly text: PolicyText;
  readonly at: Instant;
}
