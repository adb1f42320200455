/** Owns the questions that are asked of the tables: usage and ledger by page, and the rows that mention a hold. */
import {
  FormatFault,
  type LedgerEntry,
  type LedgerQuery,
  type Money,
  type UsageQuery,
  type UsageRow,
  type VendorCost,
  parseInstant,
  printCredits,
  printInstant,
  printNanos,
} from "@cistern/contract";
import { half } from "@cistern/kernel";
import type { Pool } from "pg";
import { databaseFault } from "../database/index.ts";
import type { Mentions } from "../engine/index.ts";
import { StoreFault } from "../journal/index.ts";
import { type UsageDetail, groupMark } from "./projected-rows.ts";
import { ledgerPageSql, mentionsSql, usageOfResponseSql, usagePageSql } from "./statements.ts";

/** A page of rows; `nextCursor` is left out on the last one. */
export interface RecordPage<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor?: string;
}

const pageDefault = 50;

/** Usage of a workspace, newest last. */
export async function usagePage(
  pool: Pool,
  workspaceId: string,
  query: UsageQuery,
): Promise<RecordPage<UsageRow>> {
  const limit = query.limit ?? pageDefault;
  const after = readCursor(query.cursor, 3);
  const { rows } = await pool.query<UsageColumns>({
    ...(query.response === undefined
      ? { name: "usage_page", text: usagePageSql }
      : { name: "usage_of_response", text: usageOfResponseSql }),
    values: [
      workspaceId,
      instantOf(query.from),
      instantOf(query.to),
      query.member ?? null,
      query.group === undefined ? null : groupMark(query.group),
      query.project ?? null,
      query.meter ?? null,
      query.model ?? null,
      ...after,
      limit + 1,
      ...(query.response === undefined ? [] : [query.response]),
    ],
  });
  return pageOf(rows, limit, usageRow, (row) => [
    Number(row.occurred_at_ms),
    Number(row.seq),
    row.idx,
  ]);
}

/** Ledger of a workspace, in the journal's order. */
export async function ledgerPage(
  pool: Pool,
  workspaceId: string,
  query: LedgerQuery,
): Promise<RecordPage<LedgerEntry>> {
  const limit = query.limit ?? pageDefault;
  const after = readCursor(query.cursor, 2);
  const { rows } = await pool.query<LedgerColumns>({
    name: "ledger_page",
    text: ledgerPageSql,
    values: [
      workspaceId,
      instantOf(query.from),
      instantOf(query.to),
      query.kind ?? null,
      query.of ?? null,
      ...after,
      limit + 1,
    ],
  });
  return pageOf(rows, limit, ledgerEntry, (row) => [Number(row.seq), row.idx]);
}

/** The index by which the engine reads an old hold again. */
export const mentionsIn = (pool: Pool): Mentions => ({
  async of(workspaceId, holdId) {
    const { rows } = await pool
      .query<{ cursor_seq: string; seq: string | null }>({
        name: "hold_mentions",
        text: mentionsSql,
        values: [workspaceId, holdId],
      })
      .catch((error: unknown) => {
        throw storeFault(error, `Reading the mentions of ${holdId}`);
      });
    return {
      cursorSeq: Number(rows[0]?.cursor_seq ?? 0),
      seqs: rows.flatMap(({ seq }) => (seq === null ? [] : [Number(seq)])),
    };
  },
});

/** The engine knows how to wait for a store; anything else it would take for a bug of ours. */
function storeFault(error: unknown, doing: string): StoreFault {
  const fault = databaseFault(error, doing);
  const { message, code, isRetryable } = fault;
  return new StoreFault(message, { code, isRetryable, outcome: "none", cause: fault });
}

interface UsageColumns {
  readonly seq: string;
  readonly idx: number;
  readonly id: string;
  readonly occurred_at_ms: string;
  readonly member: string;
  readonly groups: string;
  readonly project: string | null;
  readonly meter: string | null;
  readonly model: string | null;
  readonly credits: string;
  readonly drawn: string;
  readonly worth: string;
  readonly response: string | null;
  readonly detail: string;
  readonly refunded: string;
  readonly refunded_worth: string;
  readonly paid: string;
  readonly paid_worth: string;
  readonly currency: string;
}

interface LedgerColumns {
  readonly seq: string;
  readonly idx: number;
  readonly at_ms: string;
  readonly kind: string;
  readonly of_id: string;
  readonly postings: string;
  readonly currency: string;
}

