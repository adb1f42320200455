/** Owns what reports on use read: refusals and usage by day, last use, and calls in order of time. */
import type { Outcome, Usage } from "@cistern/kernel";
import type { Pool } from "pg";
import { rowsOf } from "../database/index.ts";
import type { UsageDetail } from "./projected-rows.ts";
import {
  callsSql,
  lastUsedSql,
  modelsUsedSql,
  refusedByDaySql,
  usedByDaySql,
} from "./statements.ts";

/** A day of the workspace's zone, half-open. */
export interface ReportDay {
  readonly day: string;
  readonly start: number;
  readonly end: number;
}

/** Refusals of a member on a day. One counts to the day in which its hour begins. */
export interface RefusedRow {
  readonly member: string;
  readonly day: string;
  readonly code: string;
  readonly times: bigint;
  readonly credits: bigint;
}

/** Usage of a member on a day, less what was refunded of it since. */
export interface UsedRow {
  readonly member: string;
  readonly day: string;
  readonly credits: bigint;
}

/** A settlement, or a part of one. */
export interface CallRow {
  readonly id: string;
  readonly atMs: number;
  readonly member: string;
  readonly meter: string | null;
  readonly model: string | null;
  readonly project: string | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly usage: Usage | null;
  readonly credits: bigint;
  readonly isPart: boolean;
  readonly outcome: Outcome | null;
  readonly isPriced: boolean;
  readonly isUnrated: boolean;
  readonly isLate: boolean;
}

/** Reads for reports on use, as of the cursor of the projections. */
export interface UseReports {
  refusedByDay(
    workspaceId: string,
    days: readonly ReportDay[],
    codes: readonly string[],
  ): Promise<readonly RefusedRow[]>;
  usedByDay(
    workspaceId: string,
    days: readonly ReportDay[],
    members: readonly string[],
  ): Promise<readonly UsedRow[]>;
  /** When each of these members used something last, not before `fromMs`. */
  lastUsed(
    workspaceId: string,
    fromMs: number,
    members: readonly string[],
  ): Promise<ReadonlyMap<string, number>>;
  modelsUsed(
    workspaceId: string,
    span: Pick<ReportDay, "start" | "end">,
  ): Promise<readonly { readonly meter: string; readonly model: string }[]>;
  /** All of a span, page by page. */
  calls(
    workspaceId: string,
    span: Pick<ReportDay, "start" | "end">,
  ): AsyncIterable<readonly CallRow[]>;
}

const pageRows = 2_000;

/** Reads from the tables of the projections. `writeRefusals` has those of this node written that it still counts in memory. */
export function useReportsIn(pool: Pool, writeRefusals: () => Promise<void>): UseReports {
  const query = rowsOf(pool);
  const read = async <Row extends object>(name: string, text: string, values: unknown[]) =>
    await query<Row>("Reading for a report", { name, text }, values);
  return {
    async refusedByDay(workspaceId, days, codes) {
      await writeRefusals();
      const rows = await read<Columns<"member" | "day" | "code" | "times" | "credits">>(
        "refused_by_day",
        refusedByDaySql,
        [workspaceId, ...dayValues(days), codes],
      );
      return rows.map(({ times, credits, ...row }) => ({
        ...row,
        times: BigInt(times),
        credits: BigInt(credits),
      }));
    },
    async usedByDay(workspaceId, days, members) {
      if (members.length === 0) return [];
      const rows = await read<Columns<"member" | "day" | "credits">>("used_by_day", usedByDaySql, [
        workspaceId,
        ...dayValues(days),
        members,
        ...spanValues(days),
      ]);
      return rows.map(({ credits, ...row }) => ({ ...row, credits: BigInt(credits) }));
    },
    async lastUsed(workspaceId, fromMs, members) {
      const rows = await read<Columns<"member" | "at_ms">>("last_used", lastUsedSql, [
        workspaceId,
        fromMs,
        members,
      ]);
      return new Map(rows.map(({ member, at_ms: at }) => [member, Number(at)]));
    },
    async modelsUsed(workspaceId, { start, end }) {
      const rows = await read<Columns<"meter" | "model">>("models_used", modelsUsedSql, [
        workspaceId,
        start,
        end,
      ]);
      return rows;
    },
    async *calls(workspaceId, { start, end }) {
      let after: readonly [number, number, number] = [-1, -1, -1];
      for (;;) {
        const rows: CallColumns[] = await read("calls", callsSql, [
          workspaceId,
          start,
          end,
          ...after,
          pageRows,
        ]);
        yield rows.map(callRow);
        const last = rows.at(-1);
        if (last === undefined || rows.length < pageRows) return;
        after = [Number(last.occurred_at_ms), Number(last.seq), last.idx];
      }
    },
  };
}

type Columns<Names extends string> = Readonly<Record<Names, string>>;

interface CallColumns {
  readonly occurred_at_ms: string;
  readonly seq: string;
  readonly idx: number;
  readonly id: string;
  readonly member: string;
  readonly meter: string | null;
  readonly model: string | null;
  readonly project: string | null;
  readonly credits: string;
  readonly detail: string;
}

function callRow(row: CallColumns): CallRow {
  const detail: UsageDetail = JSON.parse(row.detail);
  const { id, member, meter, model, project } = row;
  return {
    id,
    atMs: Number(row.occurred_at_ms),
    member,
    meter,
    model,
    project,
    attributes: detail.attributes ?? {},
    usage: detail.usage ?? null,
    credits: BigInt(row.credits),
    isPart: detail.isFinal === false,
    outcome: detail.outcome ?? null,
    isPriced: detail.rate !== undefined,
    isUnrated: detail.isUnrated === true,
    isLate: detail.isLate === true,
  };
}

const dayValues = (days: readonly ReportDay[]): unknown[] => [
  days.map(({ day }) => day),
  days.map(({ start }) => start),
  days.map(({ end }) => end),
];

const spanValues = (days: readonly ReportDay[]): number[] => [
  days[0]?.start ?? 0,
  days.at(-1)?.end ?? 0,
];
