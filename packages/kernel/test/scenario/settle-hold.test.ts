import { credits, instant } from "@cistern/kernel";
import { after, scenarios } from "./check.ts";
import {
  cap,
  day,
  debit,
  debtUpTo,
  extend,
  grant,
  hour,
  limit,
  minute,
  noon,
  open,
  part,
  release,
  revoke,
  settle,
  update,
} from "./commands.ts";

const c = (amount: number): ReturnType<typeof credits> => credits(BigInt(amount));
const ended = noon + 5 * minute;
const charge = (lot: string, amount: number, money = 0): object => ({
  lot,
  credits: amount,
  money,
  refunded: 0,
});

scenarios("a settlement is refused for what became of its hold, and for nothing else", [
  {
    name: "unknown_hold",
    when: settle("h", 1),
    expect: { rejected: { code: "unknown_hold", hold: "h" } },
  },
  {
    name: "unknown_hold for a debit, which is settled from the start",
    given: [debit("d", 1)],
    when: settle("d", 1),
    expect: { rejected: { code: "unknown_hold", hold: "d" } },
  },
  {
    name: "hold_already_settled",
    given: [grant("a", 10), open("h", 5), settle("h", 5)],
    when: settle("h", 5),
    expect: { rejected: { code: "hold_already_settled", hold: "h" } },
  },
  {
    name: "hold_released",
    given: [grant("a", 10), open("h", 5), release("h")],
    when: settle("h", 5),
    expect: { rejected: { code: "hold_released", hold: "h" } },
  },
  {
    name: "hold_expired, 30 days after it did",
    given: [grant("a", 10), open("h", 5)],
    when: after(5 * minute + 30 * day, settle("h", 5)),
    expect: { rejected: { code: "hold_expired", hold: "h", expiredAt: instant(ended) } },
  },
  {
    name: "a charge past 10^12 credits in all",
    given: [grant("a", 10), open("h", 5), part("h", 1)],
    when: settle("h", 1_000_000_000_000_000_000),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "credits",
        reason: "A hold is charged at most 10^12 credits in all.",
      },
    },
  },
  {
    name: "a debt past 10^12 credits",
    given: [debit("d", 1_000_000_000_000_000_000), grant("a", 10), open("h", 0)],
    when: settle("h", 11),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "credits",
        reason: "A workspace owes at most 10^12 credits.",
      },
    },
  },
  {
    name: "neither suspension, nor a member's end, nor a limit that is full since",
    given: [
      grant("a", 10),
      open("h", 5),
      limit("c", "workspace", cap(0, "day")),
      { kind: "deactivateMember", member: "ana" },
      update({ status: "suspended" }),
    ],
    when: settle("h", 9),
    expect: { event: { charged: 9, debt: 0 } },
  },
]);

