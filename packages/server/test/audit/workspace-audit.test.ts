import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { test } from "node:test";
import { type Event, credits, instant, money } from "@cistern/kernel";
import type { AuditFault } from "../../src/audit/index.ts";
import { auditOf, auditOfRows } from "./audit-of.ts";
import { lifeOfAWorkspace } from "./life-of-a-workspace.ts";
import { rowsOf } from "./rows-of.ts";

const life = lifeOfAWorkspace();

/** The life with one event changed, in a chain that is valid again: only the rules can find it. */
function tampered(
  kind: Event["kind"],
  change: (event: Event) => Event | undefined,
): AuditFault | undefined {
  const index = life.findIndex((event) => event.kind === kind && change(event) !== undefined);
  ok(index >= 0, `the life has a ${kind} to tamper with`);
  const changed = life.flatMap((event, at) => (at === index ? (change(event) ?? []) : event));
  return auditOf(changed);
}

const micro = (amount: bigint) => credits(amount);

test("a journal that the kernel wrote is without fault", () => {
  strictEqual(auditOf(life), undefined);
  const kinds = new Set(life.map((event) => event.kind));
  for (const kind of [
    "hold.expired",
    "credits.expired",
    "usage.refunded",
    "hold.released",
    "credits.repaid",
    "credits.charged_back",
    "credits.escheated",
    "breakage.revised",
  ] as const)
    ok(kinds.has(kind), `the life has ${kind}`);
});

test("a row whose bytes were changed breaks the chain at its place", () => {
  const rows = rowsOf(life).map((row) =>
    row.seq === 5 ? { ...row, events: row.events.replace("ana", "eva") } : row,
  );
  const fault = auditOfRows(rows);
  deepStrictEqual(fault?.position, { seq: 5, index: 0 });
  match(fault.rule, /^J3/);
});

test("a row that is missing breaks the chain", () => {
  const fault = auditOfRows(rowsOf(life).filter((row) => row.seq !== 4));
  deepStrictEqual(fault?.position, { seq: 5, index: 0 });
});

test("a notice of new prices that nothing bears out is found", () => {
  const at = life.findIndex((event) => event.kind === "hold.opened");
  const first = life[at];
  ok(first?.kind === "hold.opened");
  for (const previous of ["card-0", "card-1"]) {
    const notice = { kind: "rate_card.changed", at: first.at, card: "card-2", previous } as const;
    const fault = auditOf([...life.slice(0, at), notice, ...life.slice(at)]);
    match(fault?.rule ?? "none", /RULES 19: a changed rate card follows/);
  }
});

interface Tampering {
  readonly name: string;
  readonly kind: Event["kind"];
  readonly change: (event: Event) => Event | undefined;
  readonly rule: RegExp;
}

