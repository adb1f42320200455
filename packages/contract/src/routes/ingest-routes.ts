import { limits } from "../limits.ts";
import {
  ReconciliationQuerySchema,
  ReconciliationSchema,
  TracesRequestSchema,
  TracesTakenSchema,
} from "../reconciliation.schema.ts";
import { EventsRequestSchema, EventsTakenSchema } from "../received-event.schema.ts";
import { WorkspaceParams } from "./parameters.schema.ts";
import type { Route } from "./route.ts";

const cloudEventTypes = [
  "application/cloudevents+json",
  "application/cloudevents-batch+json",
  "application/json",
] as const;

const eventProblems = [
  "unknown_workspace",
  "idempotency_key_reused",
  "no_subscription",
  "outcome_not_in_plan",
  "unknown_outcome",
  "period_closed",
  "unknown_member",
  "seat_required",
  "feature_not_in_plan",
  "unknown_run",
  "unknown_meter",
  "unknown_model",
] as const;

/** Usage that arrives in the words of others. */
export const ingestRoutes = {
  takeEvents: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/events",
    tag: "Ingest",
    summary: "Send usage and outcomes as CloudEvents",
    description:
      "CloudEvents 1.0, structured, in a batch, or binary (`ce-` headers). `usage.report` carries a DebitRequest in `data`, `outcome.claim`, `outcome.signal`, `outcome.confirm` and `outcome.reopen` what their routes take; other types go by `events` of the catalog, and `subject` is the member. Source and id together happen once. Of many, each is told what became of it; one alone that is refused is answered with its problem. 503 where any could not be decided: send all again.",
    scopes: ["usage:write"],
    params: WorkspaceParams,
    body: EventsRequestSchema,
    mediaTypes: cloudEventTypes,
    idempotency: { kind: "ignored" },
    responses: { 200: EventsTakenSchema },
    problems: eventProblems,
  },
  takeEventsOfAll: {
    method: "POST",
    path: "/v1/events",
    tag: "Ingest",
    summary: "Send CloudEvents of any workspace",
    description:
      "As in one workspace. With a key that is not bound to a workspace, `subject` is the workspace and the member stands in `data`; or the extension `cisternworkspace` is, and `subject` is the member. With a key of one workspace it is that one.",
    scopes: ["usage:write"],
    body: EventsRequestSchema,
    mediaTypes: cloudEventTypes,
    idempotency: { kind: "ignored" },
    responses: { 200: EventsTakenSchema },
    problems: eventProblems,
  },
  takeTraces: {
    method: "POST",
    path: "/v1/otlp/v1/traces",
    tag: "Ingest",
    summary: "Send spans over OTLP/HTTP",
    description:
      "JSON, or protobuf (`application/x-protobuf`), which is answered in kind; gzip is taken. Spans of calls of models are kept, to be compared with what was settled; or each is charged where `traces` of the catalog says `debit`. The workspace is the key's own, or the attribute `cistern.workspace` of the span or its resource; so with `cistern.member`. Spans that cannot be taken are counted in `partialSuccess`.",
    scopes: ["usage:write"],
    body: TracesRequestSchema,
    mediaTypes: ["application/json", "application/x-protobuf"],
    bodyBytesMax: limits.traceBytesMax,
    idempotency: { kind: "ignored" },
    responses: { 200: TracesTakenSchema },
    problems: [],
  },
  getReconciliation: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/reconciliation",
    tag: "Ingest",
    summary: "Compare what was observed with what was settled",
    description:
      "Spans that were received and settlements of one answer of a provider, by its id: what is equal is counted, all else is listed with both figures. It reads tables beside the journal, which may be a moment behind.",
    scopes: ["read"],
    params: WorkspaceParams,
    query: ReconciliationQuerySchema,
    idempotency: { kind: "ignored" },
    responses: { 200: ReconciliationSchema },
    problems: ["unknown_workspace"],
  },
} as const satisfies Readonly<Record<string, Route>>;
