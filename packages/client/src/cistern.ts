// Owns: what a program sees of Cistern, whether the engine runs in its process or behind HTTP.
import type {
  Allowance,
  AllowanceQuery,
  ApiKey,
  ApiKeyCreated,
  ApiKeyPage,
  ApiKeyRequest,
  Balance,
  BalanceQuery,
  BreakageRequest,
  Chargeback,
  ChargebackRequest,
  Closing,
  ClosingRequest,
  CostAllocation,
  CostAllocationQuery,
  Debit,
  DebitRequest,
  ExtendRequest,
  Grant,
  GrantPage,
  GrantRequest,
  Group,
  GroupPage,
  GroupRequest,
  Hold,
  HoldRequest,
  LedgerPage,
  LedgerQuery,
  Limit,
  LimitPage,
  LimitRemoved,
  LimitRequest,
  Member,
  MemberPage,
  MemberRequest,
  PageQuery,
  Quote,
  Refund,
  RefundRequest,
  Release,
  Repayment,
  RepaymentRequest,
  RevokeRequest,
  Settlement,
  Usage,
  UsagePage,
  UsageQuery,
  Workspace,
  WorkspacePatch,
  WorkspaceRequest,
} from "@cistern/contract";
import type { BillingProfileClient, IssuerClient } from "./billing-profile.ts";
import type { BooksClient } from "./books.ts";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { CatalogClient } from "./catalog.ts";
import type { Download } from "./download.ts";
import type { EntitlementsClient, SeatsClient } from "./entitlements.ts";
import type { ConsumersClient } from "./consumers.ts";
import type { EventsClient } from "./events.ts";
import type { FairnessClient } from "./fairness.ts";
import type { CustomerBalanceClient } from "./customer-balance.ts";
import type { IngestClient, WorkspaceIngestClient } from "./ingest.ts";
import type { InvoicesClient } from "./invoices.ts";
import type { BillableOutcomes } from "./outcomes.ts";
import type { ManyLimitsClient } from "./limits.ts";
import type { RunsClient } from "./runs.ts";
import type { RequestsClient } from "./requests.ts";
import type {
  StreamEnd,
  StreamFinal,
  StreamOptions,
  StreamRequest,
} from "./streams/stream-request.ts";
import type { PoliciesClient } from "./policies.ts";
import type { ReportsClient } from "./reports.ts";
import type { Spent } from "./spent.ts";
import type { SubscriptionClient } from "./subscription.ts";
import type { AlertsClient } from "./alerts.ts";
import type { TopUpsClient } from "./top-ups.ts";
import type { WebhooksClient } from "./webhooks.ts";

export type { Spent } from "./spent.ts";

/** What a settle says beside what was used. */
export interface SettleOptions extends ChangeOptions {
  /** `false`: an increment; the hold stays open. Default `true`. */
  readonly final?: boolean;
}

/** The server could not be reached: the report is kept on disk, and delivered once when it is back (failure modes with a journal). */
export interface Deferred {
  readonly deferred: true;
  /** The hold, or the key of the report. */
  readonly id: string;
}

/**
 * Cistern. `Deferral` is `never` where calls fail closed without a journal, and `Deferred` with one: then answers to reports, and with
 * `open_with_journal` approvals too, may come from this process.
 *
 * @example
 * const acme = cistern.workspace("acme");
 * const text = await acme.run({ member: "ana", meter: "chat", model: "gpt-5", estimate }, () => ask(prompt));
 */
export interface Cistern<Deferral = never> {
  /** A workspace to work in; nothing is asked of the server. */
  workspace(id: string): WorkspaceClient<Deferral>;
  /** Creates a workspace. */
  createWorkspace(request: WorkspaceRequest, options?: ChangeOptions): Promise<Workspace>;
  /** Meters, prices, plans and packs. */
  readonly catalog: CatalogClient;
  /** Closing months of all workspaces, and what the books say of them. */
  readonly books: BooksClient;
  /** Who sends invoices. */
  readonly issuer: IssuerClient;
  /** The events of all workspaces. */
  readonly consumers: ConsumersClient;
  readonly keys: {
    /** Makes an API key; the secret stands in this answer alone. */
    create(request: ApiKeyRequest, options?: ChangeOptions): Promise<ApiKeyCreated>;
    list(query?: PageQuery, options?: CallOptions): Promise<ApiKeyPage>;
    revoke(id: string, options?: ChangeOptions): Promise<ApiKey>;
  };
  /** Usage of any workspace in the words of others: `subject` is the workspace. */
  readonly ingest: IngestClient;
  /** Where events are sent. */
  readonly webhooks: WebhooksClient;
  /** Ends background work. Calls under way are given up; what is on disk stays for the next start. */
  close(): Promise<void>;
}

/** One workspace. Refusals are thrown as `CisternProblem`, missing answers as `CisternUnavailable`. */
export interface WorkspaceClient<Deferral = never> {
  readonly id: string;
  get(options?: CallOptions): Promise<Workspace>;
  update(patch: WorkspacePatch, options?: ChangeOptions): Promise<Workspace>;

