export type { BillingProfileClient, IssuerClient } from "./billing-profile.ts";
export type { BooksClient, ReportName } from "./books.ts";
export type { CallOptions, ChangeOptions } from "./call-options.ts";
export type { CatalogClient } from "./catalog.ts";
export type { CustomerBalanceClient } from "./customer-balance.ts";
export type { Download } from "./download.ts";
export type { EntitlementOptions, EntitlementsClient, SeatsClient } from "./entitlements.ts";
export type { ConsumersClient } from "./consumers.ts";
export type { EventsClient, FollowOptions, FollowedEvent } from "./events.ts";
export type { FairnessClient } from "./fairness.ts";
export type { InvoiceOptions, InvoicesClient } from "./invoices.ts";
export type { BillableOutcomes } from "./outcomes.ts";
export type { RunsClient } from "./runs.ts";
export type { PoliciesClient } from "./policies.ts";
export type { WebhooksClient } from "./webhooks.ts";
export type { ReportsClient, UseReportName } from "./reports.ts";
export type { SubscriptionClient } from "./subscription.ts";
export type { AlertRulesClient, AlertsClient } from "./alerts.ts";
export type { ManyLimitsClient } from "./limits.ts";
export type { RequestsClient } from "./requests.ts";
export type { TopUpRuleClient, TopUpsClient } from "./top-ups.ts";
export type {
  AuthorizedHold,
  Cistern,
  Deferred,
  ReservedStream,
  RunningCall,
  RunOptions,
  SettleOptions,
  Spent,
  WorkspaceClient,
} from "./cistern.ts";
export { clientBounds } from "./bounds.ts";
export { cisternOver, createCistern } from "./create-cistern.ts";
export type { CallingOptions, CisternOptions, TransportOptions } from "./create-cistern.ts";
export type { Environment, Fetch, FetchRequest, FetchResponse } from "./environment.ts";
export { CisternProblem, CisternUnavailable, CisternUnsettled } from "./errors.ts";
export type { UnavailableReason } from "./errors.ts";
export type { JournalEntry, JournalOutcome, OfflineJournal } from "./offline/journal.ts";
export type { ClosedWithJournal } from "./offline/closed-with-journal.ts";
export type { OpenWithJournal } from "./offline/open-with-journal.ts";
export { StreamFinal } from "./streams/stream-request.ts";
export type {
  FinalAction,
  StreamEnd,
  StreamOptions,
  StreamRequest,
} from "./streams/stream-request.ts";
export type { SliceTerms } from "./streams/stream-slices.ts";
export { TransportFault } from "./transport.ts";
export type { Transport } from "./transport.ts";
