import type { Credits } from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { AlertGrade } from "./alert-rule.ts";

/** What an alert is about. */
export interface AlertSubject {
  readonly kind: "workspace" | "group" | "member" | "run";
  readonly id: string;
}

/** Why there is an alert, with its numbers. */
export type AlertFinding =
  | {
      readonly kind: "threshold";
      readonly percent: number;
      /** Used, of what may be used: of the pool, or of a cap. */
      readonly used: Credits;
      readonly of: Credits;
      /** The limit whose cap it is; null of the pool. */
      readonly limit: string | null;
    }
  | {
      readonly kind: "forecast";
      readonly left: Credits;
      /** Credits a day, by the days before. */
      readonly pace: Credits;
      /** When the pool is empty at that pace, and when its period ends. */
      readonly emptyAt: Instant;
      readonly periodEndsAt: Instant;
    }
  | {
      readonly kind: "unusual";
      readonly rule: UnusualRule;
      readonly seen: Credits;
      /** What it is compared with, and from where on it alarms; null where the rule has no bound in credits. */
      readonly usual: Credits;
      readonly bound: Credits | null;
      /** Of `pace`: how far the hour is from its centre, in thousandths of a deviation; null of all else. */
      readonly score: number | null;
      /** What else looks wrong, such as a network never seen before. */
      readonly signs: readonly UnusualSign[];
    };

/** By which rule use is unusual. */
export type UnusualRule = "pace" | "day" | "newcomer" | "key" | "joins" | "sponsor" | "short_lived";

/** What looks like a key in strange hands, or like spending that nobody joined for. */
export type UnusualSign =
  | "network"
  | "concurrency"
  | "model"
  | "round_the_clock"
  | "no_new_members";

/** Somebody is to be told: at once, or after its quiet hours. */
export interface AlertDelivery {
  readonly recipient: string;
  readonly deliverAfter: Instant | null;
}

/** Something that was noticed. */
export interface Alert {
  readonly id: string;
  /** The rule that noticed it. */
  readonly rule: string;
  /** The same crossing is raised once, whoever notices it. */
  readonly crossing: string;
  readonly subject: AlertSubject;
  readonly finding: AlertFinding;
  readonly grade: AlertGrade;
  readonly to: readonly AlertDelivery[];
  readonly raisedAt: Instant;
}

/** What somebody who looked found: nothing wrong, or that it is what it seemed. */
export type AlertVerdict = "fine" | "confirmed";

/** Alerts that a workspace keeps until somebody reviews them; beyond it the oldest goes. */
export const alertsAwaitingMax = 1_000;

/** An alert with what a review found; null: nobody has looked, or nobody needs to. */
export interface RaisedAlert extends Alert {
  readonly verdict: AlertVerdict | null;
}

/** The last alerts that a workspace keeps, whatever they tell of. */
export const alertsRaisedMax = 100;