/** A refund shows on the row that closed its settlement, whatever parts it undid. */
function usageRow(row: UsageColumns): UsageRow {
  const detail: UsageDetail = JSON.parse(row.detail);
  const refunded = BigInt(row.refunded);
  const money = (amount: string): Money => ({ amount, currency: row.currency });
  return {
    id: row.id,
    occurredAt: printInstant(Number(row.occurred_at_ms)),
    member: row.member,
    groups: row.groups.split("|").filter((group) => group !== ""),
    ...(detail.run === undefined ? {} : { run: detail.run }),
    ...(row.project === null ? {} : { project: row.project }),
    ...(row.meter === null ? {} : { meter: row.meter }),
    ...(row.model === null ? {} : { model: row.model }),
    ...(detail.usage === undefined ? {} : { usage: detail.usage }),
    credits: printCredits(BigInt(row.credits)),
    ...(detail.free === undefined ? {} : { allowance: allowanceOf(detail.free, detail.over) }),
    ...(detail.arithmetic === undefined ? {} : { arithmetic: detail.arithmetic }),
    ...(row.drawn === "0"
      ? {}
      : { drawn: printCredits(BigInt(row.drawn)), worth: money(row.worth) }),
    ...(detail.billed === undefined ? {} : { billed: billedBody(detail.billed, money) }),
    ...(row.paid === "0" || detail.isFinal === false
      ? {}
      : { paidLater: { credits: printCredits(BigInt(row.paid)), worth: money(row.paid_worth) } }),
    ...(refunded > 0n && detail.isFinal !== false
      ? { refunded: printCredits(refunded), refundedWorth: money(row.refunded_worth) }
      : {}),
    ...(detail.rate === undefined ? {} : { rate: detail.rate }),
    ...(detail.isUnrated === true ? { unrated: true } : {}),
    ...(detail.isLate === true ? { late: true } : {}),
    ...(detail.outcome === undefined ? {} : { outcome: detail.outcome }),
    ...(detail.isEstimated === true ? { estimated: true } : {}),
    ...(row.response === null ? {} : { response: row.response }),
    ...(detail.attributes === undefined ? {} : { attributes: detail.attributes }),
    ...(detail.over === undefined
      ? {}
      : { from: printInstant(detail.over[0]), to: printInstant(detail.over[1]) }),
    ...(detail.cost === undefined ? {} : { cost: costOf(detail.cost) }),
    position: { seq: Number(row.seq), index: row.idx },
  };
}

/** Units; of a level times hours. */
const allowanceOf = (
  free: NonNullable<UsageDetail["free"]>,
  over: UsageDetail["over"],
): NonNullable<UsageRow["allowance"]> =>
  Object.fromEntries(
    Object.entries(free).map(([bucket, units]) => {
      const micro = BigInt(units) * 1_000_000n;
      return [bucket, printCredits(over === undefined ? micro : half(micro, msPerHour))];
    }),
  );

const msPerHour = 3_600_000n;

const billedBody = (
  [credits, amount, line]: NonNullable<UsageDetail["billed"]>,
  money: (amount: string) => Money,
): NonNullable<UsageRow["billed"]> => ({
  credits: printCredits(BigInt(credits)),
  amount: money(amount),
  line,
});

const costOf = ([currency, nanos]: NonNullable<UsageDetail["cost"]>): VendorCost => ({
  amount: printNanos(BigInt(nanos)),
  currency,
});

function ledgerEntry(row: LedgerColumns): LedgerEntry {
  // `CREDIT`, `MONEY` of the workspace's currency, or a currency.
  const lines: readonly (readonly [account: string, commodity: string, amount: string])[] =
    JSON.parse(row.postings);
  return {
    position: { seq: Number(row.seq), index: row.idx },
    at: printInstant(Number(row.at_ms)),
    kind: row.kind,
    of: row.of_id,
    postings: lines.map(([account, commodity, amount]) => ({
      account,
      commodity: commodity === "MONEY" ? row.currency : commodity,
      amount: commodity === "CREDIT" ? signedCredits(BigInt(amount)) : amount,
    })),
  };
}

const signedCredits = (micro: bigint): string =>
  micro < 0n ? `-${printCredits(-micro)}` : printCredits(micro);

const instantOf = (text: string | undefined): number | null =>
  text === undefined ? null : parseInstant(text);

function pageOf<Columns, Row>(
  rows: readonly Columns[],
  limit: number,
  rowOf: (columns: Columns) => Row,
  placeOf: (columns: Columns) => readonly number[],
): RecordPage<Row> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const page = { rows: shown.map(rowOf) };
  return rows.length > limit && last !== undefined
    ? { ...page, nextCursor: placeOf(last).join(".") }
    : page;
}

/** A cursor is the last row's place, numbers joined by dots; without one, the place before the first. */
function readCursor(cursor: string | undefined, length: number): readonly number[] {
  if (cursor === undefined) return Array.from({ length }, () => -1);
  const place = cursor.split(".").map(Number);
  if (place.length !== length || !place.every((one) => Number.isSafeInteger(one) && one >= 0))
    throw new FormatFault(cursor, "a cursor that this list gave");
  return place;
}
