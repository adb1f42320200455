export type * from "./shapes.ts";
export { attributesFit } from "./usage.ts";
export {
  creditsPattern,
  creditsTotalPattern,
  microPerCredit,
  parseCredits,
  readCredits,
  positiveCreditsPattern,
  printCredits,
} from "./credits.ts";
export { creditFigure, creditText, plainCreditWords } from "./credit-words.ts";
export { durationPattern, parseDuration, printDuration } from "./duration.ts";
export { cursorAfter, eventTypeNames, eventTypes, isEventType } from "./event.ts";
export { eventDataSchemas } from "./event-data.schema.ts";
export { fieldMeaning } from "./event-fields.ts";
export { FormatFault } from "./format-fault.ts";
export { instantPattern, parseInstant, printInstant } from "./instant.ts";
export { limits } from "./limits.ts";
export {
  currencyPattern,
  moneyAmountPattern,
  parseMoneyAmount,
  printMoneyAmount,
  printNanos,
} from "./money.ts";
export { grouped, printRatio, printSpan } from "./exact-text.ts";
export { parsePercent, percentPattern, printPercent } from "./percent.ts";
export { cursorPattern, parseCursor, printCursor } from "./position.ts";
export { isProblemCode, problemCodes, problems } from "./problem.ts";
export { routes } from "./routes.ts";
export type { OperationName } from "./routes.ts";
export { bodyProblems, colonPath, commonProblems } from "./routes/route.ts";
export type { Idempotency, Route } from "./routes/route.ts";
export {
  ApiKeyRequestSchema,
  ApiKeySchema,
  ApiKeyCreatedSchema,
  ApiKeyPageSchema,
} from "./api-key.schema.ts";
export {
  BalanceLotSchema,
  BalanceSchema,
  BalanceQuerySchema,
  AllowanceLimitSchema,
  AllowanceQuerySchema,
  AllowanceSchema,
} from "./balance.schema.ts";
export {
  OperationSchema,
  OperationResultSchema,
  BatchRequestSchema,
  BatchResponseSchema,
} from "./batch.schema.ts";
export {
  BillableOutcomePageSchema,
  BillableOutcomeSchema,
  ConfirmRequestSchema,
  DisputeRequestSchema,
  OutcomeChangeSchema,
  OutcomeMoveSchema,
  OutcomeRequestSchema,
  ReopenRequestSchema,
  SignalRequestSchema,
  SignalSchema,
} from "./billable-outcome.schema.ts";
export {
  TrialBalanceRowSchema,
  TrialBalanceReportSchema,
  RollForwardRowSchema,
  RollForwardReportSchema,
  RevenueRowSchema,
  RevenueReportSchema,
  UnbilledRowSchema,
  UnbilledReportSchema,
  CreditsOutstandingRowSchema,
  CreditsOutstandingReportSchema,
  BreakageRowSchema,
  BreakageReportSchema,
  MarginQuerySchema,
  MarginRowSchema,
  MarginReportSchema,
  CostAllocationRowSchema,
  CostAllocationSchema,
  CostAllocationQuerySchema,
  ReportQuerySchema,
  BreakageQuerySchema,
} from "./books-report.schema.ts";
export {
  BooksClosedSchema,
  ClosingRequestSchema,
  ClosingSchema,
  MonthSchema,
} from "./closing.schema.ts";
export {
  CatalogPushedSchema,
  CatalogChangeSchema,
  CatalogDiffRequestSchema,
  CatalogDiffSchema,
  CatalogRequestSchema,
  AllowanceImpactSchema,
  RepricedUsageSchema,
  SubscriptionImpactSchema,
  CatalogSchema,
  CatalogVersionPageSchema,
  CatalogVersionSchema,
} from "./catalog.schema.ts";
export {
  CustomerBalanceAmountsSchema,
  CustomerBalanceSchema,
  PayoutRequestSchema,
  PayoutSchema,
} from "./customer-balance.schema.ts";
export {
  DebitRequestSchema,
  DebitSchema,
  RefundRequestSchema,
  RefundSchema,
} from "./debit.schema.ts";
export {
  AcknowledgedSchema,
  AcknowledgementSchema,
  ConsumerPageSchema,
  ConsumerQuerySchema,
  ConsumerRemovedSchema,
  ConsumerRequestSchema,
  ConsumerSchema,
} from "./consumer.schema.ts";
export {
  CloudEventSchema,
  EventFactSchema,
  EventPageSchema,
  EventQuerySchema,
  eventSchema,
} from "./event.schema.ts";
export {
  ReconciliationQuerySchema,
  ReconciliationRowSchema,
  ReconciliationSchema,
  TracesRequestSchema,
  TracesTakenSchema,
} from "./reconciliation.schema.ts";
export {
  EventResultSchema,
  EventsRequestSchema,
  EventsTakenSchema,
} from "./received-event.schema.ts";
export {
  BreakageRequestSchema,
  ChargebackRequestSchema,
  ChargebackSchema,
  RepaymentRequestSchema,
  RepaymentSchema,
} from "./given-back.schema.ts";
export {
  strictObject,
  oneOf,
  CreditsSchema,
  PositiveCreditsSchema,
  CreditsTotalSchema,
  SignedAmountSchema,
  CurrencySchema,
  MoneySchema,
  instant,
  InstantSchema,
  DurationSchema,
  CallerIdSchema,
  GrantIdSchema,
  HoldIdSchema,
  DebitIdSchema,
  RefundIdSchema,
  RepaymentIdSchema,
  ChargebackIdSchema,
  PayoutIdSchema,
  KeyIdSchema,
  SettlementIdSchema,
  IdempotencyKeySchema,
  NameSchema,
  NoteSchema,
  MeterSchema,
  ModelSchema,
  UsageSchema,
  AttributesSchema,
  PositionSchema,
  CursorSchema,
} from "./formats.schema.ts";
export {
  GrantSourceSchema,
  PrioritySchema,
  AppliesToSchema,
  GrantRequestSchema,
  GrantBonusSchema,
  GrantPaymentSchema,
  BreakageBpsSchema,
  lotCounters,
  GrantSchema,
  GrantPageSchema,
  RevokeRequestSchema,
} from "./grant.schema.ts";
export {
  ApplyFairnessRequestSchema,
  DeniedByReasonSchema,
  FairnessChosenSchema,
  FairnessRecommendationSchema,
  FairnessReplaySchema,
  FairnessStandingSchema,
  ReplayOutcomeSchema,
  ReplayQuerySchema,
  DrawnSharesSchema,
  FairnessPresetSchema,
  FairnessSettingSchema,
  GiftRequestSchema,
  GiftSchema,
  GroupShareSchema,
  GroupTermsSchema,
  GuaranteeRequestSchema,
  MemberShareSchema,
  MemberTermsSchema,
  NextStepsSchema,
  ReachRequestSchema,
  ShareFiguresSchema,
} from "./fairness.schema.ts";
export { HealthSchema } from "./health.schema.ts";
export {
  LotShareSchema,
  LotSharesSchema,
  UnitShareSchema,
  UnitSharesSchema,
  PoolBalanceSchema,
  RateRowSchema,
  callFields,
  attributionFields,
  HoldRequestSchema,
  HoldSchema,
  OutcomeSchema,
  SettleRequestSchema,
  SettlementSchema,
  ExtendRequestSchema,
  ReleaseRequestSchema,
  ReleaseSchema,
  QuoteSchema,
} from "./hold.schema.ts";
export {
  PostingSchema,
  LedgerEntrySchema,
  LedgerPageSchema,
  LedgerQuerySchema,
} from "./ledger.schema.ts";
export {
  AlertRuleRequestSchema,
  AlertRuleSchema,
  AlertRulePageSchema,
  AlertRuleRemovedSchema,
  AlertSchema,
  AlertPageSchema,
  AlertQuerySchema,
  AlertReviewRequestSchema,
  AlertWatchSchema,
  AlertRecipientSchema,
  AlertFindingSchema,
} from "./alert.schema.ts";
export {
  LimitScopeSchema,
  LimitWindowSchema,
  CapSchema,
  RateSchema,
  LimitRequestSchema,
  LimitSchema,
  LimitPageSchema,
  LimitsChangedSchema,
  LimitsRequestSchema,
  OverageCeilingSchema,
  PlanLimitSchema,
  SplitPreviewSchema,
  SplitRequestSchema,
  LimitRemovedSchema,
} from "./limit.schema.ts";
export {
  MemberRequestSchema,
  MemberSchema,
  MemberPageSchema,
  GroupRequestSchema,
  GroupSchema,
  GroupPageSchema,
} from "./member.schema.ts";
export { NegotiatedPricesSchema, NegotiatedRowSchema } from "./negotiated-prices.schema.ts";
export { PriceSchema, UnitPriceSchema } from "./unit-price.schema.ts";
export { faultText } from "./fault-text.ts";
export { type SchemaFault, schemaFaults } from "./schema-faults.ts";
export { pageOf, PageQuerySchema } from "./page.schema.ts";
export {
  AcceptancePageSchema,
  AcceptanceRequestSchema,
  AcceptanceSchema,
  PolicyHoursSchema,
  PolicyPageSchema,
  PolicyRefusalSchema,
  PolicyRemovedSchema,
  PolicyRequestSchema,
  PolicySchema,
  PolicyScopeSchema,
  PolicyStandingSchema,
  PolicyTextNameSchema,
  PolicyTextSchema,
  WeekdaySchema,
} from "./policy.schema.ts";
export { BindingScopeSchema, ProblemSchema } from "./problem.schema.ts";
export {
  EntitlementQuerySchema,
  EntitlementSchema,
  EntitlementsSchema,
  MeterAllowanceSchema,
} from "./entitlements.schema.ts";
export {
  RunBoundSchema,
  RunCloseRequestSchema,
  RunPageSchema,
  RunRaiseSchema,
  RunRequestSchema,
  RunSchema,
} from "./run.schema.ts";
export { SeatHolderSchema, SeatPageSchema, SeatReleasedSchema, SeatSchema } from "./seat.schema.ts";
export {
  BillingProfileRequestSchema,
  BillingProfileSchema,
  InvoicePartySchema,
  IssuerRequestSchema,
  IssuerSchema,
  TaxRateSchema,
} from "./billing-profile.schema.ts";
export {
  CloseInvoiceRequestSchema,
  CreditNotePaperSchema,
  BalancePaymentSchema,
  CreditNoteSchema,
  CreditRequestSchema,
  CreditsDrawnSchema,
  ExplainedLineSchema,
  InvoiceChangeSchema,
  InvoiceFormatQuerySchema,
  InvoiceReadQuerySchema,
  InvoiceWarningSchema,
  InvoicePageSchema,
  InvoicePaymentSchema,
  InvoiceQuerySchema,
  InvoiceSchema,
  InvoiceSummarySchema,
  PayRequestSchema,
  UpcomingInvoiceSchema,
} from "./invoice.schema.ts";
export {
  CancelRequestSchema,
  InvoiceLineSchema,
  IncludedUnitsSchema,
  NothingSchema,
  SeatsRequestSchema,
  SignedMoneySchema,
  SubscriptionChangeSchema,
  SubscriptionRequestSchema,
  SubscriptionSchema,
} from "./subscription.schema.ts";
export {
  TopUpFailureSchema,
  TopUpPageSchema,
  TopUpPaidSchema,
  TopUpParams,
  TopUpRequestSchema,
  TopUpRuleRequestSchema,
  TopUpRuleSchema,
  TopUpSchema,
} from "./top-up.schema.ts";
export {
  ApproveSchema,
  AskForMoreSchema,
  DeclineSchema,
  RequestForMorePageSchema,
  RequestForMoreQuerySchema,
  RequestForMoreSchema,
  RequestParams,
} from "./request-for-more.schema.ts";
export {
  VendorCostSchema,
  UsageRowSchema,
  UsagePageSchema,
  spanFields,
  UsageQuerySchema,
} from "./usage.schema.ts";
export {
  IdleSeatSchema,
  IdleSeatsQuerySchema,
  IdleSeatsReportSchema,
  InefficiencyReportSchema,
  InefficiencyRowSchema,
  PowerUserSchema,
  PowerUsersReportSchema,
  RefusedByCodeSchema,
  UseReportQuerySchema,
} from "./use-report.schema.ts";
export {
  OverageSchema,
  WorkspaceRequestSchema,
  WorkspacePatchSchema,
  WorkspaceSchema,
} from "./workspace.schema.ts";
export {
  WorkspaceParams,
  MemberParams,
  GroupParams,
  LimitParams,
  PolicyParams,
  PolicyTextParams,
  WebhookParams,
  OutcomeParams,
  RunParams,
  GrantParams,
  HoldParams,
  CatalogParams,
  FeatureParams,
  CreditNoteParams,
  InvoiceParams,
  KeyParams,
  IdempotencyHeaders,
} from "./routes/parameters.schema.ts";
export {
  WebhookAttemptPageSchema,
  WebhookAttemptSchema,
  WebhookPageSchema,
  WebhookRemovedSchema,
  WebhookReplayRequestSchema,
  WebhookRequestSchema,
  WebhookRotateRequestSchema,
  WebhookSchema,
  WebhookTestSchema,
} from "./webhook.schema.ts";