  /** Sets credits aside for one call, or throws why not. */
  authorize(request: HoldRequest, options?: ChangeOptions): Promise<AuthorizedHold<Deferral>>;
  /**
   * Authorizes, works, settles. On success it settles what `spent` says of the result, else what was reported, else the
   * estimate. When the work throws, what was reported is settled, and where nothing was delivered the hold is released.
   */
  run<Result>(
    request: HoldRequest,
    work: (call: RunningCall<Deferral>) => Promise<Result> | Result,
    options?: RunOptions<Result>,
  ): Promise<Result>;
  /** Approves a call whose length nobody knows slice by slice, while it runs; `ReservedStream` says how far it may overspend. */
  reserveStream(request: StreamRequest, options?: StreamOptions): Promise<ReservedStream<Deferral>>;
  /** Settles a hold by its id, for instance in another process than the one that authorized it. */
  settle(hold: string, spent: Spent, options?: SettleOptions): Promise<Settlement | Deferral>;
  extend(hold: string, request: ExtendRequest, options?: ChangeOptions): Promise<Hold>;
  release(hold: string, options?: ChangeOptions): Promise<Release | Deferral>;
  hold(id: string, options?: CallOptions): Promise<Hold>;

  /** Reports usage that had no hold. */
  debit(request: DebitRequest, options?: ChangeOptions): Promise<Debit | Deferral>;
  refund(request: RefundRequest, options?: ChangeOptions): Promise<Refund>;
  quote(request: HoldRequest, options?: CallOptions): Promise<Quote>;
  grant(request: GrantRequest, options?: ChangeOptions): Promise<Grant>;
  revoke(grant: string, request?: RevokeRequest, options?: ChangeOptions): Promise<Grant>;
  /** Pays money back: for unused credits, or goodwill. */
  repay(grant: string, request?: RepaymentRequest, options?: ChangeOptions): Promise<Repayment>;
  /** Books what a bank took back. */
  chargeBack(
    grant: string,
    request?: ChargebackRequest,
    options?: ChangeOptions,
  ): Promise<Chargeback>;
  /** Ends a dormant grant in favour of the state. */
  escheat(grant: string, options?: ChangeOptions): Promise<Grant>;

  /** Usage in the words of others: `subject` is the member. */
  readonly ingest: WorkspaceIngestClient;
  /** Envelopes around calls. */
  readonly runs: RunsClient;
  /** Results that the plan pays for: not how a call ended, which is said when it is settled. */
  readonly outcomes: BillableOutcomes;

  /** The plan that the workspace is on. */
  readonly subscription: SubscriptionClient;
  /** What that plan opens. */
  readonly entitlements: EntitlementsClient;
  /** What members may call, when, and what they have accepted. */
  readonly policies: PoliciesClient;
  /** Who needs more, which seats are idle, where credits go for little. */
  readonly reports: ReportsClient;
  /** Who has its seats. */
  readonly seats: SeatsClient;
  /** How members share the pool. */
  readonly fairness: FairnessClient;
  readonly invoices: InvoicesClient;
  /** What the vendor owes the customer. */
  readonly customerBalance: CustomerBalanceClient;
  /** What the next invoices are made with. */
  readonly billing: BillingProfileClient;
  /** Packs of credits that are bought, by somebody or by a rule. */
  readonly topUps: TopUpsClient;
  readonly alerts: AlertsClient;
  /** Many limits at once. */
  readonly manyLimits: ManyLimitsClient;
  /** Members who ask for more than a limit gives. */
  readonly requests: RequestsClient;

  /**
   * What each member, group, project, meter or key used, with its share of what went unused, at the cost of the very lots that paid.
   * Days are `YYYY-MM-DD` in the workspace's zone, both included; amounts are exact decimals, and all rows together the whole.
   */
  costAllocation(
    query: Omit<CostAllocationQuery, "format">,
    options?: CallOptions,
  ): Promise<CostAllocation>;
  /** The same as a table (RFC 4180, UTF-8). */
  costAllocationCsv(
    query: Omit<CostAllocationQuery, "format">,
    options?: CallOptions,
  ): Promise<Download>;
  /** Closes a month of this workspace's books; one that is closed is answered as it was closed. */
  closeMonth(request: ClosingRequest, options?: CallOptions): Promise<Closing>;

