// Owns the data of events by type, as JSON Schema. Every object refuses unknown fields, so that a field which leaves without
// a schema is seen by a test; what is published for receivers is open, since types are versioned by adding fields.
import { type TSchema, Type } from "typebox";
import { AlertRuleSchema, AlertSchema } from "./alert.schema.ts";
import {
  BillableOutcomeSchema,
  OutcomeCaseSchema,
  OutcomeChangeSchema,
  SignalSchema,
} from "./billable-outcome.schema.ts";
import { ClosingSchema } from "./closing.schema.ts";
import { PayoutSchema } from "./customer-balance.schema.ts";
import { DebitSchema, RefundSchema } from "./debit.schema.ts";
import type { EventType } from "./event.ts";
import {
  FairnessOfferSchema,
  GiftSchema,
  GroupTermsSchema,
  MemberTermsSchema,
} from "./fairness.schema.ts";
import {
  AttributesSchema,
  CallerIdSchema,
  CreditsTotalSchema,
  GrantIdSchema,
  HoldIdSchema,
  InstantSchema,
  MeterSchema,
  ModelSchema,
  UsageSchema,
  oneOf,
  strictObject,
} from "./formats.schema.ts";
import { ChargebackSchema, RepaymentSchema } from "./given-back.schema.ts";
import { GrantSchema } from "./grant.schema.ts";
import {
  HoldSchema,
  LotSharesSchema,
  PoolBalanceSchema,
  ReleaseSchema,
  SettlementSchema,
} from "./hold.schema.ts";
import { InvoiceChangeSchema, changeParts } from "./invoice.schema.ts";
import { LimitsChangedSchema, PlanLimitSchema } from "./limit.schema.ts";
import { GroupSchema, MemberSchema } from "./member.schema.ts";
import { AcceptanceSchema, PolicySchema } from "./policy.schema.ts";
import { BindingScopeSchema } from "./problem.schema.ts";
import { RequestForMoreSchema } from "./request-for-more.schema.ts";
import { RunSchema } from "./run.schema.ts";
import { SeatReleasedSchema, SeatSchema } from "./seat.schema.ts";
import {
  InvoiceLineSchema,
  SignedMoneySchema,
  SubscriptionChangeSchema,
  SubscriptionSchema,
} from "./subscription.schema.ts";
import { TopUpRuleSchema, TopUpSchema } from "./top-up.schema.ts";
import { without } from "./without-fields.ts";
import { WorkspaceSchema } from "./workspace.schema.ts";

const balance = { balance: PoolBalanceSchema };
const clawedBack = {
  clawedBack: Type.Optional(
    strictObject(
      { credits: CreditsTotalSchema, amount: SignedMoneySchema },
      {
        title: "ClawedBackNow",
        description:
          "What was taken of returning credits that an earlier change of plan claims, and what is credited for it.",
      },
    ),
  ),
};
const call = {
  groups: Type.Optional(Type.Array(CallerIdSchema)),
  run: Type.Optional(CallerIdSchema),
  project: Type.Optional(CallerIdSchema),
  meter: Type.Optional(MeterSchema),
  model: Type.Optional(ModelSchema),
  usage: Type.Optional(UsageSchema),
  attributes: Type.Optional(AttributesSchema),
};

