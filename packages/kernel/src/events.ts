/**
 * Owns the facts: what an event of the journal says. Everything else is derived from these.
 *
 * E1 an event carries what its readers need (credits and money per lot, scopes, price, balance after it), so that
 * postings, usage rows and the outbound form are functions of the event alone. E2 replay needs no rule, zone or price.
 */
import type {
  AlertRaised,
  AlertReviewed,
  AlertRuleRemoved,
  AlertRuleUpdated,
} from "./alerts/events.ts";
import type { CommitmentTruedUp } from "./billed/events.ts";
import type { PeriodClosed } from "./closing/events.ts";
import type {
  HoldExtended,
  HoldOpened,
  HoldReleased,
  HoldSettled,
  HoldsExpired,
  UsageDebited,
  UsageRefunded,
} from "./holds/events.ts";
import type { BalanceApplied, BalancePaidOut } from "./invoices/customer-balance-events.ts";
import type {
  CreditNoteIssued,
  InvoiceDrafted,
  InvoiceFinalized,
  InvoicePaid,
  InvoiceUncollectible,
  InvoiceVoided,
} from "./invoices/events.ts";
import type {
  FairnessOpened,
  FairnessRecommended,
  GroupTermsUpdated,
  MemberTermsUpdated,
  ReserveGifted,
} from "./fairness/events.ts";
import type { LimitReached, LimitRemoved, LimitUpdated, LimitsUpdated } from "./limits/events.ts";
import type { GroupUpdated, MemberDeactivated, MemberUpdated } from "./members/events.ts";
import type {
  EstimateReleased,
  OutcomeReversed,
  OutcomeReviewRaised,
  OutcomeSaid,
  OutcomesEstimated,
  OutcomesMatured,
} from "./outcomes/events.ts";
import type { PolicyAccepted, PolicyRemoved, PolicyUpdated } from "./policies/events.ts";
import type {
  BalanceTold,
  BreakageRevised,
  CreditsChargedBack,
  CreditsEffective,
  CreditsEscheated,
  CreditsExpired,
  CreditsGranted,
  CreditsRepaid,
  CreditsRevoked,
} from "./pool/events.ts";
import type { RateCardChanged } from "./rating/events.ts";
import type { RunClosed, RunOpened, RunPaused, RunRaised, RunsExpired } from "./runs/events.ts";
import type {
  CreditRequestApproved,
  CreditRequestCreated,
  CreditRequestDeclined,
  CreditRequestsExpired,
} from "./requests/events.ts";
import type { SeatAssigned, SeatReleased } from "./seats/events.ts";
import type {
  CreditsRolledOver,
  SubscriptionCancelled,
  SubscriptionChanged,
  SubscriptionEnded,
  SubscriptionGranted,
  SubscriptionPaused,
  SubscriptionRecognised,
  SubscriptionRenewed,
  SubscriptionResumed,
  SubscriptionStarted,
  SubscriptionUpdated,
} from "./subscriptions/events.ts";
import type {
  TopUpFailed,
  TopUpPending,
  TopUpRequested,
  TopUpRuleDisabled,
  TopUpRuleUpdated,
  TopUpSucceeded,
} from "./topups/events.ts";
import type { WorkspaceCreated, WorkspaceUpdated } from "./workspace/events.ts";

