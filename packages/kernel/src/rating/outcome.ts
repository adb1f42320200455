/**
 * Owns what a call is charged by how it ended. A caller that says credits has decided by itself; otherwise the meter's rule for the
 * outcome holds, and a call of which nobody knows the usage costs what its hold has left, unless the meter says otherwise.
 */

/** How a call ended: whole, cut off after some output, before any output, or stopped by whoever asked. */
export type Outcome = "delivered" | "partial" | "failed" | "cancelled";

/** The usage at its price, nothing, or what the hold has left. */
export type ChargeRule = "usage" | "nothing" | "estimate";

/** Rules where they differ from the defaults. `unmeasured`: an outcome that is charged by usage, of which none was reported. */
export interface OutcomeRules extends Partial<Readonly<Record<Outcome, ChargeRule>>> {
  readonly unmeasured?: Exclude<ChargeRule, "usage">;
}

const rulesDefault = {
  delivered: "usage",
  partial: "usage",
  failed: "nothing",
  cancelled: "usage",
  unmeasured: "estimate",
} as const satisfies Required<OutcomeRules>;

/** What a settlement is charged by. No outcome said: by usage. */
export function chargeRule(
  rules: OutcomeRules | undefined,
  outcome: Outcome | null,
  isMeasured: boolean,
): ChargeRule {
  const rule = outcome === null ? "usage" : (rules?.[outcome] ?? rulesDefault[outcome]);
  return rule === "usage" && !isMeasured ? (rules?.unmeasured ?? rulesDefault.unmeasured) : rule;
}
