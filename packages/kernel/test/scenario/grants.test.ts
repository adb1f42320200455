import { credits, plainFinance } from "@cistern/kernel";
import { after, scenarios } from "./check.ts";
import { day, debit, grant, hour, minute, noon, open, refund, revoke, settle } from "./commands.ts";

const c = (amount: number): ReturnType<typeof credits> => credits(BigInt(amount));
const invalid = (field: string, reason: string) => ({
  rejected: { code: "invalid_request", field, reason } as const,
});

scenarios("a grant is refused, in this order", [
  {
    name: "currency_mismatch stands above 0 credits",
    when: grant("a", 0, { currency: "USD" }),
    expect: { rejected: { code: "currency_mismatch", given: "USD", expected: "EUR" } },
  },
  {
    name: "0 credits",
    when: grant("a", 0, { currency: "EUR", cost: -1 }),
    expect: invalid("credits", "A grant adds more than 0 credits."),
  },
  {
    name: "more than 10^12 credits in the life of a workspace",
    given: [grant("all", 1_000_000_000_000_000_000)],
    when: grant("a", 1, { cost: -1 }),
    expect: invalid("credits", "A workspace is granted at most 10^12 credits in all."),
  },
  {
    name: "a negative cost",
    when: grant("a", 1, { cost: -1, until: noon }),
    expect: invalid("cost", "A grant's cost is not negative."),
  },
  {
    name: "an expiry that is not in the future",
    when: grant("a", 1, { from: noon - hour, until: noon, appliesTo: { meters: ["paint"] } }),
    expect: invalid("expiresAt", "A grant expires after it is effective, and in the future."),
  },
  {
    name: "an expiry that is not after its beginning",
    when: grant("a", 1, { from: noon + hour, until: noon + hour }),
    expect: invalid("expiresAt", "A grant expires after it is effective, and in the future."),
  },
  {
    name: "unknown_meter stands above unknown_group",
    when: grant("a", 1, { appliesTo: { meters: ["chat", "paint"], groups: ["red"] } }),
    expect: { rejected: { code: "unknown_meter", meter: "paint" } },
  },
  {
    name: "unknown_group",
    when: grant("a", 1, { appliesTo: { groups: ["red"] } }),
    expect: { rejected: { code: "unknown_group", group: "red" } },
  },
]);

scenarios("a grant becomes a lot", [
  {
    name: "available at once, with its cost as a liability",
    when: grant("a", 10_000, { cost: 10_000, source: "purchase", reference: "order 42" }),
    expect: {
      event: { kind: "credits.granted", transfers: [] },
      books: { Receivable: 10_000, "Deferred:a": -10_000 },
      moved: { Issued: -10_000, "Available:a": 10_000 },
      lots: {
        a: {
          granted: 10_000,
          available: 10_000,
          phase: "live",
          effectiveAt: noon,
          grantedAt: noon,
          reference: "order 42",
        },
      },
    },
  },
  {
    name: "or pending until its time",
    when: grant("a", 10, { from: noon + hour }),
    expect: { lots: { a: { phase: "pending", available: 10 } }, balance: { available: 0 } },
  },
  {
    name: "one whose time lies in the past is effective now",
    when: grant("a", 10, { from: noon - day }),
    expect: { lots: { a: { phase: "live", effectiveAt: noon - day } }, balance: { available: 10 } },
  },
  {
    name: "it pays debt before anything else, oldest first",
    given: [debit("d1", 6), after(1, debit("d2", 6))],
    when: grant("a", 10, { cost: 100 }),
    expect: {
      moved: { Issued: -10, Debt: 10 },
      books: { Receivable: 100, Usage: -100 },
      owed: { d2: 2 },
      balance: { available: 0, consumed: 10, debt: 2 },
      lots: { a: { consumed: 10, available: 0 } },
    },
  },
  {
    name: "but a pending one pays only when it is effective",
    given: [debit("d", 6)],
    when: grant("a", 10, { from: noon + hour }),
    expect: { owed: { d: 6 }, lots: { a: { available: 10 } } },
  },
  {
    name: "10^12 credits in all are the most, and just so many are granted",
    given: [grant("a", 999_999_999_999_999_000)],
    when: grant("b", 1_000),
    expect: { balance: { available: 1_000_000_000_000_000_000 } },
  },
]);

