// Owns the data of events by type, without TypeBox: `if (event.type === "hold.settled") event.data.charged` is typed by it.
import type { Alert, AlertRule } from "./alert.ts";
import type { BillableOutcome, OutcomeCase, OutcomeChange, Signal } from "./billable-outcome.ts";
import type { Closing } from "./closing.ts";
import type { Payout } from "./customer-balance.ts";
import type { Debit, Refund } from "./debit.ts";
import type { FairnessOffer, Gift, GroupTerms, MemberTerms } from "./fairness.ts";
import type { Chargeback, Repayment } from "./given-back.ts";
import type { Grant } from "./grant.ts";
import type { Hold, LotShare, PoolBalance, Release, Settlement } from "./hold.ts";
import type { InvoiceChange } from "./invoice.ts";
import type { LimitsChanged, PlanLimit } from "./limit.ts";
import type { Group, Member } from "./member.ts";
import type { Money } from "./money.ts";
import type { Acceptance, Policy } from "./policy.ts";
import type { BindingScope } from "./problem.ts";
import type { RequestForMore } from "./request-for-more.ts";
import type { Run } from "./run.ts";
import type { Seat, SeatReleased } from "./seat.ts";
import type { InvoiceLine, Subscription, SubscriptionChange } from "./subscription.ts";
import type { TopUp, TopUpRule } from "./top-up.ts";
import type { Attributes, Usage } from "./usage.ts";
import type { Workspace } from "./workspace.ts";

/** What an answer says, without its place, which stands in the event's id. */
export type Told<Answer> = Omit<Answer, "at">;

/** Credits that return to an earlier change of plan which claims them, and what is credited for them. */
export interface ClawedBackNow {
  readonly credits: string;
  readonly amount: Money;
}

/** Whose usage was charged, and what it was. */
export interface ChargedCall {
  readonly groups?: readonly string[];
  readonly run?: string;
  readonly project?: string;
  readonly meter?: string;
  readonly model?: string;
  readonly usage?: Usage;
  readonly attributes?: Attributes;
}

/** `member.deactivated`; the keys that act for it go with it. */
export interface MemberDeactivatedData extends Omit<Member, "at" | "name"> {
  readonly freesSeat?: true;
  readonly keys?: readonly string[];
}

/** `limit.reached`. */
export interface LimitReachedData {
  readonly scope: BindingScope;
  readonly used: string;
  readonly cap: string;
  readonly resetsAt: string;
}

/** `balance.low`, `balance.depleted`, `balance.recovered`. */
export interface BalanceLevelData {
  readonly left: string;
  readonly lowBalance?: string;
  readonly balance: PoolBalance;
}

/** `rate_card.changed`. */
export interface RateCardChangedData {
  readonly card: string;
  readonly previous: string;
}

/** A grant as an event left it, and the pool after it. */
export interface GrantData extends Told<Grant> {
  readonly balance: PoolBalance;
}

/** `credits.granted`. */
export interface CreditsGrantedData extends GrantData {
  readonly bonusCredits?: string;
}

/** `credits.effective`. */
export interface CreditsEffectiveData {
  readonly grants: readonly string[];
  readonly balance: PoolBalance;
}

/** `credits.expired`. */
export interface CreditsExpiredData {
  readonly lots: readonly LotShare[];
  readonly balance: PoolBalance;
}

/** `credits.revoked`. */
export interface CreditsRevokedData extends GrantData {
  readonly revokedNow: string;
}

/** `credits.rolled_over`. */
export interface CreditsRolledOverData {
  readonly subscription: Subscription;
  readonly lots: readonly LotShare[];
  readonly grants: readonly Grant[];
  readonly balance: PoolBalance;
}

/** `hold.opened`. */
export interface HoldOpenedData extends Omit<Hold, "at" | "charged" | "refunded"> {
  readonly status: "open";
  readonly openedAt: string;
}

/** `hold.extended`: all that it has set aside now. */
export interface HoldExtendedData extends Pick<
  Hold,
  "id" | "member" | "credits" | "overage" | "expiresAt" | "lots" | "drawn" | "balance"
> {
  readonly status: "open";
}

/** `hold.settled`. */
export interface HoldSettledData extends Told<Settlement>, ChargedCall {
  readonly member: string;
  readonly model?: string;
  readonly clawedBack?: ClawedBackNow;
}

/** `hold.released`. */
export interface HoldReleasedData extends Told<Release> {
  readonly member: string;
  readonly clawedBack?: ClawedBackNow;
}

/** `hold.expired`. */
export interface HoldExpiredData {
  readonly holds: readonly ExpiredHold[];
  readonly clawedBack?: ClawedBackNow;
  readonly balance: PoolBalance;
}

