import type { AlertRuleRequest } from "@cistern/contract";
import type { AlertRule } from "@cistern/kernel";
import { alertBody, alertRuleBody } from "../answers/alert.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import { newestAlerts } from "../calls/newest-alerts.ts";
import { pageById } from "../calls/pages.ts";
import type { ApiParts } from "../parts.ts";
import { refuse } from "../problems/problem.ts";

/** Alerts and their rules. A workspace is watched before its first rule can stand. */
export function alertHandlers({
  engine,
  watching,
}: ApiParts): HandlersOf<
  | "listAlertRules"
  | "getAlertRule"
  | "putAlertRule"
  | "removeAlertRule"
  | "listAlerts"
  | "reviewAlert"
> {
  return {
    async listAlertRules({ params, query }) {
      const answer = await ask(engine, params.workspace, ({ alerts }) =>
        pageById(alerts.rules.values(), query),
      );
      if (answer.kind === "refused") return answer;
      const { rows, nextCursor } = answer.value;
      const data = rows.map((one) => alertRuleBody(one, answer.at));
      const body = { data, ...(nextCursor === undefined ? {} : { nextCursor }) };
      return { kind: "done", status: 200, body };
    },

    async getAlertRule({ params: { workspace, rule: id } }) {
      const answer = await ask(engine, workspace, ({ alerts }) => alerts.rules.get(id));
      if (answer.kind === "refused") return answer;
      if (answer.value === undefined)
        return refuse("unknown_alert_rule", `There is no alert rule ${id} in ${workspace}.`);
      return { kind: "done", status: 200, body: alertRuleBody(answer.value, answer.at) };
    },

    async putAlertRule({ params: { workspace: workspaceId, rule: id }, body, key }) {
      await watching.watch(workspaceId);
      const command = { kind: "putAlertRule", rule: ruleOf(id, body) } as const;
      const answer = await carryOut(engine, "alert_rule.updated", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return { kind: "done", status: 200, body: alertRuleBody(event.rule, position), isReplayed };
    },

    async removeAlertRule({ params: { workspace: workspaceId, rule }, key }) {
      const command = { kind: "removeAlertRule", rule } as const;
      const answer = await carryOut(engine, "alert_rule.removed", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position: at, isReplayed } = answer;
      const body = { id: event.rule.id, removed: true, at } as const;
      return { kind: "done", status: 200, body, isReplayed };
    },

    async listAlerts({ params, query }) {
      const answer = await ask(engine, params.workspace, ({ alerts }) =>
        newestAlerts(alerts, query),
      );
      if (answer.kind === "refused") return answer;
      const { rows, nextCursor } = answer.value;
      const data = rows.map((one) => alertBody(one, answer.at, one.verdict ?? undefined));
      const body = { data, ...(nextCursor === undefined ? {} : { nextCursor }) };
      return { kind: "done", status: 200, body };
    },

    async reviewAlert({ params: { workspace: workspaceId, alert }, body, key }) {
      const command = { kind: "reviewAlert", alert, verdict: body.verdict } as const;
      const answer = await carryOut(engine, "alert.reviewed", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      const told = alertBody(event.alert, position, event.verdict);
      return { kind: "done", status: 200, body: told, isReplayed };
    },
  };
}

function ruleOf(id: string, { watch, recipients }: AlertRuleRequest): AlertRule {
  return {
    id,
    watch:
      "percents" in watch && watch.kind !== "pool" ? { ...watch, id: watch.id ?? null } : watch,
    recipients: recipients.map((one) => ({
      id: one.id,
      quiet:
        one.quiet === undefined
          ? null
          : { from: minutesOf(one.quiet.from), until: minutesOf(one.quiet.until) },
    })),
  };
}

/** Of `HH:MM`. */
function minutesOf(time: string): number {
  const [hours, minutes] = time.split(":");
  return 60 * Number(hours) + Number(minutes);
}