scenarios("a settlement takes what was pinned first, and gives the rest back", [
  {
    name: "less than the hold: the rest returns to where it came from",
    given: [grant("promo", 30, { priority: 0 }), grant("a", 100), open("h", 75)],
    when: settle("h", 60),
    expect: {
      event: {
        kind: "hold.settled",
        charged: 60,
        charges: [charge("promo", 30), charge("a", 30)],
        returned: 15,
        debt: 0,
        loss: 0,
        legs: [],
        isFinal: true,
        isLate: false,
        isUnrated: false,
        chargedInTotal: 60,
        authorizedAt: noon,
      },
      moved: { "Available:promo": -30, "Available:a": -30, Consumed: 60 },
      lots: { promo: { consumed: 30, available: 0 }, a: { consumed: 30, available: 70, held: 0 } },
      holds: { h: { status: "settled", charged: c(60) } },
    },
  },
  {
    name: "0 gives all of it back",
    given: [grant("a", 100), open("h", 75)],
    when: settle("h", 0),
    expect: { event: { charged: 0, returned: 75 }, lots: { a: { available: 100, held: 0 } } },
  },
  {
    name: "more than the hold: available lots in burn order, then debt, under `deny` too",
    given: [grant("a", 50), open("h", 50), grant("later", 10), grant("sooner", 5, { priority: 1 })],
    when: settle("h", 80),
    expect: {
      event: {
        charged: 80,
        charges: [charge("a", 50), charge("sooner", 5), charge("later", 10)],
        debt: 15,
        returned: 0,
      },
      moved: {
        "Available:a": -50,
        "Available:sooner": -5,
        "Available:later": -10,
        Consumed: 80,
        Debt: -15,
      },
      owed: { h: 15 },
    },
  },
  {
    name: "and past the limit of a debt",
    workspace: { overage: debtUpTo(5) },
    given: [open("h", 5)],
    when: settle("h", 50),
    expect: { event: { charged: 50, debt: 50 }, owed: { h: 50 } },
  },
  {
    name: "cap_at_hold books what goes beyond as the vendor's loss",
    workspace: { overrun: "cap_at_hold" },
    given: [grant("a", 100), open("h", 50)],
    when: settle("h", 80),
    expect: {
      event: { charged: 50, loss: 30, debt: 0 },
      lots: { a: { consumed: 50, available: 50 } },
      holds: { h: { loss: c(30) } },
    },
  },
  {
    name: "cap_at_hold counts what earlier parts charged",
    workspace: { overrun: "cap_at_hold" },
    given: [grant("a", 100), open("h", 50), part("h", 30)],
    when: settle("h", 30),
    expect: { event: { charged: 20, loss: 10, chargedInTotal: 50 } },
  },
  {
    name: "pinned lots are taken in burn order, also one that an extension pinned",
    given: [grant("a", 10), open("h", 10), grant("promo", 10, { priority: 0 }), extend("h", 5)],
    when: settle("h", 8),
    expect: { event: { charges: [charge("promo", 5), charge("a", 3)], returned: 7 } },
  },
  {
    name: "what one lot gives twice is one charge",
    given: [grant("a", 100), open("h", 50)],
    when: settle("h", 80),
    expect: { event: { charges: [charge("a", 80)] } },
  },
]);

scenarios("settling in parts", [
  {
    name: "a part takes from the hold and keeps the rest set aside",
    given: [grant("a", 100), open("h", 50)],
    when: part("h", 20),
    expect: {
      event: {
        charged: 20,
        returned: 0,
        isFinal: false,
        legs: [{ lot: "a", credits: 30 }],
        chargedInTotal: 20,
      },
      holds: { h: { status: "open", charged: c(20) } },
      lots: { a: { available: 50, held: 30, consumed: 20 } },
    },
  },
  {
    name: "parts add up, and the last gives back what is left",
    given: [grant("a", 100), open("h", 50), part("h", 20), part("h", 15)],
    when: settle("h", 5),
    expect: {
      event: { charged: 5, returned: 10, chargedInTotal: 40 },
      holds: { h: { charges: [{ lot: "a", credits: c(40), money: 0, refunded: 0 }] } },
    },
  },
  {
    name: "a part beyond the hold draws on, then owes, and the hold stays open",
    given: [grant("a", 60), open("h", 50)],
    when: part("h", 70),
    expect: {
      event: { charged: 70, debt: 10, isFinal: false, legs: [] },
      owed: { h: 10 },
      holds: { h: { status: "open", owed: c(10) } },
    },
  },
  {
    name: "a part uses the overage permission that it goes beyond the legs by",
    workspace: { overage: debtUpTo(50) },
    given: [grant("a", 10), open("h", 40)],
    when: part("h", 25),
    expect: { event: { debt: 15, overage: 15 }, holds: { h: { overage: c(15) } } },
  },
]);

