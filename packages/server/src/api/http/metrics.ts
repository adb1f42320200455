/** Owns /metrics, for Prometheus: HTTP by route, the engine's own counts, the projections' lag, the process. */
import type { FastifyInstance } from "fastify";
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { InvoicerStats } from "../../billing/index.ts";
import type { Engine, EngineStats } from "../../engine/index.ts";
import type { FeedWatch } from "../../feed/index.ts";
import type { ConsumerStats } from "../../outbound/index.ts";
import type { Records } from "../records.ts";

/** What is measured. */
export interface Measured {
  readonly engine: Pick<Engine, "stats">;
  readonly records: Pick<Records, "lagSeconds">;
  readonly billing: { readonly stats: () => InvoicerStats };
  readonly webhooks: { readonly disabled: () => number };
  readonly feed: Pick<FeedWatch, "stats">;
  readonly outbound: { readonly stats: () => readonly ConsumerStats[]; readonly now: () => number };
}

const bucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Counts requests on this app and serves the figures. */
export function serveMetrics(app: FastifyInstance, measured: Measured): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  measureHttp(app, registry);
  measureEngine(registry, measured);
  measureBilling(registry, measured);
  measureFeed(registry, measured);
  measureOutbound(registry, measured);
  app.get("/metrics", { schema: { hide: true } }, async (_request, reply) =>
    reply.header("content-type", registry.contentType).send(await registry.metrics()),
  );
}

function measureHttp(app: FastifyInstance, registry: Registry): void {
  const durations = new Histogram({
    name: "cistern_http_request_duration_seconds",
    help: "Time from a request's head to the end of its answer.",
    labelNames: ["method", "route", "status"],
    buckets: bucketsSeconds,
    registers: [registry],
  });
  // One object per series, since finding it by its labels costs more than the measurement.
  const series = new Map<string, ReturnType<typeof durations.labels>>();
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "unknown";
    const key = `${request.method} ${route} ${reply.statusCode}`;
    let one = series.get(key);
    if (one === undefined) {
      one = durations.labels(request.method, route, reply.statusCode.toString());
      series.set(key, one);
    }
    one.observe(reply.elapsedTime / 1000);
    done();
  });
}

type Figure = readonly [keyof EngineStats, string];

const gauges: readonly Figure[] = [
  ["workspacesCached", "Workspaces in memory."],
  ["rowsCached", "Rows of state in memory."],
  ["requestsQueued", "Requests that wait for a decision."],
  ["appendsInFlight", "Appends to the journal under way."],
  ["workspacesStopped", "Workspaces that an operator has to look at."],
  ["isClockRight", "1 while this node's clock is near the database's."],
];

const counters: readonly Figure[] = [
  ["commandsAccepted", "Commands that were accepted."],
  ["commandsRefused", "Commands that were refused."],
  ["answersReplayed", "Retries that got the first answer."],
  ["keysReused", "Keys that came with another body."],
  ["reads", "Strict reads."],
  ["requestsShed", "Requests refused undecided, for too many waited."],
  ["batches", "Appends of one workspace."],
  ["batchEvents", "Events in all of them."],
  ["statements", "Statements that appended."],
  ["fences", "Appends that another node was faster than."],
  ["duplicates", "Appends that met a key accepted before."],
  ["storeFaults", "Faults of the store."],
  ["unknownOutcomes", "Appends whose outcome the store did not tell."],
  ["headReads", "Reads of a head that prove a refusal."],
  ["coldLoads", "Workspaces that were read into memory."],
  ["evictions", "Workspaces that left memory."],
  ["snapshotsWritten", "Snapshots written."],
  ["snapshotsBad", "Snapshots that could not be used."],
  ["recalls", "Holds that were read from the journal again."],
  ["tailsLost", "Losses of acknowledged events that were found."],
];

