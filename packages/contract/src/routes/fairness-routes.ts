import {
  GiftRequestSchema,
  GiftSchema,
  GuaranteeRequestSchema,
  MemberTermsSchema,
  ReachRequestSchema,
} from "../fairness.schema.ts";
import { MemberParams, WorkspaceParams } from "./parameters.schema.ts";
import type { Route } from "./route.ts";

/** How a pool is shared, and what an owner may change of it. */
export const fairnessRoutes = {
  createGift: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/gifts",
    tag: "Fairness",
    summary: "Give reserved credits of one member to another",
    description:
      "An owner's transfer: reserved credits of `from` are reserved for `to`, and its share grows with them. They fade like all that is reserved.",
    scopes: ["admin"],
    params: WorkspaceParams,
    body: GiftRequestSchema,
    idempotency: { kind: "required" },
    responses: { 201: GiftSchema },
    problems: [
      "idempotency_key_missing",
      "unknown_workspace",
      "idempotency_key_reused",
      "fairness_off",
      "gift_exceeds_reserve",
      "unknown_member",
    ],
  },
  setGuarantee: {
    method: "PUT",
    path: "/v1/workspaces/{workspace}/members/{member}/guarantee",
    tag: "Fairness",
    summary: "Guarantee credits to a member",
    description:
      "Credits of each period that are the member's and never fade, from the next period on; 0 takes the guarantee back. Guarantees that exceed what a period has are scaled down.",
    scopes: ["admin"],
    params: MemberParams,
    body: GuaranteeRequestSchema,
    idempotency: { kind: "optional" },
    responses: { 200: MemberTermsSchema },
    problems: ["unknown_workspace", "idempotency_key_reused", "unknown_member"],
  },
  setReach: {
    method: "PUT",
    path: "/v1/workspaces/{workspace}/members/{member}/reach",
    tag: "Fairness",
    summary: "Set how far a member may go above its share",
    description:
      "In thousandths of the workspace's reach, at once: 1000 leaves the member alone, 0 keeps it to its fair share. What is reserved for it stays open to it.",
    scopes: ["admin"],
    params: MemberParams,
    body: ReachRequestSchema,
    idempotency: { kind: "optional" },
    responses: { 200: MemberTermsSchema },
    problems: ["unknown_workspace", "idempotency_key_reused", "unknown_member"],
  },
} as const satisfies Readonly<Record<string, Route>>;