scenarios("an expired hold is settled late, once (RULES 7)", [
  {
    name: "first from what it returned, if that is still there",
    given: [grant("a", 100), open("h", 50), after(5 * minute, grant("promo", 50, { priority: 0 }))],
    when: after(29 * day, settle("h", 20)),
    expect: {
      event: { isLate: true, isFinal: true, charged: 20, charges: [charge("a", 20)], returned: 0 },
      lots: { promo: { available: 50 } },
      holds: { h: { status: "settled" } },
    },
  },
  {
    name: "what it returned was used by others meanwhile: then by burn order, then debt",
    given: [
      grant("a", 50),
      open("h", 50),
      after(5 * minute, debit("d", 45)),
      grant("promo", 10, { priority: 0 }),
    ],
    when: settle("h", 20),
    expect: { event: { charges: [charge("a", 5), charge("promo", 10)], debt: 5 } },
  },
  {
    name: "a late settle that says it is not final is final",
    given: [grant("a", 100), open("h", 50)],
    when: after(5 * minute, part("h", 20)),
    expect: { event: { isLate: true, isFinal: true }, holds: { h: { status: "settled" } } },
  },
  {
    name: "and only once",
    given: [grant("a", 100), open("h", 50), after(5 * minute, settle("h", 20))],
    when: settle("h", 20),
    expect: { rejected: { code: "hold_already_settled", hold: "h" } },
  },
  {
    name: "one instant before 30 days are over it is still taken, and its hold read from the journal",
    given: [grant("a", 100), open("h", 50)],
    when: after(5 * minute + 30 * day - 1, settle("h", 20)),
    expect: { event: { isLate: true, charged: 20 } },
  },
  {
    name: "what was used in part before it expired is not taken twice",
    given: [grant("a", 100), open("h", 50), part("h", 30), after(5 * minute, debit("d", 70))],
    when: settle("h", 30),
    expect: { event: { charges: [], debt: 30, chargedInTotal: 60 } },
  },
  {
    name: "cap_at_hold caps a late settle as well",
    workspace: { overrun: "cap_at_hold" },
    given: [grant("a", 100), open("h", 50)],
    when: after(5 * minute, settle("h", 60)),
    expect: { event: { charged: 50, loss: 10 } },
  },
]);

scenarios("lots that end while held (RULES 9)", [
  {
    name: "a lot that expired takes its rest back as expired",
    given: [grant("a", 100, { until: noon + minute }), open("h", 60), after(minute, debit("d", 0))],
    when: settle("h", 40),
    expect: {
      event: { charged: 40, returned: 20 },
      lots: { a: { consumed: 40, expired: 60, available: 0, held: 0, phase: "expired" } },
    },
  },
  {
    name: "a revoked lot takes its rest back as revoked",
    given: [grant("a", 100), open("h", 60), revoke("a")],
    when: settle("h", 40),
    expect: { lots: { a: { consumed: 40, revoked: 60, held: 0 } } },
  },
  {
    name: "of a partial revoke what is owed is taken from the return, the rest is available again",
    given: [grant("a", 100), open("h", 90), revoke("a", 30)],
    when: settle("h", 50),
    expect: {
      lots: { a: { consumed: 50, revoked: 30, available: 20, held: 0, owedRevoke: 0 } },
    },
  },
  {
    name: "what is owed to a revoke waits for the next return where this one is too small",
    given: [grant("a", 100), open("h", 90), revoke("a", 30)],
    when: settle("h", 85),
    expect: {
      lots: { a: { consumed: 85, revoked: 15, available: 0, held: 0, owedRevoke: 15 } },
    },
  },
  {
    name: "a lot that expired since is what a late settle takes from first, with the money recognised as breakage",
    given: [
      grant("a", 100, { until: noon + hour, cost: 100 }),
      open("h", 60),
      after(hour, grant("b", 100, { cost: 500 })),
    ],
    when: settle("h", 40),
    expect: {
      event: { isLate: true, charges: [charge("a", 40, 40)] },
      books: { Breakage: 40, Usage: -40 },
      moved: { Expired: -40, Consumed: 40 },
      lots: { a: { consumed: 40, expired: 60 }, b: { available: 100 } },
    },
  },
  {
    name: "a revoked lot gives nothing to a late settle",
    given: [grant("a", 60), open("h", 60), revoke("a"), after(5 * minute, grant("b", 100))],
    when: settle("h", 40),
    expect: { event: { charges: [charge("b", 40)] }, lots: { a: { revoked: 60 } } },
  },
]);