const workspace = strictObject(without(WorkspaceSchema, "at", "name"), { title: "WorkspaceData" });
const member = without(MemberSchema, "at", "name");
const subscription = SubscriptionSchema;
const grantAfter = strictObject(
  { ...without(GrantSchema, "at"), ...balance },
  { title: "GrantData" },
);
const alertRule = strictObject(without(AlertRuleSchema, "at"), { title: "AlertRuleData" });
const request = strictObject(without(RequestForMoreSchema, "at", "reason", "note"), {
  title: "RequestData",
});
const policy = strictObject(without(PolicySchema, "at"), { title: "PolicyData" });
const level = strictObject(
  { left: CreditsTotalSchema, lowBalance: Type.Optional(CreditsTotalSchema), ...balance },
  { title: "BalanceLevelData" },
);
const run = strictObject(without(RunSchema, "at"), { title: "RunData" });
const planned = SubscriptionChangeSchema.properties;
const seatFor = { seatFor: Type.Optional(CallerIdSchema) };
const changed = strictObject(
  { ...planned, ...seatFor, ...balance },
  { title: "SubscriptionChangedData" },
);
const invoice = without(
  InvoiceChangeSchema,
  "at",
  "lines",
  "payment",
  "creditNote",
  "balancePayment",
  "reason",
);
const { reason } = InvoiceChangeSchema.properties;
const closed = strictObject({ ...invoice, reason }, { title: "InvoiceClosedData" });
const changes = Type.Array(OutcomeChangeSchema, {
  description: "All outcomes that this changed, each as it is now.",
});
const said = strictObject(
  { ...without(BillableOutcomeSchema, "at", "changes"), changes },
  { title: "OutcomeSaidData" },
);
const estimate = strictObject({ amount: SignedMoneySchema }, { title: "OutcomeEstimateData" });
const topUp = strictObject(without(TopUpSchema, "at"), { title: "TopUpData" });

