/** Top-ups in short: packs, requests, and what is told of payments. */
import {
  type Command,
  type Pack,
  type TopUp,
  type TopUpOutcome,
  type TopUpRule,
  credits,
  money,
} from "@cistern/kernel";
import { Life } from "../subscriptions/life.ts";

/** 10,000 credits for 100.00. */
export const pack = (terms: Partial<Pack> = {}): Pack => ({
  name: "small",
  currency: "USD",
  price: money(10_000n),
  credits: credits(10_000n),
  bonus: credits(0n),
  expiresAfter: null,
  priority: 50,
  breakage: null,
  ...terms,
});

export const request = (topUp: string, terms: Partial<Pack> = {}, quantity = 1): Command => ({
  kind: "requestTopUp",
  topUp,
  pack: pack(terms),
  quantity,
  note: null,
});

/** Lots are named by what told of the payment, so that it shows who was first. */
export const told = (
  topUp: string,
  payment: string | null,
  outcome: TopUpOutcome,
  by = "x",
): Command => ({
  kind: "resolveTopUp",
  topUp,
  payment,
  outcome,
  grant: `grt_${topUp}_${by}`,
  bonusGrant: `grt_${topUp}_${by}b`,
});

export const succeeded = (tax = 0n, fee = 0n): TopUpOutcome => ({
  kind: "succeeded",
  amount: null,
  tax: money(tax),
  fee: money(fee),
  currency: null,
});
export const processing: TopUpOutcome = { kind: "processing" };
export const declined: TopUpOutcome = { kind: "declined", reason: "card expired" };
export const toDo: TopUpOutcome = { kind: "requires_action", action: "confirm with your bank" };

/** Below 2,000 it buys up to 12,000, for at most 500.00 a month. */
export const rule = (given: Partial<Extract<Command, { kind: "putTopUpRule" }>> = {}): Command => ({
  kind: "putTopUpRule",
  isEnabled: true,
  pack: pack(),
  threshold: credits(2_000n),
  target: credits(12_000n),
  monthlyCeiling: money(50_000n),
  currency: "USD",
  series: "top_series",
  ...given,
});

let debits = 0;
export function use(amount: bigint): Command {
  debits += 1;
  return {
    kind: "debit",
    debit: `dbt_${debits}`,
    member: "ana",
    meter: null,
    model: null,
    amount: { kind: "credits", credits: credits(amount) },
    occurredAt: null,
    run: null,
    project: null,
    attributes: null,
  };
}

export const grant = (id: string, amount: bigint): Command => ({
  kind: "grant",
  grant: id,
  credits: credits(amount),
  source: "promotion",
  cost: money(0n),
  currency: null,
  priority: 10,
  effectiveAt: null,
  expiresAt: null,
  appliesTo: null,
  reference: null,
});

/** A workspace with so many credits in it. */
export function stocked(amount: bigint, from = "2026-11-01T00:00Z", timeZone = "UTC"): Life {
  const life = new Life(from, timeZone);
  if (amount > 0n) life.run(grant("grt_0", amount), from);
  return life;
}

export const topUpsOf = ({ journal }: Life): readonly TopUp[] => [
  ...journal.state.topUps.topUps.values(),
];

export const waiting = (life: Life): TopUp | undefined =>
  life.journal.state.topUps.pending.automatic;

export function ruleOf({ journal }: Life): TopUpRule {
  const { row } = journal.state.topUps.rule;
  if (row === undefined) throw new Error("there is no rule");
  return row;
}

export const available = ({ journal }: Life): bigint => journal.state.pool.totals.available;
