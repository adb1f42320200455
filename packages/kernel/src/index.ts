export * from "./alerts/alert-rule.ts";
export * from "./alerts/alert.ts";
export type * from "./alerts/events.ts";
export { wholeUnits } from "./allowances/included.ts";
export * from "./allowances/terms.ts";
export * from "./amount.ts";
export type { CommittedPeriod, CommittedTerm, TrueUp } from "./billed/committed-term.ts";
export type { BilledTotal } from "./billed/slice.ts";
export * from "./billed/terms.ts";
export * from "./bug.ts";
export { type Closing, type DatedBack, datedBack, isClosed } from "./closing/slice.ts";
export { isMonth, monthAfter, monthAt } from "./closing/month.ts";
export type { ChooseFairness } from "./commands/choose-fairness.ts";
export type { PutAlertRule, RaiseAlert, RemoveAlertRule, ReviewAlert } from "./commands/alert.ts";
export type { ClaimOutcome } from "./commands/claim-outcome.ts";
export type { Command } from "./commands/command.ts";
export { type CloseMonth, monthToClose } from "./commands/close-month.ts";
export { type Debit, reportedMaxMs } from "./commands/debit.ts";
export type { ExtendHold } from "./commands/extend-hold.ts";
export type { RecommendFairness } from "./commands/recommend-fairness.ts";
export type {
  GiftReserve,
  SetGroupGuarantee,
  SetGuarantee,
  SetReach,
} from "./commands/fairness.ts";
export type { Bonus, Grant, Revoke } from "./commands/grant.ts";
export type {
  CreditInvoice,
  FinalizeInvoice,
  PayInvoice,
  VoidInvoice,
} from "./commands/invoice.ts";
export type { PutLimit, RemoveLimit } from "./commands/limit.ts";
export type { PutLimits, SplitLimit } from "./commands/limits.ts";
export type { Escheat, ReviseBreakage } from "./commands/lot-money.ts";
export type { DeactivateMember, PutGroup, PutMember } from "./commands/member.ts";
export type { OpenHold } from "./commands/open-hold.ts";
export type {
  ConfirmOutcome,
  DisputeOutcome,
  ReopenOutcome,
  SignalCase,
} from "./commands/outcome.ts";
export type { PayOutBalance } from "./commands/pay-out.ts";
export {
  type AcceptPolicy,
  type PutPolicy,
  type RemovePolicy,
  policiesPerNodeMax,
} from "./commands/policy.ts";
export type { Refund } from "./commands/refund.ts";
export type { ReleaseHold } from "./commands/release-hold.ts";
export type { ChargeBack, Repay } from "./commands/repay.ts";
export { pauseAfter } from "./commands/run.ts";
export type { CloseRun, OpenRun, PauseRun, RaiseRun } from "./commands/run.ts";
export type { ApproveRequest, DeclineRequest, RequestCredits } from "./commands/request.ts";
export type { AssignSeat, ReleaseSeat } from "./commands/seat.ts";
export type { SettleHold } from "./commands/settle-hold.ts";
export type { CancelSubscription, PutSubscription, SetPeriodEnd } from "./commands/subscription.ts";
export type { PutTopUpRule, RequestTopUp, ResolveTopUp, TopUpOutcome } from "./commands/top-up.ts";
export type { CreateWorkspace, UpdateWorkspace } from "./commands/workspace.ts";
export type { Amount, Level } from "./rating/reported.ts";
export { decide } from "./decide.ts";
export type { Decision, RateCards, Surroundings } from "./decision.ts";
export { apply } from "./apply.ts";
export { dueMax, nextDue, nextDueAt } from "./due.ts";
export * from "./events.ts";
export type { Balance } from "./fact.ts";
export type * from "./billed/events.ts";
export type * from "./closing/events.ts";
export type * from "./fairness/advice.ts";
export type * from "./fairness/events.ts";
export * as fadingReserves from "./fairness/fading-reserves.ts";
export * from "./fairness/setting.ts";
export type { GroupTerms, MemberTerms } from "./fairness/terms.ts";
export type * from "./holds/events.ts";
export type * from "./invoices/booking.ts";
export type * from "./invoices/events.ts";
export type * from "./limits/events.ts";
export type * from "./members/events.ts";
export type * from "./outcomes/events.ts";
export type * from "./policies/events.ts";
export type * from "./pool/events.ts";
export type * from "./rating/events.ts";
export type * from "./runs/events.ts";
export type * from "./runs/run.ts";
export { prepaidLeft } from "./runs/purse.ts";
export { openRunsMax, runDepthMax, runIdleMaxMs } from "./runs/slice.ts";
export type * from "./requests/events.ts";
export type * from "./seats/events.ts";
export type * from "./subscriptions/events.ts";
export type * from "./topups/events.ts";
export type * from "./workspace/events.ts";
export * from "./holds/hold.ts";
export { setAside } from "./holds/counted.ts";
export { recall } from "./holds/recall.ts";
export * from "./instant.ts";
export { type CustomerBalance, customerBalance } from "./invoices/customer-balance.ts";
export * from "./invoices/customer-balance-events.ts";
export * from "./invoices/invoice.ts";
export * from "./invoices/line.ts";
export { isCounting, viewCap } from "./limits/cap.ts";
export * from "./limits/limit.ts";
export { scopeOf } from "./limits/slice.ts";
export { isOfPlan, planLimitId } from "./limits/of-plan.ts";
export type { Raise } from "./limits/raise.ts";
export { type Split, equalSplit } from "./limits/split.ts";
export { reserveId } from "./limits/reserve.ts";
export { ruleFault } from "./limits/rule-fault.ts";
export * from "./members/member.ts";
export * from "./outcomes/case.ts";
export * from "./outcomes/change.ts";
export * from "./outcomes/terms.ts";
export * from "./policies/policy.ts";
export { type Clawback, type ClawbackTaken, creditedAt } from "./pool/clawback.ts";
export * from "./pool/finance.ts";
export * from "./pool/lot.ts";
export type { UnusedTerms } from "./pool/unused.ts";
export * from "./pool/debt.ts";
export * from "./postings.ts";
export * from "./pricing/commitment.ts";
export * from "./pricing/price-steps.ts";
export * from "./pricing/unit-price.ts";
export { balanceTold } from "./pool/balance-level.ts";
export { cardMovedOn } from "./rating/card-changed.ts";
export { cardInForce } from "./rating/card-in-force.ts";
export * from "./rating/match.ts";
export { negotiatedCard } from "./rating/negotiated-card.ts";
export { chargeRule } from "./rating/outcome.ts";
export type { Provenance } from "./rating/provenance.ts";
export type { ChargeRule, Outcome, OutcomeRules } from "./rating/outcome.ts";
export * from "./rating/rate-card.ts";
export * from "./rating/tariff.ts";
export { type VendorCost, nanosPerMinorUnit } from "./rating/vendor-cost.ts";
export * from "./rejections.ts";
export * from "./requests/request.ts";
export * from "./revenue/allocate.ts";
export * from "./revenue/breakage.ts";
export * from "./revenue/ratable.ts";
export * from "./rounding.ts";
export { assignable } from "./seats/seat-of.ts";
export type { Seat } from "./seats/slice.ts";
export { type State, emptyState, lastAt, workspaceOf } from "./state/state.ts";
export type { AnyTable } from "./state/table.ts";
export { periodPrice } from "./subscriptions/charge.ts";
export { nextPrepayment } from "./subscriptions/drawdown.ts";
export { keepNegotiated, listed, negotiationsOf } from "./subscriptions/negotiated.ts";
export { periodAt } from "./subscriptions/period.ts";
export * from "./subscriptions/plan.ts";
export * from "./subscriptions/subscription.ts";
export * from "./topups/pack.ts";
export { type TopUp, type TopUpRule, type WaitingStatus, failuresMax } from "./topups/top-up.ts";
export { packsMax } from "./topups/automatic.ts";
export * from "./usage-rows.ts";
export * from "./workspace/workspace.ts";
export { allowance, type Allowance } from "./questions/allowance.ts";
export { type AllowanceInRun, allowanceInRun } from "./questions/run-allowance.ts";
export { memberShare, type GroupShare, type MemberShare } from "./questions/member-share.ts";
export { entitlements, type Entitlements } from "./questions/entitlements.ts";
export { type PolicyStanding, closedByPolicy, policiesFor } from "./questions/policies.ts";
export { nextBill } from "./questions/next-bill.ts";
export { type EntitledKind, isOpen } from "./subscriptions/entitled.ts";
export { poolBalance } from "./questions/balance.ts";
export { type InvoicePreview, previewInvoice } from "./questions/preview-invoice.ts";
export { burnOrder } from "./pool/burn-order.ts";
export { balanceOf } from "./pool/slice.ts";
export { type RunStatus, runStatus } from "./questions/run-status.ts";
export { priorAnswer, type PriorAnswer } from "./questions/prior-answer.ts";
export { isOffered } from "./topups/automatic.ts";