/** The data of each type of event. */
export const eventDataSchemas = {
  "workspace.created": workspace,
  "workspace.updated": workspace,
  "member.updated": strictObject(member, { title: "MemberUpdatedData" }),
  "member.deactivated": strictObject(
    {
      ...member,
      freesSeat: Type.Optional(Type.Literal(true)),
      keys: Type.Optional(Type.Array(CallerIdSchema)),
    },
    { title: "MemberDeactivatedData" },
  ),
  "group.updated": strictObject(without(GroupSchema, "at", "name"), { title: "GroupUpdatedData" }),
  "limit.updated": PlanLimitSchema,
  "limit.removed": PlanLimitSchema,
  "limits.updated": strictObject(without(LimitsChangedSchema, "at"), {
    title: "LimitsUpdatedData",
  }),
  "alert_rule.updated": alertRule,
  "alert_rule.removed": alertRule,
  "alert.raised": strictObject(without(AlertSchema, "at", "verdict"), {
    title: "AlertRaisedData",
  }),
  "alert.reviewed": strictObject(without(AlertSchema, "at"), { title: "AlertReviewedData" }),
  "credit_request.created": request,
  "credit_request.approved": request,
  "credit_request.declined": request,
  "credit_request.expired": strictObject(
    { requests: Type.Array(request) },
    { title: "RequestsExpiredData" },
  ),
  "policy.updated": policy,
  "policy.removed": policy,
  "policy.accepted": strictObject(without(AcceptanceSchema, "at"), {
    title: "PolicyAcceptedData",
  }),
  "limit.reached": strictObject(
    {
      scope: BindingScopeSchema,
      used: CreditsTotalSchema,
      cap: CreditsTotalSchema,
      resetsAt: InstantSchema,
    },
    { title: "LimitReachedData" },
  ),
  "balance.low": level,
  "balance.depleted": level,
  "balance.recovered": level,
  "rate_card.changed": strictObject(
    { card: Type.String(), previous: Type.String() },
    { title: "RateCardChangedData" },
  ),
  "credits.granted": strictObject(
    { ...grantAfter.properties, bonusCredits: Type.Optional(CreditsTotalSchema) },
    { title: "CreditsGrantedData" },
  ),
  "credits.effective": strictObject(
    { grants: Type.Array(GrantIdSchema), ...balance },
    { title: "CreditsEffectiveData" },
  ),
  "credits.expired": strictObject(
    { lots: LotSharesSchema, ...balance },
    { title: "CreditsExpiredData" },
  ),
  "credits.revoked": strictObject(
    { ...grantAfter.properties, revokedNow: CreditsTotalSchema },
    { title: "CreditsRevokedData" },
  ),
  "credits.repaid": strictObject(without(RepaymentSchema, "at"), { title: "CreditsRepaidData" }),
  "credits.charged_back": strictObject(without(ChargebackSchema, "at"), {
    title: "CreditsChargedBackData",
  }),
  "credits.escheated": grantAfter,
  "credits.rolled_over": strictObject(
    { subscription, lots: LotSharesSchema, grants: Type.Array(GrantSchema), ...balance },
    { title: "CreditsRolledOverData" },
  ),
  "breakage.revised": grantAfter,
  "hold.opened": strictObject(
    {
      ...without(HoldSchema, "at", "status", "openedAt", "charged", "refunded"),
      status: Type.Literal("open"),
      openedAt: InstantSchema,
    },
    { title: "HoldOpenedData" },
  ),
  "hold.extended": strictObject(
    {
      id: HoldIdSchema,
      status: Type.Literal("open"),
      member: CallerIdSchema,
      credits: CreditsTotalSchema,
      overage: HoldSchema.properties.overage,
      expiresAt: InstantSchema,
      lots: LotSharesSchema,
      drawn: HoldSchema.properties.drawn,
      ...balance,
    },
    { title: "HoldExtendedData" },
  ),
  "hold.settled": strictObject(
    { ...without(SettlementSchema, "at"), member: CallerIdSchema, ...call, ...clawedBack },
    { title: "HoldSettledData" },
  ),
  "hold.released": strictObject(
    { ...without(ReleaseSchema, "at"), member: CallerIdSchema, ...clawedBack },
    { title: "HoldReleasedData" },
  ),
  "hold.expired": strictObject(
    {
      holds: Type.Array(
        strictObject(
          {
            id: HoldIdSchema,
            member: CallerIdSchema,
            expiredAt: InstantSchema,
            returned: CreditsTotalSchema,
          },
          { title: "ExpiredHold" },
        ),
      ),
      ...clawedBack,
      ...balance,
    },
    { title: "HoldExpiredData" },
  ),
  "usage.debited": strictObject(
    { ...without(DebitSchema, "at"), ...call },
    { title: "UsageDebitedData" },
  ),
  "usage.refunded": strictObject(
    { ...without(RefundSchema, "at"), member: CallerIdSchema, ...clawedBack },
    { title: "UsageRefundedData" },
  ),
  "run.opened": run,
  "run.raised": run,
  "run.paused": run,
  "run.closed": run,
  "run.expired": strictObject({ runs: Type.Array(run) }, { title: "RunsExpiredData" }),
  "subscription.started": changed,
  "subscription.renewed": changed,
  "subscription.granted": changed,
  "subscription.resumed": changed,
  "subscription.changed": changed,
  "subscription.updated": strictObject(
    { ...planned, ...seatFor },
    { title: "SubscriptionPlannedData" },
  ),
  "subscription.paused": changed,
  "subscription.ended": changed,
  "subscription.cancelled": changed,
  "subscription.recognised": strictObject(
    { subscription, amount: SignedMoneySchema, postedAt: InstantSchema },
    { title: "SubscriptionRecognisedData" },
  ),
  "commitment.trued_up": strictObject(
    { ...planned, usage: SignedMoneySchema, postedAt: InstantSchema },
    { title: "CommitmentTruedUpData" },
  ),
  "seat.assigned": strictObject(without(SeatSchema, "at", "change"), {
    title: "SeatAssignedData",
  }),
  "seat.released": strictObject(without(SeatReleasedSchema, "at"), { title: "SeatReleasedData" }),
  "invoice.drafted": strictObject(
    {
      id: InvoiceChangeSchema.properties.id,
      status: Type.Literal("draft"),
      subscription: Type.String({ description: "The subscription's id." }),
      interim: InvoiceChangeSchema.properties.interim,
      draftedAt: InstantSchema,
      finalizesAt: InstantSchema,
      lines: Type.Array(InvoiceLineSchema),
    },
    { title: "InvoiceDraftedData" },
  ),
  "invoice.finalized": strictObject(
    { ...invoice, lines: Type.Array(InvoiceLineSchema) },
    { title: "InvoiceFinalizedData" },
  ),
  "invoice.paid": strictObject(
    { ...invoice, payment: changeParts.payment },
    { title: "InvoicePaidData" },
  ),
  "invoice.voided": closed,
  "invoice.uncollectible": closed,
  "credit_note.issued": strictObject(
    { ...invoice, creditNote: changeParts.creditNote },
    { title: "CreditNoteIssuedData" },
  ),
  "balance.applied": strictObject(
    { ...invoice, balancePayment: changeParts.balancePayment },
    { title: "BalanceAppliedData" },
  ),
  "balance.paid_out": strictObject(without(PayoutSchema, "at"), { title: "BalancePaidOutData" }),
  "outcome.claimed": said,
  "outcome.signalled": strictObject(without(SignalSchema, "at"), {
    title: "OutcomeSignalledData",
  }),
  "outcome.reopened": said,
  "outcome.confirmed": said,
  "outcome.disputed": said,
  "outcome.matured": strictObject({ changes }, { title: "OutcomesMaturedData" }),
  "outcome.estimated": estimate,
  "outcome.estimate_released": estimate,
  "outcome.reversed": strictObject(
    {
      id: BillableOutcomeSchema.properties.id,
      type: BillableOutcomeSchema.properties.type,
      status: BillableOutcomeSchema.properties.status,
      reason: BillableOutcomeSchema.properties.reason,
      case: BillableOutcomeSchema.properties.case,
      billedAt: BillableOutcomeSchema.properties.billedAt,
      amount: SignedMoneySchema,
      line: Type.String(),
      reverses: Type.String({ description: "The line that it was billed on." }),
    },
    { title: "OutcomeReversedData" },
  ),
  "outcome.review_raised": strictObject(
    {
      reason: oneOf(["many_topics", "many_conversations"]),
      case: OutcomeCaseSchema,
      type: Type.String(),
      count: Type.Integer({ minimum: 1 }),
    },
    { title: "OutcomeReviewData" },
  ),
  "top_up.requested": topUp,
  "top_up.pending": topUp,
  "top_up.succeeded": strictObject(
    { ...topUp.properties, ...balance },
    { title: "TopUpSucceededData" },
  ),
  "top_up.failed": topUp,
  "top_up.rule_updated": strictObject(without(TopUpRuleSchema, "at", "pending", "packNotInPlan"), {
    title: "TopUpRuleUpdatedData",
  }),
  "top_up.rule_disabled": strictObject(
    {
      topUp: TopUpSchema.properties.id,
      failures: Type.Integer({ minimum: 1 }),
      reason: Type.Optional(Type.String()),
    },
    { title: "TopUpRuleDisabledData" },
  ),
  "fairness.opened": strictObject(
    {
      start: InstantSchema,
      end: InstantSchema,
      ticks: Type.Integer({ minimum: 1 }),
      reserve: Type.Integer({ minimum: 0 }),
      reach: Type.Integer({ minimum: 0 }),
    },
    { title: "FairnessOpenedData" },
  ),
  "fairness.recommended": FairnessOfferSchema,
  "reserve.gifted": strictObject(without(GiftSchema, "at"), { title: "ReserveGiftedData" }),
  "member_terms.updated": strictObject(without(MemberTermsSchema, "at"), {
    title: "MemberTermsData",
  }),
  "group_terms.updated": strictObject(without(GroupTermsSchema, "at"), {
    title: "GroupTermsData",
  }),
  "period.closed": strictObject(without(ClosingSchema, "at"), { title: "PeriodClosedData" }),
} as const satisfies Readonly<Record<EventType, TSchema>>;
