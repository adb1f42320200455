/**
 * Owns how usage that no lot pays becomes money: on the line of its meter, in the period in which it was authorized, as the
 * difference of one rounded price (RULES 1, 17; FINANCE, E14, E20).
 *
 * B2 in a trial nothing is billed or owed, overruns included (RULES 18): the vendor bears it. B3 the period of late usage may be on an
 * issued invoice: then its line stands on the next one, and says of when it is.
 */
import { type Credits, money } from "../amount.ts";
import type { Instant } from "../instant.ts";
import { accrualOf, isNewLine } from "../invoices/gather.ts";
import { stretchAt } from "../outcomes/stretch.ts";
import type { OutcomePeriod } from "../outcomes/period.ts";
import { accrual, priceKey } from "../pricing/unit-price.ts";
import { type State, workspaceOf } from "../state/state.ts";
import { trueUpBy } from "./commitment.ts";
import {
  type BilledLine,
  type BilledUsage,
  type PinnedLine,
  type PlanOverage,
  lineOf,
} from "./terms.ts";

/** What becomes of usage that no lot pays. */
export type Beyond =
  | { readonly kind: "debt" }
  | { readonly kind: "loss" }
  | { readonly kind: "bill"; readonly line: BilledLine; readonly stretch: OutcomePeriod };

/** What is in force past the pool now: the workspace's own setting, else the plan's, else nothing is lent (RULES 6). */
export function overageNow(state: State): PlanOverage {
  const own = workspaceOf(state)?.overage ?? none;
  const live = state.subscriptions.live.row;
  // A trial bills nothing, so it lends nothing either: the first paid credits would pay it.
  if (live?.status === "trialing") return none;
  if (own.kind !== "plan") return own;
  return live?.status === "active" ? live.plan.overage : none;
}

const none: PlanOverage = { kind: "deny" };

/** What becomes of usage of a meter that was authorized at an instant. */
export function beyondPool(state: State, meter: string | null, authorizedAt: Instant): Beyond {
  const stretch = stretchAt(state.outcomes, authorizedAt);
  if (stretch?.isTrial === true) return { kind: "loss" };
  if (workspaceOf(state)?.overage.kind !== "plan") return { kind: "debt" };
  if (stretch === undefined || stretch.overage.kind !== "bill") return { kind: "debt" };
  const line = lineOf(stretch.overage.lines, meter);
  return line === undefined ? { kind: "debt" } : { kind: "bill", line, stretch };
}

/**
 * Until when a lot may have become effective to pay for usage that was authorized at an instant: usage of a trial takes what was there
 * then, and nothing that came with the paid period or later (RULES 18). Undefined: any lot may.
 */
export const payableBy = (state: State, authorizedAt: Instant): Instant | undefined =>
  stretchAt(state.outcomes, authorizedAt)?.isTrial === true ? authorizedAt : undefined;

/** Bills so many micro-credits on a line. */
export const bill = (
  state: State,
  beyond: Extract<Beyond, { readonly kind: "bill" }>,
  amount: Credits,
): BilledUsage => billedOn(state, lineIn(state, beyond), amount);

/** The line that usage of a stretch adds to: one of the period, from where usage of it was first billed (B1). */
export function lineIn(
  { billed }: State,
  { line, stretch }: Extract<Beyond, { readonly kind: "bill" }>,
): PinnedLine {
  const { subscription, start, from, end } = stretch;
  const { kind, meter, price } = line;
  const key = `${subscription} ${kind} ${meter ?? "*"} ${start} ${priceKey(price)}`;
  return { key, line, from: billed.totals.get(key)?.from ?? from, to: end };
}

const subscriptionOf = (key: string): string => key.split(" ", 1)[0] ?? "";

/** Takes so many micro-credits of a total back, in the open period (RULES 13). */
export const unbill = (state: State, key: string, amount: Credits): BilledUsage | undefined => {
  const total = state.billed.totals.get(key);
  return total === undefined ? undefined : billedOn(state, total, -amount);
};

/** Adds so many micro-credits to a line, or takes them off. */
export function billedOn(state: State, total: PinnedLine, change: bigint): BilledUsage {
  const { key, line, from, to } = total;
  const before = state.billed.totals.get(key)?.quantity ?? 0n;
  const amount = money(accrual(line.price, { before, after: before + change }));
  const added = {
    key,
    kind: line.kind,
    about: line.meter ?? "credits",
    from,
    to,
    unitPrice: null,
    price: line.price,
    ...(line.isNegotiated === true ? { isNegotiated: true as const } : {}),
    quantity: change,
    amount,
  };
  const drafted = accrualOf(state, added, 0);
  const goesOn = before !== 0n && isNewLine(state.invoices, drafted);
  const made = goesOn ? { ...drafted, since: before } : drafted;
  const trueUp = trueUpBy(state, subscriptionOf(key), made);
  const billed = { credits: change, line, accrual: made };
  return trueUp === undefined ? billed : { ...billed, trueUp };
}
