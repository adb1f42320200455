/**
 * Owns the table of what somebody else saw. It is no part of the journal: no charge depends on it but for what a span is around.
 *
 * S1 a span is kept once, by its ids, whoever sends it and however often.
 */
import type { Usage } from "@cistern/contract";
import type { Pool } from "pg";
import { databaseFault } from "../database/index.ts";
import type { Observation } from "./observation.ts";
import { keepSql, observedSql, outerSql, settledInSpanSql, settledOfSql } from "./statements.ts";

/** An observation with the debit that was made of it. */
export interface KeptObservation extends Observation {
  readonly debit?: string | undefined;
}

/** What was observed, as a report reads it. */
export interface Observed {
  readonly traceId: string;
  readonly spanId: string;
  readonly endedAtMs: number;
  readonly operation: string;
  readonly model: string | null;
  readonly member: string | null;
  readonly response: string | null;
  readonly usage: Usage | null;
  /** It was charged by itself. */
  readonly isDebited: boolean;
}

/** A settlement, or a part of one. */
export interface Settled {
  readonly id: string;
  readonly response: string | null;
  readonly credits: bigint;
  readonly usage: Usage | null;
  /** The caller reckoned the usage. */
  readonly isEstimated: boolean;
}

/** One as it stands in a span of time. */
export interface SettledAt extends Settled {
  readonly occurredAtMs: number;
  readonly member: string;
  readonly meter: string | null;
  readonly model: string | null;
  /** Somebody saw the same answer. */
  readonly isObserved: boolean;
}

/** A half-open span of time. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The table, and what is compared with it. Every method rejects with `DatabaseFault`. */
export interface Observations {
  keep(workspaceId: string, observations: readonly KeptObservation[]): Promise<void>;
  /** Which of these spans another lies within that tells usage and came before. */
  outer(workspaceId: string, spans: readonly Observation[]): Promise<ReadonlySet<string>>;
  /** All that ended in a span of time, page by page. */
  observed(workspaceId: string, span: TimeSpan): AsyncIterable<readonly Observed[]>;
  /** What was settled of these answers. */
  settledOf(workspaceId: string, responses: readonly string[]): Promise<readonly Settled[]>;
  /** All that was settled in a span of time, page by page. */
  settledIn(workspaceId: string, span: TimeSpan): AsyncIterable<readonly SettledAt[]>;
}

const pageRows = 1_000;

/** See the file head. */
export function createObservations(pool: Pool): Observations {
  const read = async <Row extends object>(
    name: string,
    text: string,
    values: unknown[],
  ): Promise<Row[]> => {
    try {
      return (await pool.query<Row>({ name, text, values })).rows;
    } catch (error) {
      throw databaseFault(error, "Reading observations");
    }
  };
  return {
    async keep(workspaceId, observations) {
      if (observations.length === 0) return;
      const columns = keptColumns.map((column) => observations.map(column));
      await read("keep_observations", keepSql, [workspaceId, ...columns]);
    },
    async outer(workspaceId, spans) {
      const rows = await read<{ trace_id: string; parent_span_id: string }>(
        "outer_spans",
        outerSql,
        [workspaceId, spans.map(({ traceId }) => traceId), spans.map(({ spanId }) => spanId)],
      );
      return new Set(rows.map((row) => `${row.trace_id}:${row.parent_span_id}`));
    },
    async *observed(workspaceId, { fromMs, toMs }) {
      let after: readonly [number, string, string] = [-1, "", ""];
      for (;;) {
        const values = [workspaceId, fromMs, toMs, ...after, pageRows];
        const rows: ObservedColumns[] = await read("observed", observedSql, values);
        yield rows.map(observedOf);
        const last = rows.at(-1);
        if (last === undefined || rows.length < pageRows) return;
        after = [Number(last.ended_at_ms), last.trace_id, last.span_id];
      }
    },
    async settledOf(workspaceId, responses) {
      if (responses.length === 0) return [];
      const rows = await read<SettledColumns>("settled_of", settledOfSql, [workspaceId, responses]);
      return rows.map(settledOf);
    },
    async *settledIn(workspaceId, { fromMs, toMs }) {
      let after: readonly [number, number, number] = [-1, -1, -1];
      for (;;) {
        const values = [workspaceId, fromMs, toMs, ...after, pageRows];
        const rows: SettledAtColumns[] = await read("settled_in_span", settledInSpanSql, values);
        yield rows.map(settledAtOf);
        const last = rows.at(-1);
        if (last === undefined || rows.length < pageRows) return;
        after = [Number(last.occurred_at_ms), Number(last.seq), last.idx];
      }
    },
  };
}

/** In the order of `keepSql`. */
const keptColumns: readonly ((one: KeptObservation) => string | number | null)[] = [
  (one) => one.traceId,
  (one) => one.spanId,
  (one) => one.parentSpanId ?? null,
  (one) => one.endedAtMs,
  (one) => one.operation,
  (one) => one.provider ?? null,
  (one) => one.model ?? null,
  (one) => one.member ?? null,
  (one) => one.run ?? null,
  (one) => one.response ?? null,
  (one) => (one.usage === undefined ? null : JSON.stringify(one.usage)),
  (one) => one.debit ?? null,
];

interface ObservedColumns {
  readonly trace_id: string;
  readonly span_id: string;
  readonly ended_at_ms: string;
  readonly operation: string;
  readonly model: string | null;
  readonly member: string | null;
  readonly response: string | null;
  readonly usage: string | null;
  readonly debit: string | null;
}

interface SettledColumns {
  readonly id: string;
  readonly response: string | null;
  readonly credits: string;
  readonly detail: string;
}

interface SettledAtColumns extends SettledColumns {
  readonly seq: string;
  readonly idx: number;
  readonly occurred_at_ms: string;
  readonly member: string;
  readonly meter: string | null;
  readonly model: string | null;
  readonly is_observed: boolean;
}

function observedOf(row: ObservedColumns): Observed {
  const { trace_id: traceId, span_id: spanId, operation, model, member, response } = row;
  const usage: Usage | null = row.usage === null ? null : JSON.parse(row.usage);
  const endedAtMs = Number(row.ended_at_ms);
  const isDebited = row.debit !== null;
  return { traceId, spanId, endedAtMs, operation, model, member, response, usage, isDebited };
}

function settledOf({ id, response, credits, detail }: SettledColumns): Settled {
  const said: { readonly usage?: Usage; readonly isEstimated?: boolean } = JSON.parse(detail);
  const { usage = null, isEstimated = false } = said;
  return { id, response, credits: BigInt(credits), usage, isEstimated };
}

const settledAtOf = (row: SettledAtColumns): SettledAt => ({
  ...settledOf(row),
  occurredAtMs: Number(row.occurred_at_ms),
  member: row.member,
  meter: row.meter,
  model: row.model,
  isObserved: row.is_observed,
});
