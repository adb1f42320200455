import { credits, instant, money } from "@cistern/kernel";
import { after, scenarios } from "./check.ts";
import {
  bonus,
  chargeBack,
  close,
  day,
  debit,
  escheat,
  grant,
  hour,
  minute,
  noon,
  open,
  paid,
  refund,
  release,
  repay,
  reviseBreakage,
  revoke,
  settle,
} from "./commands.ts";

/** Money of lots: sold, given back, taken, estimated. Golden figures of FINANCE, section 4, and what lies around them. */
const E1 = grant("E1", 10_000, { cost: 10_000, payment: paid("received", { tax: 825 }) });
const used = [E1, debit("d", 2_500)];
const E8 = grant("E8", 10_000, { cost: 10_000, bonus: bonus("E8b", 2_000) });
/** Of one cent nothing is the small lot's, of 40 cents of tax half a cent is (R3). */
const taxedAtNothing = grant("tiny", 1, {
  cost: 1,
  bonus: bonus("tiny-b", 79),
  payment: paid("received", { tax: 40 }),
  until: noon + day,
});
const E6 = grant("E6", 10_000, { cost: 10_000, breakage: 1_000, until: noon + day });

scenarios("sales", [
  {
    name: "E1 10,000 credits for 100.00 with tax of 8.25, paid at once",
    when: E1,
    expect: {
      books: { Cash: 10_825, "Deferred:E1": -10_000, Tax: -825 },
      moved: { Issued: -10_000, "Available:E1": 10_000 },
    },
  },
  {
    name: "E1 of which the card took 3.44",
    when: grant("E1", 10_000, { cost: 10_000, payment: paid("received", { tax: 825, fee: 344 }) }),
    expect: { books: { Cash: 10_481, PaymentFees: 344, "Deferred:E1": -10_000, Tax: -825 } },
  },
  {
    name: "E1 by invoice is owed, not paid",
    when: grant("E1", 10_000, { cost: 10_000, payment: paid("invoiced", { tax: 825 }) }),
    expect: { books: { Receivable: 10_825, "Deferred:E1": -10_000, Tax: -825 } },
  },
  {
    name: "E8 a bonus takes its share of the price",
    when: E8,
    expect: {
      books: { Receivable: 10_000, "Deferred:E8": -8_333, "Deferred:E8b": -1_667 },
      lots: { E8: { cost: 8_333 }, E8b: { cost: 1_667, available: 2_000, source: "purchase" } },
      balance: { available: 12_000 },
    },
  },
  {
    name: "E8 a bonus with a stand-alone price shares by that, and the tax goes the same way",
    when: grant("E8", 10_000, {
      cost: 10_000,
      bonus: bonus("E8b", 2_000, 2_500),
      payment: paid("received", { tax: 1_000 }),
    }),
    expect: {
      books: { Cash: 11_000, Tax: -1_000, "Deferred:E8": -8_000, "Deferred:E8b": -2_000 },
      lots: { E8: { cost: 8_000 }, E8b: { cost: 2_000 } },
    },
  },
  ...(
    [
      ["first 500", [], 500, 417],
      ["next 500", [500], 500, 417],
      ["last 1,000", [500, 500], 1_000, 833],
    ] as const
  ).map(([name, before, amount, cents]) => ({
    name: `E8 the ${name} credits of the bonus bring ${cents}`,
    given: [E8, debit("paid", 10_000), ...before.map((one, index) => debit(`d${index}`, one))],
    when: debit("d", amount),
    expect: { books: { "Deferred:E8b": cents, Usage: -cents } },
  })),
  {
    name: "E21 a compensation is worth its stand-alone price, at the vendor's expense",
    when: grant("sla", 500, { source: "adjustment", cost: 500, payment: paid("compensation") }),
    expect: { books: { SlaCredits: 500, "Deferred:sla": -500 } },
  },
  {
    name: "E21 and brings it when it is used",
    given: [grant("sla", 500, { source: "adjustment", cost: 500, payment: paid("compensation") })],
    when: debit("d", 500),
    expect: { books: { "Deferred:sla": 500, Usage: -500 } },
  },
  ...(
    [
      ["bonus", "A bonus adds more than 0 credits.", { bonus: bonus("b", 0) }],
      ["bonus", "A stand-alone price is not negative.", { bonus: bonus("b", 1, -1) }],
      ["breakage", "Expected breakage is 0 to 9,999 basis points.", { breakage: 10_000 }],
      ["tax", "Tax and fee are not negative.", { payment: paid("received", { tax: -1 }) }],
      [
        "fee",
        "A fee is kept of money that was received.",
        { payment: paid("invoiced", { fee: 1 }) },
      ],
      ["tax", "Tax is paid on what was sold.", { payment: paid("compensation", { tax: 1 }) }],
      ["tax", "Tax is paid on what was sold.", { cost: 0, payment: paid("received", { tax: 1 }) }],
      [
        "bonus",
        "A bonus comes with what was sold.",
        { bonus: bonus("b", 1), payment: paid("compensation") },
      ],
    ] as const
  ).map(([field, reason, given]) => ({
    name: `a grant is refused for its ${field}: ${reason}`,
    when: grant("g", 10, { cost: 100, ...given }),
    expect: { rejected: { code: "invalid_request", field, reason } as const },
  })),
]);

