/** What a rule looks at. `null` for every group, member or run, each for itself; percents are of what may be used, 1 to 100. */
export type AlertWatch =
  | { readonly kind: "pool"; readonly percents: readonly number[] }
  | {
      readonly kind: "group" | "member" | "run";
      readonly id: string | null;
      readonly percents: readonly number[];
    }
  /** The pool will end before its period does. */
  | { readonly kind: "forecast" }
  /** Use that is unusual; `most` is the furthest that may be done about it. */
  | { readonly kind: "unusual"; readonly most: AlertGrade };

/** What is done about an alert, from mild to hard: it is written down, the recipients are told, the member may not go above its share, its key is paused. */
export type AlertGrade = "note" | "notify" | "lower" | "pause";

/** Grades from mild to hard. */
export const alertGrades: readonly AlertGrade[] = ["note", "notify", "lower", "pause"];

/** Who is told, and when not: minutes of the day in the workspace's zone; a span may go over midnight. */
export interface Recipient {
  readonly id: string;
  readonly quiet: QuietHours | null;
}

/** From a minute of the day on, until another one. */
export interface QuietHours {
  readonly from: number;
  readonly until: number;
}

/** When somebody is told of something. A setting of a workspace. */
export interface AlertRule {
  readonly id: string;
  readonly watch: AlertWatch;
  readonly recipients: readonly Recipient[];
}

/** Rules of one workspace; percents of one rule; recipients of one rule. */
export const alertRulesMax = 100;
export const alertPercentsMax = 10;
export const alertRecipientsMax = 32;
