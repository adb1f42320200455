// The plain shapes alone, without the schemas: what a client takes as types.
export type {
  AlertRuleRequest,
  AlertRule,
  AlertRulePage,
  AlertRuleRemoved,
  Alert,
  AlertPage,
  AlertQuery,
  AlertReviewRequest,
  AlertWatch,
  AlertRecipient,
  AlertFinding,
  AlertGrade,
  AlertSign,
  AlertVerdict,
} from "./alert.ts";
export type { CreditWords } from "./credit-words.ts";
export type { ApiKeyScope, ApiKeyRequest, ApiKey, ApiKeyCreated, ApiKeyPage } from "./api-key.ts";
export type {
  BalanceLot,
  Balance,
  BalanceQuery,
  AllowanceQuery,
  AllowanceLimit,
  Allowance,
} from "./balance.ts";
export type {
  TrialBalanceRow,
  TrialBalanceReport,
  RollForwardRow,
  RollForwardReport,
  RevenueRow,
  RevenueReport,
  UnbilledRow,
  UnbilledReport,
  CreditsOutstandingRow,
  CreditsOutstandingReport,
  BreakageRow,
  BreakageReport,
  MarginQuery,
  MarginComponent,
  MarginRow,
  MarginReport,
  CostAllocationRow,
  CostAllocation,
  CostAllocationQuery,
  ReportQuery,
  BreakageQuery,
} from "./books-report.ts";
export type { BooksClosed, Closing, ClosingRequest } from "./closing.ts";
export type {
  Catalog,
  CatalogPushed,
  CatalogRequest,
  CatalogVersion,
  CatalogVersionPage,
} from "./catalog.ts";
export type {
  BillableOutcome,
  BillableOutcomePage,
  BillableOutcomeReason,
  BillableOutcomeStatus,
  ConfirmRequest,
  DisputeRequest,
  OutcomeCase,
  OutcomeChange,
  OutcomeChannel,
  OutcomeConfirmation,
  OutcomeDispute,
  OutcomeEvidence,
  OutcomeMove,
  OutcomeRequest,
  ReopenRequest,
  Signal,
  SignalRequest,
} from "./billable-outcome.ts";
export type {
  OperationMethod,
  Operation,
  OperationResult,
  BatchRequest,
  BatchResponse,
} from "./batch.ts";
export type {
  BreakageRequest,
  Chargeback,
  ChargebackRequest,
  Repayment,
  RepaymentRequest,
} from "./given-back.ts";
export type {
  TopUp,
  TopUpFailure,
  TopUpPage,
  TopUpPaid,
  TopUpRequest,
  TopUpRule,
  TopUpRuleRequest,
  TopUpStatus,
} from "./top-up.ts";
export type { DebitRequest, Debit, RefundRequest, Refund } from "./debit.ts";
export type {
  Acknowledged,
  Acknowledgement,
  Consumer,
  ConsumerPage,
  ConsumerQuery,
  ConsumerRemoved,
  ConsumerRequest,
} from "./consumer.ts";
export type { EventType, EventOf, CloudEvent, EventPage, EventQuery } from "./event.ts";
export type { EventData } from "./event-data.ts";
export type {
  GrantBonus,
  GrantPayment,
  GrantSource,
  AppliesTo,
  GrantRequest,
  Grant,
  GrantPage,
  RevokeRequest,
} from "./grant.ts";
export type {
  ApplyFairnessRequest,
  CallTally,
  DeniedByReason,
  DrawnShares,
  FairnessChosen,
  FairnessOffer,
  OfferedPreset,
  FairnessRecommendation,
  FairnessReplay,
  FairnessStanding,
  ReplayedMember,
  ReplayedPreset,
  ReplayOutcome,
  ReplayPeriod,
  ReplayQuery,
  FairnessPreset,
  FairnessSetting,
  Gift,
  GiftRequest,
  GroupShare,
  GroupTerms,
  GuaranteeRequest,
  MemberShare,
  MemberTerms,
  NextStep,
  PotShare,
  ReachRequest,
  ShareFigures,
} from "./fairness.ts";
export type { Health } from "./health.ts";
export type {
  LotShare,
  UnitShare,
  PoolBalance,
  HoldRequest,
  HoldStatus,
  Hold,
  SettleRequest,
  Settlement,
  ExtendRequest,
  ReleaseRequest,
  Release,
  Quote,
} from "./hold.ts";
export type { Posting, LedgerEntry, LedgerPage, LedgerQuery } from "./ledger.ts";
export type {
  CalendarWindow,
  LimitScope,
  OverageCeiling,
  LimitWindow,
  Cap,
  Rate,
  LimitRequest,
  PlanLimit,
  Limit,
  LimitPage,
  LimitRemoved,
  LimitsChanged,
  LimitsRequest,
  SplitPreview,
  SplitRequest,
} from "./limit.ts";
export type {
  BillingProfile,
  BillingProfileRequest,
  CloseInvoiceRequest,
  CreditNote,
  CreditNotePaper,
  BalancePayment,
  CreditRequest,
  CreditsDrawn,
  ExplainedLine,
  Invoice,
  InvoiceAmounts,
  InvoiceChange,
  InvoiceFormatQuery,
  InvoiceReadQuery,
  InvoiceWarning,
  InvoicePage,
  InvoiceParty,
  InvoicePayment,
  InvoiceQuery,
  InvoiceStatus,
  InvoiceSummary,
  Issuer,
  IssuerRequest,
  PayRequest,
  TaxRate,
  UpcomingInvoice,
} from "./invoice.ts";
export type {
  CustomerBalance,
  CustomerBalanceAmounts,
  Payout,
  PayoutRequest,
} from "./customer-balance.ts";
export type { Limits } from "./limits.ts";
export type {
  MemberKind,
  MemberRequest,
  Member,
  MemberPage,
  GroupRequest,
  Group,
  GroupPage,
} from "./member.ts";
export type { Money } from "./money.ts";
export type {
  Acceptance,
  AcceptancePage,
  AcceptanceRequest,
  AcceptanceRow,
  Policy,
  PolicyHours,
  PolicyPage,
  PolicyRefusal,
  PolicyRemoved,
  PolicyRequest,
  PolicyScope,
  PolicyStanding,
  PolicyText,
  PolicyTextName,
  Weekday,
} from "./policy.ts";
export type { PageQuery } from "./page.ts";
export type { Position, Cursor } from "./position.ts";
export type { ProblemCode, ScopeKind, BindingScope, Violation, Problem } from "./problem.ts";
export type {
  AllowanceImpact,
  CatalogChange,
  CatalogDiff,
  CatalogDiffRequest,
  RepricedUsage,
  SubscriptionImpact,
} from "./catalog-diff.ts";
export type {
  Entitlement,
  EntitlementQuery,
  Entitlements,
  MeterAllowance,
} from "./entitlements.ts";
export type {
  Reconciliation,
  ReconciliationKind,
  ReconciliationQuery,
  ReconciliationRow,
  TracesRequest,
  TracesTaken,
} from "./reconciliation.ts";
export type {
  EventFate,
  EventResult,
  EventsRequest,
  EventsTaken,
  ReceivedEvent,
} from "./received-event.ts";
export type { NegotiatedPrices, NegotiatedRow } from "./negotiated-prices.ts";
export type {
  Approve,
  AskForMore,
  Decline,
  RequestForMore,
  RequestForMorePage,
  RequestForMoreQuery,
  RequestStatus,
} from "./request-for-more.ts";
export type { PriceTier, UnitPrice } from "./unit-price.ts";
export type {
  Run,
  RunBound,
  RunCloseRequest,
  RunPage,
  RunRaise,
  RunRequest,
  RunStatus,
} from "./run.ts";
export type { Seat, SeatHolder, SeatPage, SeatReleased } from "./seat.ts";
export type {
  BillingPeriod,
  CancelRequest,
  IncludedUnits,
  InvoiceLine,
  SeatsRequest,
  Subscription,
  SubscriptionChange,
  SubscriptionRequest,
} from "./subscription.ts";
export type {
  Outcome,
  Usage,
  Attributes,
  RateRow,
  UsageRow,
  UsagePage,
  UsageQuery,
  VendorCost,
} from "./usage.ts";
export type {
  IdleSeat,
  IdleSeatsQuery,
  IdleSeatsReport,
  InefficiencyReport,
  InefficiencyRow,
  PowerUser,
  PowerUsersReport,
  RefusedByCode,
  UseReportQuery,
} from "./use-report.ts";
export type {
  Webhook,
  WebhookAttempt,
  WebhookAttemptPage,
  WebhookPage,
  WebhookRemoved,
  WebhookReplayRequest,
  WebhookRequest,
  WebhookRotateRequest,
  WebhookTest,
} from "./webhook.ts";
export type {
  Overage,
  MemberPolicy,
  OverrunPolicy,
  WorkspaceRequest,
  WorkspacePatch,
  Workspace,
} from "./workspace.ts";
