/** The audit of invoices and of the customer's balance: what is off by one unit is found. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, type Event, type IssuedInvoice, money } from "@cistern/kernel";
import { Life, change, fee, seatsAt, start } from "../../../kernel/test/subscriptions/life.ts";
import { auditOf } from "./audit-of.ts";

type Applied = Extract<Event, { readonly kind: "balance.applied" }>;
type PaidOut = Extract<Event, { readonly kind: "balance.paid_out" }>;

const finalize = (invoice: string): Command => ({
  kind: "finalizeInvoice",
  invoice,
  number: `R-${invoice}`,
  taxBps: 1_900,
  termsDays: 14,
  purchaseOrder: null,
});

/** A downgrade gives 250.00 back: May's invoice is below zero, and June's is paid by what it left. */
function lived(): readonly Event[] {
  const life = new Life("2026-04-01T00:00Z");
  life.run(start({ version: "big@1", base: fee(60_000n) }));
  const to = { version: "small@1", base: fee(10_000n) };
  life.run(change({ plan: to, when: "now" }), "2026-04-16T00:00Z");
  for (const month of [5, 6]) {
    life.pass(`2026-0${month}-01T01:00Z`);
    life.run(finalize(`inv_1000${month - 3}`), `2026-0${month}-01T01:00Z`);
  }
  return life.journal.rows.map(({ event }) => event);
}

const life = lived();

/** What is found when the invoice of that id is another one. */
const tampered = (id: string, as: (one: IssuedInvoice) => Partial<IssuedInvoice>): string => {
  const events = life.map((event) =>
    event.kind === "invoice.finalized" && event.invoice.id === id
      ? { ...event, invoice: { ...event.invoice, ...as(event.invoice) } }
      : event,
  );
  return auditOf(events)?.rule ?? "no fault";
};

test("a life with an invoice below zero is without fault", () => {
  assert.equal(auditOf(life), undefined);
  const totals = life.flatMap((event) =>
    event.kind === "invoice.finalized" ? [event.invoice.total] : [],
  );
  assert.deepEqual(totals, [-17_850n, 11_900n]);
});

test("an invoice that is not the sum of its lines, and one charged otherwise, are found", () => {
  const add = (by: bigint) => (one: IssuedInvoice) => ({ subtotal: money(one.subtotal + by) });
  assert.match(tampered("inv_10002", add(1n)), /^V13 the lines of inv_10002/);
  assert.match(
    tampered("inv_10002", (one) => ({ total: money(one.total + 1n) })),
    /^V13 inv_10002 with its tax/,
  );
  assert.match(
    tampered("inv_10003", (one) => ({ charged: money(one.charged + 1n) })),
    /^V14 what is charged by inv_10003/,
  );
});

test("a line that an interim invoice has billed, and that a later one bills again, is found", () => {
  const asked = new Life("2026-04-01T00:00Z");
  asked.run(start({ version: "small@1", seats: seatsAt(3_000n) }, 1));
  asked.run(finalize("inv_10001"));
  asked.run(change({ seats: 3 }), "2026-04-16T00:00Z");
  asked.run({ kind: "invoiceNow" }, "2026-04-17T00:00Z");
  asked.run(finalize("inv_10002"), "2026-04-17T00:00Z");
  asked.pass("2026-05-01T01:00Z");
  asked.run(finalize("inv_10003"), "2026-05-01T01:00Z");
  const events = asked.journal.rows.map(({ event }) => event);
  assert.equal(auditOf(events), undefined);
  const billed = events.flatMap((event) =>
    event.kind === "invoice.finalized" && event.invoice.isInterim === true ? event.lines : [],
  );
  assert.deepEqual(
    billed.map(({ amount }) => amount),
    [3_000n],
  );
  const twice = events.map((event) =>
    event.kind === "invoice.finalized" && event.invoice.id === "inv_10003"
      ? {
          ...event,
          lines: event.lines.map((line, index) =>
            index === 0 ? { ...line, id: billed[0]?.id ?? "" } : line,
          ),
        }
      : event,
  );
  assert.match(auditOf(twice)?.rule ?? "no fault", /^V19 a line stands on one invoice/);
});

test("an invoice below zero that keeps its tax, as they once did, is found", () => {
  const events = life.map((event): Event => {
    if (event.kind !== "invoice.finalized" || event.invoice.total > 0n) return event;
    const { subtotal } = event.invoice;
    const booked = event.booked.flatMap((one) =>
      one.account === "Tax"
        ? []
        : one.account === "CustomerBalance"
          ? [{ ...one, amount: money(one.amount + 2_850n) }]
          : [one],
    );
    const amounts = { tax: money(0n), total: subtotal, balanceApplied: subtotal };
    return { ...event, invoice: { ...event.invoice, ...amounts }, booked };
  });
  assert.match(auditOf(events)?.rule ?? "no fault", /^V13 the tax of inv_10002/);
  // What was issued before the rate was told is left as it was.
  const old = events.map((event) =>
    event.kind === "invoice.finalized" ? withoutRate(event) : event,
  );
  assert.equal(auditOf(old.slice(0, -1)), undefined);
});