scenarios("repayments", [
  {
    name: "E13 the unused 7,500 credits of E1, with 75 % of its tax",
    given: used,
    when: repay("E1"),
    expect: {
      books: { "Deferred:E1": 7_500, Tax: 619, Cash: -8_119 },
      moved: { "Available:E1": -7_500, Revoked: 7_500 },
      event: { credits: 7_500, money: 7_500, goodwill: 0, tax: 619 },
      lots: { E1: { available: 0, revoked: 7_500, phase: "live" } },
    },
  },
  {
    name: "E13 in two parts gives the same money and tax",
    given: [...used, repay("E1", { credits: 2_501 })],
    when: repay("E1"),
    // R1(825 * 2501 / 10000) = 206; 619 - 206.
    expect: { books: { "Deferred:E1": 4_999, Tax: 413, Cash: -5_412 } },
  },
  {
    name: "E13b goodwill of 10.00 for credits that were used",
    given: used,
    when: repay("E1", { goodwill: 1_000 }),
    expect: {
      books: { Refunds: 1_000, Cash: -1_000 },
      moved: {},
      lots: { E1: { available: 7_500 } },
    },
  },
  {
    name: "goodwill and unused credits together give back at most what was paid",
    given: [...used, repay("E1", { goodwill: 2_501 })],
    when: repay("E1"),
    expect: { rejected: { code: "repayment_exceeds_payment", grant: "E1", left: money(7_499n) } },
  },
  {
    name: "a second repayment of the rest is refused",
    given: [...used, repay("E1")],
    when: repay("E1"),
    expect: { rejected: { code: "repayment_exceeds_payment", grant: "E1", left: money(2_500n) } },
  },
  ...[undefined, paid("invoiced", { tax: 825 })].map((payment) => ({
    name: `of a grant that was invoiced less is owed, and no cash leaves (${payment?.kind ?? "as it is left out"})`,
    given: [
      grant("E1", 10_000, { cost: 10_000, ...(payment === undefined ? {} : { payment }) }),
      debit("d", 2_500),
    ],
    when: repay("E1"),
    expect: {
      books:
        payment === undefined
          ? { "Deferred:E1": 7_500, Receivable: -7_500 }
          : { "Deferred:E1": 7_500, Tax: 619, Receivable: -8_119 },
    },
  })),
  {
    name: "goodwill for what was invoiced comes off what is owed too",
    given: [grant("E1", 10_000, { cost: 10_000 }), debit("d", 2_500)],
    when: repay("E1", { goodwill: 1_000 }),
    expect: { books: { Refunds: 1_000, Receivable: -1_000 } },
  },
  {
    name: "credits that are held wait: only what is available is paid back",
    given: [E1, open("h", 4_000)],
    when: repay("E1"),
    expect: {
      books: { "Deferred:E1": 6_000, Tax: 495, Cash: -6_495 },
      lots: { E1: { available: 0, held: 4_000, phase: "live" } },
    },
  },
  {
    name: "more credits than are available are refused",
    given: [E1, open("h", 4_000)],
    when: repay("E1", { credits: 6_001 }),
    expect: { rejected: { code: "revoke_exceeds_grant", grant: "E1", left: credits(6_000n) } },
  },
  {
    name: "a promotion was never paid for",
    given: [grant("promo", 500)],
    when: repay("promo"),
    expect: { rejected: { code: "repayment_exceeds_payment", grant: "promo", left: money(0n) } },
  },
  {
    name: "nor was a compensation",
    given: [grant("sla", 500, { cost: 500, payment: paid("compensation") })],
    when: repay("sla"),
    expect: { rejected: { code: "repayment_exceeds_payment", grant: "sla", left: money(0n) } },
  },
  {
    name: "nor is what came back of an expired one",
    given: [
      grant("sla", 500, { cost: 500, payment: paid("compensation"), until: noon + hour }),
      debit("d", 500),
      after(2 * hour, refund("rfd_1", "d")),
    ],
    when: repay("grt_1"),
    expect: { rejected: { code: "repayment_exceeds_payment", grant: "grt_1", left: money(0n) } },
  },
  {
    name: "what moved on to another lot is paid back there, and not twice",
    given: [
      grant("old", 500, { cost: 500, until: noon + hour }),
      debit("d", 500),
      after(2 * hour, refund("rfd_1", "d", 200)),
      repay("grt_1"),
    ],
    when: repay("old", { goodwill: 301 }),
    expect: { rejected: { code: "repayment_exceeds_payment", grant: "old", left: money(300n) } },
  },
  {
    name: "one dated back keeps its date",
    given: [E1, after(day, debit("d", 2_500))],
    when: repay("E1", { occurredAt: instant(noon + hour) }),
    expect: { event: { at: noon + day, occurredAt: noon + hour } },
  },
  ...(
    [
      ["occurredAt", "It has not happened yet.", { occurredAt: instant(noon + 1) }],
      ["occurredAt", "The grant did not exist yet.", { occurredAt: instant(noon - 1) }],
      ["credits", "A repayment is for more than 0 credits.", { credits: 0 }],
      ["goodwill", "Goodwill is more than nothing.", { goodwill: 0 }],
      [
        "goodwill",
        "A repayment is for unused credits or goodwill, not both.",
        { goodwill: 1, credits: 1 },
      ],
    ] as const
  ).map(([field, reason, given]) => ({
    name: `one is refused for its ${field}: ${reason}`,
    given: [E1],
    when: repay("E1", given),
    expect: { rejected: { code: "invalid_request", field, reason } as const },
  })),
  {
    name: "one in another currency is refused",
    given: [E1],
    when: repay("E1", { goodwill: 1, currency: "USD" }),
    expect: { rejected: { code: "currency_mismatch", given: "USD", expected: "EUR" } },
  },
  {
    name: "one of an unknown grant is refused",
    when: repay("nope"),
    expect: { rejected: { code: "unknown_grant", grant: "nope" } },
  },
]);

