/** Owns what is written of the charge of an observation, and which settlement tells the same answer. */
import type { Observation } from "./observation.ts";
import type { SpanIds } from "./span-tree.ts";
import {
  chargeableOfSql,
  chargeableSql,
  chargedSql,
  givenBackSql,
  settledNearSql,
} from "./statements.ts";

/** Asks the database; a statement has one name. */
export type Read = <Row extends object>(
  name: string,
  text: string,
  values: unknown[],
) => Promise<Row[]>;

/** Why a call that was seen is not charged: others lie within it, or a settlement tells the same answer. */
export type Uncharged =
  | { readonly fate: "around" }
  | { readonly fate: "settled"; readonly toldBy: string };

/** A call that is charged, or may be: whoever tells it has not written down yet with what. */
export interface Chargeable extends SpanIds {
  readonly member: string | null;
  readonly debit: string | null;
}

/** What was settled of an answer, and when. */
export interface SettledNear {
  readonly response: string;
  readonly id: string;
  readonly occurredAtMs: number;
}

/** What was given back, and why. */
export interface GivenBack {
  readonly why: Uncharged;
  readonly debit: string;
  /** undefined: it had come to nothing. */
  readonly refund: string | undefined;
}

/** What is asked of charges. Every method rejects with `DatabaseFault`. */
export interface ObservedCharges {
  /** What calls were charged with; undefined: it was refused. */
  charged(
    workspaceId: string,
    calls: readonly (SpanIds & { readonly debit: string | undefined })[],
  ): Promise<void>;
  /** Those of these that are charged, or may be. */
  chargeable(workspaceId: string, spans: readonly SpanIds[]): Promise<readonly Chargeable[]>;
  /** Those that tell an answer and ended about this time. */
  chargeableOf(workspaceId: string, answer: SettledNear): Promise<readonly Chargeable[]>;
  /** What a call was charged with was given back. */
  givenBack(workspaceId: string, call: SpanIds & GivenBack): Promise<void>;
  /** What was settled of answers about the times of these calls, but for what spans were charged with. */
  settledNear(
    workspaceId: string,
    calls: readonly Pick<Observation, "response" | "endedAtMs">[],
  ): Promise<readonly SettledNear[]>;
}

/**
 * A settlement and a span that name one answer are of one call where they are at most so far apart: some providers use an id again
 * later. A hold lives a day at most.
 */
export const oneCallMsMax = 24 * 3_600_000;

/** See `ObservedCharges`. */
export function chargesIn(read: Read): ObservedCharges {
  return {
    async charged(workspaceId, calls) {
      if (calls.length === 0) return;
      const debits = calls.map(({ debit }) => debit ?? null);
      await read("charged_spans", chargedSql, [workspaceId, ...idsOf(calls), debits]);
    },
    async chargeable(workspaceId, spans) {
      if (spans.length === 0) return [];
      const values = [workspaceId, ...idsOf(spans)];
      return (await read<ChargeableColumns>("chargeable_spans", chargeableSql, values)).map(
        chargeableOf,
      );
    },
    async chargeableOf(workspaceId, { response, occurredAtMs: at }) {
      const values = [workspaceId, response, at - oneCallMsMax, at + oneCallMsMax];
      return (await read<ChargeableColumns>("chargeable_of", chargeableOfSql, values)).map(
        chargeableOf,
      );
    },
    async givenBack(workspaceId, { traceId, spanId, why, debit, refund = null }) {
      const toldBy = why.fate === "settled" ? why.toldBy : null;
      const values = [workspaceId, traceId, spanId, why.fate, toldBy, debit, refund];
      await read("given_back", givenBackSql, values);
    },
    async settledNear(workspaceId, calls) {
      const named = calls.filter(({ response }) => response !== undefined);
      if (named.length === 0) return [];
      const times = named.map(({ endedAtMs }) => endedAtMs);
      const values = [
        workspaceId,
        [...new Set(named.map(({ response }) => response))],
        Math.min(...times) - oneCallMsMax,
        Math.max(...times) + oneCallMsMax,
      ];
      const rows = await read<{ response: string; id: string; occurred_at_ms: string }>(
        "settled_near",
        settledNearSql,
        values,
      );
      return rows.map(({ response, id, occurred_at_ms: at }) => ({
        response,
        id,
        occurredAtMs: Number(at),
      }));
    },
  };
}

const idsOf = (spans: readonly SpanIds[]): readonly [string[], string[]] => [
  spans.map(({ traceId }) => traceId),
  spans.map(({ spanId }) => spanId),
];

interface ChargeableColumns {
  readonly trace_id: string;
  readonly span_id: string;
  readonly member: string | null;
  readonly debit: string | null;
}

const chargeableOf = (row: ChargeableColumns): Chargeable => ({
  traceId: row.trace_id,
  spanId: row.span_id,
  member: row.member,
  debit: row.debit,
});