scenarios("a revoke is refused", [
  {
    name: "unknown_grant",
    when: revoke("a", 0),
    expect: { rejected: { code: "unknown_grant", grant: "a" } },
  },
  {
    name: "0 credits stand above what is left",
    given: [grant("a", 10), revoke("a")],
    when: revoke("a", 0),
    expect: invalid("credits", "A revoke takes more than 0 credits."),
  },
  {
    name: "revoke_exceeds_grant: more than is available or held",
    given: [grant("a", 10), debit("d", 3), open("h", 2)],
    when: revoke("a", 8),
    expect: { rejected: { code: "revoke_exceeds_grant", grant: "a", left: c(7) } },
  },
  {
    name: "what is owed to an earlier revoke is not revoked twice",
    given: [grant("a", 10), open("h", 8), revoke("a", 5)],
    when: revoke("a", 6),
    expect: { rejected: { code: "revoke_exceeds_grant", grant: "a", left: c(5) } },
  },
  {
    name: "when the held credits of an earlier revoke were used after all, nothing is left",
    given: [grant("a", 10), open("h", 10), revoke("a", 6), settle("h", 10)],
    when: revoke("a", 1),
    expect: { rejected: { code: "revoke_exceeds_grant", grant: "a", left: c(0) } },
  },
  {
    name: "an expired lot has nothing to revoke",
    given: [grant("a", 10, { until: noon + hour }), after(hour, debit("d", 0))],
    when: revoke("a"),
    expect: { rejected: { code: "revoke_exceeds_grant", grant: "a", left: c(0) } },
  },
  {
    name: "nor has a revoked one",
    given: [grant("a", 10), revoke("a")],
    when: revoke("a"),
    expect: { rejected: { code: "revoke_exceeds_grant", grant: "a", left: c(0) } },
  },
]);

scenarios("a revoke takes back what is left", [
  {
    name: "in part: what is available now",
    given: [grant("a", 10, { cost: 100 })],
    when: revoke("a", 4),
    expect: {
      event: { kind: "credits.revoked", credits: 4, owed: 0, isWhole: false },
      books: { "Deferred:a": 40, Breakage: -40 },
      moved: { "Available:a": -4, Revoked: 4 },
      lots: { a: { available: 6, revoked: 4, phase: "live" } },
    },
  },
  {
    name: "in part, beyond what is available: the rest is owed by what is held",
    given: [grant("a", 10), open("h", 8)],
    when: revoke("a", 5),
    expect: {
      event: { credits: 2, owed: 3 },
      lots: { a: { available: 0, held: 8, revoked: 2, owedRevoke: 3 } },
    },
  },
  {
    name: "as a whole: the lot is over, and what is held follows when it returns",
    given: [grant("a", 10), open("h", 8)],
    when: revoke("a"),
    expect: {
      event: { credits: 2, owed: 8, isWhole: true },
      lots: { a: { available: 0, held: 8, revoked: 2, phase: "revoked", owedRevoke: 0 } },
    },
  },
  {
    name: "a pending lot never begins",
    given: [grant("a", 10, { from: noon + hour }), revoke("a")],
    when: { afterMs: day },
    expect: { due: [], lots: { a: { revoked: 10, phase: "revoked" } } },
  },
  {
    name: "a revoked lot does not expire on top",
    given: [grant("a", 10, { until: noon + hour }), revoke("a")],
    when: { afterMs: day },
    expect: { due: [], lots: { a: { revoked: 10, expired: 0 } } },
  },
]);

scenarios("a refund is refused", [
  {
    name: "unknown_hold stands above 0 credits",
    when: refund("r", "h", 0),
    expect: { rejected: { code: "unknown_hold", hold: "h" } },
  },
  {
    name: "0 credits",
    given: [grant("a", 10), debit("d", 5)],
    when: refund("r", "d", 0),
    expect: invalid("credits", "A refund returns more than 0 credits."),
  },
  {
    name: "refund_exceeds_charge: more than was charged",
    given: [grant("a", 10), debit("d", 5)],
    when: refund("r", "d", 6),
    expect: { rejected: { code: "refund_exceeds_charge", of: "d", left: c(5) } },
  },
  {
    name: "refund_exceeds_charge: more than earlier refunds left",
    given: [grant("a", 10), debit("d", 5), refund("r1", "d", 3)],
    when: refund("r2", "d", 3),
    expect: { rejected: { code: "refund_exceeds_charge", of: "d", left: c(2) } },
  },
  {
    name: "refund_exceeds_charge: all that is left, when nothing is",
    given: [grant("a", 10), debit("d", 5), refund("r1", "d")],
    when: refund("r2", "d"),
    expect: { rejected: { code: "refund_exceeds_charge", of: "d", left: c(0) } },
  },
]);

