import {
  BreakageRequestSchema,
  ChargebackRequestSchema,
  ChargebackSchema,
  RepaymentRequestSchema,
  RepaymentSchema,
} from "../given-back.schema.ts";
import { strictObject } from "../formats.schema.ts";
import { GrantSchema } from "../grant.schema.ts";
import { GrantParams } from "./parameters.schema.ts";
import type { Route } from "./route.ts";

const known = ["unknown_workspace", "idempotency_key_reused", "unknown_grant"] as const;

/** What becomes of the money that was paid for a grant. */
export const moneyRoutes = {
  createRepayment: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/grants/{grant}/repayments",
    tag: "Money",
    summary: "Pay money back for a grant",
    description:
      "For unused credits, which are revoked, with their share of the tax; or goodwill for used ones. Credits held by calls in flight wait until they return. Never more than was paid.",
    scopes: ["admin"],
    params: GrantParams,
    body: RepaymentRequestSchema,
    idempotency: { kind: "required" },
    responses: { 201: RepaymentSchema },
    problems: [
      "idempotency_key_missing",
      ...known,
      "revoke_exceeds_grant",
      "repayment_exceeds_payment",
      "currency_mismatch",
    ],
  },
  createChargeback: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/grants/{grant}/chargebacks",
    tag: "Money",
    summary: "Book a chargeback",
    description:
      "A bank took back what was paid for the grant, less what was paid back before: with its bonus, and with grants that its credits moved on to. What is left of them is revoked; what is held follows when it returns.",
    scopes: ["admin"],
    params: GrantParams,
    body: ChargebackRequestSchema,
    idempotency: { kind: "required" },
    responses: { 201: ChargebackSchema },
    problems: [
      "idempotency_key_missing",
      ...known,
      "repayment_exceeds_payment",
      "currency_mismatch",
    ],
  },
  escheatGrant: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/grants/{grant}/escheat",
    tag: "Money",
    summary: "End a dormant grant in favour of the state",
    description:
      "What the grant still defers becomes unclaimed property: a liability, never revenue. Its credits are revoked.",
    scopes: ["admin"],
    params: GrantParams,
    body: strictObject({}),
    idempotency: { kind: "required" },
    responses: { 200: GrantSchema },
    problems: ["idempotency_key_missing", ...known, "grant_over"],
  },
  putBreakage: {
    method: "PUT",
    path: "/v1/workspaces/{workspace}/grants/{grant}/breakage",
    tag: "Money",
    summary: "Revise what share of a grant is expected never to be used",
    description:
      "Expected breakage is recognised in proportion to use. What another estimate changes is recognised, or deferred again, at once.",
    scopes: ["admin"],
    params: GrantParams,
    body: BreakageRequestSchema,
    idempotency: { kind: "optional" },
    responses: { 200: GrantSchema },
    problems: [...known, "grant_over"],
  },
} as const satisfies Readonly<Record<string, Route>>;
