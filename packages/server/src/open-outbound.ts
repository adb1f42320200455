/** Owns how what leaves is put on a node: the pump, what it reads, and who is told. */
import { factsOf } from "./api/index.ts";
import type { Database } from "./database/index.ts";
import type { Engine, EngineClock } from "./engine/index.ts";
import {
  type CursorRows,
  type OutboundLogEntry,
  type Pump,
  createCursorRows,
  createPump,
} from "./outbound/index.ts";

/** What outbound stands on. */
export interface OutboundOptions {
  readonly database: Database;
  readonly engine: Engine;
  readonly clock: EngineClock;
  /** Names this node where several deliver. */
  readonly node: string;
  readonly log: (entry: OutboundLogEntry) => void;
  /** See `PumpOptions`. */
  readonly pace?: { readonly sweepMs?: number; readonly drainMs?: number } | undefined;
}

/** What leaves this node. */
export interface Outbound {
  readonly pump: Pump;
  readonly rows: CursorRows;
}

const outboundConnections = 2;

/** A pump that is not started yet, without consumers. */
export function openOutbound(options: OutboundOptions): Outbound {
  const { database, engine, clock, node, log, pace = {} } = options;
  const pool = database.openPool({ purpose: "outbound", connectionsMax: outboundConnections });
  const rows = createCursorRows(pool);
  const pump = createPump({ rows, facts: factsOf(engine), clock, node, log, ...pace });
  return { pump, rows };
}