const charged = [grant("E1", 10_000, { cost: 10_000 }), debit("d", 2_500)];

scenarios("chargebacks", [
  {
    name: "E13c of 100.00 with a dispute fee of 15.00, after 2,500 credits were used",
    given: charged,
    when: chargeBack("E1", 1_500),
    expect: {
      books: { "Deferred:E1": 7_500, Chargebacks: 2_500, DisputeFees: 1_500, Cash: -11_500 },
      moved: { "Available:E1": -7_500, Revoked: 7_500 },
      lots: { E1: { phase: "revoked", revoked: 7_500 } },
    },
  },
  {
    name: "takes the tax too, and only what was not paid back before",
    given: [...used, repay("E1", { credits: 2_500 }), repay("E1", { goodwill: 500 })],
    when: chargeBack("E1"),
    // 10000 - 2500 - 500 = 7000, of which 5000 are deferred; tax 825 - 206.
    expect: { books: { "Deferred:E1": 5_000, Chargebacks: 2_000, Tax: 619, Cash: -7_619 } },
  },
  {
    name: "takes what was sold with it: the bonus ends as well",
    given: [E8, debit("d", 10_000)],
    when: chargeBack("E8"),
    expect: {
      books: { "Deferred:E8b": 1_667, Chargebacks: 8_333, Cash: -10_000 },
      lots: { E8: { phase: "revoked" }, E8b: { phase: "revoked", revoked: 2_000 } },
    },
  },
  {
    name: "what is held stays held: its money is set against the chargeback when it returns",
    given: [...charged, open("h", 1_000), chargeBack("E1")],
    when: release("h"),
    expect: {
      books: { "Deferred:E1": 1_000, Chargebacks: -1_000 },
      lots: { E1: { held: 0, revoked: 7_500, phase: "revoked" } },
    },
  },
  {
    name: "and is usage when it is used",
    given: [...charged, open("h", 1_000), chargeBack("E1")],
    when: settle("h", 600),
    expect: { books: { "Deferred:E1": 1_000, Usage: -600, Chargebacks: -400 } },
  },
  {
    name: "usage refunded into it counts as revoked, without money",
    given: [...charged, chargeBack("E1")],
    when: refund("rfd_1", "d"),
    expect: { books: {}, lots: { E1: { consumed: 0, revoked: 10_000 } } },
  },
  {
    name: "of a lot that has expired takes nothing more from it",
    given: [grant("E1", 10_000, { cost: 10_000, until: noon + hour }), debit("d", 2_500)],
    when: after(2 * hour, chargeBack("E1")),
    expect: { books: { Chargebacks: 10_000, Cash: -10_000 }, lots: { E1: { phase: "expired" } } },
  },
  {
    name: "of a lot that had tax and no money of the price beside its bonus takes the tax of both",
    given: [taxedAtNothing],
    when: chargeBack("tiny"),
    expect: { books: { "Deferred:tiny-b": 1, Tax: 40, Cash: -41 } },
  },
  {
    name: "comes once",
    given: [...charged, chargeBack("E1")],
    when: chargeBack("E1"),
    expect: { rejected: { code: "repayment_exceeds_payment", grant: "E1", left: money(0n) } },
  },
  {
    name: "follows credits that moved on to another lot, with their share of the tax",
    given: [
      grant("E1", 1_000, {
        cost: 1_000,
        payment: paid("received", { tax: 83 }),
        until: noon + hour,
      }),
      debit("d", 1_000),
      after(2 * hour, refund("rfd_1", "d", 400)),
      debit("d2", 100),
    ],
    when: chargeBack("E1"),
    expect: {
      books: { "Deferred:grt_1": 300, Chargebacks: 700, Tax: 83, Cash: -1_083 },
      lots: { grt_1: { phase: "revoked", revoked: 300 } },
    },
  },
  {
    name: "of a bonus, and then of what it came with, takes each once",
    given: [E8, chargeBack("E8b"), chargeBack("E8")],
    when: repay("E8b", { goodwill: 1 }),
    expect: { rejected: { code: "repayment_exceeds_payment", grant: "E8b", left: money(0n) } },
  },
  {
    name: "leaves nothing to pay back",
    given: [...charged, chargeBack("E1")],
    when: repay("E1", { goodwill: 1 }),
    expect: { rejected: { code: "repayment_exceeds_payment", grant: "E1", left: money(0n) } },
  },
  ...(
    [
      ["occurredAt", "It has not happened yet.", 0, { occurredAt: instant(noon + 1) }],
      ["fee", "A fee is not negative.", -1, {}],
    ] as const
  ).map(([field, reason, fee, given]) => ({
    name: `is refused for its ${field}: ${reason}`,
    given: charged,
    when: chargeBack("E1", fee, given),
    expect: { rejected: { code: "invalid_request", field, reason } as const },
  })),
  {
    name: "in another currency is refused",
    given: charged,
    when: chargeBack("E1", 1, { currency: "USD" }),
    expect: { rejected: { code: "currency_mismatch", given: "USD", expected: "EUR" } },
  },
  {
    name: "of an unknown grant is refused",
    when: chargeBack("nope"),
    expect: { rejected: { code: "unknown_grant", grant: "nope" } },
  },
]);

