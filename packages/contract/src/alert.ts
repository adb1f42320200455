import type { PageQuery } from "./page.ts";
import type { Position } from "./position.ts";

/** What a rule looks at. Without `id`: every group, member or run, each for itself. `percents` are of what may be used: 1 to 100. */
export type AlertWatch =
  | { readonly kind: "pool"; readonly percents: readonly number[] }
  | {
      readonly kind: "group" | "member" | "run";
      readonly id?: string;
      readonly percents: readonly number[];
    }
  | { readonly kind: "forecast" }
  | { readonly kind: "unusual"; readonly most: AlertGrade };

/** What is done about an alert, from mild to hard; of a rule, the furthest that may be. */
export type AlertGrade = "note" | "notify" | "lower" | "pause";

/** Who is told, and between which times of the day (`HH:MM`, in the workspace's zone) it is not. */
export interface AlertRecipient {
  readonly id: string;
  readonly quiet?: { readonly from: string; readonly until: string };
}

/** A rule as it shall be. */
export interface AlertRuleRequest {
  readonly watch: AlertWatch;
  readonly recipients: readonly AlertRecipient[];
}

/** A rule that stands. */
export interface AlertRule extends AlertRuleRequest {
  readonly id: string;
  readonly at: Position;
}

/** A page of rules, by id. */
export interface AlertRulePage {
  readonly data: readonly AlertRule[];
  readonly nextCursor?: string;
}

/** A rule that was taken away. */
export interface AlertRuleRemoved {
  readonly id: string;
  readonly removed: true;
  readonly at: Position;
}

/** Why there is an alert, with its numbers. Credits are decimal strings. */
export type AlertFinding =
  | {
      readonly kind: "threshold";
      readonly percent: number;
      readonly used: string;
      readonly of: string;
      readonly limit?: string;
    }
  | {
      readonly kind: "forecast";
      readonly left: string;
      readonly pacePerDay: string;
      readonly emptyAt: string;
      readonly periodEndsAt: string;
    }
  | {
      readonly kind: "unusual";
      readonly rule: "pace" | "day" | "newcomer" | "key" | "joins" | "sponsor" | "short_lived";
      readonly seen: string;
      readonly usual: string;
      readonly bound?: string;
      readonly score?: string;
      readonly signs: readonly AlertSign[];
    };

/** What else looks wrong. */
export type AlertSign = "network" | "concurrency" | "model" | "round_the_clock" | "no_new_members";

/** Something that was noticed. `deliverAfter` stands where a recipient has quiet hours. */
export interface Alert {
  readonly id: string;
  readonly rule: string;
  readonly subject: {
    readonly kind: "workspace" | "group" | "member" | "run";
    readonly id: string;
  };
  readonly finding: AlertFinding;
  /** The finding as a sentence. */
  readonly text: string;
  readonly grade: AlertGrade;
  readonly to: readonly { readonly recipient: string; readonly deliverAfter?: string }[];
  readonly raisedAt: string;
  /** Of one that was reviewed. */
  readonly verdict?: AlertVerdict;
  readonly at: Position;
}

/** What somebody who looked found. */
export type AlertVerdict = "fine" | "confirmed";

/** What a review found. */
export interface AlertReviewRequest {
  readonly verdict: AlertVerdict;
}

/** Which alerts: `awaiting` those that wait for a review, or that do not; left out: both. */
export interface AlertQuery extends PageQuery {
  readonly awaiting?: boolean;
}

/** A page of alerts, newest first. */
export interface AlertPage {
  readonly data: readonly Alert[];
  readonly nextCursor?: string;
}
