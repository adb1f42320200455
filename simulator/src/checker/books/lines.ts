/**
 * Owns the way of what usage and commitments come to onto invoices, by events alone: all that was billed is on the next invoice, on
 * the line that it was added to, whole and once (L1); what is issued is what was drafted and heard of since (L2); what stood on an
 * invoice that was voided waits again (L3).
 *
 * Mutable: one a timeline.
 */
import type { Accrual, Event, Line } from "@cistern/kernel";
import { demand } from "./accounts.ts";

type Sum = Pick<Line, "kind" | "key" | "quantity"> & { readonly amount: bigint };
type Sums = Map<string, Sum>;

/** Kinds of lines that are followed. */
const followed: ReadonlySet<Line["kind"]> = new Set<Line["kind"]>([
  "usage",
  "overage",
  "shortfall",
  "shortfall_used",
  "prepayment",
  "allowance",
  "past_allowance",
]);

/** See the file head. */
export class Lines {
  readonly #pending: Sums = new Map();
  readonly #drafts = new Map<string, Sums>();

  take(event: Event): void {
    for (const accrual of accrualsOf(event)) this.#accrue(accrual);
    if ("lines" in event && event.kind !== "invoice.finalized")
      for (const line of event.lines) if (followed.has(line.kind)) this.#pending.set(line.id, line);
    if ("booked" in event || event.kind === "invoice.drafted") {
      const drafted = "invoice" in event ? event.invoice : null;
      if (drafted?.status === "draft") this.#draft(drafted.id, drafted.lines);
    }
    if (event.kind === "invoice.finalized") this.#issue(event.invoice.id, event.lines);
    if (event.kind === "invoice.voided")
      for (const line of event.waiting?.lines ?? [])
        if (followed.has(line.kind)) this.#pending.set(line.id, line);
  }

  #accrue(accrual: Accrual): void {
    const { line: id, invoice, kind, key, quantity, amount } = accrual;
    const sums = invoice === undefined ? this.#pending : this.#drafts.get(invoice);
    demand(sums !== undefined, () => `line ${id} is added to ${invoice}, which is no draft`);
    const before = sums.get(id);
    demand(before === undefined || before.key === key, () => `line ${id} is of ${before?.key}`);
    const other = [...sums].find(([one, sum]) => one !== id && sum.key === key);
    demand(other === undefined, () => `${key} has the lines ${other?.[0]} and ${id}`);
    const isShortfall = kind === "shortfall" || kind === "shortfall_used";
    const sum = amount + (before?.amount ?? 0n);
    const whole = isShortfall ? (sum < 0n ? -1n : 1n) : quantity + (before?.quantity ?? 0n);
    if (isShortfall && sum === 0n) sums.delete(id);
    else sums.set(id, { kind, key, quantity: whole, amount: sum });
  }

  /** L1. */
  #draft(id: string, lines: readonly Line[]): void {
    demand(!this.#drafts.has(id), () => `${id} is drafted twice`);
    const sums: Sums = new Map(this.#pending);
    check(sums, lines, id);
    this.#drafts.set(id, sums);
    this.#pending.clear();
  }

  /** L2. */
  #issue(id: string, lines: readonly Line[]): void {
    const sums = this.#drafts.get(id);
    demand(sums !== undefined, () => `${id} is issued, and is no draft`);
    check(sums, lines, id);
    this.#drafts.delete(id);
  }
}

function check(sums: Sums, lines: readonly Line[], id: string): void {
  const left = new Map(sums);
  for (const line of lines) {
    if (!followed.has(line.kind)) continue;
    const sum = left.get(line.id);
    left.delete(line.id);
    const isRight =
      sum?.amount === line.amount && sum.quantity === line.quantity && sum.kind === line.kind;
    demand(isRight, () => `${line.id} on ${id} comes to ${line.amount}, not ${sum?.amount}`);
  }
  demand(left.size === 0, () => `${[...left.keys()].join()} come onto no invoice`);
}

function accrualsOf(event: Event): readonly Accrual[] {
  const billed = "billed" in event ? event.billed : undefined;
  const units = "units" in event ? (event.units ?? []) : [];
  return [
    ...(billed === undefined ? [] : [billed.accrual, ...(billed.trueUp?.accruals ?? [])]),
    ...("trueUps" in event ? (event.trueUps ?? []).flatMap(({ accruals }) => accruals) : []),
    ...units.flatMap(({ lines }) => lines ?? []),
  ];
}