const withoutRate = ({
  taxBps: _told,
  ...event
}: Extract<Event, { readonly kind: "invoice.finalized" }>) => event;

test("a balance that pays less than it can, and books that say otherwise, are found", () => {
  const less = (one: IssuedInvoice) => ({
    balanceApplied: money(one.balanceApplied - 1n),
    charged: money(one.charged + 1n),
  });
  assert.match(tampered("inv_10003", less), /^V14 what the balance pays of inv_10003/);
  const events = life.map((event) =>
    event.kind === "invoice.finalized" && event.invoice.id === "inv_10003"
      ? { ...event, booked: event.booked.filter(({ account }) => account === "Tax") }
      : event,
  );
  const unbooked = events.map((event) =>
    event.kind === "invoice.finalized" && event.invoice.id === "inv_10003"
      ? {
          ...event,
          booked: [...event.booked, { account: "Receivable", amount: money(1_900n) } as const],
        }
      : event,
  );
  assert.match(auditOf(unbooked)?.rule ?? "no fault", /^V15 what inv_10003 takes of the balance/);
});

/** Two invoices are open when a third gives money back; what is left of it is paid out. */
function paid(): readonly Event[] {
  const open = new Life("2026-04-01T00:00Z");
  open.run(start({ version: "small@1", base: fee(10_000n) }));
  for (const month of [4, 5, 6]) {
    open.pass(`2026-0${month}-01T01:00Z`);
    open.run(finalize(`inv_1000${month - 3}`), `2026-0${month}-01T01:00Z`);
  }
  const received = { currency: null, fee: money(0n), reference: null };
  const pay = { kind: "payInvoice", payment: "pay_1", amount: null, ...received } as const;
  open.run({ ...pay, invoice: "inv_10001" }, "2026-06-02T00:00Z");
  const credit = (invoice: string, amount: bigint): Command => ({
    kind: "creditInvoice",
    creditNote: `crn_${invoice}`,
    number: null,
    invoice,
    amount: money(amount),
    currency: null,
    reason: null,
  });
  open.run(credit("inv_10003", 9_900n), "2026-06-02T00:00Z");
  open.run(credit("inv_10001", 11_900n), "2026-06-03T00:00Z");
  open.pass("2026-06-04T00:00Z");
  open.run(credit("inv_10002", 6_000n), "2026-06-04T00:00Z");
  open.pass("2026-06-05T00:00Z");
  const payout = { kind: "payOutBalance", payout: "pyo_1", amount: money(900n) } as const;
  const said = { currency: null, occurredAt: null, reference: null };
  open.run({ ...payout, ...said }, "2026-06-06T00:00Z");
  return open.journal.rows.map(({ event }) => event);
}

const paidLife = paid();
const bent = (change_: (event: Event) => Event | undefined): string =>
  auditOf(paidLife.flatMap((event) => change_(event) ?? []))?.rule ?? "no fault";
const applied = (as: (event: Applied) => Event | undefined) => (event: Event) =>
  event.kind === "balance.applied" ? as(event) : event;
const paidOut = (as: (event: PaidOut) => Event) => (event: Event) =>
  event.kind === "balance.paid_out" ? as(event) : event;
const booked = (amount: bigint, other: "Receivable" | "Cash") => [
  { account: other, amount: money(-amount) },
  { account: "CustomerBalance" as const, amount: money(amount) },
];

test("a balance that pays what is open, and is paid out, is without fault", () => {
  assert.equal(auditOf(paidLife), undefined);
  const kinds = paidLife.map(({ kind }) => kind).filter((kind) => kind.startsWith("balance."));
  assert.deepEqual(kinds, ["balance.applied", "balance.applied", "balance.paid_out"]);
});

test("a balance that pays nothing, too little, or another invoice than the oldest, is found", () => {
  assert.match(bent(applied(() => undefined)), /^V16 what is free pays what is open/);
  const less = applied((event) => ({
    ...event,
    amount: money(event.amount - 1n),
    booked: booked(event.amount - 1n, "Receivable"),
  }));
  assert.match(bent(less), /^V16 what the balance pays of inv_10002/);
  const other = applied((event) => ({ ...event, invoice: { ...event.invoice, id: "inv_10003" } }));
  assert.match(bent(other), /^V16 the oldest open invoice/);
});

test("a payout of more than is free, and one that the books have otherwise, are found", () => {
  const more = paidOut((event) => ({
    ...event,
    amount: money(99_999n),
    booked: booked(99_999n, "Cash"),
  }));
  assert.match(bent(more), /^V17 no more is paid out/);
  assert.match(
    bent(paidOut((event) => ({ ...event, booked: booked(1n, "Cash") }))),
    /^V15 the books of pyo_1/,
  );
  assert.match(bent(paidOut((event) => ({ ...event, free: money(0n) }))), /^V17 what pyo_1 leaves/);
});
