/**
 * Owns the alert rules of one workspace, the alerts that somebody is to review, and those that were raised last.
 *
 * A1 alerts of unusual use wait for a review, at most so many: beyond that the oldest goes. A5 of all that were raised the last are
 * kept, with what a review found; older ones are their event alone.
 */
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import type { AlertRule } from "./alert-rule.ts";
import { type Alert, type RaisedAlert, alertsAwaitingMax, alertsRaisedMax } from "./alert.ts";
import type { AlertRaised, AlertReviewed } from "./events.ts";

/** Rules and alerts by their ids. */
export interface AlertSlice {
  readonly rules: Table<AlertRule>;
  readonly awaiting: Table<Alert>;
  readonly raised: Table<RaisedAlert>;
}

/** An empty slice. */
export const alertSlice = (undo: UndoLog): AlertSlice => ({
  rules: new Table<AlertRule>("alertRules", undo, isRule),
  awaiting: new Table<Alert>("alerts", undo, isAlert),
  raised: new Table<RaisedAlert>("alerts_raised", undo, isRaised),
});

/** A1, A5. */
export function keepRaised({ awaiting, raised }: AlertSlice, { alert, awaits }: AlertRaised): void {
  makeRoom(raised, alertsRaisedMax);
  raised.set(alert.id, { ...alert, verdict: null });
  if (!awaits) return;
  makeRoom(awaiting, alertsAwaitingMax);
  awaiting.set(alert.id, alert);
}

/** It waits no longer. */
export function keepReviewed(
  { awaiting, raised }: AlertSlice,
  { alert: { id }, verdict }: AlertReviewed,
): void {
  awaiting.set(id, undefined);
  const kept = raised.get(id);
  if (kept !== undefined) raised.set(id, { ...kept, verdict });
}

/** For one more: the oldest goes. */
function makeRoom<Kept extends Alert>(alerts: Table<Kept>, most: number): void {
  if (alerts.size < most) return;
  const [first, ...others] = alerts.values();
  if (first === undefined) return;
  const oldest = others.reduce<Alert>((a, b) => (isOlder(b, a) ? b : a), first);
  alerts.set(oldest.id, undefined);
}

const isOlder = (a: Alert, b: Alert): boolean =>
  a.raisedAt < b.raisedAt || (a.raisedAt === b.raisedAt && a.id < b.id);

const isRule = (value: unknown): value is AlertRule =>
  typeof value === "object" && value !== null && "recipients" in value;
const isAlert = (value: unknown): value is Alert =>
  typeof value === "object" && value !== null && "crossing" in value;
const isRaised = (value: unknown): value is RaisedAlert => isAlert(value) && "verdict" in value;
