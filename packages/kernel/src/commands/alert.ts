/** Owns what is asked of alerts: their rules, that one is raised, and that somebody looked at it. */
import {
  type AlertGrade,
  type AlertRule,
  type AlertWatch,
  type Recipient,
  alertPercentsMax,
  alertRecipientsMax,
  alertRulesMax,
} from "../alerts/alert-rule.ts";
import type { Alert, AlertFinding, AlertSubject, AlertVerdict } from "../alerts/alert.ts";
import { minutesOfDay, quietUntil } from "../alerts/quiet-hours.ts";
import { type Decision, type Surroundings, reject, accept } from "../decision.ts";
import type { Instant } from "../instant.ts";
import { type State, workspaceOf } from "../state/state.ts";

/** Sets a rule. */
export interface PutAlertRule {
  readonly kind: "putAlertRule";
  readonly rule: AlertRule;
}

/** Removes a rule. */
export interface RemoveAlertRule {
  readonly kind: "removeAlertRule";
  readonly rule: string;
}

/** Tells of something that was noticed. Its key is the crossing, so that whoever else notices it is answered the same. */
export interface RaiseAlert {
  readonly kind: "raiseAlert";
  readonly alert: string;
  readonly rule: string;
  readonly crossing: string;
  readonly subject: AlertSubject;
  readonly finding: AlertFinding;
  readonly grade: AlertGrade;
}

/** Tells what somebody found who looked at an alert. */
export interface ReviewAlert {
  readonly kind: "reviewAlert";
  readonly alert: string;
  readonly verdict: AlertVerdict;
}

/** Sets a rule; a group that it names must exist. */
export function putAlertRule(state: State, { rule }: PutAlertRule, at: Instant): Decision {
  const { rules } = state.alerts;
  if (rules.get(rule.id) === undefined && rules.size >= alertRulesMax)
    return invalid("rule", `A workspace has at most ${alertRulesMax} alert rules.`);
  const { watch, recipients } = rule;
  const wrong = watchFault(watch) ?? recipientsFault(recipients);
  if (wrong !== undefined) return wrong;
  if (watch.kind === "group" && watch.id !== null && !state.members.groups.get(watch.id))
    return reject({ code: "unknown_group", group: watch.id });
  return accept({ kind: "alert_rule.updated", at, rule });
}

/** Removes a rule; what it raised stays. */
export function removeAlertRule(state: State, command: RemoveAlertRule, at: Instant): Decision {
  const rule = state.alerts.rules.get(command.rule);
  if (rule === undefined) return reject({ code: "unknown_alert_rule", rule: command.rule });
  return accept({ kind: "alert_rule.removed", at, rule });
}

/** Raises an alert; whom it is for is what the rule says now. */
export function raiseAlert(
  state: State,
  command: RaiseAlert,
  at: Instant,
  { calendar }: Surroundings,
): Decision {
  const rule = state.alerts.rules.get(command.rule);
  if (rule === undefined) return reject({ code: "unknown_alert_rule", rule: command.rule });
  const timeZone = workspaceOf(state)?.timeZone ?? "UTC";
  const { crossing, subject, finding, grade } = command;
  const to = (grade === "note" ? [] : rule.recipients).map(({ id, quiet }) => ({
    recipient: id,
    deliverAfter: quietUntil(quiet, at, { calendar, timeZone }),
  }));
  const alert: Alert = {
    id: command.alert,
    rule: rule.id,
    crossing,
    subject,
    finding,
    grade,
    to,
    raisedAt: at,
  };
  return accept({ kind: "alert.raised", at, alert, awaits: finding.kind === "unusual" });
}

/** Notes what a review found; the alert waits no longer. */
export function reviewAlert(state: State, command: ReviewAlert, at: Instant): Decision {
  const alert = state.alerts.awaiting.get(command.alert);
  if (alert === undefined) return reject({ code: "unknown_alert", alert: command.alert });
  return accept({ kind: "alert.reviewed", at, alert, verdict: command.verdict });
}

function watchFault(watch: AlertWatch): Decision | undefined {
  if (watch.kind === "forecast" || watch.kind === "unusual") return undefined;
  const { percents } = watch;
  if (percents.length === 0 || percents.length > alertPercentsMax)
    return invalid("percents", `A rule has 1 to ${alertPercentsMax} thresholds.`);
  if (!percents.every((one) => Number.isSafeInteger(one) && one >= 1 && one <= 100))
    return invalid("percents", "A threshold is a whole number of percent, 1 to 100.");
  if (new Set(percents).size < percents.length)
    return invalid("percents", "A threshold stands once in a rule.");
  return undefined;
}

function recipientsFault(recipients: readonly Recipient[]): Decision | undefined {
  if (recipients.length === 0)
    return invalid("recipients", "A rule names at least one recipient: else nobody is ever told.");
  if (recipients.length > alertRecipientsMax)
    return invalid("recipients", `A rule has at most ${alertRecipientsMax} recipients.`);
  if (new Set(recipients.map(({ id }) => id)).size < recipients.length)
    return invalid("recipients", "A recipient stands once in a rule.");
  const isMinute = (one: number): boolean =>
    Number.isSafeInteger(one) && one >= 0 && one < minutesOfDay;
  const isRight = recipients.every(
    ({ quiet }) => quiet === null || (isMinute(quiet.from) && isMinute(quiet.until)),
  );
  return isRight ? undefined : invalid("recipients", "Quiet hours are minutes of the day.");
}

const invalid = (field: string, reason: string): Decision =>
  reject({ code: "invalid_request", field, reason });