scenarios("a refund undoes a settlement in reverse (RULES 13)", [
  {
    name: "into the lots last consumed first, as they were",
    given: [grant("a", 10, { cost: 100 }), grant("b", 10, { cost: 50 }), debit("d", 16)],
    when: refund("r_1", "d", 8),
    expect: {
      event: {
        kind: "usage.refunded",
        credits: 8,
        debt: 0,
        charges: [
          { index: 1, lot: "b", credits: 6 },
          { index: 0, lot: "a", credits: 2 },
        ],
        lots: [],
        refundedInTotal: 8,
      },
      books: { "Deferred:b": -30, "Deferred:a": -20, Usage: 50 },
      moved: { "Available:b": 6, "Available:a": 2, Consumed: -8 },
      lots: { a: { consumed: 8, available: 2 }, b: { consumed: 0, available: 10 } },
    },
  },
  {
    name: "outstanding debt first, without money",
    given: [grant("a", 10, { cost: 100 }), debit("d", 14)],
    when: refund("r", "d", 6),
    expect: {
      event: { debt: 4, charges: [{ index: 0, lot: "a", credits: 2 }] },
      books: { "Deferred:a": -20, Usage: 20 },
      moved: { "Available:a": 2, Consumed: -6, Debt: 4 },
      owed: {},
    },
  },
  {
    name: "lots that paid its debt count as its lots, and were consumed last",
    given: [grant("a", 10), debit("d", 14), grant("b", 10)],
    when: refund("r", "d", 6),
    expect: {
      event: {
        debt: 0,
        charges: [
          { index: 1, lot: "b", credits: 4 },
          { index: 0, lot: "a", credits: 2 },
        ],
      },
      lots: { a: { available: 2 }, b: { available: 10 } },
    },
  },
  {
    name: "what returns pays other debts in the same event",
    given: [grant("a", 10), debit("d1", 10), debit("d2", 3, { member: "ben" })],
    when: refund("r", "d1", 5),
    expect: { owed: {}, lots: { a: { available: 2, consumed: 8 } } },
  },
  {
    name: "into an expired lot: a new lot with that leg's money, and 30 days of life",
    given: [
      grant("a", 10, { cost: 100, until: noon + hour, priority: 7 }),
      debit("d", 7),
      after(hour, debit("t", 0)),
    ],
    when: refund("rfd_1", "d", 4),
    expect: {
      event: {
        lots: [
          {
            ...freshLot(),
            id: "grt_1",
            invoiced: { invoice: null },
            finance: { ...plainFinance, origin: "a" },
          },
        ],
      },
      books: { Usage: 40, "Deferred:grt_1": -40 },
      moved: { Consumed: -4, Moved: 4, Issued: -4, "Available:grt_1": 4 },
      lots: { a: { consumed: 3, moved: 4, expired: 3 }, grt_1: { available: 4 } },
    },
  },
  {
    name: "a new lot pays debt like any other",
    given: [
      grant("a", 10, { cost: 100, until: noon + hour }),
      debit("d", 10),
      after(hour, debit("other", 3)),
    ],
    when: refund("rfd_1", "d", 4),
    expect: { owed: {}, lots: { grt_1: { available: 1, consumed: 3 } } },
  },
  {
    name: "into a revoked lot: consumed becomes revoked, without money",
    given: [grant("a", 10, { cost: 100 }), debit("d", 7), revoke("a")],
    when: refund("r", "d"),
    expect: {
      books: {},
      moved: { Consumed: -7, Revoked: 7 },
      lots: { a: { revoked: 10, consumed: 0, available: 0 } },
    },
  },
  {
    name: "into a lot that still owes to a revoke: that is paid first",
    given: [grant("a", 10, { cost: 100 }), open("h", 10), revoke("a", 6), settle("h", 10)],
    when: refund("r", "h", 8),
    expect: {
      moved: { Consumed: -8, Revoked: 6, "Available:a": 2 },
      books: { Usage: 20, "Deferred:a": -20 },
      lots: { a: { consumed: 2, revoked: 6, available: 2, owedRevoke: 0 } },
    },
  },
  {
    name: "a hold settled in part can be refunded while it is open",
    given: [grant("a", 10), open("h", 8), settle("h", 5, { isFinal: false })],
    when: refund("r", "h", 2),
    expect: {
      lots: { a: { consumed: 3, held: 3, available: 4 } },
      holds: { h: { status: "open", refunded: 2 } },
    },
  },
  {
    name: "days later, when memory has let go of the settlement",
    given: [grant("a", 10), debit("d", 7), after(3 * day, debit("t", 0)), debit("u", 0)],
    when: after(minute, refund("r", "d", 4)),
    expect: { lots: { a: { consumed: 3, available: 7 } }, holds: { d: { refunded: 4 } } },
  },
  {
    name: "all that is left, when no amount is named",
    given: [grant("a", 10), debit("d", 7), refund("r1", "d", 2)],
    when: refund("r2", "d"),
    expect: { event: { credits: 5, refundedInTotal: 7 }, lots: { a: { available: 10 } } },
  },
]);

function freshLot() {
  const none = { consumed: 0, moved: 0, revoked: 0, expired: 0 };
  return {
    id: "",
    source: "adjustment",
    priority: 7,
    granted: 4,
    available: 4,
    held: 0,
    ...none,
    cost: 40,
    posted: none,
    grantedAt: noon + hour,
    effectiveAt: noon + hour,
    expiresAt: noon + hour + 30 * day,
    appliesTo: null,
    phase: "live",
    owedRevoke: 0,
    reference: "a",
  };
}
