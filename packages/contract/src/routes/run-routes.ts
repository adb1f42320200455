import { PageQuerySchema } from "../page.schema.ts";
import {
  RunCloseRequestSchema,
  RunPageSchema,
  RunRaiseSchema,
  RunRequestSchema,
  RunSchema,
} from "../run.schema.ts";
import { RunParams, WorkspaceParams } from "./parameters.schema.ts";
import type { Route } from "./route.ts";

const known = ["idempotency_key_missing", "unknown_workspace", "idempotency_key_reused"] as const;

/** Envelopes around the calls of a piece of work. */
export const runRoutes = {
  openRun: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/runs",
    tag: "Runs",
    summary: "Open a run",
    description:
      "Bounds what the calls in it come to: credits, steps, calls of tools, time, and how often one action is repeated. A run with a `parent` may be promised more than that has left, and never gets it: what it spends counts in every run around it at once.",
    scopes: ["usage:write"],
    params: WorkspaceParams,
    body: RunRequestSchema,
    idempotency: { kind: "required" },
    responses: { 201: RunSchema },
    problems: [
      ...known,
      "workspace_suspended",
      "member_inactive",
      "unknown_member",
      "seat_required",
      "unknown_run",
      "run_of_another",
      "run_ended",
      "run_paused",
      "run_deadline_passed",
      "run_exists",
      "too_many_runs",
    ],
  },
  listRuns: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/runs",
    tag: "Runs",
    summary: "List runs",
    description:
      "By their id: those that are open, and those that ended within a day. Older ones are left to the feed.",
    scopes: ["usage:write", "read"],
    params: WorkspaceParams,
    query: PageQuerySchema,
    idempotency: { kind: "ignored" },
    responses: { 200: RunPageSchema },
    problems: ["unknown_workspace"],
  },
  getRun: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/runs/{run}",
    tag: "Runs",
    summary: "Read a run",
    description:
      "What was counted in it so far, and whether calls are approved in it now; where not, which run around it is why.",
    scopes: ["usage:write", "read"],
    params: RunParams,
    idempotency: { kind: "ignored" },
    responses: { 200: RunSchema },
    problems: ["unknown_workspace", "unknown_run"],
  },
  raiseRun: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/runs/{run}/raise",
    tag: "Runs",
    summary: "Raise the bounds of a run, and let it go on",
    description:
      "A run that refused a call by a bound of its own is paused: it approves nothing until this. Bounds are raised and never lowered.",
    scopes: ["admin"],
    params: RunParams,
    body: RunRaiseSchema,
    idempotency: { kind: "required" },
    responses: { 200: RunSchema },
    problems: [...known, "unknown_run", "run_ended"],
  },
  closeRun: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/runs/{run}/close",
    tag: "Runs",
    summary: "Close a run",
    description:
      "Nothing more is approved in it or in runs inside it, and no hold of it is extended. Open holds settle or expire.",
    scopes: ["usage:write"],
    params: RunParams,
    body: RunCloseRequestSchema,
    idempotency: { kind: "required" },
    responses: { 200: RunSchema },
    problems: [...known, "unknown_run", "run_ended"],
  },
} as const satisfies Readonly<Record<string, Route>>;