/** A hold that ran out of time. */
export interface ExpiredHold {
  readonly id: string;
  readonly member: string;
  readonly expiredAt: string;
  readonly returned: string;
}

/** `usage.debited`. */
export interface UsageDebitedData extends Told<Debit>, ChargedCall {}

/** `usage.refunded`. */
export interface UsageRefundedData extends Told<Refund> {
  readonly member: string;
  readonly clawedBack?: ClawedBackNow;
}

/** What an event of a subscription came to. */
export interface SubscriptionPlannedData extends SubscriptionChange {
  readonly seatFor?: string;
}

/** The same, and the pool after it. */
export interface SubscriptionChangedData extends SubscriptionPlannedData {
  readonly balance: PoolBalance;
}

/** `subscription.recognised`. */
export interface SubscriptionRecognisedData {
  readonly subscription: Subscription;
  readonly amount: Money;
  readonly postedAt: string;
}

/** `commitment.trued_up`. */
export interface CommitmentTruedUpData extends SubscriptionChange {
  readonly usage: Money;
  readonly postedAt: string;
}

/** `invoice.drafted`. */
export interface InvoiceDraftedData {
  readonly id: string;
  readonly status: "draft";
  readonly subscription: string;
  readonly interim?: true;
  readonly draftedAt: string;
  readonly finalizesAt: string;
  readonly lines: readonly InvoiceLine[];
}

/** An invoice as an event left it. */
export type InvoiceData = Omit<
  InvoiceChange,
  "at" | "lines" | "payment" | "creditNote" | "balancePayment" | "reason"
>;

/** `invoice.finalized`. */
export interface InvoiceFinalizedData extends InvoiceData {
  readonly lines: readonly InvoiceLine[];
}

/** `invoice.paid`. */
export interface InvoicePaidData extends InvoiceData {
  readonly payment: NonNullable<InvoiceChange["payment"]>;
}

/** `invoice.voided` and `invoice.uncollectible`. */
export interface InvoiceClosedData extends InvoiceData {
  readonly reason?: string;
}

/** `credit_note.issued`. */
export interface CreditNoteIssuedData extends InvoiceData {
  readonly creditNote: NonNullable<InvoiceChange["creditNote"]>;
}

/** `balance.applied`. */
export interface BalanceAppliedData extends InvoiceData {
  readonly balancePayment: NonNullable<InvoiceChange["balancePayment"]>;
}

/** What was said of an outcome, and all that it changed. */
export interface OutcomeSaidData extends Told<BillableOutcome> {
  readonly changes: readonly OutcomeChange[];
}

/** `outcome.matured`. */
export interface OutcomesMaturedData {
  readonly changes: readonly OutcomeChange[];
}

/** `outcome.estimated` and `outcome.estimate_released`. */
export interface OutcomeEstimateData {
  readonly amount: Money;
}

/** `outcome.reversed`. */
export interface OutcomeReversedData extends Pick<
  BillableOutcome,
  "id" | "type" | "status" | "reason" | "case" | "billedAt"
> {
  readonly amount: Money;
  readonly line: string;
  readonly reverses: string;
}

/** `outcome.review_raised`. */
export interface OutcomeReviewData {
  readonly reason: "many_topics" | "many_conversations";
  readonly case: OutcomeCase;
  readonly type: string;
  readonly count: number;
}

/** `top_up.succeeded`. */
export interface TopUpSucceededData extends Told<TopUp> {
  readonly balance: PoolBalance;
}

/** `top_up.rule_disabled`. */
export interface TopUpRuleDisabledData {
  readonly topUp: string;
  readonly failures: number;
  readonly reason?: string;
}

/** `fairness.opened`. */
export interface FairnessOpenedData {
  readonly start: string;
  readonly end: string;
  readonly ticks: number;
  readonly reserve: number;
  readonly reach: number;
}