scenarios("settling what was used, by the price that the hold fixed (RULES 19)", [
  {
    name: "usage is rated by the price of the authorization",
    given: [grant("a", 20_000), open("h", { output_text: 1_000 }, { meter: "chat" })],
    when: settle("h", { input_text: 400, output_text: 500 }),
    expect: {
      event: { charged: 6_000, isUnrated: false, usage: { input_text: 400, output_text: 500 } },
    },
  },
  {
    name: "usage that has no price is charged as the rest of the hold, and flagged",
    given: [
      grant("a", 20_000),
      open("h", { output_text: 1_000 }, { meter: "chat" }),
      part("h", 1_000),
    ],
    when: settle("h", { reasoning: 7 }),
    expect: { event: { charged: 9_000, isUnrated: true } },
  },
  {
    name: "usage of a hold that asked for credits cannot be rated",
    given: [grant("a", 100), open("h", 50)],
    when: settle("h", { output_text: 1 }),
    expect: { event: { charged: 50, isUnrated: true } },
  },
  {
    name: "a part is charged the difference that it makes, so that rounding never adds up",
    given: [
      grant("a", 10),
      open("h", { input_text: 3_000_000 }, { meter: "chat", model: "small" }),
      part("h", { input_text: 400_000 }),
    ],
    when: part("h", { input_text: 400_000 }),
    expect: { event: { charged: 1, chargedInTotal: 1 } },
  },
  {
    name: "a part after one that had no price is rated by itself",
    given: [
      grant("a", 20_000),
      open("h", { output_text: 1_000 }, { meter: "chat" }),
      part("h", { reasoning: 7 }),
    ],
    when: settle("h", { output_text: 500 }),
    expect: { event: { charged: 5_000, isUnrated: false, chargedInTotal: 15_000 } },
  },
  {
    name: "usage of parts adds up by bucket, whatever a bucket is called",
    given: [grant("a", 20_000), open("h", 50, { meter: "chat" }), part("h", { a: 1, b: 2 })],
    when: part("h", { b: 3, constructor: 4 }),
    expect: { holds: { h: { usage: { a: 1, b: 5, constructor: 4 } } } },
  },
]);

const chat = (id: string) => open(id, { output_text: 1_000 }, { meter: "chat" });
const strict = (id: string) => open(id, { images: 10 }, { meter: "image", model: "strict" });
const outcomeOfPart = {
  code: "invalid_request",
  field: "outcome",
  reason:
    "Only a call that has ended has an outcome: leave it out with final: false, say credits or usage, and say the outcome with the last settle.",
} as const;
const unmeasured = { amount: { kind: "unmeasured" } } as const;

