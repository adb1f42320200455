import {
  CustomerBalanceSchema,
  PayoutRequestSchema,
  PayoutSchema,
} from "../customer-balance.schema.ts";
import { WorkspaceParams } from "./parameters.schema.ts";
import type { Route } from "./route.ts";

/** What the vendor owes a customer beside credits. */
export const customerBalanceRoutes = {
  getCustomerBalance: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/customer-balance",
    tag: "Money",
    summary: "What the vendor owes the customer",
    description:
      "Money that downgrades, cancellations, credit notes and overpayments gave back. It pays open invoices, oldest first, and later ones as they are issued.",
    scopes: ["read"],
    params: WorkspaceParams,
    idempotency: { kind: "ignored" },
    responses: { 200: CustomerBalanceSchema },
    problems: ["unknown_workspace"],
  },
  createPayout: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/customer-balance/payouts",
    tag: "Money",
    summary: "Pay the customer's balance out",
    description:
      "Books money that went to the customer; Cistern moves none itself. Never more than is free: what is given back on lines waits for their invoice.",
    scopes: ["admin"],
    params: WorkspaceParams,
    body: PayoutRequestSchema,
    idempotency: { kind: "required" },
    responses: { 201: PayoutSchema },
    problems: [
      "idempotency_key_missing",
      "unknown_workspace",
      "idempotency_key_reused",
      "payout_exceeds_balance",
      "period_closed",
      "currency_mismatch",
    ],
  },
} as const satisfies Readonly<Record<string, Route>>;
