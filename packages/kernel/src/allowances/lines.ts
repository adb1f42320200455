/**
 * Owns how allowances stand on invoices: what was used within one, for nothing, and beside it what went past it, for credits. They come
 * onto the invoice that a period ends with, where there is one; what is told later comes onto that draft, or waits for the next.
 */
import { noMoney } from "../amount.ts";
import type { BilledUsage } from "../billed/terms.ts";
import type { Instant } from "../instant.ts";
import { accrualOf, isNewLine } from "../invoices/gather.ts";
import type { Accrual, LineKind } from "../invoices/line.ts";
import { pendingLines } from "../invoices/slice.ts";
import type { State } from "../state/state.ts";
import type { LineDraft } from "../subscriptions/charge.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { AllowanceCount, AllowanceMove } from "./terms.ts";

type Part = "allowance" | "past_allowance";

const parts = ["allowance", "past_allowance"] as const satisfies readonly LineKind[];

const unitsOf = ({ used, over }: Pick<AllowanceCount, "used" | "over">, part: Part): bigint =>
  part === "allowance" ? used : over;

/** Lines of a period that ends, where it comes onto an invoice with something else; nobody is sent an invoice of nothing. */
export function allowanceLines(
  state: State,
  { id, status, period }: Subscription,
  beside: number,
): readonly LineDraft[] {
  const { counts } = state.allowances;
  // A trial is not on invoices, and a pause has closed its period.
  if (counts.size === 0 || status === "trialing" || status === "paused") return [];
  if (beside === 0 && pendingLines(state.invoices).length === 0) return [];
  return [...counts.values()]
    .filter(({ subscription, start }) => subscription === id && start >= period.start)
    .toSorted((a, b) => a.start - b.start || (a.id < b.id ? -1 : 1))
    .flatMap((count) =>
      parts.flatMap((part): readonly LineDraft[] => {
        const quantity = unitsOf(count, part);
        if (quantity === 0n) return [];
        return [
          {
            ...lineOf(count, part),
            quantity,
            amount: noMoney,
            fraction: null,
            account: "Unbilled",
          },
        ];
      }),
    );
}

/** Moves as an event says them, with what they add to lines that were drafted already; new ones count on from those of what it billed. */
export function unitsOnLines(
  state: State,
  moves: readonly AllowanceMove[],
  { at, billed }: { readonly at: Instant; readonly billed: BilledUsage | undefined },
): { readonly units?: readonly AllowanceMove[] } {
  if (moves.length === 0) return {};
  const before = billed === undefined ? [] : [billed.accrual, ...(billed.trueUp?.accruals ?? [])];
  let made = before.filter((one) => isNewLine(state.invoices, one)).length;
  const units = moves.map((move) => {
    const count = state.allowances.counts.get(move.count);
    if (count === undefined || !isDrafted(state, count, at)) return move;
    const lines = parts.flatMap((part): readonly Accrual[] => {
      const quantity = unitsOf(move, part);
      if (quantity === 0n) return [];
      const added = { ...lineOf(count, part), quantity, amount: noMoney };
      const accrual = accrualOf(state, added, made);
      if (isNewLine(state.invoices, accrual)) made += 1;
      return [accrual];
    });
    return lines.length === 0 ? move : { ...move, lines };
  });
  return { units };
}

const lineOf = (
  { id, meter, bucket, isLevel, start, end }: AllowanceCount,
  kind: Part,
): Omit<Accrual, "line" | "quantity" | "amount" | "invoice"> & { readonly key: string } => ({
  key: `${kind} ${id}`,
  kind,
  about: meter,
  unit: { bucket, ...(isLevel === true ? { isLevel } : {}) },
  from: start,
  to: end,
  unitPrice: null,
});

/** Whether the period of a count has been closed. */
function isDrafted({ subscriptions }: State, count: AllowanceCount, at: Instant): boolean {
  const live = subscriptions.live.row;
  return (
    live?.id !== count.subscription ||
    live.status === "paused" ||
    count.start < live.period.start ||
    live.period.end <= at
  );
}
