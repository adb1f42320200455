/**
 * Owns the audit of the tables that are derived from a journal: each row is what its event says, none is missing and none is
 * too many, up to the cursor.
 */
import type { Event } from "@cistern/kernel";
import type { Pool } from "pg";
import { type Projected, nothingProjected, project } from "../projections/index.ts";
import { expect, expectEqual } from "./fault.ts";
import {
  debtPaymentsBetween,
  dueOf,
  entriesBetween,
  invoiceEntriesOf,
  invoicesOf,
  projectedTo,
  refundsOf,
  usageBetween,
} from "./statements.ts";

/** Rows of a journal, decoded. */
export interface DecodedRow {
  readonly seq: number;
  readonly events: readonly Event[];
}

/** The row up to which a journal was read, and when something happens by itself after it; infinite where nothing will. */
export interface AuditedEnd {
  readonly seq: number;
  readonly nextDueAtMs: number;
}

/** Compares the tables with the journal, page by page, as the journal is read. */
export class ProjectionAudit {
  readonly #pool: Pool;
  readonly #workspaceId: string;
  readonly #cursor: number;
  readonly #mentionsStored: bigint;
  #mentions = 0n;
  readonly #refunds: string[] = [];
  /** Rows that later events of the same invoice change, so they are compared in the end. */
  readonly #changing: Pick<Projected, "invoices" | "invoiceEntries"> = {
    invoices: new Map(),
    invoiceEntries: [],
  };

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
    const expected: Projected = { ...nothingProjected(), ...this.#changing };
    for (const { seq, events } of due) project(expected, seq, events);
    this.#mentions += BigInt(expected.mentions.length);
    for (const one of expected.refunds)
      this.#refunds.push(
        `${one.of} ${one.seq}.${one.idx} ${one.credits} ${one.returned} ${one.worth}`,
      );
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
          one.drawn,
          one.worth,
          one.response,
        ]),
      ),
      "usage",
    );
    const paid = await this.#pool.query<Record<string, unknown>>(debtPaymentsBetween, span);
    expectRows(
      paid.rows.map(fingerprint).toSorted(),
      expected.debtPayments
        .map(({ seq, idx, of, credits, worth }) => line([seq, idx, of, credits, worth]))
        .toSorted(),
      "what lots paid of debts",
    );
  }

  /** Audits what has no order to page by: refunds, mentions, invoices. */
  async finish(end: AuditedEnd): Promise<void> {
    const { rows } = await this.#pool.query<{
      of_id: string;
      seq: string;
      idx: number;
      credits: string;
      returned: string;
      worth: string;
    }>(refundsOf, [this.#workspaceId, this.#cursor]);
    expectRows(
      rows.map(
        (row) => `${row.of_id} ${row.seq}.${row.idx} ${row.credits} ${row.returned} ${row.worth}`,
      ),
      this.#refunds,
      "refunds",
    );
    expectEqual(
      this.#mentionsStored,
      this.#mentions,
      "the mentions of holds are what the journal says",
    );
    await this.#finishInvoices();
    await this.#finishDue(end);
  }

  /** Who is woken too early looks in vain; who is woken too late has late events. */
  async #finishDue({ seq, nextDueAtMs }: AuditedEnd): Promise<void> {
    const { rows } = await this.#pool.query<{ due_at_ms: string }>(dueOf, [this.#workspaceId, seq]);
    for (const { due_at_ms: stored } of rows)
      expect(
        Number(stored) <= nextDueAtMs,
        "a workspace is woken when something is due in it",
        () => `it is woken at ${stored}, and something is due at ${nextDueAtMs}`,
      );
  }

  async #finishInvoices(): Promise<void> {
    const { invoices, invoiceEntries } = this.#changing;
    const stored = await this.#pool.query<Record<string, unknown>>(invoicesOf, [this.#workspaceId]);
    // A row that moved on since is the next audit's.
    const moved = new Set(
      stored.rows.filter(({ seq }) => Number(seq) > this.#cursor).map(({ id }) => String(id)),
    );
    const expected = [...invoices.values()].filter(({ id }) => !moved.has(id));
    expectRows(
      stored.rows.filter(({ id }) => !moved.has(String(id))).map(fingerprint),
      expected
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map((one) =>
          line([
            one.id,
            one.seq,
            one.idx,
            one.status,
            one.finalizesAtMs,
            one.draftedSeq,
            one.draftedAtMs,
            one.document,
            one.lines,
          ]),
        ),
      "invoices",
    );
    const entries = await this.#pool.query<Record<string, unknown>>(invoiceEntriesOf, [
      this.#workspaceId,
      this.#cursor,
    ]);
    expectRows(
      entries.rows.map(fingerprint),
      invoiceEntries.map(({ invoice, seq, idx, atMs, kind, detail }) =>
        line([invoice, seq, idx, atMs, kind, detail]),
      ),
      "what happened to invoices",
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
