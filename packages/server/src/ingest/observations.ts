/**
 * Owns the table of what somebody else saw. It is no part of the journal: that a call is charged once stands in the keys of
 * the journal, and only that it is given back where it was charged besides depends on the row.
 *
 * S1 a span is kept once, by its ids, whoever sends it and however often. S2 a row says that a call may be charged before it is.
 */
import type { Usage } from "@cistern/contract";
import type { Pool } from "pg";
import { rowsOf } from "../database/index.ts";
import type { Observation } from "./observation.ts";
import { type ObservedCharges, type Read, type Uncharged, chargesIn } from "./observed-charges.ts";
import {
  forgetLinksSql,
  forgetObservationsSql,
  keepSql,
  observedSql,
  settledInSpanSql,
  settledOfSql,
  withOldSql,
} from "./statements.ts";

/** An observation, and what is about to become of it where spans are charged. */
export interface KeptObservation extends Observation {
  /** Left out: nothing is charged for it. */
  readonly fate?: "charging" | Uncharged["fate"];
  /** The settlement that tells the same answer. */
  readonly toldBy?: string;
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
export interface Observations extends ObservedCharges {
  keep(workspaceId: string, observations: readonly KeptObservation[]): Promise<void>;
  /** All that ended in a span of time, page by page. */
  observed(workspaceId: string, span: TimeSpan): AsyncIterable<readonly Observed[]>;
  /** What was settled of these answers. */
  settledOf(workspaceId: string, responses: readonly string[]): Promise<readonly Settled[]>;
  /** All that was settled in a span of time, page by page. */
  settledIn(workspaceId: string, span: TimeSpan): AsyncIterable<readonly SettledAt[]>;
  /** Workspaces with something of before an instant, in order after one of them. */
  withOld(page: {
    readonly before: number;
    readonly after: string;
    readonly limit: number;
  }): Promise<readonly string[]>;
  /** Forgets what is of before an instant, a little at a time; false: there may be more. */
  forget(workspaceId: string, before: number): Promise<boolean>;
}

const pageRows = 1_000;
const forgottenAtOnce = 1_000;

/** See the file head. */
export function createObservations(pool: Pool): Observations {
  const query = rowsOf(pool);
  const read: Read = async <Row extends object>(name: string, text: string, values: unknown[]) =>
    await query<Row>("Reading observations", { name, text }, values);
  return {
    async keep(workspaceId, observations) {
      if (observations.length === 0) return;
      const columns = keptColumns.map((column) => observations.map(column));
      await read("keep_observations", keepSql, [workspaceId, ...columns]);
    },
    ...chargesIn(read),
    ...forgettingIn(read),
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

function forgettingIn(read: Read): Pick<Observations, "withOld" | "forget"> {
  return {
    async withOld({ before, after, limit }) {
      const values = [after, before, limit];
      const rows = await read<{ workspace_id: string }>("with_old", withOldSql, values);
      return rows.map(({ workspace_id: id }) => id);
    },
    async forget(workspaceId, before) {
      const values = [workspaceId, before, forgottenAtOnce];
      const seen = await read("forget_observations", forgetObservationsSql, values);
      const links = await read("forget_links", forgetLinksSql, values);
      return seen.length < forgottenAtOnce && links.length < forgottenAtOnce;
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
  (one) => one.fate ?? null,
  (one) => one.toldBy ?? null,
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
  readonly is_debited: boolean;
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
  const isDebited = row.is_debited;
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
