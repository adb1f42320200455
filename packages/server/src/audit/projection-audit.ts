/**
 * Owns the audit of the tables that are derived from a journal: each row is what its event says, none is missing and none is
 * too many, up to the cursor.
 */
import type { Event } from "@cistern/kernel";
import type { Pool } from "pg";
import { nothingProjected, project } from "../projections/index.ts";
import { expect, expectEqual } from "./fault.ts";
import { entriesBetween, projectedTo, refundsOf, usageBetween } from "./statements.ts";

/** Rows of a journal, decoded. */
export interface DecodedRow {
  readonly seq: number;
  readonly events: readonly Event[];
}

/** Compares the tables with the journal, page by page, as the journal is read. */
export class ProjectionAudit {
  readonly #pool: Pool;
  readonly #workspaceId: string;
  readonly #cursor: number;
  readonly #mentionsStored: bigint;
  #mentions = 0n;
  readonly #refunds: string[] = [];

  private constructor(
    pool: Pool,
    workspaceId: string,
    stored: { cursor: number; mentions: bigint },
  ) {
    this.#pool = pool;
    this.#workspaceId = workspaceId;
    this.#cursor = stored.cursor;
    this.#mentionsStored = stored.mentions;
  }

  /** Begins where the cursor stands now; rows that are projected later are not looked at. */
  static async begin(pool: Pool, workspaceId: string): Promise<ProjectionAudit> {
    const { rows } = await pool.query<{ seq: string; mentions: string }>(projectedTo, [
      workspaceId,
    ]);
    return new ProjectionAudit(pool, workspaceId, {
      cursor: Number(rows[0]?.seq ?? 0),
      mentions: BigInt(rows[0]?.mentions ?? 0),
    });
  }

  /** Audits what some consecutive rows of the journal became. */
  async page(journal: readonly DecodedRow[]): Promise<void> {
    const due = journal.filter((row) => row.seq <= this.#cursor);
    const first = due[0];
    const last = due.at(-1);
    if (first === undefined || last === undefined) return;
    const expected = nothingProjected();
    for (const { seq, events } of due) project(expected, seq, events);
    this.#mentions += BigInt(expected.mentions.length);
    for (const one of expected.refunds)
      this.#refunds.push(`${one.of} ${one.seq}.${one.idx} ${one.credits}`);
    const span = [this.#workspaceId, first.seq - 1, last.seq];
    const entries = await this.#pool.query<Record<string, unknown>>(entriesBetween, span);
    expectRows(
      entries.rows.map(fingerprint),
      expected.entries.map(({ seq, idx, atMs, kind, of, postings }) =>
        line([seq, idx, atMs, kind, of, postings]),
      ),
      "the ledger",
    );
    const usage = await this.#pool.query<Record<string, unknown>>(usageBetween, span);
    expectRows(
      usage.rows.map(fingerprint),
      expected.usage.map((one) =>
        line([
          one.seq,
          one.idx,
          one.id,
          one.occurredAtMs,
          one.member,
          one.groups,
          one.project,
          one.meter,
          one.model,
          one.credits,
          one.detail,
        ]),
      ),
      "usage",
    );
  }

  /** Audits what has no order to page by: refunds and mentions. */
  async finish(): Promise<void> {
    const { rows } = await this.#pool.query<{
      of_id: string;
      seq: string;
      idx: number;
      credits: string;
    }>(refundsOf, [this.#workspaceId, this.#cursor]);
    expectRows(
      rows.map((row) => `${row.of_id} ${row.seq}.${row.idx} ${row.credits}`),
      this.#refunds,
      "refunds",
    );
    expectEqual(
      this.#mentionsStored,
      this.#mentions,
      "the mentions of holds are what the journal says",
    );
  }
}

function expectRows(stored: readonly string[], expected: readonly string[], table: string): void {
  for (let index = 0; index < Math.max(stored.length, expected.length); index += 1)
    expect(
      stored[index] === expected[index],
      `${table} is what the journal says`,
      () => `${stored[index] ?? "no row"} where ${expected[index] ?? "no row"} is right`,
    );
}

const line = (columns: readonly unknown[]): string => columns.map(String).join("\t");

/** Columns in the order of the select list, whatever type the driver gave them. */
const fingerprint = (row: Readonly<Record<string, unknown>>): string => line(Object.values(row));
