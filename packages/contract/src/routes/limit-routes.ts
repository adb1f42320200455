import {
  LimitsChangedSchema,
  LimitsRequestSchema,
  SplitPreviewSchema,
  SplitRequestSchema,
} from "../limit.schema.ts";
import { WorkspaceParams } from "./parameters.schema.ts";
import type { Route } from "./route.ts";

/** Many limits at once. */
export const limitRoutes = {
  putLimits: {
    method: "PUT",
    path: "/v1/workspaces/{workspace}/limits",
    tag: "Limits",
    summary: "Set and remove many limits at once",
    description:
      "All of them or none: a refusal lists every fault with its place, and nothing has changed. Limits that are not named stay. Up to 1,000 in one call.",
    scopes: ["admin"],
    params: WorkspaceParams,
    body: LimitsRequestSchema,
    idempotency: { kind: "optional" },
    responses: { 200: LimitsChangedSchema },
    problems: ["unknown_workspace", "idempotency_key_reused"],
  },
  splitLimit: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/limits/split",
    tag: "Limits",
    summary: "Split an amount equally among members",
    description:
      "Each member of the group, or of the workspace, that is there now gets a cap of its own; the parts add up to the amount. Who joins or leaves later changes nothing: split again under the same name, which also drops the parts of those who left.",
    scopes: ["admin"],
    params: WorkspaceParams,
    body: SplitRequestSchema,
    idempotency: { kind: "required" },
    responses: { 200: LimitsChangedSchema },
    problems: [
      "idempotency_key_missing",
      "unknown_workspace",
      "idempotency_key_reused",
      "unknown_group",
      "limit_of_plan",
    ],
  },
  previewSplit: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/limits/split/preview",
    tag: "Limits",
    summary: "See what a split would give",
    description: "The same as the split itself, and changes nothing.",
    scopes: ["read"],
    params: WorkspaceParams,
    body: SplitRequestSchema,
    idempotency: { kind: "ignored" },
    responses: { 200: SplitPreviewSchema },
    problems: ["unknown_workspace", "unknown_group", "limit_of_plan"],
  },
} as const satisfies Readonly<Record<string, Route>>;
