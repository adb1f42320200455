export type {
  AuthorizedHold,
  BillableOutcomes,
  SubscriptionClient,
  CallOptions,
  ChangeOptions,
  Cistern,
  Deferred,
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
export type { OpenWithJournal } from "./offline/open-with-journal.ts";
export { TransportFault } from "./transport.ts";
export type { Transport } from "./transport.ts";