  balance(query?: BalanceQuery, options?: CallOptions): Promise<Balance>;
  /** What a member may still spend, and what binds it; with `run`, within that run and those around it. */
  allowance(member: string, query?: AllowanceQuery, options?: CallOptions): Promise<Allowance>;
  usage(query?: UsageQuery, options?: CallOptions): Promise<UsagePage>;
  ledger(query?: LedgerQuery, options?: CallOptions): Promise<LedgerPage>;
  /** Its facts, in order; `follow` goes on for ever. */
  readonly events: EventsClient;
  getGrant(id: string, options?: CallOptions): Promise<Grant>;
  grants(query?: PageQuery, options?: CallOptions): Promise<GrantPage>;
  /** Registered ones; a guest is refused with `not_found`. */
  member(id: string, options?: CallOptions): Promise<Member>;
  members(query?: PageQuery, options?: CallOptions): Promise<MemberPage>;
  group(id: string, options?: CallOptions): Promise<Group>;
  groups(query?: PageQuery, options?: CallOptions): Promise<GroupPage>;
  limit(id: string, options?: CallOptions): Promise<Limit>;
  limits(query?: PageQuery, options?: CallOptions): Promise<LimitPage>;

  /** Registers or changes what has an id of yours. */
  readonly put: {
    member(id: string, request?: MemberRequest, options?: ChangeOptions): Promise<Member>;
    group(id: string, request?: GroupRequest, options?: ChangeOptions): Promise<Group>;
    limit(id: string, request: LimitRequest, options?: ChangeOptions): Promise<Limit>;
    /** What share of a grant is expected never to be used. */
    breakage(grant: string, request: BreakageRequest, options?: ChangeOptions): Promise<Grant>;
  };
  /** The member opens no more holds; `put.member` brings it back. */
  deactivateMember(id: string, options?: ChangeOptions): Promise<Member>;
  removeLimit(id: string, options?: ChangeOptions): Promise<LimitRemoved>;
}

/** A hold that was approved, with what can be done with it. */
export interface AuthorizedHold<Deferral = never> {
  readonly id: string;
  readonly member: string;
  /** What was set aside. */
  readonly credits: string;
  readonly expiresAt: string;
  /** Approved in this process, because the server could not be reached. */
  readonly isOffline: boolean;
  /** The server's answer: lots, balance, position. */
  readonly answer: Hold | Deferral;
  /** Charges what was really used and gives the rest back. */
  settle(spent: Spent, options?: SettleOptions): Promise<Settlement | Deferral>;
  /** Asks for more credits, more time, or both. */
  extend(
    request: Omit<ExtendRequest, "part">,
    options?: ChangeOptions,
  ): Promise<AuthorizedHold<Deferral>>;
  /** Gives everything back: the call did not happen. */
  release(options?: ChangeOptions): Promise<Release | Deferral>;
}

/**
 * A stream that is approved slice by slice. When a quarter of a slice is left the next one is asked for, while the stream goes on; slices
 * grow up to a cap, and a call that ends within the first asks for no more. Where a grown one is refused the next are as small as the first, until
 * there is not even one of these: that makes the grant final.
 *
 * The bound: it runs at most one slice ahead of what is approved, while the answer to a renewal is on its way. So where the pool runs dry, what is
 * charged beyond it is at most that one slice for each live stream (and what one `deliver` tells past its edge), with every action but
 * `finish`. Whoever stops when `deliver` answers `false`, until `room` answers, is charged nothing beyond it.
 *
 * @example
 * await using stream = await acme.reserveStream({ member: "ana", meter: "chat", first: { input_text: 900, output_text: 512 } });
 * for await (const chunk of ask(prompt, { signal: stream.signal })) {
 *   if (!stream.deliver({ output_text: chunk.tokens }) && !(await stream.room())) break;
 * }
 * await stream.end({ usage, outcome: "delivered" });
 */
export interface ReservedStream<Deferral = never> extends AsyncDisposable {
  /** As it was approved last. */
  readonly hold: AuthorizedHold<Deferral>;
  /** For the call to the provider. Aborts with a `StreamFinal`, or with the reason of the caller's signal. */
  readonly signal: AbortSignal;
  /** Slices approved so far. */
  readonly slices: number;
  /** Set when a renewal was denied, or could not be had in time: what is approved is all there will be. */
  readonly final: StreamFinal | undefined;
  /** What was delivered so far. */
  delivered(): Usage;
  /** Tells what was delivered since the last time, at once. `false`: what is approved is used up for now. */
  deliver(usage: Usage): boolean;
  /** Waits until more is approved (`true`), or it is clear that none will be (`false`). */
  room(): Promise<boolean>;
  /** Settles. It ends once: another call answers the same. Where it is rejected it may be called again. */
  end(how?: StreamEnd): Promise<Settlement | Deferral>;
  /** Gives everything back: the call did not happen. Refused where something was delivered. */
  release(): Promise<Release | Deferral>;
}

/** What the work of `run` gets. */
export interface RunningCall<Deferral = never> {
  readonly hold: AuthorizedHold<Deferral>;
  /** The signal given to `run`, for the call to the provider. */
  readonly signal: AbortSignal | undefined;
  /** Says what was delivered so far, in total: the last word counts, also when the work throws. */
  readonly report: (spent: Spent) => void;
}

/** Options of `run`. */
export interface RunOptions<Result> extends ChangeOptions {
  /** Reads from the result what was used. */
  readonly spent?: (result: Result) => Spent;
}
