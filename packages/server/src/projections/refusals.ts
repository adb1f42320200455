/** Owns the questions that are asked of the counts of refusals (RULES 27). */
import { type DeniedByReason, printCredits } from "@cistern/contract";
import type { Instant } from "@cistern/kernel";
import type { Pool } from "pg";
import { refusalsByReasonSql } from "./statements.ts";

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
