import {
  EntitlementQuerySchema,
  EntitlementSchema,
  EntitlementsSchema,
} from "../entitlements.schema.ts";
import { PageQuerySchema } from "../page.schema.ts";
import { NothingSchema } from "../subscription.schema.ts";
import { SeatPageSchema, SeatReleasedSchema, SeatSchema } from "../seat.schema.ts";
import { FeatureParams, MemberParams, WorkspaceParams } from "./parameters.schema.ts";
import type { Route } from "./route.ts";

/** What the plan of a workspace opens, and who has its seats. */
export const planRoutes = {
  getEntitlements: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/entitlements",
    tag: "Entitlements",
    summary: "What the plan opens, and what is used of it",
    description:
      "Features, meters and models of the plan, included credits and allowances with what is used of them in this period, seats, and what is billed. It asks for no credits and changes nothing.",
    scopes: ["usage:write", "read"],
    params: WorkspaceParams,
    idempotency: { kind: "ignored" },
    responses: { 200: EntitlementsSchema },
    problems: ["unknown_workspace"],
  },
  getEntitlement: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/entitlements/{feature}",
    tag: "Entitlements",
    summary: "Whether the plan opens a feature, a meter or a model",
    description:
      "By its very name, such as sso, chat or gpt-5; meters and models as a hold asks. Say `kind` where a name may be more than one of them, and for models: only then one is included that no row names and a row for any model prices. What nobody knows is not included, and no error. Without a plan no feature is. What a policy of acceptable use closes is not included either: to everybody, or to the `member` that is named.",
    scopes: ["usage:write", "read"],
    params: FeatureParams,
    query: EntitlementQuerySchema,
    idempotency: { kind: "ignored" },
    responses: { 200: EntitlementSchema },
    problems: ["unknown_workspace"],
  },
  listSeats: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/seats",
    tag: "Seats",
    summary: "List who has a seat",
    description: "Members with a seat by id, and how many seats are paid for.",
    scopes: ["read"],
    params: WorkspaceParams,
    query: PageQuerySchema,
    idempotency: { kind: "ignored" },
    responses: { 200: SeatPageSchema },
    problems: ["unknown_workspace"],
  },
  assignSeat: {
    method: "PUT",
    path: "/v1/workspaces/{workspace}/seats/{member}",
    tag: "Seats",
    summary: "Give a member a seat",
    description:
      "One of those that are paid for; one that has a seat keeps it. Where none is left it is refused, or, if the plan says so (`autoAdd`), one more is bought for the rest of the period in the same event.",
    scopes: ["admin"],
    params: MemberParams,
    idempotency: { kind: "optional" },
    responses: { 200: SeatSchema },
    problems: [
      "unknown_workspace",
      "idempotency_key_reused",
      "no_subscription",
      "seats_exhausted",
      "member_inactive",
      "unknown_member",
    ],
  },
  previewSeat: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/seats/{member}/preview",
    tag: "Seats",
    summary: "What giving a member a seat would come to",
    description:
      "The answer of PUT …/seats/{member}, to the cent; nothing happens. `change` is there where one more would be bought.",
    scopes: ["read"],
    params: MemberParams,
    body: NothingSchema,
    idempotency: { kind: "ignored" },
    responses: { 200: SeatSchema },
    problems: [
      "unknown_workspace",
      "no_subscription",
      "seats_exhausted",
      "member_inactive",
      "unknown_member",
    ],
  },
  releaseSeat: {
    method: "DELETE",
    path: "/v1/workspaces/{workspace}/seats/{member}",
    tag: "Seats",
    summary: "Take a member's seat back",
    description:
      "What it holds may still end. The seat stays paid for; another member may have it.",
    scopes: ["admin"],
    params: MemberParams,
    idempotency: { kind: "optional" },
    responses: { 200: SeatReleasedSchema },
    problems: ["unknown_workspace", "idempotency_key_reused", "seat_not_assigned"],
  },
} as const satisfies Readonly<Record<string, Route>>;
