/** Owns how callers live on a plan: they begin, change and end it, give seats away, and pay for it. */
import { type Command, type Plan, instant, money } from "@cistern/kernel";
import { type Choice, type Choosing, keyed, members } from "./choice.ts";
import type { KnownBilling } from "./known-billing.ts";
import { plans } from "./offers.ts";

/** A plan, or another one, or other seats. */
export function changePlan(choosing: Choosing): Choice {
  const { chance } = choosing;
  const plan = chance.happens(0.7) ? chance.pick(plans) : null;
  return keyed({
    kind: "putSubscription",
    subscription: "",
    plan,
    isPinnedAnew: false,
    ...(chance.happens(0.15) ? { negotiated: negotiation(choosing, plan) } : {}),
    seats: chance.happens(0.6) ? chance.between(1, 7) : null,
    when: chance.pick([null, null, "now", "period_end"] as const),
  });
}

/** Fees and prices of this customer for a while, or those of the list again. */
function negotiation({ chance, nowMs, number }: Choosing, plan: Plan | null) {
  if (chance.happens(0.3)) return null;
  const until = chance.happens(0.5) ? instant(nowMs + chance.around(172_800_000)) : null;
  const base = money(BigInt(chance.around(5_000)));
  const lines = plan?.overage.kind === "bill" ? plan.overage.lines : [];
  const line = chance.pick(lines);
  const price = { kind: "per_unit", per: 1_000_000n, price: BigInt(chance.around(12)) } as const;
  const usage = line === undefined ? [] : [{ ...line, price }];
  const hasBase = plan === null || plan.base !== null;
  const terms = { id: `n${number}`, base: hasBase ? base : null, seat: null, usage, until };
  return { spans: [terms], isList: false, currency: null };
}

/** What the end of a period brings, or the end at once. */
export function endPlan({ chance, known }: Choosing): Choice {
  if (known.billing?.isPaused === true && chance.happens(0.8))
    return keyed({ kind: "setPeriodEnd", atEnd: "renew" });
  if (chance.happens(0.15)) return keyed({ kind: "cancelSubscription" });
  return keyed({
    kind: "setPeriodEnd",
    atEnd: chance.pick(["renew", "renew", "pause", "pause", "end"] as const),
  });
}

/** A seat given or taken: mostly of the few that everybody wants. */
export function seat({ chance }: Choosing): Choice {
  const member = chance.happens(0.8) ? chance.pick(members.slice(0, 4)) : chance.pick(members);
  return keyed({
    kind: chance.happens(0.7) ? "assignSeat" : "releaseSeat",
    member: member ?? members[0],
  });
}

/** An invoice asked for now, issued, paid, credited or taken back, by whoever was first. */
export function invoice(choosing: Choosing, { drafts, issued }: KnownBilling): Choice | undefined {
  const { chance, number } = choosing;
  if (chance.happens(0.2)) return keyed({ kind: "invoiceNow" });
  const draft = chance.pick([...drafts]);
  if (draft !== undefined && chance.happens(0.5))
    return keyed({
      kind: "finalizeInvoice",
      invoice: draft,
      number: `V-${number}`,
      taxBps: chance.pick([0, 1_900] as const),
      termsDays: 14,
      purchaseOrder: null,
    });
  const found = chance.pick(issued) ?? draft;
  return found === undefined ? undefined : keyed(settleInvoice(choosing, found));
}

function settleInvoice({ chance, number }: Choosing, id: string): Command {
  const amount = chance.happens(0.6) ? null : money(BigInt(chance.around(1_500)));
  const what = chance.weighted([
    ["pay", 6],
    ["credit", 2],
    ["close", 1],
  ]);
  if (what === "close")
    return {
      kind: "voidInvoice",
      invoice: id,
      status: chance.pick(["void", "uncollectible"] as const),
      reason: null,
    };
  if (what === "credit")
    return {
      kind: "creditInvoice",
      creditNote: "",
      number: null,
      invoice: id,
      amount: amount ?? money(100n),
      currency: null,
      reason: null,
    };
  // Two callers may hear of one payment.
  const payment = `pay-${chance.happens(0.3) ? chance.between(1, 5) : number}`;
  return {
    kind: "payInvoice",
    invoice: id,
    payment,
    amount,
    currency: null,
    fee: money(0n),
    reference: null,
  };
}

const dayMs = 86_400_000;

/** The month that ended, or one that did not. */
export function closeMonth({ chance, nowMs }: Choosing): Choice {
  const month = new Date(nowMs - chance.pick([0, 1, 1, 3, 20, 32] as const) * dayMs);
  return {
    kind: "command",
    command: { kind: "closeMonth", month: month.toISOString().slice(0, 7) },
    key: "none",
  };
}