function measureEngine(registry: Registry, { engine, records }: Measured): void {
  const lag: Gauge = new Gauge({
    name: "cistern_projection_lag_seconds",
    registers: [registry],
    help: "How far usage and ledger are behind the journal.",
    collect: () => lag.set(records.lagSeconds()),
  });
  for (const [name, help] of gauges) {
    const gauge: Gauge = new Gauge({
      name: `cistern_engine_${snakeCase(name)}`,
      registers: [registry],
      help,
      collect: () => gauge.set(Number(engine.stats()[name])),
    });
  }
  for (const [name, help] of counters) {
    const counter: Counter = new Counter({
      name: `cistern_engine_${snakeCase(name)}_total`,
      registers: [registry],
      help,
      collect: () => {
        counter.reset();
        counter.inc(Number(engine.stats()[name]));
      },
    });
  }
}

function measureBilling(registry: Registry, { billing }: Measured): void {
  const waiting: Gauge = new Gauge({
    name: "cistern_billing_drafts_waiting",
    registers: [registry],
    help: "Drafts that wait for their time, or for another try.",
    collect: () => waiting.set(billing.stats().draftsWaiting),
  });
  for (const [name, help] of [
    ["invoicesIssued", "Invoices that were issued by themselves."],
    ["issuesFailed", "Tries to issue one that failed."],
  ] as const) {
    const counter: Counter = new Counter({
      name: `cistern_billing_${snakeCase(name)}_total`,
      registers: [registry],
      help,
      collect: () => {
        counter.reset();
        counter.inc(billing.stats()[name]);
      },
    });
  }
}

function measureFeed(registry: Registry, { feed }: Measured): void {
  for (const [name, help] of [
    ["waiting", "Reads of the feed that wait for an event."],
    ["streams", "Streams of events that are open."],
  ] as const) {
    const gauge: Gauge = new Gauge({
      name: `cistern_feed_${name}`,
      registers: [registry],
      help,
      collect: () => gauge.set(feed.stats()[name]),
    });
  }
}

type ConsumerFigure = readonly [keyof Omit<ConsumerStats, "consumer">, string];

const consumerGauges: readonly ConsumerFigure[] = [
  ["workspacesBehind", "Workspaces that a consumer has not had all of, as of the last look."],
  ["rowsBehind", "Rows of journals that a consumer has not had, as of the last look."],
];

const consumerCounters: readonly ConsumerFigure[] = [
  ["deliveries", "Batches that a consumer took."],
  ["events", "Events that a consumer took."],
  ["failures", "Deliveries that failed; each is tried again."],
  ["placesLost", "Places of a consumer that the journal no longer held."],
];

function measureOutbound(registry: Registry, { outbound, webhooks }: Measured): void {
  const disabled: Gauge = new Gauge({
    name: "cistern_webhooks_disabled",
    registers: [registry],
    help: "Webhooks that are disabled: nothing is sent until each is enabled again.",
    collect: () => disabled.set(webhooks.disabled()),
  });
  const labelNames = ["consumer"];
  const age: Gauge = new Gauge({
    name: "cistern_outbound_oldest_age_seconds",
    registers: [registry],
    help: "Age of the oldest event that a consumer has not had, as of the last look.",
    labelNames,
    collect: () => {
      age.reset();
      for (const { consumer, oldestAtMs } of outbound.stats())
        age.set(
          { consumer },
          oldestAtMs === 0 ? 0 : Math.max(0, outbound.now() - oldestAtMs) / 1_000,
        );
    },
  });
  for (const [name, help] of consumerGauges) {
    const gauge: Gauge = new Gauge({
      name: `cistern_outbound_${snakeCase(name)}`,
      registers: [registry],
      help,
      labelNames,
      collect: () => {
        gauge.reset();
        for (const { consumer, [name]: figure } of outbound.stats())
          gauge.set({ consumer }, figure);
      },
    });
  }
  for (const [name, help] of consumerCounters) {
    const counter: Counter = new Counter({
      name: `cistern_outbound_${snakeCase(name)}_total`,
      registers: [registry],
      help,
      labelNames,
      collect: () => {
        counter.reset();
        for (const { consumer, [name]: figure } of outbound.stats())
          counter.inc({ consumer }, figure);
      },
    });
  }
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
