/**
 * Owns the alert rules of one workspace, and the alerts that somebody is to review.
 *
 * A1 alerts of unusual use wait for a review, at most so many: beyond that the oldest goes. All others are their event alone.
 */
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import type { AlertRule } from "./alert-rule.ts";
import { type Alert, alertsAwaitingMax } from "./alert.ts";
import type { AlertRaised } from "./events.ts";

/** Rules and alerts by their ids. */
export interface AlertSlice {
  readonly rules: Table<AlertRule>;
  readonly awaiting: Table<Alert>;
}

/** An empty slice. */
export const alertSlice = (undo: UndoLog): AlertSlice => ({
  rules: new Table<AlertRule>("alertRules", undo, isRule),
  awaiting: new Table<Alert>("alerts", undo, isAlert),
});

/** A1. */
export function keepRaised({ awaiting }: AlertSlice, { alert, awaits }: AlertRaised): void {
  if (!awaits) return;
  if (awaiting.size >= alertsAwaitingMax) {
    const [first, ...others] = awaiting.values();
    if (first !== undefined) {
      const oldest = others.reduce((a, b) => (isOlder(b, a) ? b : a), first);
      awaiting.set(oldest.id, undefined);
    }
  }
  awaiting.set(alert.id, alert);
}

const isOlder = (a: Alert, b: Alert): boolean =>
  a.raisedAt < b.raisedAt || (a.raisedAt === b.raisedAt && a.id < b.id);

const isRule = (value: unknown): value is AlertRule =>
  typeof value === "object" && value !== null && "recipients" in value;
const isAlert = (value: unknown): value is Alert =>
  typeof value === "object" && value !== null && "crossing" in value;