const half = [E6, debit("d", 2_250)];
const revised = [...half, reviseBreakage("E6", 500)];

scenarios("breakage", [
  {
    name: "E6 with 10 % expected, 2,250 used recognise 2500",
    given: [E6],
    when: debit("d", 2_250),
    expect: { books: { "Deferred:E6": 2_500, Usage: -2_250, Breakage: -250 } },
  },
  {
    name: "E6.2 an estimate of 5 % gives 132 back",
    given: half,
    when: reviseBreakage("E6", 500),
    expect: { books: { "Deferred:E6": -132, Breakage: 132 }, moved: {} },
  },
  {
    name: "E6.3 4,750 more",
    given: revised,
    when: debit("d2", 4_750),
    expect: { books: { "Deferred:E6": 5_000, Usage: -4_750, Breakage: -250 } },
  },
  {
    name: "E6.4 expiry with 3,000 unused",
    given: [...revised, debit("d2", 4_750)],
    when: { afterMs: day },
    expect: { books: { "Deferred:E6": 2_632, Breakage: -2_632 }, lots: { E6: { expired: 3_000 } } },
  },
  {
    name: "use beyond what was expected takes breakage back",
    given: [E6, debit("d", 9_000)],
    when: debit("d2", 500),
    expect: { books: { Usage: -500, Breakage: 500 } },
  },
  {
    name: "usage that is refunded takes its breakage back",
    given: half,
    when: refund("rfd_1", "d"),
    expect: { books: { "Deferred:E6": -2_500, Usage: 2_250, Breakage: 250 } },
  },
  {
    name: "late usage of what expired is usage, and breakage no more",
    given: [E6, open("h", 1_000, { ttlMs: hour })],
    when: after(2 * day, settle("h", 400)),
    expect: { due: ["hold.expired", "credits.expired"], books: { Breakage: 400, Usage: -400 } },
  },
  {
    name: "usage refunded into what expired moves to a lot of its own, with all its money",
    given: half,
    when: after(2 * day, refund("rfd_1", "d")),
    expect: { books: { "Deferred:grt_1": -2_500, Usage: 2_250, Breakage: 250 } },
  },
  {
    name: "usage refunded into an expired lot that had tax and no money of the price beside its bonus",
    given: [taxedAtNothing, debit("d", 1)],
    when: after(2 * day, refund("rfd_1", "d")),
    expect: { books: {}, lots: { tiny: { moved: 1 }, grt_1: { cost: 0, available: 1 } } },
  },
  {
    name: "usage that is undone into what was revoked leaves all its money where it is",
    given: [...half, revoke("E6")],
    when: refund("rfd_1", "d"),
    expect: { books: {}, lots: { E6: { consumed: 0, revoked: 10_000 } } },
  },
  {
    name: "what several calls leave of an expired lot closes it, late usage in between or not",
    given: [
      grant("E6", 10_000, { cost: 10_000, breakage: 1_000, until: noon + 2 * hour }),
      open("late", 1_000, { ttlMs: hour }),
      open("h", 1_000, { ttlMs: 20 * hour }),
      after(3 * hour, settle("late", 400)),
    ],
    when: settle("h", 500),
    expect: { books: { "Deferred:E6": 1_000, Usage: -500, Breakage: -500 } },
  },
  {
    name: "no estimate any more: what was recognised of it is deferred again",
    given: half,
    when: reviseBreakage("E6", null),
    expect: { books: { "Deferred:E6": -250, Breakage: 250 } },
  },
  {
    name: "an estimate that changes nothing posts nothing",
    given: [grant("g", 10)],
    when: reviseBreakage("g", 500),
    expect: { books: {}, moved: {}, event: { breakage: 500 } },
  },
  {
    name: "a share of all is none",
    given: [E6],
    when: reviseBreakage("E6", 10_000),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "breakage",
        reason: "Expected breakage is 0 to 9,999 basis points.",
      },
    },
  },
  {
    name: "a lot that is over has nothing to estimate",
    given: [E6, revoke("E6")],
    when: reviseBreakage("E6", 0),
    expect: { rejected: { code: "grant_over", grant: "E6", phase: "revoked" } },
  },
  {
    name: "nor has an unknown one",
    when: reviseBreakage("nope", 0),
    expect: { rejected: { code: "unknown_grant", grant: "nope" } },
  },
]);

