/** Owns what an event says and does of claims on credits that were held during a change of plan (RULES 15). */
import { money } from "../amount.ts";
import type { ClawedBack } from "../holds/events.ts";
import type { Instant } from "../instant.ts";
import { addToAccount } from "../invoices/evolve.ts";
import { numbered } from "../invoices/gather.ts";
import type { InvoiceSlice } from "../invoices/slice.ts";
import { type Clawback, type ClawbackTaken, claimed } from "../pool/clawback.ts";
import type { DraftResult } from "../pool/draft.ts";
import type { State } from "../state/state.ts";
import type { LineDraft } from "./charge.ts";

/** What a draft came to, with a line for what is credited: of lines that the event makes besides, `made` come before. */
export function withClawedBack(
  slice: InvoiceSlice,
  drafted: DraftResult,
  made = 0,
): Omit<DraftResult, "clawed"> & { readonly clawedBack?: ClawedBack } {
  if (drafted.clawed === undefined) return drafted;
  const { clawed, ...result } = drafted;
  const lines = clawed.taken.filter((one) => one.money !== 0n).map(returnedLine);
  return { ...result, clawedBack: { ...clawed, lines: numbered(slice, lines, made) } };
}

/** What was charged for credits that were gone, as far as they were not. */
const returnedLine = ({ credits, money: amount, left }: ClawbackTaken): LineDraft => ({
  kind: "used_credits",
  about: left.plan,
  from: left.since,
  to: left.at,
  quantity: -credits,
  unitPrice: null,
  fraction: null,
  amount: money(-amount),
  account: "CustomerBalance",
  key: null,
});

/** A usage may be refunded for longer; what returns later than this stays. */
const keptForMs = 200 * 24 * 60 * 60 * 1_000;

/** A claim begins; those that nothing can meet any more are forgotten. */
export function claim({ pool }: State, clawback: Clawback, at: Instant): void {
  for (const [id, old] of pool.clawbacks.entries())
    if (old.at + keptForMs <= at) pool.clawbacks.set(id, undefined);
  pool.clawbacks.set(clawback.id, clawback);
}

/** A bank or the state took what a lot was worth: what returns to it is theirs, and credited to nobody. */
export function waive({ pool }: State, lot: string): void {
  for (const [id, one] of pool.clawbacks.entries())
    if (one.lots.includes(lot))
      pool.clawbacks.set(id, { ...one, lots: one.lots.filter((other) => other !== lot) });
}

/** Claims are met, as far as credits returned, and the customer is credited. */
export function meetClaims({ pool, invoices }: State, { taken, lines }: ClawedBack): void {
  let credited = 0n;
  for (const { clawback, left, money: amount } of taken) {
    pool.clawbacks.set(clawback, claimed(left) === 0n ? undefined : left);
    credited += amount;
  }
  addToAccount(invoices, { owed: credited, lines: lines.length });
  for (const line of lines) invoices.pending.set(line.id, line);
}
