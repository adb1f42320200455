/** Owns how what leaves is put on a node: the pump, webhooks, what they read, and who is told. */
import { lookup } from "node:dns/promises";
import { factsOf } from "./api/index.ts";
import type { Database } from "./database/index.ts";
import type { Engine } from "./engine/index.ts";
import {
  type AddressRules,
  type OutboundLogEntry,
  type Pump,
  type Resolve,
  type RetrySchedule,
  type Webhooks,
  createAttemptLog,
  createCursorRows,
  createEndpointRows,
  createPump,
  createSealing,
  createSend,
  createWebhooks,
  retryScheduleDefault,
} from "./outbound/index.ts";
import type { Platform } from "./platform.ts";

/** How what leaves is paced, and where to, where it is not as by default. */
export interface OutboundSettings {
  /** Webhooks may be sent to this machine, and over plain http. */
  readonly allowsLoopback?: boolean;
  /** See `PumpOptions`. */
  readonly sweepMs?: number;
  readonly drainMs?: number;
  readonly claimSlackMs?: number;
  /** See `WebhooksOptions`. */
  readonly lookMs?: number;
  readonly schedule?: RetrySchedule;
  /** One request to an endpoint. */
  readonly timeoutMs?: number;
  readonly resolve?: Resolve;
  /** Secrets are sealed by the first; 32 bytes each. */
  readonly secretKeys?: readonly Uint8Array[];
}

/** What outbound stands on. */
export interface OutboundOptions {
  readonly database: Database;
  readonly engine: Engine;
  readonly platform: Platform;
  readonly newId: (prefix: string) => string;
  /** Names this node where several deliver. */
  readonly node: string;
  readonly log: (entry: OutboundLogEntry) => void;
  readonly settings?: OutboundSettings | undefined;
}

/** What leaves this node. */
export interface Outbound {
  readonly pump: Pump;
  readonly webhooks: Webhooks;
  start(): void;
  stop(): Promise<void>;
}

const outboundConnections = 3;
const timeoutMsDefault = 15_000;

/** Not started yet; without consumers but those that the endpoints of webhooks are. */
export function openOutbound(options: OutboundOptions): Outbound {
  const { database, engine, platform: clock, newId, node, log, settings = {} } = options;
  const {
    allowsLoopback = false,
    timeoutMs = timeoutMsDefault,
    schedule = retryScheduleDefault,
    resolve = (hostname) => lookup(hostname, { all: true }),
    secretKeys = [],
    lookMs,
    ...pace
  } = settings;
  const pool = database.openPool({ purpose: "outbound", connectionsMax: outboundConnections });
  const cursors = createCursorRows(pool);
  const pump = createPump({ rows: cursors, facts: factsOf(engine), clock, node, log, ...pace });
  const rules: AddressRules = { allowsLoopback };
  const onFault = (cause: unknown): void => {
    const message =
      "Attempts of webhooks were not written down; what was sent is not touched by it.";
    log({ level: "warn", code: "outbound_fault", consumer: "webhooks", message, cause });
  };
  const webhooks = createWebhooks({
    endpoints: createEndpointRows(pool, createSealing(secretKeys, clock.randomBytes)),
    attempts: createAttemptLog(pool, { clock, onFault }),
    cursors,
    pump,
    rules,
    send: createSend({ resolve, rules, clock, timeoutMs }),
    timeoutMs,
    schedule,
    clock,
    newId,
    chance: () => chanceOf(clock.randomBytes),
    randomBytes: clock.randomBytes,
    lookMs,
    log,
  });
  return {
    pump,
    webhooks,
    start() {
      pump.start();
      webhooks.start();
    },
    async stop() {
      await pump.stop();
      await webhooks.stop();
    },
  };
}

/** From 0 to 1. */
function chanceOf(randomBytes: (length: number) => Uint8Array): number {
  const [high = 0, low = 0] = randomBytes(2);
  return (high * 256 + low) / 65_535;
}