/** Every fact that a journal can hold. */
export type Event =
  | WorkspaceCreated
  | WorkspaceUpdated
  | MemberUpdated
  | MemberDeactivated
  | GroupUpdated
  | LimitUpdated
  | LimitRemoved
  | LimitsUpdated
  | CreditRequestCreated
  | CreditRequestApproved
  | CreditRequestDeclined
  | CreditRequestsExpired
  | PolicyUpdated
  | PolicyRemoved
  | PolicyAccepted
  | CreditsGranted
  | CreditsEffective
  | CreditsExpired
  | CreditsRevoked
  | CreditsRepaid
  | CreditsChargedBack
  | CreditsEscheated
  | BreakageRevised
  | HoldOpened
  | HoldExtended
  | HoldSettled
  | HoldReleased
  | HoldsExpired
  | UsageDebited
  | UsageRefunded
  | RunOpened
  | RunRaised
  | RunPaused
  | RunClosed
  | RunsExpired
  | SubscriptionStarted
  | SubscriptionRenewed
  | SubscriptionGranted
  | SubscriptionResumed
  | SubscriptionChanged
  | SubscriptionUpdated
  | SubscriptionPaused
  | SeatAssigned
  | SeatReleased
  | SubscriptionEnded
  | SubscriptionCancelled
  | SubscriptionRecognised
  | CommitmentTruedUp
  | CreditsRolledOver
  | InvoiceDrafted
  | InvoiceFinalized
  | InvoicePaid
  | InvoiceVoided
  | InvoiceUncollectible
  | CreditNoteIssued
  | BalanceApplied
  | BalancePaidOut
  | OutcomeSaid
  | OutcomesMatured
  | OutcomesEstimated
  | EstimateReleased
  | OutcomeReversed
  | OutcomeReviewRaised
  | TopUpRequested
  | TopUpPending
  | TopUpSucceeded
  | TopUpFailed
  | TopUpRuleUpdated
  | TopUpRuleDisabled
  | LimitReached
  | BalanceTold
  | AlertRuleUpdated
  | AlertRuleRemoved
  | AlertRaised
  | AlertReviewed
  | RateCardChanged
  | FairnessOpened
  | FairnessRecommended
  | ReserveGifted
  | MemberTermsUpdated
  | GroupTermsUpdated
  | PeriodClosed;

const kinds: Readonly<Record<Event["kind"], true>> = {
  "workspace.created": true,
  "workspace.updated": true,
  "member.updated": true,
  "member.deactivated": true,
  "group.updated": true,
  "limit.updated": true,
  "limit.removed": true,
  "limits.updated": true,
  "credit_request.created": true,
  "credit_request.approved": true,
  "credit_request.declined": true,
  "credit_request.expired": true,
  "policy.updated": true,
  "policy.removed": true,
  "policy.accepted": true,
  "credits.granted": true,
  "credits.effective": true,
  "credits.expired": true,
  "credits.revoked": true,
  "credits.repaid": true,
  "credits.charged_back": true,
  "credits.escheated": true,
  "breakage.revised": true,
  "hold.opened": true,
  "hold.extended": true,
  "hold.settled": true,
  "hold.released": true,
  "hold.expired": true,
  "usage.debited": true,
  "usage.refunded": true,
  "run.opened": true,
  "run.raised": true,
  "run.paused": true,
  "run.closed": true,
  "run.expired": true,
  "subscription.started": true,
  "subscription.renewed": true,
  "subscription.granted": true,
  "subscription.resumed": true,
  "subscription.changed": true,
  "subscription.updated": true,
  "subscription.paused": true,
  "seat.assigned": true,
  "seat.released": true,
  "subscription.ended": true,
  "subscription.cancelled": true,
  "subscription.recognised": true,
  "commitment.trued_up": true,
  "credits.rolled_over": true,
  "invoice.drafted": true,
  "invoice.finalized": true,
  "invoice.paid": true,
  "invoice.voided": true,
  "invoice.uncollectible": true,
  "credit_note.issued": true,
  "balance.applied": true,
  "balance.paid_out": true,
  "outcome.claimed": true,
  "outcome.signalled": true,
  "outcome.reopened": true,
  "outcome.confirmed": true,
  "outcome.disputed": true,
  "outcome.matured": true,
  "outcome.estimated": true,
  "outcome.estimate_released": true,
  "outcome.reversed": true,
  "outcome.review_raised": true,
  "top_up.requested": true,
  "top_up.pending": true,
  "top_up.succeeded": true,
  "top_up.failed": true,
  "top_up.rule_updated": true,
  "top_up.rule_disabled": true,
  "limit.reached": true,
  "balance.low": true,
  "balance.depleted": true,
  "balance.recovered": true,
  "alert_rule.updated": true,
  "alert_rule.removed": true,
  "alert.raised": true,
  "alert.reviewed": true,
  "rate_card.changed": true,
  "fairness.opened": true,
  "fairness.recommended": true,
  "reserve.gifted": true,
  "member_terms.updated": true,
  "group_terms.updated": true,
  "period.closed": true,
};

/** Narrows a decoded value by its kind. Its bytes are trusted because their hash was checked, not because of this. */
export function isEvent(value: unknown): value is Event {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  return typeof value.kind === "string" && Object.hasOwn(kinds, value.kind);
}