/** The data of each type of event. */
export interface EventData {
  readonly "workspace.created": Omit<Workspace, "at" | "name">;
  readonly "workspace.updated": Omit<Workspace, "at" | "name">;
  readonly "member.updated": Omit<Member, "at" | "name">;
  readonly "member.deactivated": MemberDeactivatedData;
  readonly "group.updated": Omit<Group, "at" | "name">;
  readonly "limit.updated": PlanLimit;
  readonly "limit.removed": PlanLimit;
  readonly "limits.updated": Told<LimitsChanged>;
  readonly "alert_rule.updated": Told<AlertRule>;
  readonly "alert_rule.removed": Told<AlertRule>;
  readonly "alert.raised": Omit<Alert, "at" | "verdict">;
  readonly "alert.reviewed": Told<Alert>;
  readonly "credit_request.created": RequestData;
  readonly "credit_request.approved": RequestData;
  readonly "credit_request.declined": RequestData;
  readonly "credit_request.expired": { readonly requests: readonly RequestData[] };
  readonly "policy.updated": Told<Policy>;
  readonly "policy.removed": Told<Policy>;
  readonly "policy.accepted": Told<Acceptance>;
  readonly "limit.reached": LimitReachedData;
  readonly "balance.low": BalanceLevelData;
  readonly "balance.depleted": BalanceLevelData;
  readonly "balance.recovered": BalanceLevelData;
  readonly "rate_card.changed": RateCardChangedData;
  readonly "credits.granted": CreditsGrantedData;
  readonly "credits.effective": CreditsEffectiveData;
  readonly "credits.expired": CreditsExpiredData;
  readonly "credits.revoked": CreditsRevokedData;
  readonly "credits.repaid": Told<Repayment>;
  readonly "credits.charged_back": Told<Chargeback>;
  readonly "credits.escheated": GrantData;
  readonly "credits.rolled_over": CreditsRolledOverData;
  readonly "breakage.revised": GrantData;
  readonly "hold.opened": HoldOpenedData;
  readonly "hold.extended": HoldExtendedData;
  readonly "hold.settled": HoldSettledData;
  readonly "hold.released": HoldReleasedData;
  readonly "hold.expired": HoldExpiredData;
  readonly "usage.debited": UsageDebitedData;
  readonly "usage.refunded": UsageRefundedData;
  readonly "run.opened": Told<Run>;
  readonly "run.raised": Told<Run>;
  readonly "run.paused": Told<Run>;
  readonly "run.closed": Told<Run>;
  readonly "run.expired": { readonly runs: readonly Told<Run>[] };
  readonly "subscription.started": SubscriptionChangedData;
  readonly "subscription.renewed": SubscriptionChangedData;
  readonly "subscription.granted": SubscriptionChangedData;
  readonly "subscription.resumed": SubscriptionChangedData;
  readonly "subscription.changed": SubscriptionChangedData;
  readonly "subscription.updated": SubscriptionPlannedData;
  readonly "subscription.paused": SubscriptionChangedData;
  readonly "subscription.ended": SubscriptionChangedData;
  readonly "subscription.cancelled": SubscriptionChangedData;
  readonly "subscription.recognised": SubscriptionRecognisedData;
  readonly "commitment.trued_up": CommitmentTruedUpData;
  readonly "seat.assigned": Omit<Seat, "at" | "change">;
  readonly "seat.released": Told<SeatReleased>;
  readonly "invoice.drafted": InvoiceDraftedData;
  readonly "invoice.finalized": InvoiceFinalizedData;
  readonly "invoice.paid": InvoicePaidData;
  readonly "invoice.voided": InvoiceClosedData;
  readonly "invoice.uncollectible": InvoiceClosedData;
  readonly "credit_note.issued": CreditNoteIssuedData;
  readonly "balance.applied": BalanceAppliedData;
  readonly "balance.paid_out": Told<Payout>;
  readonly "outcome.claimed": OutcomeSaidData;
  readonly "outcome.signalled": Told<Signal>;
  readonly "outcome.reopened": OutcomeSaidData;
  readonly "outcome.confirmed": OutcomeSaidData;
  readonly "outcome.disputed": OutcomeSaidData;
  readonly "outcome.matured": OutcomesMaturedData;
  readonly "outcome.estimated": OutcomeEstimateData;
  readonly "outcome.estimate_released": OutcomeEstimateData;
  readonly "outcome.reversed": OutcomeReversedData;
  readonly "outcome.review_raised": OutcomeReviewData;
  readonly "top_up.requested": Told<TopUp>;
  readonly "top_up.pending": Told<TopUp>;
  readonly "top_up.succeeded": TopUpSucceededData;
  readonly "top_up.failed": Told<TopUp>;
  readonly "top_up.rule_updated": Omit<TopUpRule, "at" | "pending" | "packNotInPlan">;
  readonly "top_up.rule_disabled": TopUpRuleDisabledData;
  readonly "fairness.opened": FairnessOpenedData;
  readonly "fairness.recommended": FairnessOffer;
  readonly "reserve.gifted": Told<Gift>;
  readonly "member_terms.updated": Told<MemberTerms>;
  readonly "group_terms.updated": Told<GroupTerms>;
  readonly "period.closed": Told<Closing>;
}

/** A request for more; what people wrote stands outside the journal. */
export type RequestData = Omit<RequestForMore, "at" | "reason" | "note">;
