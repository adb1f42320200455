import {
  IdleSeatsQuerySchema,
  IdleSeatsReportSchema,
  InefficiencyReportSchema,
  PowerUsersReportSchema,
  UseReportQuerySchema,
} from "../use-report.schema.ts";
import { WorkspaceParams } from "./parameters.schema.ts";
import type { Route } from "./route.ts";

/** Reports on use, for the owner of a workspace: hints with their numbers. They read tables beside the journal, which may be a moment behind. */
export const reportRoutes = {
  getPowerUsers: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/reports/power-users",
    tag: "Reports",
    summary: "Members who need more",
    description:
      "Who was refused for want of credits, how often and by what, of at most 92 days; and the raise a day that would have covered what limits refused on 95 of 100 active days. What the sharing of the pool refused is told apart: a guarantee, a gift, another preset or a top-up answers it, and no raise. Refusals are counted best effort, by the hour; a call that was refused and asked again counts again.",
    scopes: ["read"],
    params: WorkspaceParams,
    query: UseReportQuerySchema,
    idempotency: { kind: "ignored" },
    responses: { 200: PowerUsersReportSchema },
    isTable: true,
    problems: ["unknown_workspace"],
  },
  getIdleSeats: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/reports/idle-seats",
    tag: "Reports",
    summary: "Seats that nobody uses",
    description:
      "Assigned seats whose member, with what acts for it without a seat of its own, used nothing for so many days, and what a period would cost less without them by the plan's fee. One that was assigned lately counts from then.",
    scopes: ["read"],
    params: WorkspaceParams,
    query: IdleSeatsQuerySchema,
    idempotency: { kind: "ignored" },
    responses: { 200: IdleSeatsReportSchema },
    isTable: true,
    problems: ["unknown_workspace"],
  },
  getInefficiency: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/reports/inefficiency",
    tag: "Reports",
    summary: "Where credits go for little",
    description:
      "Calls that failed, that were tried again within ten minutes (the same member, meter, project and attributes), that did not find their cache (half of the input or more), and models that cost more than three times the cheapest one used in the meter for answers of at most 300 output tokens. Each row says its rule and its numbers; all are hints. At most 92 days and 200,000 calls.",
    scopes: ["read"],
    params: WorkspaceParams,
    query: UseReportQuerySchema,
    idempotency: { kind: "ignored" },
    responses: { 200: InefficiencyReportSchema },
    isTable: true,
    problems: ["unknown_workspace"],
  },
} as const satisfies Readonly<Record<string, Route>>;
