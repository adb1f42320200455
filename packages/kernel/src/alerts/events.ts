/** Owns the facts of alerts and of the rules that raise them. */
import type { Fact } from "../fact.ts";
import type { AlertRule } from "./alert-rule.ts";
import type { Alert, AlertVerdict } from "./alert.ts";

/** A rule as it stands now. */
export interface AlertRuleUpdated extends Fact<"alert_rule.updated"> {
  readonly rule: AlertRule;
}

/** A rule is no more. */
export interface AlertRuleRemoved extends Fact<"alert_rule.removed"> {
  readonly rule: AlertRule;
}

/** Something was noticed; `awaits`: somebody is to review it. */
export interface AlertRaised extends Fact<"alert.raised"> {
  readonly alert: Alert;
  readonly awaits: boolean;
}

/** Somebody looked at an alert. */
export interface AlertReviewed extends Fact<"alert.reviewed"> {
  readonly alert: Alert;
  readonly verdict: AlertVerdict;
}
