/** Owns the questions that are asked of the counts of refusals (RULES 27). */
import { type DeniedByReason, printCredits } from "@cistern/contract";
import type { Instant } from "@cistern/kernel";
import type { Pool } from "pg";
import { refusalsByReasonSql, refusalsInSpanSql } from "./statements.ts";

const hourMs = 3_600_000;

/** What one member was refused since the hour of an instant, by code. */
export async function refusalsByReason(
  pool: Pool,
  asked: { readonly workspaceId: string; readonly member: string; readonly since: Instant },
): Promise<readonly DeniedByReason[]> {
  const { rows } = await pool.query<{ code: string; refused: string; credits: string }>({
    name: "refusals_by_reason",
    text: refusalsByReasonSql,
    values: [asked.workspaceId, asked.member, asked.since - (asked.since % hourMs)],
  });
  return rows.map(({ code, refused, credits }) => ({
    code,
    calls: Number(refused),
    credits: printCredits(BigInt(credits)),
  }));
}

/** Refusals of one member in one hour with one code. */
interface RefusedInHour {
  readonly hour: number;
  readonly member: string;
  readonly code: string;
  readonly calls: number;
  readonly credits: bigint;
}

/** All that was refused in the hours of a half-open span, by hour, member and code. */
export async function refusalsInSpan(
  pool: Pool,
  { workspaceId, from, to }: { workspaceId: string; from: Instant; to: Instant },
): Promise<readonly RefusedInHour[]> {
  interface Row {
    hour_ms: string;
    member: string;
    code: string;
    refused: string;
    credits: string;
  }
  const { rows } = await pool.query<Row>({
    name: "refusals_in_span",
    text: refusalsInSpanSql,
    values: [workspaceId, from - (from % hourMs), to],
  });
  return rows.map((row) => ({
    hour: Number(row.hour_ms),
    member: row.member,
    code: row.code,
    calls: Number(row.refused),
    credits: BigInt(row.credits),
  }));
}
