import type { PolicyRefusal } from "./policy.ts";

// Owns: every refusal that Cistern answers with over HTTP, its status and its title. One table, in the order of precedence:
// where several hold, the answer is the first. P1: a code has one status. P2: rows are added, and never change their code.

import type { NextStep, ShareFigures } from "./fairness.ts";

/** Status and title of every problem code, in order of precedence. `type` is `/problems/<code>`. */
export const problems = {
  // The request as HTTP, before anything is looked up.
  overloaded: { status: 503, title: "Too many calls are waiting" },
  not_found: { status: 404, title: "There is nothing at this address" },
  method_not_allowed: { status: 405, title: "This address does not take the method" },
  unauthenticated: { status: 401, title: "The call carries no valid API key" },
  too_large: { status: 413, title: "The request is too large" },
  unsupported_media_type: { status: 415, title: "The body is not JSON" },
  malformed: { status: 400, title: "The body is not well-formed JSON" },
  forbidden: { status: 403, title: "The API key may not do this" },
  invalid_request: { status: 422, title: "The request does not fit its schema" },
  idempotency_key_missing: { status: 400, title: "The call needs an Idempotency-Key" },
  // What the call names.
  enforcement_unavailable: { status: 503, title: "The pool cannot decide now" },
  unknown_workspace: { status: 404, title: "There is no such workspace" },
  idempotency_key_reused: { status: 422, title: "The Idempotency-Key belongs to another request" },
  workspace_exists: { status: 409, title: "There is a workspace with this id already" },
  unknown_hold: { status: 404, title: "There is no such hold" },
  unknown_debit: { status: 404, title: "There is no such debit" },
  unknown_grant: { status: 404, title: "There is no such grant" },
  unknown_alert_rule: { status: 404, title: "There is no such alert rule" },
  unknown_alert: { status: 404, title: "There is no such alert to review" },
  unknown_limit: { status: 404, title: "There is no such limit" },
  unknown_request: { status: 404, title: "There is no such request" },
  unknown_policy: { status: 404, title: "There is no such policy" },
  unknown_catalog_version: { status: 404, title: "There is no such version of the catalog" },
  unknown_consumer: { status: 404, title: "There is no such consumer of events" },
  unknown_webhook: { status: 404, title: "There is no such webhook" },
  too_many_webhooks: { status: 409, title: "There are as many webhooks as there may be" },
  unknown_key: { status: 404, title: "There is no such API key" },
  unknown_top_up: { status: 404, title: "There is no such top-up" },
  no_top_up_rule: { status: 404, title: "The workspace has no top-up rule" },
  unknown_pack: { status: 422, title: "The catalog has no such pack" },
  pack_not_in_plan: { status: 402, title: "The plan does not offer this pack" },
  unknown_invoice: { status: 404, title: "There is no such invoice" },
  no_subscription: { status: 404, title: "The workspace has no subscription" },
  unknown_plan: { status: 422, title: "The catalog has no such plan" },
  outcome_not_in_plan: { status: 402, title: "The plan does not pay for such outcomes" },
  unknown_outcome: { status: 404, title: "There is no such outcome" },
  unknown_group: { status: 404, title: "There is no such group" },
  // What state the thing is in.
  limit_of_plan: { status: 409, title: "The limit comes with the plan" },
  request_open: { status: 409, title: "A request for this waits already" },
  request_over: { status: 409, title: "The request is over" },
  policy_text_differs: { status: 409, title: "Another version of the text stands" },
  cursor_lost: { status: 410, title: "The feed no longer holds the place of this cursor" },
  hold_already_settled: { status: 409, title: "The hold is settled already" },
  hold_released: { status: 409, title: "The hold is released already" },
  hold_expired: { status: 409, title: "The hold has expired" },
  refund_exceeds_charge: { status: 409, title: "The refund is more than what was charged" },
  revoke_exceeds_grant: { status: 409, title: "The revoke is more than what the grant has left" },
  grant_over: { status: 409, title: "The grant is over" },
  repayment_exceeds_payment: { status: 409, title: "That is more than was paid for the grant" },
  invoice_status: { status: 409, title: "The invoice is in another state" },
  nothing_to_invoice: { status: 409, title: "Nothing is pending" },
  tax_unknown: { status: 409, title: "The tax of the invoice is not known" },
  payment_known: { status: 409, title: "The payment is booked already" },
  payment_exceeds_due: { status: 409, title: "The payment is more than what is due" },
  payout_exceeds_balance: { status: 409, title: "The payout is more than what is free" },
  top_up_status: { status: 409, title: "The top-up is in another state" },
  credit_exceeds_invoice: {
    status: 409,
    title: "The credit is more than what the invoice has left",
  },
  seat_not_assigned: { status: 404, title: "The member has no seat" },
  seats_exhausted: { status: 409, title: "All seats are assigned" },
  seats_assigned: { status: 409, title: "More seats are assigned than that" },
  outcome_disputed: { status: 409, title: "The outcome is disputed already" },
  outcome_not_disputed: { status: 409, title: "No dispute of the outcome waits" },
  fairness_off: { status: 409, title: "The pool is shared by no policy" },
  gift_exceeds_reserve: { status: 409, title: "The gift is more than what is reserved" },
  period_closed: { status: 409, title: "The period is closed" },
  currency_mismatch: { status: 422, title: "The money is not in the workspace's currency" },
  // The ladder of a hold.
  workspace_suspended: { status: 403, title: "The workspace is suspended" },
  member_inactive: { status: 403, title: "The member is deactivated" },
  unknown_member: { status: 403, title: "The workspace does not know this member" },
  not_an_owner: { status: 403, title: "This member is no owner of the workspace" },
  not_an_approver: { status: 403, title: "This member may not answer the request" },
  request_outdated: { status: 409, title: "What the request asks for is no longer so" },
  seat_required: { status: 403, title: "The member has no seat" },
  feature_not_in_plan: { status: 402, title: "The plan does not include this" },
  policy_not_accepted: { status: 403, title: "A policy is still to be accepted" },
  not_allowed: { status: 403, title: "A policy does not allow this" },
  unknown_run: { status: 404, title: "There is no such run" },
  run_of_another: { status: 403, title: "The run belongs to another member" },
  run_ended: { status: 409, title: "The run has ended" },
  run_paused: { status: 409, title: "The run is paused" },
  run_deadline_passed: { status: 403, title: "The deadline of the run has passed" },
  run_exists: { status: 409, title: "There is a run with this id already" },
  too_many_runs: { status: 409, title: "Too many runs are open" },
  unknown_meter: { status: 422, title: "The rate card has no such meter" },
  unknown_model: { status: 422, title: "The rate card has no row for this model" },
  allowance_held: { status: 409, title: "The allowance is held by calls in flight" },
  allowance_exhausted: { status: 402, title: "The plan's allowance is used up" },
  rate_limited: { status: 429, title: "Too many calls or credits in a short time" },
  runaway_loop: { status: 403, title: "The run repeats itself" },
  limit_reached: { status: 403, title: "A limit is reached" },
  never_this_period: { status: 403, title: "This cannot be allowed within the period" },
  reserved_for_others: { status: 403, title: "What is left is reserved for others" },
  borrow_limit: { status: 403, title: "No more can be borrowed" },
  credits_held: { status: 409, title: "The credits are held by calls in flight" },
  spend_cap_reached: { status: 402, title: "The spend cap of the period is reached" },
  pool_exhausted: { status: 402, title: "The pool has too few credits" },
  // Ours, whatever the call said.
  internal: { status: 500, title: "Something is wrong in Cistern itself" },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>;

/** The stable code of a problem: what programs branch on. */
export type ProblemCode = keyof typeof problems;

/** Every code, in order of precedence. */
export const problemCodes: readonly ProblemCode[] = Object.keys(problems).filter(isProblemCode);

/** Whether a text is a problem code of this version. */
export function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(problems, text);
}

