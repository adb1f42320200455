import { Type } from "typebox";
import {
  AlertPageSchema,
  AlertQuerySchema,
  AlertReviewRequestSchema,
  AlertRulePageSchema,
  AlertRuleRemovedSchema,
  AlertRuleRequestSchema,
  AlertRuleSchema,
  AlertSchema,
} from "../alert.schema.ts";
import { CallerIdSchema, strictObject } from "../formats.schema.ts";
import { PageQuerySchema } from "../page.schema.ts";
import type { Route } from "./route.ts";

const WorkspaceParams = strictObject({ workspace: CallerIdSchema });
const RuleParams = strictObject({ workspace: CallerIdSchema, rule: CallerIdSchema });
const AlertParams = strictObject({ workspace: CallerIdSchema, alert: Type.String() });

/** Alerts, and the rules that raise them. */
export const alertRoutes = {
  listAlertRules: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/alert-rules",
    tag: "Alerts",
    summary: "List alert rules",
    description: "Rules by id.",
    scopes: ["read"],
    params: WorkspaceParams,
    query: PageQuerySchema,
    idempotency: { kind: "ignored" },
    responses: { 200: AlertRulePageSchema },
    problems: ["unknown_workspace"],
  },
  getAlertRule: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/alert-rules/{rule}",
    tag: "Alerts",
    summary: "Read an alert rule",
    description: "A rule as it stands.",
    scopes: ["read"],
    params: RuleParams,
    idempotency: { kind: "ignored" },
    responses: { 200: AlertRuleSchema },
    problems: ["unknown_workspace", "unknown_alert_rule"],
  },
  putAlertRule: {
    method: "PUT",
    path: "/v1/workspaces/{workspace}/alert-rules/{rule}",
    tag: "Alerts",
    summary: "Set an alert rule",
    description:
      "What is looked at from now on, and who is told. An alert is the event `alert.raised`, once for each crossing: anew after a top-up or a renewal, and in the next window of a cap. It comes seconds after what it tells of, and holds nothing up.",
    scopes: ["admin"],
    params: RuleParams,
    body: AlertRuleRequestSchema,
    idempotency: { kind: "optional" },
    responses: { 200: AlertRuleSchema },
    problems: ["unknown_workspace", "idempotency_key_reused", "unknown_group"],
  },
  removeAlertRule: {
    method: "DELETE",
    path: "/v1/workspaces/{workspace}/alert-rules/{rule}",
    tag: "Alerts",
    summary: "Remove an alert rule",
    description: "It raises nothing more. What it raised may still be reviewed.",
    scopes: ["admin"],
    params: RuleParams,
    idempotency: { kind: "optional" },
    responses: { 200: AlertRuleRemovedSchema },
    problems: ["unknown_workspace", "idempotency_key_reused", "unknown_alert_rule"],
  },
  listAlerts: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/alerts",
    tag: "Alerts",
    summary: "List alerts",
    description:
      "Those raised last, newest first: the last 100 of all kinds, with what a review found, and all that wait for one (`awaiting=true`: those alone), which are those of unusual use. Older ones are in the feed.",
    scopes: ["read"],
    params: WorkspaceParams,
    query: AlertQuerySchema,
    idempotency: { kind: "ignored" },
    responses: { 200: AlertPageSchema },
    problems: ["unknown_workspace"],
  },
  reviewAlert: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/alerts/{alert}/review",
    tag: "Alerts",
    summary: "Review an alert",
    description:
      "Says whether what was seen is fine. It waits no longer then; a reach that was lowered for it is as before where it is fine.",
    scopes: ["admin"],
    params: AlertParams,
    body: AlertReviewRequestSchema,
    idempotency: { kind: "required" },
    responses: { 200: AlertSchema },
    problems: ["unknown_workspace", "idempotency_key_reused", "unknown_alert"],
  },
} as const satisfies Readonly<Record<string, Route>>;
