/**
 * Owns the table of which spans lie within which, and that what lies around a call is found in whatever order spans arrive.
 *
 * A1 whoever tells of a span writes first what it lies within and reads then whether a call lies within it; whoever tells of a call
 * marks first what is around it and reads then what these lie within. So of two that come at one time at least one sees the other.
 * A2 nothing is kept between the steps: a request that broke off and is sent again does them all.
 */
import type { Pool } from "pg";
import { rowsOf } from "../database/index.ts";
import { type SpanIds, type SpanLink, placeOf, spansAround } from "./span-tree.ts";
import { aroundSql, linkSql, markAroundSql, outwardsSql } from "./statements.ts";

/** A span as it arrived. */
export interface ArrivedSpan extends SpanLink {
  readonly endedAtMs: number;
}

/** The table. Every method rejects with `DatabaseFault`. */
export interface SpanLinks {
  /**
   * Takes in spans, `inner` of which are calls that tell usage, and says what is around any call that it knows of by them. All of
   * it is marked so for those that arrive later.
   */
  take(
    workspaceId: string,
    spans: readonly ArrivedSpan[],
    inner: readonly SpanIds[],
  ): Promise<ReadonlyMap<string, SpanIds>>;
  /** Which of these spans a call lies within. */
  around(workspaceId: string, spans: readonly SpanIds[]): Promise<ReadonlySet<string>>;
}

/** See the file head. */
export function createSpanLinks(pool: Pool): SpanLinks {
  const query = rowsOf(pool);
  const ask = async <Row extends object>(name: string, text: string, values: unknown[]) =>
    await query<Row>("Reading which spans lie within which", { name, text }, values);
  const around = async (workspaceId: string, spans: readonly SpanIds[]) => {
    if (spans.length === 0) return [];
    const rows = await ask<IdColumns>("spans_around", aroundSql, [workspaceId, ...idsOf(spans)]);
    return rows.map(spanOf);
  };
  const found = async (workspaceId: string, starts: readonly SpanIds[]) => {
    const rows = await ask<IdColumns & { parent_span_id: string }>("spans_outwards", outwardsSql, [
      workspaceId,
      ...idsOf(starts),
    ]);
    const links = rows.map((row) => ({ ...spanOf(row), parentSpanId: row.parent_span_id }));
    return spansAround(starts, links);
  };
  return {
    async take(workspaceId, spans, inner) {
      const links = [...new Map(spans.map((span) => [placeOf(span), span])).values()].filter(
        ({ parentSpanId }) => parentSpanId !== undefined,
      );
      if (links.length > 0)
        await ask("link_spans", linkSql, [
          workspaceId,
          ...idsOf(links),
          links.map(({ parentSpanId }) => parentSpanId),
          links.map(({ endedAtMs }) => endedAtMs),
        ]);
      const starts = [...inner, ...(await around(workspaceId, spans))];
      if (starts.length === 0) return new Map();
      const at = Math.max(...spans.map(({ endedAtMs }) => endedAtMs));
      for (let marked = -1; ;) {
        const outer = await found(workspaceId, starts);
        // What arrived while it was marked is told by the second look (A1).
        if (outer.size <= marked) return outer;
        marked = outer.size;
        if (marked === 0) return outer;
        const ids = idsOf([...outer.values()]);
        await ask("mark_around", markAroundSql, [workspaceId, ...ids, at]);
      }
    },
    async around(workspaceId, spans) {
      return new Set((await around(workspaceId, spans)).map(placeOf));
    },
  };
}

const idsOf = (spans: readonly SpanIds[]): readonly [string[], string[]] => [
  spans.map(({ traceId }) => traceId),
  spans.map(({ spanId }) => spanId),
];

interface IdColumns {
  readonly trace_id: string;
  readonly span_id: string;
}

const spanOf = (row: IdColumns): SpanIds => ({ traceId: row.trace_id, spanId: row.span_id });
