/**
 * Owns how the parts of one node stand on each other: database, journal, engine, keys, names. `serve` puts HTTP on it,
 * `embedded` a client in process.
 */
import { type PaymentProvider, manualPayments } from "./payments/index.ts";
import type { Calendar } from "@cistern/kernel";
import type { Pool } from "pg";
import type { ApiParts } from "./api/index.ts";
import type { IncompleteLogEntry, InvoicerLogEntry, Taxes } from "./billing/index.ts";
import { booksSource, closeBooks } from "./books/index.ts";
import type { Catalog } from "./catalog/index.ts";
import { type Database, openDatabase } from "./database/index.ts";
import { type Engine, type EngineLogEntry, createEngine } from "./engine/index.ts";
import { type FeedWatch, createFeedConsumers, createFeedWatch } from "./feed/index.ts";
import { createCalendar, createIds, isTimeZone } from "./host/index.ts";
import { type CollectorLogEntry, createCollector, createWatchList } from "./top-ups/index.ts";
import { createObservations, createSpanLinks } from "./ingest/index.ts";
import { createApiKeys, createNames, createPolicyTexts } from "./identity/index.ts";
import { type JournalStore, headsOf, postgresStore, workspaceIds } from "./journal/index.ts";
import { Life } from "./life.ts";
import {
  databaseOptions,
  distanceMs,
  feedOf,
  journalOf,
  otherConnections,
  prepare,
} from "./node-database.ts";
import { openBilling } from "./open-billing.ts";
import { openCatalog } from "./open-catalog.ts";
import { type OutboundSettings, openOutbound } from "./open-outbound.ts";
import { observationDaysDefault, openForgetting } from "./open-forgetting.ts";
import { openProjections } from "./open-projections.ts";
import { openWatching } from "./open-watching.ts";
import { openRecommending } from "./open-recommending.ts";
import { openWaker } from "./open-waker.ts";
import { readiness } from "./readiness.ts";
import type { WakerLogEntry } from "./background/index.ts";
import type { OutboundLogEntry, Pump } from "./outbound/index.ts";
import type { Platform } from "./platform.ts";
import { mentionsIn } from "./projections/index.ts";

/** What a node stands on. */
export interface NodeOptions {
  /** `DATABASE_URL`; without it the embedded PostgreSQL of `folder`. */
  readonly databaseUrl?: string | undefined;
  readonly folder: string;
  /** In force until the first version of the catalog is. */
  readonly catalog: Catalog;
  /**
   * A clock that somebody moves, in place of the platform's (`test-cistern.ts`). It is nobody else's, so it is not compared with
   * the database's, and drafts are issued by whoever moves it.
   */
  readonly movedClock?: () => number;
  readonly log: (entry: NodeLogEntry) => void;
  /** Who collects the payments of top-ups; left out: whoever sees the money says so. */
  readonly payments?: PaymentProvider;
  /** Who knows the tax of an invoice; left out: its billing profile. */
  readonly taxes?: Taxes | undefined;
  /** What others saw is kept so many days; left out: 180. */
  readonly observationDays?: number | undefined;
  /** How what leaves is paced, and where to, where it is not as by default. */
  readonly outbound?: OutboundSettings | undefined;
  /** Gives the start up. */
  readonly signal?: AbortSignal;
}

/** A line for the operator. */
export type NodeLogEntry =
  | EngineLogEntry
  | CollectorLogEntry
  | InvoicerLogEntry
  | IncompleteLogEntry
  | WakerLogEntry
  | OutboundLogEntry
  | {
      readonly level: "info" | "warn" | "error";
      readonly code:
        | "database_setting"
        | "connection_lost"
        | "database_lost"
        | "schema_changed"
        | "call_failed"
        | "catalog_unread"
        | "feed_unread";
      readonly message: string;
      readonly cause?: unknown;
    };

/** A node that runs until it is closed. */
export interface Node {
  readonly database: Database;
  readonly engine: Engine;
  readonly parts: ApiParts;
  /** From now on `/readyz` says that this node is going. */
  drain(): void;
  /** Drives those who get every event. */
  readonly pump: Pump;
  /** Resolves when the tables have all that was appended before the call. */
  settled(): Promise<void>;
  /** Takes in what a watched workspace has, raises what it finds, and offers what a period that is over speaks for. */
  follow(workspaceId: string): Promise<void>;
  /** Answers what it has taken, writes snapshots, ends every connection and the embedded server. May be called twice. */
  close(): Promise<void>;
}

