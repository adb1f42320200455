import type { ProblemCode } from "@cistern/contract";

/** What to do about each problem: the page behind its `type` and `docs`. */
export const problemAdvice: Readonly<Record<ProblemCode, string>> = {
  overloaded:
    "Nothing happened. Wait as long as Retry-After says and send the call again with the same Idempotency-Key.",
  not_found: "Check method, path and percent-encoding against /docs.",
  method_not_allowed: "The Allow header lists the methods that this address takes.",
  unauthenticated:
    "Send `Authorization: Bearer <key>` with a key that is not revoked. A key begins with cst_.",
  too_large: "A body may have 1 MiB, and one with a catalog 16 MiB. Send less at once.",
  unsupported_media_type: "Send JSON with `Content-Type: application/json`.",
  malformed: "The body could not be parsed as JSON. Check quotes, commas and the encoding (UTF-8).",
  forbidden: "The key lacks the scope that this call needs. Make one with POST /v1/keys.",
  invalid_request:
    "`violations` names each field and what is wrong with it. Unknown fields are refused.",
  idempotency_key_missing:
    "Send an Idempotency-Key of your own for each new call, and the same one when you retry it.",
  enforcement_unavailable:
    "The pool cannot decide now. Retry with the same Idempotency-Key; nothing is charged twice.",
  unknown_workspace: "There is none with this id, or the key is bound to another one.",
  idempotency_key_reused:
    "A key belongs to one request. Send the first request again to see its answer, or take a new key.",
  workspace_exists:
    "Ids of workspaces are unique. Change the one that exists with PATCH, or take another id.",
  unknown_hold: "Check the id, and that the hold belongs to this workspace.",
  unknown_debit: "Check the id, and that the debit belongs to this workspace.",
  unknown_grant: "Check the id, and that the grant belongs to this workspace.",
  unknown_alert_rule: "List the rules with GET /v1/workspaces/{workspace}/alert-rules.",
  unknown_alert:
    "List those that wait for a review with GET /v1/workspaces/{workspace}/alerts. A review is told once.",
  unknown_limit: "List the limits with GET /v1/workspaces/{workspace}/limits.",
  unknown_request:
    "List the requests with GET /v1/workspaces/{workspace}/requests. Of those that ended the last 1,000 are kept there; the feed has all.",
  unknown_policy: "List the policies with GET /v1/workspaces/{workspace}/policies.",
  unknown_catalog_version: "List the versions with GET /v1/catalog.",
  unknown_webhook: "List the webhooks with GET /v1/webhooks.",
  too_many_webhooks:
    "Remove one that is no longer needed, or let one serve several types or workspaces.",
  unknown_key: "List the API keys with GET /v1/keys.",
  unknown_invoice: "List the invoices with GET /v1/workspaces/{workspace}/invoices.",
  no_subscription:
    "Begin a subscription with PUT /v1/workspaces/{workspace}/subscription and the name of a plan.",
  unknown_top_up: "GET /v1/workspaces/{workspace}/top-ups lists the top-ups of the workspace.",
  no_top_up_rule: "Set one with PUT /v1/workspaces/{workspace}/top-up-rule.",
  unknown_pack: "GET /v1/catalog/current lists the packs. Push a catalog that has this one first.",
  pack_not_in_plan:
    "A plan may name the packs that it offers (`topUps`). Take one of those, or change the plan.",
  top_up_status:
    "A top-up is paid once. Money that came twice for one is to be paid back where it came from, or booked as a grant.",
  unknown_plan: "GET /v1/catalog/current lists the plans. Push a catalog that has this one first.",
  outcome_not_in_plan:
    "GET /v1/workspaces/{workspace}/subscription names the plan; its outcomes stand in the catalog. Claim one of those, or change the plan.",
  unknown_consumer: "Make the consumer with PUT /v1/consumers/{consumer} first.",
  unknown_outcome:
    "GET /v1/workspaces/{workspace}/outcomes lists them. Cases that rested for 120 days are over.",
  unknown_group: "Register the group with PUT /v1/workspaces/{workspace}/groups/{group} first.",
  policy_text_differs:
    "The text was replaced since it was read. Read the policy, show the version that stands, and accept that one.",
  cursor_lost:
    "Read the feed again from 0.0 and match events by their id: what the cursor stood on is no longer in the journal.",
  run_exists: "Run ids are yours, one for each run. Read the run, or take another id.",
  too_many_runs: "Close runs that are done; idle ones expire by themselves.",
  hold_already_settled:
    "A hold is settled once. Report more usage as a debit; give credits back with a refund.",
  hold_released: "The hold was given up. Report usage that happened all the same as a debit.",
  hold_expired:
    "Settle an expired hold within 30 days; it cannot be extended or released. Later, report the usage as a debit.",
  refund_exceeds_charge:
    "A refund returns at most what was charged and not yet refunded; `available` says how much that is.",
  revoke_exceeds_grant:
    "A revoke takes at most what the grant has left; `available` says how much that is.",
  grant_over: "The grant has expired or was revoked: nothing is left of it to change.",
  repayment_exceeds_payment:
    "No more goes back than was paid for the grant, in all; the detail says what is left of it.",
  tax_unknown:
    "Whoever knows taxes gave no rate for this invoice, and the detail says why. It stays a draft and is tried again by itself; its warnings tell how it stands.",
  invoice_status:
    "A draft is issued, an issued invoice paid, credited, voided or given up. Read the invoice to see what can still be done.",
  nothing_to_invoice:
    "All that is charged is on an invoice already, or comes to nothing yet. GET /v1/workspaces/{workspace}/invoices/upcoming says what is pending.",
  payment_known: "A payment counts once for ever. Take another id for another payment.",
  payment_exceeds_due:
    "Pay what is due, or less. With `excessToBalance` what is beyond it goes to the customer's balance, which pays other invoices or is paid out.",
  payout_exceeds_balance:
    "GET /v1/workspaces/{workspace}/customer-balance says what is free. What waits becomes free when its invoice is issued.",
  credit_exceeds_invoice: "A credit takes back at most what the invoice has left of its total.",
  seat_not_assigned: "GET /v1/workspaces/{workspace}/seats lists who has a seat.",
  seats_exhausted:
    "Buy more seats with PUT /v1/workspaces/{workspace}/seats, or take one back with DELETE. The detail says where the plan, or the planned one, has no more.",
  seats_assigned: "Take seats back from members first: no fewer can be paid for than are assigned.",
  outcome_disputed: "One dispute waits at a time. Resolve it with `resolution` first.",
  outcome_not_disputed:
    "Only a dispute that waits can be resolved. Leave `resolution` out to raise one.",
  fairness_off: "Set the workspace's fairness first: without a policy nothing is reserved.",
  gift_exceeds_reserve: "Give at most what is reserved for the member, which `available` says.",
  period_closed: "The books of that period are closed. Report the usage in the open one.",
  currency_mismatch: "State money in the currency of the workspace, and choose a plan in it.",
  workspace_suspended:
    "Open holds may end. Set the workspace's status to active to allow new ones.",
  member_inactive: "PUT the member again to bring it back.",
  unknown_member:
    "The workspace takes registered members only, or has all the guests that it takes. Register the member with PUT.",
  seat_required: "Give the member a seat.",
  feature_not_in_plan: "Choose a plan that includes the feature.",
  policy_not_accepted:
    "`policy.text` names the version and its hash. Show it to `policy.member` (GET …/policy-texts/{hash}), and record the acceptance with POST …/policies/{policy}/acceptances.",
  not_allowed:
    "`policy` names the policy, what it forbids and what it allows. Of hours `retryAt` says when they allow it; change the policy with PUT …/policies/{policy}.",
  unknown_run: "Open the run first, or leave `run` out.",
  run_of_another:
    "A run is its member's, and of agents and keys that act for it. Open a run for this member.",
  run_ended: "Nothing more is approved in a run that was closed or has idled. Open another.",
  run_paused:
    "A bound of the run refused a call. `scope` names the run and the bound; raise it to go on.",
  run_deadline_passed: "Raise the deadline of the run, or close it.",
  unknown_meter: "Name a meter of the rate card, or ask for `credits`.",
  unknown_model: "Name a model that the rate card prices for this meter, or ask for `credits`.",
  allowance_held:
    "Calls in flight hold what the allowance has left of this meter. Retry when they have ended, as Retry-After says.",
  allowance_exhausted:
    "The plan includes no more of this meter in this period, and nothing comes past it. `retryAt` says when it begins anew; choose a plan with more to go on now.",
  request_open:
    "Of one member one request at a time waits for one limit. Wait for its answer; the detail names it.",
  request_over: "A request is answered once. Ask again for more.",
  request_outdated:
    "The limit was removed, counts anew, or applies to the member no longer. Decline the request, and have the member ask again.",
  not_an_owner:
    "The workspace names its owners, and one of them decides this. PATCH the workspace to name others.",
  not_an_approver:
    "An owner of the workspace answers, or a lead of a group of the member who asks (but for its own requests, and for limits of the workspace). Name such a member as `by`.",
  limit_of_plan:
    "Limits whose id begins with `plan:` come with the plan. Change them in the catalog and migrate the subscription, or set one of another name beside them.",
  rate_limited:
    "Too much in a short time. Wait as long as Retry-After says; `scope` names the limit.",
  runaway_loop:
    "The same action was approved in this run as often as `maxSameAction` says. Look at what it does, then raise the run.",
  limit_reached:
    "`scope` names the limit, `available` what it has left, `retryAt` when it frees. Raise the limit (one that comes with the plan: change the plan), or ask for less.",
  never_this_period:
    "The pool has the credits, but not for this member, and not in this period even if nobody else spends. Ask for at most `maxNow`, or `next` says what else may be done.",
  reserved_for_others:
    "What the pool has left is reserved for other members; what they do not use fades to the team. Ask for at most `maxNow`, wait until `retryAt`, have an owner give reserved credits, or top up.",
  borrow_limit:
    "The member is above its fair share, and has as much of the team pot as it may have now; that grows as the period runs out. Ask for at most `maxNow`, wait until `retryAt`, have an owner give reserved credits, or top up.",
  credits_held: "The credits would do if calls in flight ended. Wait as long as Retry-After says.",
  spend_cap_reached:
    "What is billed in a period has a cap. Choose a plan with a higher one, grant credits, or wait for the next period (`retryAt`).",
  pool_exhausted: "`missing` says how many credits are missing. Grant credits, or ask for less.",
  internal: "The log of the server has the reason. A retry with the same Idempotency-Key is safe.",
};