const january = [E1, after(30 * day, close("2026-01"))];
const intoJanuary = {
  rejected: {
    code: "period_closed",
    month: "2026-01",
    openFrom: instant(Date.UTC(2026, 1)),
    asked: instant(noon + day),
  } as const,
};

scenarios("money given back in the past", [
  {
    name: "is posted on its day while that month is open",
    given: [E1],
    when: after(2 * day, repay("E1", { occurredAt: instant(noon + day) })),
    expect: { event: { postedAt: noon + day } },
  },
  {
    name: "is refused for a month that is closed",
    given: january,
    when: repay("E1", { occurredAt: instant(noon + day) }),
    expect: intoJanuary,
  },
  {
    name: "and so is a chargeback",
    given: january,
    when: chargeBack("E1", 0, { occurredAt: instant(noon + day) }),
    expect: intoJanuary,
  },
]);

const stateTakes = grant("E7", 1_000, { cost: 1_000, until: noon + hour, escheats: true });
const noneBreaks = {
  code: "invalid_request",
  field: "breakage",
  reason: "What expires of the grant is owed to the state: none of it is breakage.",
} as const;
const dormant = [grant("E7", 1_000, { cost: 1_000 }), debit("d", 300)];

scenarios("escheat", [
  {
    name: "E7 7.00 that are dormant are owed to the state, and never revenue",
    given: dormant,
    when: after(400 * day, escheat("E7")),
    expect: {
      books: { "Deferred:E7": 700, UnclaimedProperty: -700 },
      lots: { E7: { phase: "revoked", revoked: 700 } },
    },
  },
  {
    name: "what was held follows when it returns",
    given: [...dormant, open("h", 100), escheat("E7")],
    when: release("h"),
    expect: { books: { "Deferred:E7": 100, UnclaimedProperty: -100 } },
  },
  {
    name: "E7 where the law says so, what expires is owed to the state by itself",
    given: [stateTakes, debit("d", 300)],
    when: { afterMs: 2 * day },
    expect: {
      due: ["credits.expired"],
      books: { "Deferred:E7": 700, UnclaimedProperty: -700 },
      lots: { E7: { phase: "expired", expired: 700 } },
    },
  },
  {
    name: "with what was held when it expired",
    given: [stateTakes, open("h", 300, { ttlMs: day })],
    when: { afterMs: day },
    expect: {
      due: ["credits.expired", "hold.expired"],
      books: { "Deferred:E7": 300, UnclaimedProperty: -300 },
    },
  },
  {
    name: "and late usage of it is taken from there",
    given: [stateTakes, open("h", 300, { ttlMs: minute })],
    when: after(2 * day, settle("h", 100)),
    expect: { books: { UnclaimedProperty: 100, Usage: -100 } },
  },
  {
    name: "where nothing can break, no breakage is expected",
    given: [stateTakes],
    when: reviseBreakage("E7", 500),
    expect: { rejected: noneBreaks },
  },
  {
    name: "nor sold with",
    when: grant("E7", 10, { escheats: true, breakage: 1 }),
    expect: { rejected: noneBreaks },
  },
  {
    name: "comes once",
    given: [...dormant, escheat("E7")],
    when: escheat("E7"),
    expect: { rejected: { code: "grant_over", grant: "E7", phase: "revoked" } },
  },
  {
    name: "leaves only what was used to give back",
    given: [...dormant, escheat("E7")],
    when: repay("E7", { goodwill: 301 }),
    expect: { rejected: { code: "repayment_exceeds_payment", grant: "E7", left: money(300n) } },
  },
  {
    name: "of an unknown grant is refused",
    when: escheat("nope"),
    expect: { rejected: { code: "unknown_grant", grant: "nope" } },
  },
]);