/** Opens a node. Rejects with `DatabaseFault`. */
export async function openNode(options: NodeOptions, platform: Platform): Promise<Node> {
  const life = new Life();
  const log: NodeOptions["log"] = (entry) => {
    // A connection that ends because we end is no news.
    if (!life.isOver || entry.code !== "connection_lost") options.log(entry);
  };
  try {
    const database = await openDatabase(databaseOptions({ ...options, log }, platform));
    life.whenOver(() => database.close());
    return await startOn(database, { ...options, log }, platform, life);
  } catch (error) {
    await life.end();
    throw error;
  }
}

async function startOn(
  database: Database,
  options: NodeOptions,
  platform: Platform,
  life: Life,
): Promise<Node> {
  const { log, movedClock } = options;
  const clock = { ...platform, now: movedClock ?? (() => platform.now()) };
  const others = database.openPool({ purpose: "control", connectionsMax: otherConnections });
  await prepare(database, others, log);
  const ground: Ground = {
    database,
    others,
    store: journalOf(database),
    calendar: createCalendar(),
    clock,
    newId: createIds(clock),
    platform,
    options,
  };
  const tables = openTables(ground, life);
  const { rateCards, catalog } = openRates(ground);
  const feed = openFeed(ground);
  const { engine, billing, topUps, invoicing, outbound } = openPool(ground, {
    ...tables,
    rateCards,
    feed,
  });
  await rateCards.start();
  life.whenOver(async () => rateCards.stop());
  await engine.start();
  life.whenOver(() => engine.stop());
  topUps.start();
  life.whenOver(() => topUps.stop());
  const ratesAt = ratesOf(rateCards);
  const records = recordsOf(ground);
  const { watching, recommending } = startLookouts(ground, life, {
    observations: records.observations,
    engine,
    rateCards,
    ratesAt,
    inSpan: tables.inSpan,
    invoicing,
    outbound,
  });
  let isDraining = false;
  const parts: ApiParts = {
    ...records,
    ...tables.reading,
    projected: tables.projected,
    engine,
    feed,
    consumers: createFeedConsumers(ground.others),
    topUps,
    watching,
    replays: recommending.replays,
    catalog,
    billing,
    webhooks: outbound.webhooks,
    outbound: { stats: () => outbound.pump.stats(), now: () => platform.now() },
    books: booksOf(engine, ground.calendar, others),
    rateCards: ratesAt,
    readiness: readiness({ database, engine, rateCards }, () => isDraining),
  };
  const drain = (): void => {
    isDraining = true;
    feed.end();
  };
  life.whenOver(async () => feed.end());
  const settled = (): Promise<void> => tables.projector.settled();
  const follow = async (workspaceId: string): Promise<void> => {
    await watching.follow(workspaceId);
    await recommending.look(workspaceId);
  };
  const { pump } = outbound;
  return { database, engine, parts, pump, drain, settled, follow, close: () => life.end() };
}

/** What all parts of a node stand on. */
interface Ground {
  readonly database: Database;
  readonly others: Pool;
  readonly store: JournalStore;
  readonly calendar: Calendar;
  readonly clock: Platform;
  readonly newId: ApiParts["newId"];
  readonly platform: Platform;
  readonly options: NodeOptions;
}

function openTables(
  { database, others: pool, store, clock, platform, options }: Ground,
  life: Life,
) {
  const onFault = (cause: unknown): void => {
    const message = "A projection failed; it is tried again.";
    options.log({ level: "warn", code: "projection_failed", message, cause });
  };
  const tables = openProjections({ database, pool, store, clock, readingClock: platform, onFault });
  life.whenOver(
    () => tables.projector.stop(),
    () => tables.refusals.flush(),
  );
  return tables;
}

/** Who waits for events; timers of the process, also on a clock that is moved. */
function openFeed({ others: pool, clock, options }: Ground): FeedWatch {
  return createFeedWatch({
    clock,
    heads: (ids) => headsOf(pool, ids),
    onFault: (cause) => {
      const message = "The heads of journals could not be read; readers who wait are told later.";
      options.log({ level: "warn", code: "feed_unread", message, cause });
    },
  });
}

function openRates({ database, others: pool, clock, platform, options }: Ground) {
  const { log, movedClock } = options;
  const onFault = (cause: unknown): void => {
    const message = "The catalog could not be read; it is tried again.";
    log({ level: "warn", code: "catalog_unread", message, cause });
  };
  const first = options.catalog;
  return openCatalog({ database, pool, clock, readingClock: platform, first, movedClock, onFault });
}

