/**
 * Owns the top-ups of one workspace, its rule, and the payments that became credits.
 *
 * T1 a payment id stands here once for ever, with the event that granted for it. T2 `pending` sums the credits of top-ups that
 * wait, and `automatic` is the one of them that the rule asked for: it never asks for a second.
 */
import type { Position } from "../holds/hold.ts";
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import { type TopUp, type TopUpRule, isWaiting } from "./top-up.ts";

/** A payment that became credits. */
export interface TopUpPayment {
  readonly payment: string;
  readonly topUp: string;
  readonly position: Position;
}

/** Top-ups of one workspace. */
export interface TopUpSlice {
  readonly topUps: Table<TopUp>;
  readonly rules: Table<TopUpRule>;
  readonly payments: Table<TopUpPayment>;
  /** The one row of `rules`. */
  readonly rule: { row: TopUpRule | undefined };
  /** Of top-ups that wait. */
  readonly pending: { credits: bigint; automatic: TopUp | undefined };
}

/** The key of the one rule. */
export const ruleKey = "rule";

/** An empty slice. */
export function topUpSlice(undo: UndoLog): TopUpSlice {
  const topUps = new Table<TopUp>("topUps", undo, isTopUp);
  const rules = new Table<TopUpRule>("topUpRules", undo, isRule);
  const payments = new Table<TopUpPayment>("topUpPayments", undo, isPayment);
  const rule: TopUpSlice["rule"] = { row: undefined };
  const pending: TopUpSlice["pending"] = { credits: 0n, automatic: undefined };
  rules.watch((_key, _before, after) => {
    rule.row = after;
  });
  topUps.watch((_id, before, after) => {
    if (before !== undefined && isWaiting(before)) {
      pending.credits -= before.credits;
      if (before.isAutomatic) pending.automatic = undefined;
    }
    if (after !== undefined && isWaiting(after)) {
      pending.credits += after.credits;
      if (after.isAutomatic) pending.automatic = after;
    }
  });
  return { topUps, rules, payments, rule, pending };
}

const isTopUp = (value: unknown): value is TopUp =>
  typeof value === "object" && value !== null && "quantity" in value;
const isRule = (value: unknown): value is TopUpRule =>
  typeof value === "object" && value !== null && "threshold" in value;
const isPayment = (value: unknown): value is TopUpPayment =>
  typeof value === "object" && value !== null && "topUp" in value;