/** What kind of node a scope is. `eachMember` is the default limit for every member. */
export type ScopeKind = "workspace" | "group" | "member" | "run";

/** The node of the tree, and the limit on it, that binds or refuses. Without `limit` it is the pool itself. */
export interface BindingScope {
  readonly kind: ScopeKind;
  readonly id: string;
  readonly limit?: string;
  /** `true` where the limit is the one set for each member. */
  readonly inherited?: boolean;
}

/** One fault of a request body, at a JSON pointer. */
export interface Violation {
  readonly pointer: string;
  readonly detail: string;
}

/** The body of every refusal (RFC 9457, `application/problem+json`). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  /** The fact with its values, and the next step. */
  readonly detail: string;
  /** The binding scope. */
  readonly scope?: BindingScope;
  readonly requested?: string;
  readonly available?: string;
  readonly missing?: string;
  /** What `requested`, `available` and `missing` count where it is not credits: `requests` (`rate_limited`), or a bucket of a meter (`allowance_exhausted`, `allowance_held`). */
  readonly unit?: string;
  /** The largest amount that would pass now (refusals for fairness). */
  readonly maxNow?: string;
  /** What a refusal for fairness stands on, and what may be done after it. */
  readonly figures?: ShareFigures;
  readonly next?: readonly NextStep[];
  /** When the same call may pass; left out where nothing will free it. */
  readonly retryAt?: string;
  /** When the refusal was decided, and the place in the journal that it was proven against. */
  readonly decidedAt?: string;
  readonly at?: { readonly seq: number; readonly index: number };
  /** What in the request is at fault (`invalid_request`). */
  readonly violations?: readonly Violation[];
  /** The buckets that the price of the meter knows, where usage has others (`invalid_request`). */
  readonly buckets?: readonly string[];
  /** The policy of acceptable use that refused. */
  readonly policy?: PolicyRefusal;
  readonly docs?: string;
}
