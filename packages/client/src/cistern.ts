// Owns: what a program sees of Cistern, whether the engine runs in its process or behind HTTP.
import type {
  Allowance,
  ApiKey,
  ApiKeyCreated,
  ApiKeyPage,
  ApiKeyRequest,
  Balance,
  BalanceQuery,
  BillableOutcome,
  BillableOutcomePage,
  BreakageRequest,
  CancelRequest,
  Chargeback,
  ChargebackRequest,
  ConfirmRequest,
  Debit,
  DebitRequest,
  DisputeRequest,
  EventPage,
  EventQuery,
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
  Outcome,
  OutcomeRequest,
  PageQuery,
  Quote,
  Refund,
  RefundRequest,
  Release,
  ReopenRequest,
  Repayment,
  RepaymentRequest,
  RevokeRequest,
  SeatsRequest,
  Settlement,
  Signal,
  SignalRequest,
  Subscription,
  SubscriptionChange,
  SubscriptionRequest,
  Usage,
  UsagePage,
  UsageQuery,
  Workspace,
  WorkspacePatch,
  WorkspaceRequest,
} from "@cistern/contract";

/** Options of any call. */
export interface CallOptions {
  /** Gives the call up; whether it had its effect is then unknown. */
  readonly signal?: AbortSignal;
  /** For the call with all its retries. */
  readonly timeoutMs?: number;
}

/** Options of a call that changes something. */
export interface ChangeOptions extends CallOptions {
  /** The same key with the same body gets the first answer again; default a fresh one per call. */
  readonly idempotencyKey?: string;
}

/**
 * What was really used: credits, or usage that the rate card prices; where nobody knows, how the call ended. `outcome` decides what
 * is charged by the meter's rules, but never over credits that are said. An increment (`final: false`) has no outcome yet.
 * `model` is the one that answered, where the call was re-routed to another than it was held for.
 */
export type Spent =
  | { readonly credits: string; readonly outcome?: Outcome; readonly model?: string }
  | { readonly usage: Usage; readonly outcome?: Outcome; readonly model?: string }
  | { readonly outcome: Outcome; readonly model?: string };

/** What a settle says beside what was used. */
export interface SettleOptions extends ChangeOptions {
  /** `false`: an increment; the hold stays open. Default `true`. */
  readonly final?: boolean;
}

/** The server could not be reached: the report is kept on disk, and delivered once when it is back (`open_with_journal`). */
export interface Deferred {
  readonly deferred: true;
  /** The hold, or the key of the report. */
  readonly id: string;
}

/**
 * Cistern. `Deferral` is `never` where calls fail closed, and `Deferred` with `open_with_journal`: then answers may come
 * from this process.
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
  readonly keys: {
    /** Makes an API key; the secret stands in this answer alone. */
    create(request: ApiKeyRequest, options?: ChangeOptions): Promise<ApiKeyCreated>;
    list(query?: PageQuery, options?: CallOptions): Promise<ApiKeyPage>;
    revoke(id: string, options?: ChangeOptions): Promise<ApiKey>;
  };
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

  /** Results that the plan pays for: not how a call ended, which is said when it is settled. */
  readonly outcomes: BillableOutcomes;

  /** The plan that the workspace is on. */
  readonly subscription: SubscriptionClient;

  balance(query?: BalanceQuery, options?: CallOptions): Promise<Balance>;
  allowance(member: string, options?: CallOptions): Promise<Allowance>;
  usage(query?: UsageQuery, options?: CallOptions): Promise<UsagePage>;
  ledger(query?: LedgerQuery, options?: CallOptions): Promise<LedgerPage>;
  events(query?: EventQuery, options?: CallOptions): Promise<EventPage>;
  grants(query?: PageQuery, options?: CallOptions): Promise<GrantPage>;
  members(query?: PageQuery, options?: CallOptions): Promise<MemberPage>;
  groups(query?: PageQuery, options?: CallOptions): Promise<GroupPage>;
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

/**
 * Billable outcomes. What is said may come late and in any order: what it comes to is the same.
 *
 * @example
 * await acme.outcomes.claim({ type: "resolution", customer: "cus_9", topic: "refund", conversation: "conv_1" });
 * await acme.outcomes.signal({ kind: "contact", customer: "cus_9", topic: "refund", conversation: "conv_1" });
 */
export interface BillableOutcomes {
  /** Says that a result was reached. */
  claim(request: OutcomeRequest, options?: ChangeOptions): Promise<BillableOutcome>;
  /** Says what somebody did in a case. */
  signal(request: SignalRequest, options?: ChangeOptions): Promise<Signal>;
  /** It is one: it is billed and need not mature. */
  confirm(id: string, request?: ConfirmRequest, options?: ChangeOptions): Promise<BillableOutcome>;
  /** It is none after all. */
  reopen(id: string, request?: ReopenRequest, options?: ChangeOptions): Promise<BillableOutcome>;
  /** Raises a dispute, or with a resolution ends it. */
  dispute(id: string, request?: DisputeRequest, options?: ChangeOptions): Promise<BillableOutcome>;
  get(id: string, options?: CallOptions): Promise<BillableOutcome>;
  list(query?: PageQuery, options?: CallOptions): Promise<BillableOutcomePage>;
}

/**
 * The plan of a workspace: its fees are on the next invoice, its credits in the pool at once.
 *
 * @example
 * const { amount } = await acme.subscription.preview({ plan: "team", seats: 5 });
 * await acme.subscription.put({ plan: "team", seats: 5 });
 */
export interface SubscriptionClient {
  /** The one that lives, or else the last one that ended. */
  get(options?: CallOptions): Promise<Subscription>;
  /** Begins it, or changes plan or seats: at once what costs as much or more, the rest at the end of the period. */
  put(request: SubscriptionRequest, options?: ChangeOptions): Promise<SubscriptionChange>;
  /** What `put` would answer, to the cent; nothing happens. */
  preview(request: SubscriptionRequest, options?: CallOptions): Promise<SubscriptionChange>;
  seats(request: SeatsRequest, options?: ChangeOptions): Promise<SubscriptionChange>;
  /** With its period, or now: then what was paid for the rest goes to the customer's balance. */
  cancel(request?: CancelRequest, options?: ChangeOptions): Promise<SubscriptionChange>;
  /** At the end of its period. */
  pause(options?: ChangeOptions): Promise<Subscription>;
  /** Takes a pause or a cancellation back; a pause that has begun ends with a new period. */
  resume(options?: ChangeOptions): Promise<Subscription>;
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