const tamperings: readonly Tampering[] = [
  {
    name: "a settlement that takes a credit more than it charged",
    kind: "hold.settled",
    change: (event) =>
      event.kind === "hold.settled"
        ? {
            ...event,
            transfers: event.transfers.map((one, at) =>
              at === 0 ? { ...one, credits: micro(one.credits + 1n) } : one,
            ),
          }
        : undefined,
    rule: /K2|K12|K13|E1|K8/,
  },
  {
    name: "a settlement that recognises a cent too much",
    kind: "hold.settled",
    change: (event) =>
      event.kind === "hold.settled"
        ? {
            ...event,
            transfers: event.transfers.map((one, at) =>
              at === 0 ? { ...one, money: money(one.money + 1n) } : one,
            ),
          }
        : undefined,
    rule: /^K8/,
  },
  {
    name: "a settlement of an answer that no provider has a name for",
    kind: "hold.settled",
    change: (event) =>
      event.kind === "hold.settled" ? { ...event, response: "\n".repeat(200) } : undefined,
    rule: /^V28/,
  },
  {
    name: "a cost of far less than a cent that is a cent in the books",
    kind: "hold.settled",
    change: (event) =>
      event.kind === "hold.settled"
        ? { ...event, cost: { currency: "USD", nanos: 499_999_999n, accrued: 1n } }
        : undefined,
    rule: /^RULES 17/,
  },
  {
    name: "a cost of half a cent that the books leave out",
    kind: "hold.settled",
    change: (event) =>
      event.kind === "hold.settled"
        ? { ...event, cost: { currency: "USD", nanos: 500_000_000n, accrued: 0n } }
        : undefined,
    rule: /^RULES 17/,
  },
  {
    name: "a balance that is not what the lots say",
    kind: "hold.opened",
    change: (event) =>
      event.kind === "hold.opened"
        ? {
            ...event,
            balance: { ...event.balance, available: micro(event.balance.available + 1n) },
          }
        : undefined,
    rule: /^E1/,
  },
  {
    name: "a hold with a leg that no lot gave",
    kind: "hold.opened",
    change: (event) => (event.kind === "hold.opened" ? { ...event, transfers: [] } : undefined),
    rule: /K12|E1/,
  },
  {
    name: "a charge that is not lots and debt",
    kind: "hold.settled",
    change: (event) =>
      event.kind === "hold.settled" && event.debt > 0n
        ? { ...event, debt: micro(event.debt - 1n) }
        : undefined,
    rule: /^K13/,
  },
  {
    name: "an expiry that never happened",
    kind: "hold.expired",
    change: (event) =>
      event.kind === "hold.expired"
        ? { kind: "group.updated", at: event.at, group: { id: "g" } }
        : undefined,
    rule: /late|V6|K4|K2/,
  },
  {
    name: "a lot that expired and still gives",
    kind: "credits.expired",
    change: (event) =>
      event.kind === "credits.expired"
        ? { kind: "group.updated", at: event.at, group: { id: "g" } }
        : undefined,
    rule: /RULES 10|E1|K8|V3/,
  },
  {
    name: "a lot that expired before its time",
    kind: "credits.expired",
    change: (event) =>
      event.kind === "credits.expired" ? { ...event, at: instant(event.at - 1) } : undefined,
    rule: /RULES 10/,
  },
  {
    name: "an event that lies before the one before it",
    kind: "hold.released",
    change: (event) => ({ ...event, at: instant(5) }),
    rule: /^K7/,
  },
  {
    name: "a debt that a grant left standing beside available credits",
    kind: "credits.granted",
    change: (event) =>
      event.kind === "credits.granted" && event.transfers.length > 0
        ? {
            ...event,
            transfers: [],
            balance: {
              ...event.balance,
              available: micro(event.lot.granted),
              debt: micro(event.transfers.reduce((sum, one) => sum + one.credits, 0n)),
              consumed: micro(
                event.balance.consumed -
                  event.transfers.reduce((sum, one) => sum + one.credits, 0n),
              ),
            },
          }
        : undefined,
    rule: /^K11/,
  },
  {
    name: "a refund of more than was charged",
    kind: "usage.refunded",
    change: (event) =>
      event.kind === "usage.refunded"
        ? { ...event, credits: micro(event.credits + 1n) }
        : undefined,
    rule: /^K13/,
  },
  {
    name: "a count that the windows do not show",
    kind: "hold.settled",
    change: (event) =>
      event.kind === "hold.settled" && event.counts.length > 0
        ? { ...event, counts: [] }
        : undefined,
    rule: /K14|kernel/,
  },
  {
    name: "a repayment of more than its credits were worth",
    kind: "credits.repaid",
    change: (event) =>
      event.kind === "credits.repaid" ? { ...event, money: money(event.money + 1n) } : undefined,
    rule: /^V4/,
  },
  {
    name: "a repayment that gives back more tax than was paid",
    kind: "credits.repaid",
    change: (event) =>
      event.kind === "credits.repaid" ? { ...event, tax: money(191n) } : undefined,
    rule: /^V4/,
  },
  {
    name: "a chargeback that takes what went back before",
    kind: "credits.charged_back",
    change: (event) =>
      event.kind === "credits.charged_back"
        ? {
            ...event,
            lots: event.lots.map((one) => ({ ...one, money: money(one.money + 1n) })),
          }
        : undefined,
    rule: /^V4/,
  },
  {
    name: "a chargeback that makes revenue of what it took",
    kind: "credits.charged_back",
    change: (event) =>
      event.kind === "credits.charged_back"
        ? { ...event, transfers: event.transfers.map(({ into: _into, ...one }) => one) }
        : undefined,
    rule: /^RULES 9/,
  },
  {
    name: "usage that is told as breakage",
    kind: "usage.debited",
    change: (event) =>
      event.kind === "usage.debited" && event.transfers.some((one) => one.breakage !== undefined)
        ? {
            ...event,
            transfers: event.transfers.map((one) => ({
              ...one,
              breakage: money((one.breakage ?? 0n) + 1n),
            })),
          }
        : undefined,
    rule: /^E6/,
  },
  {
    name: "an estimate that recognises a cent too much",
    kind: "breakage.revised",
    change: (event) =>
      event.kind === "breakage.revised"
        ? {
            ...event,
            transfers: event.transfers.map((one) => ({
              ...one,
              money: money(one.money + 1n),
              breakage: money((one.breakage ?? 0n) + 1n),
            })),
          }
        : undefined,
    rule: /^E6\.2/,
  },
  {
    name: "a priced change that is not told as one",
    kind: "credits.revoked",
    change: (event) =>
      event.kind === "credits.revoked" && event.transfers.some((one) => one.rebases === true)
        ? { ...event, transfers: event.transfers.map(({ rebases: _rebases, ...one }) => one) }
        : undefined,
    rule: /^K8/,
  },
  {
    name: "breakage of what expired and is the state's",
    kind: "credits.expired",
    change: (event) =>
      event.kind === "credits.expired" && event.transfers.some((one) => one.into !== undefined)
        ? { ...event, transfers: event.transfers.map(({ into: _into, ...one }) => one) }
        : undefined,
    rule: /^E7/,
  },
  {
    name: "money that the state took and that is revenue",
    kind: "credits.escheated",
    change: (event) =>
      event.kind === "credits.escheated"
        ? { ...event, transfers: event.transfers.map(({ into: _into, ...one }) => one) }
        : undefined,
    rule: /^RULES 9/,
  },
];

