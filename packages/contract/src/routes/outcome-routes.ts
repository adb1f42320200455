import {
  BillableOutcomePageSchema,
  BillableOutcomeSchema,
  ConfirmRequestSchema,
  DisputeRequestSchema,
  OutcomeRequestSchema,
  ReopenRequestSchema,
  SignalRequestSchema,
  SignalSchema,
} from "../billable-outcome.schema.ts";
import { PageQuerySchema } from "../page.schema.ts";
import { OutcomeParams, WorkspaceParams } from "./parameters.schema.ts";
import type { Route } from "./route.ts";

const known = ["idempotency_key_missing", "unknown_workspace", "idempotency_key_reused"] as const;

/** Results that are paid for. */
export const outcomeRoutes = {
  createOutcome: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/outcomes",
    tag: "Outcomes",
    summary: "Claim an outcome",
    description:
      "A result was reached. A thing is billed at once, or when it is confirmed; a conversation when its case has rested for the plan's maturity without contact, or when it is confirmed. Of one case and type at most one outcome is billed, however many conversations it has and in whatever order they are told.",
    scopes: ["usage:write"],
    params: WorkspaceParams,
    body: OutcomeRequestSchema,
    idempotency: { kind: "required" },
    responses: { 201: BillableOutcomeSchema },
    problems: [...known, "no_subscription", "outcome_not_in_plan"],
  },
  createSignal: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/outcomes/signals",
    tag: "Outcomes",
    summary: "Tell what somebody did in a case",
    description:
      "Contact before a claim has matured lets it rest anew, and within the reopen window takes it back; a hand-over to a person or negative feedback makes it none. May be told before the claim.",
    scopes: ["usage:write"],
    params: WorkspaceParams,
    body: SignalRequestSchema,
    idempotency: { kind: "required" },
    responses: { 201: SignalSchema },
    problems: [...known, "no_subscription"],
  },
  listOutcomes: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/outcomes",
    tag: "Outcomes",
    summary: "List outcomes",
    description: "By their id. Cases that rested for 120 days are left to the feed.",
    scopes: ["read"],
    params: WorkspaceParams,
    query: PageQuerySchema,
    idempotency: { kind: "ignored" },
    responses: { 200: BillableOutcomePageSchema },
    problems: ["unknown_workspace"],
  },
  getOutcome: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/outcomes/{outcome}",
    tag: "Outcomes",
    summary: "Read an outcome",
    description: "As it stands, with the line that it is on.",
    scopes: ["read"],
    params: OutcomeParams,
    idempotency: { kind: "ignored" },
    responses: { 200: BillableOutcomeSchema },
    problems: ["unknown_workspace", "unknown_outcome"],
  },
  reopenOutcome: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/outcomes/{outcome}/reopen",
    tag: "Outcomes",
    summary: "Reopen an outcome",
    description:
      "It is none after all. What was billed is taken back by an entry in the current period while the reopen window is open; what follows is of the same case.",
    scopes: ["usage:write"],
    params: OutcomeParams,
    body: ReopenRequestSchema,
    idempotency: { kind: "required" },
    responses: { 200: BillableOutcomeSchema },
    problems: [...known, "unknown_outcome"],
  },
  confirmOutcome: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/outcomes/{outcome}/confirm",
    tag: "Outcomes",
    summary: "Confirm an outcome",
    description: "It is one: it is billed now and need not mature.",
    scopes: ["usage:write"],
    params: OutcomeParams,
    body: ConfirmRequestSchema,
    idempotency: { kind: "required" },
    responses: { 200: BillableOutcomeSchema },
    problems: [...known, "unknown_outcome"],
  },
  disputeOutcome: {
    method: "POST",
    path: "/v1/workspaces/{workspace}/outcomes/{outcome}/dispute",
    tag: "Outcomes",
    summary: "Dispute an outcome, or resolve its dispute",
    description:
      "A dispute holds an outcome back that is on no issued invoice: it is not billed, and what was billed of it comes off its line until the dispute is resolved. What is invoiced stays until the dispute is upheld. Upheld, it is never billed, or taken back; rejected, it goes on as if there had been none.",
    scopes: ["admin"],
    params: OutcomeParams,
    body: DisputeRequestSchema,
    idempotency: { kind: "required" },
    responses: { 200: BillableOutcomeSchema },
    problems: [...known, "unknown_outcome", "outcome_disputed", "outcome_not_disputed"],
  },
} as const satisfies Readonly<Record<string, Route>>;
