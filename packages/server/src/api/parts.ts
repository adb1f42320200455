import type { Calendar, Instant, Line, Pack, Plan, RateCards } from "@cistern/kernel";
import type { CreditWords, InvoiceQuery } from "@cistern/contract";
import type {
  InvoicerStats,
  IssueInvoice,
  Particulars,
  Printer,
  Profiles,
  Purchases,
  TaxAnswer,
  TaxQuestion,
} from "../billing/index.ts";
import type { BooksClosed, BooksSource } from "../books/index.ts";
import type { Catalog, CatalogChange, Meter } from "../catalog/index.ts";
import type { EventRule, Observations, SpanLinks, TraceRules } from "../ingest/index.ts";
import type { Engine } from "../engine/index.ts";
import type { FeedConsumers, FeedWatch } from "../feed/index.ts";
import type { ApiKeys, Names, PolicyTexts } from "../identity/index.ts";
import type { ConsumerStats, Webhooks } from "../outbound/index.ts";
import type { InvoiceRecord, ListedInvoice, UseReports } from "../projections/index.ts";
import type { Replays } from "../recommending/index.ts";
import type { RecordPage, Records, Refusals } from "./records.ts";

/** What a push came to. */
export type PushedCatalog =
  | {
      readonly kind: "pushed";
      readonly version: number;
      readonly hash: string;
      readonly effectiveAtMs: number;
      /** The newest version had this content already. */
      readonly isSame: boolean;
    }
  | {
      readonly kind: "faulty";
      /** By place, as a JSON pointer into the catalog. */
      readonly problems: readonly { readonly path: string; readonly message: string }[];
    };

/** What a catalog would change. */
export type ComparedCatalog =
  | {
      readonly kind: "compared";
      readonly catalog: Catalog;
      readonly changes: readonly CatalogChange[];
    }
  | Extract<PushedCatalog, { readonly kind: "faulty" }>;

/** What the API stands on; the composition root hands it in. */
export interface ApiParts {
  readonly engine: Engine;
  readonly records: Records;
  /** What reports on use read. */
  readonly useReports: UseReports;
  /** What was refused, by the hour (RULES 27): best effort. */
  readonly refusals: Refusals;
  readonly keys: ApiKeys;
  readonly names: Names;
  readonly policyTexts: PolicyTexts;
  /** Has the payments of a workspace's top-ups collected; to be waited for before one can be asked for. */
  readonly topUps: { readonly watch: (workspaceId: string) => Promise<void> };
  /** Has a workspace watched for alerts; to be waited for before a rule can stand. */
  readonly watching: { readonly watch: (workspaceId: string) => Promise<void> };
  /** What somebody else saw, as spans. */
  readonly observations: Observations;
  /** Which of them lie within which. */
  readonly spanLinks: SpanLinks;
  /** Waits until the tables have a row of the journal. Rejects with `DatabaseFault` where that takes too long. */
  readonly projected: (workspaceId: string, seq: number) => Promise<void>;
  /** Replays of past periods. */
  readonly replays: Pick<Replays, "replay">;
  readonly calendar: Calendar;
  readonly isTimeZone: (name: string) => boolean;
  /** Versions of the catalog that this node knows, newest first, and its clock. */
  readonly catalog: {
    readonly versions: () => readonly {
      readonly version: number;
      readonly hash: string;
      readonly effectiveAtMs: number;
      /** JSON. */
      readonly content: string;
      readonly credits: CreditWords;
    }[];
    /** What the catalog in force calls credits where people read of them. */
    readonly credits: () => CreditWords;
    readonly now: () => number;
    /** Makes a catalog the newest version, or says all that is wrong with it. */
    readonly push: (content: unknown, effectiveAtMs: number | undefined) => Promise<PushedCatalog>;
    /** What a push would change beside the newest version. */
    readonly compare: (content: unknown) => Promise<ComparedCatalog>;
    /** Workspaces after this one, by id. */
    readonly workspaces: (after: string) => AsyncIterable<string>;
    /** A plan of the catalog in force, by name. */
    readonly plan: (name: string) => Plan | undefined;
    /** Those of the catalog in force, by name. */
    readonly meters: () => ReadonlyMap<string, Meter>;
    /** How arriving events become usage by it, by their type. */
    readonly events: () => ReadonlyMap<string, EventRule>;
    /** What spans that arrive are for. */
    readonly traces: () => TraceRules;
    /** A pack of the catalog in force, by name. */
    readonly pack: (name: string) => Pack | undefined;
  };
  /** What books are made of, and closing a month everywhere. */
  readonly books: {
    readonly source: BooksSource;
    readonly close: (month: string) => Promise<BooksClosed>;
  };
  /** Who waits for events. */
  readonly feed: FeedWatch;
  /** Who reads all workspaces. */
  readonly consumers: FeedConsumers;
  /** Prices in force at an instant. */
  readonly rateCards: (at: Instant) => RateCards;
  /** Invoices, and what they are made with. Reading waits until the tables have the row of the journal that is named last. */
  readonly billing: {
    readonly profiles: Profiles;
    readonly issue: IssueInvoice;
    /** Papers and numbers of what was bought. */
    readonly purchases: Purchases;
    /** The tax of a draft, or of what is on none yet, as it would be issued now. */
    readonly taxOf: (
      about: Omit<TaxQuestion, "subtotal" | "lines">,
      lines: readonly Line[],
    ) => Promise<TaxAnswer>;
    readonly stats: () => InvoicerStats;
    readonly printer: Pick<Printer, "pdf">;
    readonly invoices: (
      workspaceId: string,
      query: InvoiceQuery,
      seq: number,
    ) => Promise<RecordPage<ListedInvoice>>;
    readonly invoice: (
      workspaceId: string,
      id: string,
      seq: number,
    ) => Promise<InvoiceRecord | undefined>;
    /** What an invoice was issued with; of a draft, what it would be issued with now. */
    readonly particulars: (
      workspaceId: string,
      invoice: string,
      timeZone: string,
    ) => Promise<Particulars>;
    /** The number of a credit note that is durable. */
    readonly creditNoteNumber: (workspaceId: string, creditNote: string) => Promise<string>;
  };
  /** Endpoints that events are sent to. */
  readonly webhooks: Webhooks;
  /** Figures of those who get every event, and the clock that ages are told by. */
  readonly outbound: {
    readonly stats: () => readonly ConsumerStats[];
    readonly now: () => number;
  };
  /** Why this node cannot decide now; nothing when it can. */
  readonly readiness: () => Promise<readonly string[]>;
  /** An id of ours with a prefix, such as `hld`. */
  readonly newId: (prefix: string) => string;
}