const prolonging = (
  event: Event,
  change: (expiresAt: number | null) => number | null | undefined,
): Event | undefined => {
  if (!("prolonged" in event) || event.prolonged === undefined) return undefined;
  const prolonged = event.prolonged.flatMap(({ lot, expiresAt }) => {
    const to = change(expiresAt);
    return to === undefined ? [] : [{ lot, expiresAt: to === null ? null : instant(to) }];
  });
  return { ...event, prolonged };
};

test("an audit finds a prepaid lot that a pause left to its first end, or that is prolonged into the past", () => {
  // Without it the lot is over before the pause is.
  const left = tampered("subscription.paused", (event) => prolonging(event, () => undefined));
  match(left?.rule ?? "none", /RULES 10: what is due has happened|prolonged in its life/);
  const past = tampered("subscription.resumed", (event) => prolonging(event, () => event.at));
  match(past?.rule ?? "none", /prolonged in its life, to a later instant/);
});

for (const { name, kind, change, rule } of tamperings)
  test(`an audit finds ${name}`, () => {
    const fault = tampered(kind, change);
    ok(fault !== undefined, "a fault is found");
    match(fault.rule, rule);
  });

const lastAt = life.at(-1)?.at ?? 0;
const closed = (end: number): Event => ({
  kind: "period.closed",
  at: instant(lastAt + 10),
  month: "1970-01",
  start: instant(0),
  end: instant(end),
});
const later = (given: { readonly postedAt?: Event["at"] } = {}): Event => ({
  kind: "group.updated",
  at: instant(lastAt + 20),
  ...given,
  group: { id: "g" },
});

test("a month that is closed is without fault while nothing is posted into it", () => {
  strictEqual(auditOf([...life, closed(lastAt + 5), later()]), undefined);
  const postedAt = instant(lastAt + 5);
  strictEqual(auditOf([...life, closed(lastAt + 5), later({ postedAt })]), undefined);
});

test("an audit finds what is posted into a closed month (I10), and a month closed twice or early", () => {
  const postedAt = instant(lastAt + 4);
  const into = auditOf([...life, closed(lastAt + 5), later({ postedAt })]);
  match(into?.rule ?? "", /^I10/);
  const twice = auditOf([...life, closed(lastAt + 5), closed(lastAt + 5)]);
  match(twice?.rule ?? "", /each once/);
  match(auditOf([...life, closed(lastAt + 11)])?.rule ?? "", /when they are over/);
});
