// Each schema's static type is its plain interface, to the letter: a field added to one alone does not compile.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Static, TSchema } from "typebox";
import * as contract from "../src/index.ts";
import type { IsSame, Readable } from "./same-shape.ts";

/** Compiles only where the schema and the interface say the same; at run time it hands the schema's title over. */
function same<Shape, Schema extends TSchema>(
  name: string,
  schema: IsSame<Readable<Static<Schema>>, Readable<Shape>> extends true ? Schema : never,
): [string, TSchema] {
  return [name, schema];
}

const pairs = [
  same<contract.BillableOutcome, typeof contract.BillableOutcomeSchema>(
    "BillableOutcome",
    contract.BillableOutcomeSchema,
  ),
  same<contract.BillableOutcomePage, typeof contract.BillableOutcomePageSchema>(
    "BillableOutcomePage",
    contract.BillableOutcomePageSchema,
  ),
  same<contract.DrawnShares, typeof contract.DrawnSharesSchema>(
    "DrawnShares",
    contract.DrawnSharesSchema,
  ),
  same<contract.FairnessSetting, typeof contract.FairnessSettingSchema>(
    "FairnessSetting",
    contract.FairnessSettingSchema,
  ),
  same<contract.Gift, typeof contract.GiftSchema>("Gift", contract.GiftSchema),
  same<contract.GiftRequest, typeof contract.GiftRequestSchema>(
    "GiftRequest",
    contract.GiftRequestSchema,
  ),
  same<contract.GroupShare, typeof contract.GroupShareSchema>(
    "GroupShare",
    contract.GroupShareSchema,
  ),
  same<contract.GroupTerms, typeof contract.GroupTermsSchema>(
    "GroupTerms",
    contract.GroupTermsSchema,
  ),
  same<contract.GuaranteeRequest, typeof contract.GuaranteeRequestSchema>(
    "GuaranteeRequest",
    contract.GuaranteeRequestSchema,
  ),
  same<contract.MemberShare, typeof contract.MemberShareSchema>(
    "MemberShare",
    contract.MemberShareSchema,
  ),
  same<contract.MemberTerms, typeof contract.MemberTermsSchema>(
    "MemberTerms",
    contract.MemberTermsSchema,
  ),
  same<contract.ReachRequest, typeof contract.ReachRequestSchema>(
    "ReachRequest",
    contract.ReachRequestSchema,
  ),
  same<contract.ShareFigures, typeof contract.ShareFiguresSchema>(
    "ShareFigures",
    contract.ShareFiguresSchema,
  ),
  same<contract.DeniedByReason, typeof contract.DeniedByReasonSchema>(
    "DeniedByReason",
    contract.DeniedByReasonSchema,
  ),
  same<contract.Acceptance, typeof contract.AcceptanceSchema>(
    "Acceptance",
    contract.AcceptanceSchema,
  ),
  same<contract.AcceptancePage, typeof contract.AcceptancePageSchema>(
    "AcceptancePage",
    contract.AcceptancePageSchema,
  ),
  same<contract.AcceptanceRequest, typeof contract.AcceptanceRequestSchema>(
    "AcceptanceRequest",
    contract.AcceptanceRequestSchema,
  ),
  same<contract.WebhookAttemptPage, typeof contract.WebhookAttemptPageSchema>(
    "WebhookAttemptPage",
    contract.WebhookAttemptPageSchema,
  ),
  same<contract.WebhookAttempt, typeof contract.WebhookAttemptSchema>(
    "WebhookAttempt",
    contract.WebhookAttemptSchema,
  ),
  same<contract.WebhookPage, typeof contract.WebhookPageSchema>(
    "WebhookPage",
    contract.WebhookPageSchema,
  ),
  same<contract.WebhookRemoved, typeof contract.WebhookRemovedSchema>(
    "WebhookRemoved",
    contract.WebhookRemovedSchema,
  ),
  same<contract.WebhookReplayRequest, typeof contract.WebhookReplayRequestSchema>(
    "WebhookReplayRequest",
    contract.WebhookReplayRequestSchema,
  ),
  same<contract.WebhookRequest, typeof contract.WebhookRequestSchema>(
    "WebhookRequest",
    contract.WebhookRequestSchema,
  ),
  same<contract.WebhookRotateRequest, typeof contract.WebhookRotateRequestSchema>(
    "WebhookRotateRequest",
    contract.WebhookRotateRequestSchema,
  ),
  same<contract.Webhook, typeof contract.WebhookSchema>("Webhook", contract.WebhookSchema),
  same<contract.WebhookTest, typeof contract.WebhookTestSchema>(
    "WebhookTest",
    contract.WebhookTestSchema,
  ),
  same<contract.Policy, typeof contract.PolicySchema>("Policy", contract.PolicySchema),
  same<contract.PolicyHours, typeof contract.PolicyHoursSchema>(
    "PolicyHours",
    contract.PolicyHoursSchema,
  ),
  same<contract.PolicyPage, typeof contract.PolicyPageSchema>(
    "PolicyPage",
    contract.PolicyPageSchema,
  ),
  same<contract.PolicyRefusal, typeof contract.PolicyRefusalSchema>(
    "PolicyRefusal",
    contract.PolicyRefusalSchema,
  ),
  same<contract.PolicyRemoved, typeof contract.PolicyRemovedSchema>(
    "PolicyRemoved",
    contract.PolicyRemovedSchema,
  ),
  same<contract.PolicyRequest, typeof contract.PolicyRequestSchema>(
    "PolicyRequest",
    contract.PolicyRequestSchema,
  ),
  same<contract.PolicyScope, typeof contract.PolicyScopeSchema>(
    "PolicyScope",
    contract.PolicyScopeSchema,
  ),
  same<contract.PolicyStanding, typeof contract.PolicyStandingSchema>(
    "PolicyStanding",
    contract.PolicyStandingSchema,
  ),
  same<contract.PolicyText, typeof contract.PolicyTextSchema>(
    "PolicyText",
    contract.PolicyTextSchema,
  ),
  same<contract.PolicyTextName, typeof contract.PolicyTextNameSchema>(
    "PolicyTextName",
    contract.PolicyTextNameSchema,
  ),
  same<contract.ApplyFairnessRequest, typeof contract.ApplyFairnessRequestSchema>(
    "ApplyFairnessRequest",
    contract.ApplyFairnessRequestSchema,
  ),
  same<contract.FairnessRecommendation, typeof contract.FairnessRecommendationSchema>(
    "FairnessRecommendation",
    contract.FairnessRecommendationSchema,
  ),
  same<contract.FairnessReplay, typeof contract.FairnessReplaySchema>(
    "FairnessReplay",
    contract.FairnessReplaySchema,
  ),
  same<contract.FairnessStanding, typeof contract.FairnessStandingSchema>(
    "FairnessStanding",
    contract.FairnessStandingSchema,
  ),
  same<contract.ReplayOutcome, typeof contract.ReplayOutcomeSchema>(
    "ReplayOutcome",
    contract.ReplayOutcomeSchema,
  ),
  same<contract.ReplayQuery, typeof contract.ReplayQuerySchema>(
    "ReplayQuery",
    contract.ReplayQuerySchema,
  ),
  same<contract.FairnessChosen, typeof contract.FairnessChosenSchema>(
    "FairnessChosen",
    contract.FairnessChosenSchema,
  ),
  same<contract.IdleSeat, typeof contract.IdleSeatSchema>("IdleSeat", contract.IdleSeatSchema),
  same<contract.IdleSeatsQuery, typeof contract.IdleSeatsQuerySchema>(
    "IdleSeatsQuery",
    contract.IdleSeatsQuerySchema,
  ),
  same<contract.IdleSeatsReport, typeof contract.IdleSeatsReportSchema>(
    "IdleSeatsReport",
    contract.IdleSeatsReportSchema,
  ),
  same<contract.InefficiencyReport, typeof contract.InefficiencyReportSchema>(
    "InefficiencyReport",
    contract.InefficiencyReportSchema,
  ),
  same<contract.InefficiencyRow, typeof contract.InefficiencyRowSchema>(
    "InefficiencyRow",
    contract.InefficiencyRowSchema,
  ),
  same<contract.PowerUser, typeof contract.PowerUserSchema>("PowerUser", contract.PowerUserSchema),
  same<contract.PowerUsersReport, typeof contract.PowerUsersReportSchema>(
    "PowerUsersReport",
    contract.PowerUsersReportSchema,
  ),
  same<contract.RefusedByCode, typeof contract.RefusedByCodeSchema>(
    "RefusedByCode",
    contract.RefusedByCodeSchema,
  ),
  same<contract.UseReportQuery, typeof contract.UseReportQuerySchema>(
    "UseReportQuery",
    contract.UseReportQuerySchema,
  ),
  same<contract.TopUp, typeof contract.TopUpSchema>("TopUp", contract.TopUpSchema),
  same<contract.TopUpFailure, typeof contract.TopUpFailureSchema>(
    "TopUpFailure",
    contract.TopUpFailureSchema,
  ),
  same<contract.TopUpPage, typeof contract.TopUpPageSchema>("TopUpPage", contract.TopUpPageSchema),
  same<contract.TopUpPaid, typeof contract.TopUpPaidSchema>("TopUpPaid", contract.TopUpPaidSchema),
  same<contract.TopUpRequest, typeof contract.TopUpRequestSchema>(
    "TopUpRequest",
    contract.TopUpRequestSchema,
  ),
  same<contract.TopUpRule, typeof contract.TopUpRuleSchema>("TopUpRule", contract.TopUpRuleSchema),
  same<contract.TopUpRuleRequest, typeof contract.TopUpRuleRequestSchema>(
    "TopUpRuleRequest",
    contract.TopUpRuleRequestSchema,
  ),
  same<contract.Approve, typeof contract.ApproveSchema>("Approve", contract.ApproveSchema),
  same<contract.AskForMore, typeof contract.AskForMoreSchema>(
    "AskForMore",
    contract.AskForMoreSchema,
  ),
  same<contract.Decline, typeof contract.DeclineSchema>("Decline", contract.DeclineSchema),
  same<contract.RequestForMore, typeof contract.RequestForMoreSchema>(
    "RequestForMore",
    contract.RequestForMoreSchema,
  ),
  same<contract.RequestForMorePage, typeof contract.RequestForMorePageSchema>(
    "RequestForMorePage",
    contract.RequestForMorePageSchema,
  ),
  same<contract.RequestForMoreQuery, typeof contract.RequestForMoreQuerySchema>(
    "RequestForMoreQuery",
    contract.RequestForMoreQuerySchema,
  ),
  same<contract.LimitsChanged, typeof contract.LimitsChangedSchema>(
    "LimitsChanged",
    contract.LimitsChangedSchema,
  ),
  same<contract.LimitsRequest, typeof contract.LimitsRequestSchema>(
    "LimitsRequest",
    contract.LimitsRequestSchema,
  ),
  same<contract.SplitPreview, typeof contract.SplitPreviewSchema>(
    "SplitPreview",
    contract.SplitPreviewSchema,
  ),
  same<contract.SplitRequest, typeof contract.SplitRequestSchema>(
    "SplitRequest",
    contract.SplitRequestSchema,
  ),
  same<contract.OverageCeiling, typeof contract.OverageCeilingSchema>(
    "OverageCeiling",
    contract.OverageCeilingSchema,
  ),
  same<contract.ConfirmRequest, typeof contract.ConfirmRequestSchema>(
    "ConfirmRequest",
    contract.ConfirmRequestSchema,
  ),
  same<contract.DisputeRequest, typeof contract.DisputeRequestSchema>(
    "DisputeRequest",
    contract.DisputeRequestSchema,
  ),
  same<contract.OutcomeChange, typeof contract.OutcomeChangeSchema>(
    "OutcomeChange",
    contract.OutcomeChangeSchema,
  ),
  same<contract.OutcomeMove, typeof contract.OutcomeMoveSchema>(
    "OutcomeMove",
    contract.OutcomeMoveSchema,
  ),
  same<contract.OutcomeRequest, typeof contract.OutcomeRequestSchema>(
    "OutcomeRequest",
    contract.OutcomeRequestSchema,
  ),
  same<contract.ReopenRequest, typeof contract.ReopenRequestSchema>(
    "ReopenRequest",
    contract.ReopenRequestSchema,
  ),
  same<contract.Signal, typeof contract.SignalSchema>("Signal", contract.SignalSchema),
  same<contract.SignalRequest, typeof contract.SignalRequestSchema>(
    "SignalRequest",
    contract.SignalRequestSchema,
  ),
  same<contract.Allowance, typeof contract.AllowanceSchema>("Allowance", contract.AllowanceSchema),
  same<contract.AllowanceLimit, typeof contract.AllowanceLimitSchema>(
    "AllowanceLimit",
    contract.AllowanceLimitSchema,
  ),
  same<contract.ApiKey, typeof contract.ApiKeySchema>("ApiKey", contract.ApiKeySchema),
  same<contract.ApiKeyCreated, typeof contract.ApiKeyCreatedSchema>(
    "ApiKeyCreated",
    contract.ApiKeyCreatedSchema,
  ),
  same<contract.ApiKeyPage, typeof contract.ApiKeyPageSchema>(
    "ApiKeyPage",
    contract.ApiKeyPageSchema,
  ),
  same<contract.ApiKeyRequest, typeof contract.ApiKeyRequestSchema>(
    "ApiKeyRequest",
    contract.ApiKeyRequestSchema,
  ),
  same<contract.AppliesTo, typeof contract.AppliesToSchema>("AppliesTo", contract.AppliesToSchema),
  same<contract.Attributes, typeof contract.AttributesSchema>(
    "Attributes",
    contract.AttributesSchema,
  ),
  same<contract.Balance, typeof contract.BalanceSchema>("Balance", contract.BalanceSchema),
  same<contract.BalanceLot, typeof contract.BalanceLotSchema>(
    "BalanceLot",
    contract.BalanceLotSchema,
  ),
  same<contract.BalanceQuery, typeof contract.BalanceQuerySchema>(
    "BalanceQuery",
    contract.BalanceQuerySchema,
  ),
  same<contract.BatchRequest, typeof contract.BatchRequestSchema>(
    "BatchRequest",
    contract.BatchRequestSchema,
  ),
  same<contract.BatchResponse, typeof contract.BatchResponseSchema>(
    "BatchResponse",
    contract.BatchResponseSchema,
  ),
  same<contract.BindingScope, typeof contract.BindingScopeSchema>(
    "BindingScope",
    contract.BindingScopeSchema,
  ),
  same<contract.CatalogRequest, typeof contract.CatalogRequestSchema>(
    "CatalogRequest",
    contract.CatalogRequestSchema,
  ),
  same<contract.CatalogPushed, typeof contract.CatalogPushedSchema>(
    "CatalogPushed",
    contract.CatalogPushedSchema,
  ),
  same<contract.Cap, typeof contract.CapSchema>("Cap", contract.CapSchema),
  same<contract.CloudEvent, typeof contract.CloudEventSchema>(
    "CloudEvent",
    contract.CloudEventSchema,
  ),
  same<contract.Debit, typeof contract.DebitSchema>("Debit", contract.DebitSchema),
  same<contract.DebitRequest, typeof contract.DebitRequestSchema>(
    "DebitRequest",
    contract.DebitRequestSchema,
  ),
  same<contract.EventPage, typeof contract.EventPageSchema>("EventPage", contract.EventPageSchema),
  same<contract.Consumer, typeof contract.ConsumerSchema>("Consumer", contract.ConsumerSchema),
  same<contract.ConsumerRequest, typeof contract.ConsumerRequestSchema>(
    "ConsumerRequest",
    contract.ConsumerRequestSchema,
  ),
  same<contract.ConsumerPage, typeof contract.ConsumerPageSchema>(
    "ConsumerPage",
    contract.ConsumerPageSchema,
  ),
  same<contract.Acknowledgement, typeof contract.AcknowledgementSchema>(
    "Acknowledgement",
    contract.AcknowledgementSchema,
  ),
  same<contract.Acknowledged, typeof contract.AcknowledgedSchema>(
    "Acknowledged",
    contract.AcknowledgedSchema,
  ),
  same<contract.ConsumerRemoved, typeof contract.ConsumerRemovedSchema>(
    "ConsumerRemoved",
    contract.ConsumerRemovedSchema,
  ),
  same<contract.EventQuery, typeof contract.EventQuerySchema>(
    "EventQuery",
    contract.EventQuerySchema,
  ),
  same<contract.EventResult, typeof contract.EventResultSchema>(
    "EventResult",
    contract.EventResultSchema,
  ),
  same<contract.EventsTaken, typeof contract.EventsTakenSchema>(
    "EventsTaken",
    contract.EventsTakenSchema,
  ),
  same<contract.ExtendRequest, typeof contract.ExtendRequestSchema>(
    "ExtendRequest",
    contract.ExtendRequestSchema,
  ),
  same<contract.BreakageRequest, typeof contract.BreakageRequestSchema>(
    "BreakageRequest",
    contract.BreakageRequestSchema,
  ),
  same<contract.Chargeback, typeof contract.ChargebackSchema>(
    "Chargeback",
    contract.ChargebackSchema,
  ),
  same<contract.ChargebackRequest, typeof contract.ChargebackRequestSchema>(
    "ChargebackRequest",
    contract.ChargebackRequestSchema,
  ),
  same<contract.BalancePayment, typeof contract.BalancePaymentSchema>(
    "BalancePayment",
    contract.BalancePaymentSchema,
  ),
  same<contract.CustomerBalance, typeof contract.CustomerBalanceSchema>(
    "CustomerBalance",
    contract.CustomerBalanceSchema,
  ),
  same<contract.CustomerBalanceAmounts, typeof contract.CustomerBalanceAmountsSchema>(
    "CustomerBalanceAmounts",
    contract.CustomerBalanceAmountsSchema,
  ),
  same<contract.Payout, typeof contract.PayoutSchema>("Payout", contract.PayoutSchema),
  same<contract.PayoutRequest, typeof contract.PayoutRequestSchema>(
    "PayoutRequest",
    contract.PayoutRequestSchema,
  ),
  same<contract.Repayment, typeof contract.RepaymentSchema>("Repayment", contract.RepaymentSchema),
  same<contract.RepaymentRequest, typeof contract.RepaymentRequestSchema>(
    "RepaymentRequest",
    contract.RepaymentRequestSchema,
  ),
  same<contract.GrantBonus, typeof contract.GrantBonusSchema>(
    "GrantBonus",
    contract.GrantBonusSchema,
  ),
  same<contract.Grant, typeof contract.GrantSchema>("Grant", contract.GrantSchema),
  same<contract.GrantPage, typeof contract.GrantPageSchema>("GrantPage", contract.GrantPageSchema),
  same<contract.GrantRequest, typeof contract.GrantRequestSchema>(
    "GrantRequest",
    contract.GrantRequestSchema,
  ),
  same<contract.GrantSource, typeof contract.GrantSourceSchema>(
    "GrantSource",
    contract.GrantSourceSchema,
  ),
  same<contract.Group, typeof contract.GroupSchema>("Group", contract.GroupSchema),
  same<contract.GroupPage, typeof contract.GroupPageSchema>("GroupPage", contract.GroupPageSchema),
  same<contract.GroupRequest, typeof contract.GroupRequestSchema>(
    "GroupRequest",
    contract.GroupRequestSchema,
  ),
  same<contract.Health, typeof contract.HealthSchema>("Health", contract.HealthSchema),
  same<contract.Hold, typeof contract.HoldSchema>("Hold", contract.HoldSchema),
  same<contract.HoldRequest, typeof contract.HoldRequestSchema>(
    "HoldRequest",
    contract.HoldRequestSchema,
  ),
  same<contract.LedgerEntry, typeof contract.LedgerEntrySchema>(
    "LedgerEntry",
    contract.LedgerEntrySchema,
  ),
  same<contract.LedgerPage, typeof contract.LedgerPageSchema>(
    "LedgerPage",
    contract.LedgerPageSchema,
  ),
  same<contract.LedgerQuery, typeof contract.LedgerQuerySchema>(
    "LedgerQuery",
    contract.LedgerQuerySchema,
  ),
  same<contract.AlertRuleRequest, typeof contract.AlertRuleRequestSchema>(
    "AlertRuleRequest",
    contract.AlertRuleRequestSchema,
  ),
  same<contract.AlertRule, typeof contract.AlertRuleSchema>("AlertRule", contract.AlertRuleSchema),
  same<contract.AlertRulePage, typeof contract.AlertRulePageSchema>(
    "AlertRulePage",
    contract.AlertRulePageSchema,
  ),
  same<contract.AlertRuleRemoved, typeof contract.AlertRuleRemovedSchema>(
    "AlertRuleRemoved",
    contract.AlertRuleRemovedSchema,
  ),
  same<contract.Alert, typeof contract.AlertSchema>("Alert", contract.AlertSchema),
  same<contract.AlertPage, typeof contract.AlertPageSchema>("AlertPage", contract.AlertPageSchema),
  same<contract.AlertReviewRequest, typeof contract.AlertReviewRequestSchema>(
    "AlertReviewRequest",
    contract.AlertReviewRequestSchema,
  ),
  same<contract.AlertWatch, typeof contract.AlertWatchSchema>(
    "AlertWatch",
    contract.AlertWatchSchema,
  ),
  same<contract.AlertRecipient, typeof contract.AlertRecipientSchema>(
    "AlertRecipient",
    contract.AlertRecipientSchema,
  ),
  same<contract.AlertFinding, typeof contract.AlertFindingSchema>(
    "AlertFinding",
    contract.AlertFindingSchema,
  ),
  same<contract.Limit, typeof contract.LimitSchema>("Limit", contract.LimitSchema),
  same<contract.LimitPage, typeof contract.LimitPageSchema>("LimitPage", contract.LimitPageSchema),
  same<contract.PlanLimit, typeof contract.PlanLimitSchema>("PlanLimit", contract.PlanLimitSchema),
  same<contract.LimitRemoved, typeof contract.LimitRemovedSchema>(
    "LimitRemoved",
    contract.LimitRemovedSchema,
  ),
  same<contract.LimitRequest, typeof contract.LimitRequestSchema>(
    "LimitRequest",
    contract.LimitRequestSchema,
  ),
  same<contract.LimitScope, typeof contract.LimitScopeSchema>(
    "LimitScope",
    contract.LimitScopeSchema,
  ),
  same<contract.LimitWindow, typeof contract.LimitWindowSchema>(
    "LimitWindow",
    contract.LimitWindowSchema,
  ),
  same<contract.LotShare, typeof contract.LotShareSchema>("LotShare", contract.LotShareSchema),
  same<contract.UnitShare, typeof contract.UnitShareSchema>("UnitShare", contract.UnitShareSchema),
  same<contract.NegotiatedRow, typeof contract.NegotiatedRowSchema>(
    "NegotiatedRow",
    contract.NegotiatedRowSchema,
  ),
  same<contract.IncludedUnits, typeof contract.IncludedUnitsSchema>(
    "IncludedUnits",
    contract.IncludedUnitsSchema,
  ),
  same<contract.AllowanceImpact, typeof contract.AllowanceImpactSchema>(
    "AllowanceImpact",
    contract.AllowanceImpactSchema,
  ),
  same<contract.Member, typeof contract.MemberSchema>("Member", contract.MemberSchema),
  same<contract.MemberPage, typeof contract.MemberPageSchema>(
    "MemberPage",
    contract.MemberPageSchema,
  ),
  same<contract.MemberRequest, typeof contract.MemberRequestSchema>(
    "MemberRequest",
    contract.MemberRequestSchema,
  ),
  same<contract.Money, typeof contract.MoneySchema>("Money", contract.MoneySchema),
  same<contract.Operation, typeof contract.OperationSchema>("Operation", contract.OperationSchema),
  same<contract.OperationResult, typeof contract.OperationResultSchema>(
    "OperationResult",
    contract.OperationResultSchema,
  ),
  same<contract.Overage, typeof contract.OverageSchema>("Overage", contract.OverageSchema),
  same<contract.PageQuery, typeof contract.PageQuerySchema>("PageQuery", contract.PageQuerySchema),
  same<contract.PoolBalance, typeof contract.PoolBalanceSchema>(
    "PoolBalance",
    contract.PoolBalanceSchema,
  ),
  same<contract.Position, typeof contract.PositionSchema>("Position", contract.PositionSchema),
  same<contract.Posting, typeof contract.PostingSchema>("Posting", contract.PostingSchema),
  same<contract.Problem, typeof contract.ProblemSchema>("Problem", contract.ProblemSchema),
  same<contract.Quote, typeof contract.QuoteSchema>("Quote", contract.QuoteSchema),
  same<contract.Rate, typeof contract.RateSchema>("Rate", contract.RateSchema),
  same<contract.RateRow, typeof contract.RateRowSchema>("RateRow", contract.RateRowSchema),
  same<contract.Refund, typeof contract.RefundSchema>("Refund", contract.RefundSchema),
  same<contract.Reconciliation, typeof contract.ReconciliationSchema>(
    "Reconciliation",
    contract.ReconciliationSchema,
  ),
  same<contract.ReconciliationQuery, typeof contract.ReconciliationQuerySchema>(
    "ReconciliationQuery",
    contract.ReconciliationQuerySchema,
  ),
  same<contract.TracesTaken, typeof contract.TracesTakenSchema>(
    "TracesTaken",
    contract.TracesTakenSchema,
  ),
  same<contract.RefundRequest, typeof contract.RefundRequestSchema>(
    "RefundRequest",
    contract.RefundRequestSchema,
  ),
  same<contract.Release, typeof contract.ReleaseSchema>("Release", contract.ReleaseSchema),
  same<contract.ReleaseRequest, typeof contract.ReleaseRequestSchema>(
    "ReleaseRequest",
    contract.ReleaseRequestSchema,
  ),
  same<contract.RevokeRequest, typeof contract.RevokeRequestSchema>(
    "RevokeRequest",
    contract.RevokeRequestSchema,
  ),
  same<contract.SettleRequest, typeof contract.SettleRequestSchema>(
    "SettleRequest",
    contract.SettleRequestSchema,
  ),
  same<contract.Settlement, typeof contract.SettlementSchema>(
    "Settlement",
    contract.SettlementSchema,
  ),
  same<contract.Usage, typeof contract.UsageSchema>("Usage", contract.UsageSchema),
  same<contract.UsagePage, typeof contract.UsagePageSchema>("UsagePage", contract.UsagePageSchema),
  same<contract.UsageQuery, typeof contract.UsageQuerySchema>(
    "UsageQuery",
    contract.UsageQuerySchema,
  ),
  same<contract.UsageRow, typeof contract.UsageRowSchema>("UsageRow", contract.UsageRowSchema),
  same<contract.VendorCost, typeof contract.VendorCostSchema>(
    "VendorCost",
    contract.VendorCostSchema,
  ),
  same<contract.Workspace, typeof contract.WorkspaceSchema>("Workspace", contract.WorkspaceSchema),
  same<contract.WorkspacePatch, typeof contract.WorkspacePatchSchema>(
    "WorkspacePatch",
    contract.WorkspacePatchSchema,
  ),
  same<contract.WorkspaceRequest, typeof contract.WorkspaceRequestSchema>(
    "WorkspaceRequest",
    contract.WorkspaceRequestSchema,
  ),
  same<contract.TrialBalanceRow, typeof contract.TrialBalanceRowSchema>(
    "TrialBalanceRow",
    contract.TrialBalanceRowSchema,
  ),
  same<contract.TrialBalanceReport, typeof contract.TrialBalanceReportSchema>(
    "TrialBalanceReport",
    contract.TrialBalanceReportSchema,
  ),
  same<contract.RollForwardRow, typeof contract.RollForwardRowSchema>(
    "RollForwardRow",
    contract.RollForwardRowSchema,
  ),
  same<contract.RollForwardReport, typeof contract.RollForwardReportSchema>(
    "RollForwardReport",
    contract.RollForwardReportSchema,
  ),
  same<contract.RevenueRow, typeof contract.RevenueRowSchema>(
    "RevenueRow",
    contract.RevenueRowSchema,
  ),
  same<contract.RevenueReport, typeof contract.RevenueReportSchema>(
    "RevenueReport",
    contract.RevenueReportSchema,
  ),
  same<contract.UnbilledRow, typeof contract.UnbilledRowSchema>(
    "UnbilledRow",
    contract.UnbilledRowSchema,
  ),
  same<contract.UnbilledReport, typeof contract.UnbilledReportSchema>(
    "UnbilledReport",
    contract.UnbilledReportSchema,
  ),
  same<contract.CreditsOutstandingRow, typeof contract.CreditsOutstandingRowSchema>(
    "CreditsOutstandingRow",
    contract.CreditsOutstandingRowSchema,
  ),
  same<contract.CreditsOutstandingReport, typeof contract.CreditsOutstandingReportSchema>(
    "CreditsOutstandingReport",
    contract.CreditsOutstandingReportSchema,
  ),
  same<contract.BreakageRow, typeof contract.BreakageRowSchema>(
    "BreakageRow",
    contract.BreakageRowSchema,
  ),
  same<contract.MarginQuery, typeof contract.MarginQuerySchema>(
    "MarginQuery",
    contract.MarginQuerySchema,
  ),
  same<contract.MarginRow, typeof contract.MarginRowSchema>("MarginRow", contract.MarginRowSchema),
  same<contract.MarginReport, typeof contract.MarginReportSchema>(
    "MarginReport",
    contract.MarginReportSchema,
  ),
  same<contract.CostAllocationQuery, typeof contract.CostAllocationQuerySchema>(
    "CostAllocationQuery",
    contract.CostAllocationQuerySchema,
  ),
  same<contract.CostAllocationRow, typeof contract.CostAllocationRowSchema>(
    "CostAllocationRow",
    contract.CostAllocationRowSchema,
  ),
  same<contract.CostAllocation, typeof contract.CostAllocationSchema>(
    "CostAllocation",
    contract.CostAllocationSchema,
  ),
  same<contract.BreakageReport, typeof contract.BreakageReportSchema>(
    "BreakageReport",
    contract.BreakageReportSchema,
  ),
  same<contract.ReportQuery, typeof contract.ReportQuerySchema>(
    "ReportQuery",
    contract.ReportQuerySchema,
  ),
  same<contract.BreakageQuery, typeof contract.BreakageQuerySchema>(
    "BreakageQuery",
    contract.BreakageQuerySchema,
  ),
  same<contract.BooksClosed, typeof contract.BooksClosedSchema>(
    "BooksClosed",
    contract.BooksClosedSchema,
  ),
  same<contract.Closing, typeof contract.ClosingSchema>("Closing", contract.ClosingSchema),
  same<contract.ClosingRequest, typeof contract.ClosingRequestSchema>(
    "ClosingRequest",
    contract.ClosingRequestSchema,
  ),
  same<contract.Entitlements, typeof contract.EntitlementsSchema>(
    "Entitlements",
    contract.EntitlementsSchema,
  ),
  same<contract.Entitlement, typeof contract.EntitlementSchema>(
    "Entitlement",
    contract.EntitlementSchema,
  ),
  same<contract.MeterAllowance, typeof contract.MeterAllowanceSchema>(
    "MeterAllowance",
    contract.MeterAllowanceSchema,
  ),
  same<contract.SeatHolder, typeof contract.SeatHolderSchema>(
    "SeatHolder",
    contract.SeatHolderSchema,
  ),
  same<contract.SeatPage, typeof contract.SeatPageSchema>("SeatPage", contract.SeatPageSchema),
  same<contract.Seat, typeof contract.SeatSchema>("Seat", contract.SeatSchema),
  same<contract.SeatReleased, typeof contract.SeatReleasedSchema>(
    "SeatReleased",
    contract.SeatReleasedSchema,
  ),
  same<contract.CatalogChange, typeof contract.CatalogChangeSchema>(
    "CatalogChange",
    contract.CatalogChangeSchema,
  ),
  same<contract.CatalogDiff, typeof contract.CatalogDiffSchema>(
    "CatalogDiff",
    contract.CatalogDiffSchema,
  ),
  same<contract.CatalogDiffRequest, typeof contract.CatalogDiffRequestSchema>(
    "CatalogDiffRequest",
    contract.CatalogDiffRequestSchema,
  ),
  same<contract.RepricedUsage, typeof contract.RepricedUsageSchema>(
    "RepricedUsage",
    contract.RepricedUsageSchema,
  ),
  same<contract.SubscriptionImpact, typeof contract.SubscriptionImpactSchema>(
    "SubscriptionImpact",
    contract.SubscriptionImpactSchema,
  ),
  same<contract.NegotiatedPrices, typeof contract.NegotiatedPricesSchema>(
    "NegotiatedPrices",
    contract.NegotiatedPricesSchema,
  ),
  same<contract.BillingProfile, typeof contract.BillingProfileSchema>(
    "BillingProfile",
    contract.BillingProfileSchema,
  ),
  same<contract.BillingProfileRequest, typeof contract.BillingProfileRequestSchema>(
    "BillingProfileRequest",
    contract.BillingProfileRequestSchema,
  ),
  same<contract.CloseInvoiceRequest, typeof contract.CloseInvoiceRequestSchema>(
    "CloseInvoiceRequest",
    contract.CloseInvoiceRequestSchema,
  ),
  same<contract.CreditNote, typeof contract.CreditNoteSchema>(
    "CreditNote",
    contract.CreditNoteSchema,
  ),
  same<contract.CreditRequest, typeof contract.CreditRequestSchema>(
    "CreditRequest",
    contract.CreditRequestSchema,
  ),
  same<contract.CreditsDrawn, typeof contract.CreditsDrawnSchema>(
    "CreditsDrawn",
    contract.CreditsDrawnSchema,
  ),
  same<contract.ExplainedLine, typeof contract.ExplainedLineSchema>(
    "ExplainedLine",
    contract.ExplainedLineSchema,
  ),
  same<contract.Invoice, typeof contract.InvoiceSchema>("Invoice", contract.InvoiceSchema),
  same<contract.InvoiceChange, typeof contract.InvoiceChangeSchema>(
    "InvoiceChange",
    contract.InvoiceChangeSchema,
  ),
  same<contract.InvoiceFormatQuery, typeof contract.InvoiceFormatQuerySchema>(
    "InvoiceFormatQuery",
    contract.InvoiceFormatQuerySchema,
  ),
  same<contract.InvoiceReadQuery, typeof contract.InvoiceReadQuerySchema>(
    "InvoiceReadQuery",
    contract.InvoiceReadQuerySchema,
  ),
  same<contract.InvoiceWarning, typeof contract.InvoiceWarningSchema>(
    "InvoiceWarning",
    contract.InvoiceWarningSchema,
  ),
  same<contract.InvoicePage, typeof contract.InvoicePageSchema>(
    "InvoicePage",
    contract.InvoicePageSchema,
  ),
  same<contract.InvoiceParty, typeof contract.InvoicePartySchema>(
    "InvoiceParty",
    contract.InvoicePartySchema,
  ),
  same<contract.InvoicePayment, typeof contract.InvoicePaymentSchema>(
    "InvoicePayment",
    contract.InvoicePaymentSchema,
  ),
  same<contract.InvoiceQuery, typeof contract.InvoiceQuerySchema>(
    "InvoiceQuery",
    contract.InvoiceQuerySchema,
  ),
  same<contract.InvoiceSummary, typeof contract.InvoiceSummarySchema>(
    "InvoiceSummary",
    contract.InvoiceSummarySchema,
  ),
  same<contract.Issuer, typeof contract.IssuerSchema>("Issuer", contract.IssuerSchema),
  same<contract.IssuerRequest, typeof contract.IssuerRequestSchema>(
    "IssuerRequest",
    contract.IssuerRequestSchema,
  ),
  same<contract.PayRequest, typeof contract.PayRequestSchema>(
    "PayRequest",
    contract.PayRequestSchema,
  ),
  same<contract.TaxRate, typeof contract.TaxRateSchema>("TaxRate", contract.TaxRateSchema),
  same<contract.UpcomingInvoice, typeof contract.UpcomingInvoiceSchema>(
    "UpcomingInvoice",
    contract.UpcomingInvoiceSchema,
  ),
];

test("every schema that has an interface of its name says the same as the interface", () => {
  for (const [name, schema] of pairs) assert.ok(Object.keys(schema).length > 0, name);
  assert.equal(new Set(pairs.map(([name]) => name)).size, pairs.length);
});