scenarios("what is charged by how the call ended", [
  {
    name: "a call that failed before any output is free, whatever it used",
    given: [grant("a", 20_000), chat("h")],
    when: settle("h", { input_text: 400 }, { outcome: "failed" }),
    expect: { event: { charged: 0, returned: 10_000, outcome: "failed", isUnrated: false } },
  },
  {
    name: "one that was cut off or cancelled costs what it used",
    given: [
      grant("a", 20_000),
      chat("h"),
      chat("i"),
      settle("i", { output_text: 100 }, { outcome: "cancelled" }),
    ],
    when: settle("h", { output_text: 100 }, { outcome: "partial" }),
    expect: { event: { charged: 1_000, outcome: "partial" }, holds: { i: { charged: 1_000 } } },
  },
  {
    name: "one of which nobody knows the usage costs what its hold has left",
    given: [grant("a", 20_000), chat("h"), part("h", { output_text: 300 })],
    when: settle("h", 0, { ...unmeasured, outcome: "delivered" }),
    expect: { event: { charged: 7_000, usage: null, isUnrated: false, chargedInTotal: 10_000 } },
  },
  {
    name: "that the caller reckoned the usage changes no charge, and stands in the event with the provider's id of the answer",
    given: [grant("a", 20_000), chat("h")],
    when: settle(
      "h",
      { output_text: 300 },
      { outcome: "partial", isEstimated: true, response: "chatcmpl-1" },
    ),
    expect: {
      event: { charged: 3_000, returned: 7_000, isEstimated: true, response: "chatcmpl-1" },
    },
  },
  {
    name: "a part may be reckoned too",
    given: [grant("a", 20_000), chat("h")],
    when: settle("h", { output_text: 300 }, { isEstimated: true, isFinal: false }),
    expect: { event: { charged: 3_000, isFinal: false, isEstimated: true } },
  },
  {
    name: "credits are charged as they are said, whatever the outcome",
    given: [grant("a", 20_000), chat("h")],
    when: settle("h", 700, { outcome: "failed" }),
    expect: { event: { charged: 700, outcome: "failed" } },
  },
  {
    name: "a hold that asked for credits has rules too",
    given: [
      grant("a", 100),
      open("h", 50),
      open("i", 20),
      settle("i", 0, { ...unmeasured, outcome: "failed" }),
    ],
    when: settle("h", 0, { ...unmeasured, outcome: "cancelled" }),
    expect: { event: { charged: 50 }, holds: { i: { charged: 0 } } },
  },
  {
    name: "the meter's rules come before the defaults: estimate",
    given: [grant("a", 100), strict("h")],
    when: settle("h", { images: 1 }, { outcome: "delivered" }),
    expect: { event: { charged: 40 } },
  },
  {
    name: "the meter's rules come before the defaults: usage",
    given: [grant("a", 100), strict("h")],
    when: settle("h", { images: 1 }, { outcome: "failed" }),
    expect: { event: { charged: 4 } },
  },
  {
    name: "the meter's rules come before the defaults: nothing",
    given: [
      grant("a", 100),
      strict("h"),
      strict("i"),
      settle("i", { images: 1 }, { outcome: "cancelled" }),
    ],
    when: settle("h", 0, { ...unmeasured, outcome: "failed" }),
    expect: { event: { charged: 0 }, holds: { i: { charged: 0 } } },
  },
  {
    name: "a part has no outcome yet",
    given: [grant("a", 20_000), chat("h")],
    when: settle("h", { output_text: 100 }, { outcome: "failed", isFinal: false }),
    expect: { rejected: outcomeOfPart, holds: { h: { status: "open", charged: 0 } } },
  },
  {
    name: "nobody knows what a part used: then it is no part",
    given: [grant("a", 20_000), chat("h")],
    when: settle("h", 0, { ...unmeasured, isFinal: false }),
    expect: { rejected: outcomeOfPart, holds: { h: { status: "open", charged: 0 } } },
  },
  {
    name: "no outcome said is no outcome",
    given: [grant("a", 100), strict("h")],
    when: settle("h", { images: 1 }),
    expect: { event: { charged: 4, outcome: null } },
  },
]);

scenarios("debt is paid by whatever makes credits available (RULES 12)", [
  {
    name: "by what a settlement returns, oldest first, as consumption by the debtor",
    given: [
      grant("a", 100, { cost: 1_000 }),
      open("h", 100),
      debit("d1", 30),
      after(1, debit("d2", 30, { member: "ben" })),
    ],
    when: settle("h", 60),
    expect: {
      event: { charged: 60, returned: 40, debt: 0 },
      moved: { "Available:a": -100, Consumed: 60, Debt: 40 },
      books: { "Deferred:a": 1_000, Usage: -1_000 },
      owed: { d2: 20 },
      balance: { available: 0, debt: 20 },
      holds: {
        d1: { owed: c(0), charges: [{ lot: "a", credits: c(30), money: 300, refunded: 0 }] },
        d2: { owed: c(20) },
      },
    },
  },
  {
    name: "a restricted lot pays only debt of usage that it applies to",
    given: [
      grant("bens", 50, { appliesTo: { members: ["ben"] } }),
      open("h", 50, { member: "ben" }),
      debit("d1", 10),
      debit("d2", 10, { member: "ben" }),
    ],
    when: settle("h", 20),
    expect: {
      owed: { d1: 10 },
      balance: { available: 0, restrictedAvailable: 20, debt: 10 },
    },
  },
]);
