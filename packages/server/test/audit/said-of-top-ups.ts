import { type Command, type Pack, type TopUpOutcome, credits, money } from "@cistern/kernel";

const minute = 60_000;
const hour = 60 * minute;

const pack: Pack = {
  name: "small",
  currency: "USD",
  price: money(1_000n),
  credits: credits(10_000n),
  bonus: credits(1_000n),
  expiresAfter: { unit: "day", count: 30 },
  priority: 5,
  breakage: null,
};

const request = (topUp: string, quantity: number): Command => ({
  kind: "requestTopUp",
  topUp,
  pack,
  quantity,
  note: "card 1",
});

function told(topUp: string, payment: string | null, outcome: TopUpOutcome): Command {
  const [grant, bonusGrant] = [`grt_${topUp}`, `grt_${topUp}b`];
  return { kind: "resolveTopUp", topUp, payment, outcome, grant, bonusGrant };
}

const paid: TopUpOutcome = {
  kind: "succeeded",
  amount: null,
  tax: money(190n),
  fee: money(31n),
  currency: "USD",
};
const declined: TopUpOutcome = { kind: "declined", reason: "no funds" };

const rule: Command = {
  kind: "putTopUpRule",
  isEnabled: true,
  pack: { ...pack, bonus: credits(0n) },
  threshold: credits(50_000n),
  target: credits(60_000n),
  monthlyCeiling: money(6_000n),
  currency: "USD",
  series: "top_r",
};

const debit = (id: string, amount: bigint): Command => ({
  kind: "debit",
  debit: id,
  member: "ana",
  meter: null,
  model: null,
  amount: { kind: "credits", credits: credits(amount) },
  occurredAt: null,
  run: null,
  project: null,
  attributes: null,
});

/** Top-ups of every ending; a rule that fails until it is off, is put again, buys, and meets its ceiling. */
export function saidOfTopUps(at: number): readonly (readonly [number, Command])[] {
  return [
    [at, request("top_a", 2)],
    [at + 1, told("top_a", null, { kind: "processing" })],
    [at + 2, told("top_a", "pay_a", { kind: "requires_action", action: "confirm" })],
    [at + 3, told("top_a", "pay_a", paid)],
    [at + 4, request("top_b", 1)],
    [at + 5, told("top_b", "pay_b", declined)],
    [at + 6, told("top_b", "pay_b", paid)],
    [at + 7, rule],
    [at + minute, told("top_r000001", null, declined)],
    [at + 62 * minute, told("top_r000002", null, declined)],
    [at + 8 * hour, told("top_r000003", null, declined)],
    [at + 9 * hour, rule],
    [at + 9 * hour + minute, told("top_r000004", "pay_4", paid)],
    [at + 9 * hour + 2 * minute, debit("dbt_t1", 45_000n)],
    [at + 9 * hour + 3 * minute, told("top_r000005", "pay_5", paid)],
    [at + 9 * hour + 4 * minute, debit("dbt_t2", 30_000n)],
    [at + 33 * hour, told("top_r000006", "pay_6", paid)],
  ];
}