type RateCards = ReturnType<typeof openRates>["rateCards"];
type Tables = ReturnType<typeof openTables>;

/** The engine, and those who hear of what it appends. */
function openPool(
  { database, others: pool, store, calendar, clock, newId, platform, options }: Ground,
  {
    projector,
    projected,
    refusals,
    rateCards,
    feed,
  }: Tables & { readonly rateCards: RateCards; readonly feed: FeedWatch },
) {
  const { log, movedClock, taxes } = options;
  const node = newId("nod");
  const engine = createEngine({
    store,
    feedStore: feedOf(database),
    mentions: mentionsIn(pool),
    observer: {
      appended: (row) => {
        projector.appended(row);
        feed.appended(row);
        topUps.appended(row);
        invoicing.invoicer.appended(row);
        outbound.pump.appended(row.workspaceId);
      },
      refused: (refusal) => refusals.refused(refusal),
    },
    clock,
    newId: platform.randomUuid,
    writer: node,
    calendar,
    rateCard: (_workspaceId, at) => rateCards.at(at),
    rateCardNamed: (name, at) => rateCards.named(name, at),
    rateCardOf: (id) => rateCards.byId(id),
    fault: () => rateCards.fault(),
    ...(movedClock === undefined ? { clockDistanceMs: () => distanceMs(pool, platform) } : {}),
    log,
  });
  const { billing, ...invoicing } = openBilling({
    pool,
    engine,
    projected,
    clock: platform,
    log,
    taxes,
  });
  const topUps = createCollector({
    engine,
    provider: options.payments ?? manualPayments,
    watchList: createWatchList(pool),
    clock,
    newId,
    log,
  });
  const outbound = openOutbound({
    database,
    engine,
    platform,
    newId,
    node,
    log,
    settings: options.outbound,
  });
  return { engine, billing, topUps, invoicing, outbound };
}

const ratesOf =
  (rateCards: RateCards): ApiParts["rateCards"] =>
  (at) => ({
    rateCard: rateCards.at(at),
    rateCardNamed: (name) => rateCards.named(name, at),
    rateCardOf: (id) => rateCards.byId(id),
  });

/** Those who look for work by themselves; on a clock that is moved nobody does. */
function startLookouts(
  { others: pool, store, calendar, clock, newId, options }: Ground,
  life: Life,
  {
    observations,
    engine,
    rateCards,
    ratesAt,
    inSpan,
    invoicing,
    outbound,
  }: Pick<ReturnType<typeof openPool>, "engine" | "invoicing" | "outbound"> &
    Pick<Tables, "inSpan"> &
    Pick<ApiParts, "observations"> & {
      readonly rateCards: RateCards;
      readonly ratesAt: ApiParts["rateCards"];
    },
) {
  const { log, movedClock, observationDays = observationDaysDefault } = options;
  const isClockMoved = movedClock !== undefined;
  const watching = openWatching({ pool, engine, store, calendar, newId, clock, log });
  const waker = openWaker({ pool, engine, rateCards, clock, log });
  const recommending = openRecommending({
    pool,
    engine,
    calendar,
    refusals: { inSpan },
    rateCards: ratesAt,
    isClockMoved,
    clock,
    log,
  });
  const forgetting = openForgetting({ observations, observationDays, clock, log });
  if (!isClockMoved)
    for (const one of [invoicing.invoicer, waker, watching, recommending, outbound, forgetting])
      one.start();
  life.whenOver(
    invoicing.stop,
    () => waker.stop(),
    () => watching.stop(),
    () => recommending.stop(),
    () => outbound.stop(),
    () => forgetting.stop(),
  );
  return { watching, recommending };
}

/** What is kept beside the journal, and how things are called. */
function recordsOf({ others: pool, calendar, clock, newId, platform }: Ground) {
  const { randomBytes } = platform;
  return {
    keys: createApiKeys({ pool, now: () => clock.now(), randomBytes, newId }),
    names: createNames(pool),
    policyTexts: createPolicyTexts(pool),
    observations: createObservations(pool),
    spanLinks: createSpanLinks(pool),
    calendar,
    isTimeZone,
    newId,
  };
}

/** Books are read beside the journal's own connections, which are for those who wait for an answer. */
function booksOf(engine: Engine, calendar: Calendar, pool: Pool): ApiParts["books"] {
  const workspaces = () => workspaceIds(pool);
  return {
    source: booksSource(postgresStore({ pool }), workspaces),
    close: (month) => closeBooks({ engine, calendar, workspaces, month }),
  };
}
