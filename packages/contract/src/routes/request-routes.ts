import {
  ApproveSchema,
  AskForMoreSchema,
  DeclineSchema,
  RequestForMorePageSchema,
  RequestForMoreQuerySchema,
  RequestForMoreSchema,
  RequestParams,
} from "../request-for-more.schema.ts";
import { WorkspaceParams } from "./parameters.schema.ts";
import type { Route } from "./route.ts";

const named = [
  "idempotency_key_missing",
  "unknown_workspace",
  "idempotency_key_reused",
  "unknown_request",
  "request_over",
] as const;
const people = ["member_inactive", "unknown_member", "not_an_approver"] as const;

/** Members who ask for more than a limit gives, and what they are answered. */
export const requestRoutes = {
  askForMore: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/requests",
    tag: "Requests",
    summary: "Ask for more than a limit gives",
    description:
      "The limit is a cap that applies to the member (`allowance` lists them), not one of the plan; without one, reserved credits of others are asked for, where the pool is shared. Of one member one request waits for one limit. The feed tells those who answer; after `ttl` (7 days) it expires.",
    scopes: ["usage:write"],
    params: WorkspaceParams,
    body: AskForMoreSchema,
    idempotency: { kind: "required" },
    responses: { 201: RequestForMoreSchema },
    problems: [
      "idempotency_key_missing",
      "unknown_workspace",
      "idempotency_key_reused",
      "unknown_limit",
      "limit_of_plan",
      "request_open",
      "fairness_off",
      "member_inactive",
      "unknown_member",
    ],
  },
  listRequests: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/requests",
    tag: "Requests",
    summary: "List requests for more",
    description: "Those that wait and the last 1,000 that ended, in the order of their ids.",
    scopes: ["read"],
    params: WorkspaceParams,
    query: RequestForMoreQuerySchema,
    idempotency: { kind: "ignored" },
    responses: { 200: RequestForMorePageSchema },
    problems: ["unknown_workspace"],
  },
  getRequest: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/requests/{request}",
    tag: "Requests",
    summary: "Read a request for more",
    description: "What is asked for, and what was made of it.",
    scopes: ["read"],
    params: RequestParams,
    idempotency: { kind: "ignored" },
    responses: { 200: RequestForMoreSchema },
    problems: ["unknown_workspace", "unknown_request"],
  },
  approveRequest: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/requests/{request}/approve",
    tag: "Requests",
    summary: "Give more",
    description:
      "Once, for the window that is open, as the limit's new value (`credits` is the whole cap then, and above the one that stands), or as a gift of reserved credits. `by` names the member who answers. A workspace without owners takes whom you name. Owners answer all requests; a lead those of members of its group, for limits of members and of the group, but for its own. What was approved for a window ends with it.",
    scopes: ["admin"],
    params: RequestParams,
    body: ApproveSchema,
    idempotency: { kind: "required" },
    responses: { 200: RequestForMoreSchema },
    problems: [...named, "fairness_off", "gift_exceeds_reserve", ...people, "request_outdated"],
  },
  declineRequest: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/requests/{request}/decline",
    tag: "Requests",
    summary: "Decline a request for more",
    description: "By an owner, or a lead of a group of the member.",
    scopes: ["admin"],
    params: RequestParams,
    body: DeclineSchema,
    idempotency: { kind: "required" },
    responses: { 200: RequestForMoreSchema },
    problems: [...named, ...people],
  },
  eraseRequestWords: {
    method: "DELETE",
    path: "/v1/workspaces/{workspace}/requests/{request}/words",
    tag: "Requests",
    summary: "Erase the reason of a request, and the note of its answer",
    description:
      "They are what people wrote, and may name people. Ids, credits and times stay in the journal.",
    scopes: ["admin"],
    params: RequestParams,
    idempotency: { kind: "optional" },
    responses: { 200: RequestForMoreSchema },
    problems: ["unknown_workspace", "idempotency_key_reused", "unknown_request"],
  },
} as const satisfies Readonly<Record<string, Route>>;
