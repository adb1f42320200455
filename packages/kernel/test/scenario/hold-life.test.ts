import { credits, instant } from "@cistern/kernel";
import { after, scenarios } from "./check.ts";
import {
  cap,
  day,
  deactivate,
  debit,
  debtUpTo,
  extend,
  grant,
  group,
  hour,
  limit,
  member,
  minute,
  noon,
  open,
  part,
  rate,
  release,
  revoke,
  settle,
  update,
} from "./commands.ts";

const pool = { kind: "workspace", id: "acme" } as const;
const c = (amount: number): ReturnType<typeof credits> => credits(BigInt(amount));
const requests = rate("requests", { quantity: 1, perMs: hour, burst: 1 });

const chat = (units: number) => open("h", { output_text: units }, { meter: "chat" });
const whole = (units: number, given = {}) =>
  extend("h", 0, { estimate: { output_text: units }, ...given });

scenarios("an estimate of the whole call raises its hold to what that costs", [
  {
    name: "by the price that was fixed, whatever card is in force by now",
    given: [grant("a", 90_000), chat(1_000)],
    when: whole(3_000),
    expect: { event: { credits: 20_000 }, holds: { h: { authorized: 30_000 } } },
  },
  {
    name: "parts that were settled are parts of it",
    given: [grant("a", 90_000), chat(1_000), part("h", { output_text: 600 })],
    when: whole(1_500),
    expect: { event: { credits: 5_000 }, holds: { h: { authorized: 15_000, charged: 6_000 } } },
  },
  {
    name: "and of a call that was charged more than it held, only what comes on top of that",
    given: [grant("a", 90_000), chat(100), part("h", { output_text: 600 })],
    when: whole(700),
    expect: { event: { credits: 1_000 } },
  },
  {
    name: "of less than it has had it asks for nothing, but is no fault",
    given: [grant("a", 90_000), chat(1_000)],
    when: whole(400),
    expect: { event: { credits: 0 }, holds: { h: { authorized: 10_000 } } },
  },
  {
    name: "passes the ladder as credits do",
    given: [grant("a", 12_000), chat(1_000)],
    when: whole(3_000),
    expect: {
      rejected: {
        code: "pool_exhausted",
        scope: pool,
        requested: c(20_000),
        available: c(2_000),
        missing: c(18_000),
        retryAt: null,
      },
    },
  },
  {
    name: "is refused of a hold that was made in credits",
    given: [grant("a", 90), open("h", 5, { meter: "chat" })],
    when: whole(1),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "estimate",
        reason: "The hold was made in credits, so no price is fixed for it: extend it by credits.",
      },
    },
  },
  {
    name: "is refused in buckets without a price, and says which have one",
    given: [grant("a", 90_000), chat(1_000)],
    when: extend("h", 0, { estimate: { images: 1 } }),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "estimate",
        reason:
          "The price of the hold has buckets input_text, output_text, and the estimate has others or too much.",
        buckets: ["input_text", "output_text"],
      },
    },
  },
]);

scenarios("an extension is refused by its hold's state, then by the ladder", [
  {
    name: "unknown_hold",
    when: extend("h", 1),
    expect: { rejected: { code: "unknown_hold", hold: "h" } },
  },
  {
    name: "unknown_hold for a debit",
    given: [debit("d", 1)],
    when: extend("d", 1),
    expect: { rejected: { code: "unknown_hold", hold: "d" } },
  },
  {
    name: "hold_already_settled, even in a suspended workspace",
    given: [grant("a", 9), open("h", 5), settle("h", 5), update({ status: "suspended" })],
    when: extend("h", 1),
    expect: { rejected: { code: "hold_already_settled", hold: "h" } },
  },
  {
    name: "hold_released",
    given: [grant("a", 9), open("h", 5), release("h")],
    when: extend("h", 1),
    expect: { rejected: { code: "hold_released", hold: "h" } },
  },
  {
    name: "hold_expired at the very instant of its expiry",
    given: [grant("a", 9), open("h", 5)],
    when: after(5 * minute, extend("h", 1)),
    expect: {
      rejected: { code: "hold_expired", hold: "h", expiredAt: instant(noon + 5 * minute) },
    },
  },
  {
    name: "also when memory has let go of the hold",
    given: [grant("a", 9), open("h", 5), after(2 * day, debit("d", 1)), debit("e", 1)],
    when: extend("h", 1),
    expect: {
      rejected: { code: "hold_expired", hold: "h", expiredAt: instant(noon + 5 * minute) },
    },
  },
  {
    name: "workspace_suspended stands above member_inactive",
    given: [grant("a", 9), open("h", 5), deactivate("ana"), update({ status: "suspended" })],
    when: extend("h", 1),
    expect: { rejected: { code: "workspace_suspended" } },
  },
  {
    name: "member_inactive stands above what is malformed",
    given: [grant("a", 9), open("h", 5), deactivate("ana")],
    when: extend("h", 0),
    expect: { rejected: { code: "member_inactive", member: "ana" } },
  },
  {
    name: "nothing asked",
    given: [grant("a", 9), open("h", 5)],
    when: extend("h", 0),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "credits",
        reason: "An extension asks for credits, for time, or both.",
      },
    },
  },
  {
    name: "a life past 24 hours in all stands above limits",
    given: [
      grant("a", 9),
      limit("c", "workspace", cap(5, "day")),
      open("h", 5, { ttlMs: 23 * hour }),
    ],
    when: after(22 * hour, extend("h", 9, { ttlMs: 2 * hour + 1 })),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "ttl",
        reason: "A hold lives at most 24 hours in all, counted from its opening.",
      },
    },
  },
  {
    name: "a rate of credits stands above caps",
    given: [
      grant("a", 9),
      limit("c", "workspace", cap(5, "day")),
      limit("r", "workspace", rate("credits", { quantity: 1, perMs: minute, burst: 5 })),
      open("h", 5),
    ],
    when: extend("h", 2),
    expect: {
      rejected: {
        code: "rate_limited",
        scope: { ...pool, limit: "r" },
        rule: { kind: "rate", unit: "credits", quantity: 1n, perMs: minute, burst: 5n },
        requested: 2n,
        remaining: 0n,
        retryAt: instant(noon + 2 * minute),
      },
    },
  },
  {
    name: "caps stand above the pool, on the path that the hold fixed",
    given: [
      grant("a", 5),
      group("red"),
      member("ana", { groups: ["red"] }),
      limit("c", "group red", cap(5, "day")),
      open("h", 5),
      member("ana"),
    ],
    when: extend("h", 2),
    expect: {
      rejected: {
        code: "limit_reached",
        scope: { kind: "group", id: "red", limit: "c" },
        requested: c(2),
        available: c(0),
        missing: c(2),
        cap: c(5),
        used: c(5),
        retryAt: instant(noon + 12 * hour),
      },
    },
  },
  {
    name: "the pool comes last",
    given: [grant("a", 6), open("h", 5)],
    when: extend("h", 2),
    expect: {
      rejected: {
        code: "credits_held",
        scope: pool,
        requested: c(2),
        available: c(1),
        missing: c(1),
        retryAt: instant(noon + 5 * minute),
      },
    },
  },
]);

scenarios("an extension adds credits, time, or both", [
  {
    name: "credits are pinned and counted as credits, not as a request",
    given: [
      grant("a", 10),
      grant("b", 10),
      limit("r", "workspace", requests),
      limit("c", "workspace", cap(20, "day")),
      open("h", 8),
    ],
    when: extend("h", 6),
    expect: {
      event: {
        kind: "hold.extended",
        credits: 6,
        legs: [
          { lot: "a", credits: 2 },
          { lot: "b", credits: 4 },
        ],
        rates: [],
        whole: {
          credits: 14,
          legs: [
            { lot: "a", credits: 10 },
            { lot: "b", credits: 4 },
          ],
          overage: 0,
        },
        expiresAt: noon + 5 * minute,
      },
      holds: { h: { authorized: c(14) } },
      used: { c: 14 },
    },
  },
  {
    name: "time counts from now and needs no credits",
    given: [grant("a", 10), open("h", 8)],
    when: after(4 * minute, extend("h", 0, { ttlMs: 5 * minute })),
    expect: { event: { credits: 0, expiresAt: noon + 9 * minute } },
  },
  {
    name: "up to 24 hours from the opening, to the instant",
    given: [grant("a", 10), open("h", 8, { ttlMs: day })],
    when: after(22 * hour, extend("h", 0, { ttlMs: 2 * hour })),
    expect: { event: { expiresAt: noon + day } },
  },
  {
    name: "past the pool it takes an overage permission",
    workspace: { overage: debtUpTo(10) },
    given: [grant("a", 10), open("h", 8)],
    when: extend("h", 7),
    expect: {
      event: { overage: 5, legs: [{ lot: "a", credits: 2 }] },
      holds: { h: { overage: 5 } },
    },
  },
]);

scenarios("a release is refused for what became of its hold", [
  {
    name: "unknown_hold",
    when: release("h"),
    expect: { rejected: { code: "unknown_hold", hold: "h" } },
  },
  {
    name: "unknown_hold for a debit",
    given: [debit("d", 1)],
    when: release("d"),
    expect: { rejected: { code: "unknown_hold", hold: "d" } },
  },
  {
    name: "hold_already_settled: what was delivered is never released",
    given: [grant("a", 10), open("h", 5), settle("h", 5)],
    when: release("h"),
    expect: { rejected: { code: "hold_already_settled", hold: "h" } },
  },
  {
    name: "hold_released, the second time",
    given: [grant("a", 10), open("h", 5), release("h")],
    when: release("h"),
    expect: { rejected: { code: "hold_released", hold: "h" } },
  },
  {
    name: "hold_expired",
    given: [grant("a", 10), open("h", 5)],
    when: after(5 * minute, release("h")),
    expect: {
      rejected: { code: "hold_expired", hold: "h", expiredAt: instant(noon + 5 * minute) },
    },
  },
]);

scenarios("a release gives back what is still set aside, to where it came from", [
  {
    name: "also when priorities or expiries came between",
    given: [
      grant("a", 10),
      grant("b", 10),
      open("h", 15),
      grant("promo", 10, { priority: 0, until: noon + hour }),
    ],
    when: release("h"),
    expect: {
      event: { kind: "hold.released", returned: 15 },
      moved: {},
      books: {},
      lots: {
        a: { available: 10, held: 0 },
        b: { available: 10, held: 0 },
        promo: { available: 10 },
      },
    },
  },
  {
    name: "what its parts charged stays charged",
    given: [grant("a", 10), open("h", 8), part("h", 3)],
    when: release("h"),
    expect: {
      event: { returned: 5 },
      lots: { a: { available: 7, consumed: 3 } },
      holds: { h: { status: "released", charged: 3, legs: [] } },
    },
  },
  {
    name: "a lot that expired meanwhile gets it as expired",
    given: [
      grant("a", 10, { until: noon + minute, cost: 10 }),
      open("h", 8),
      after(minute, debit("d", 0)),
    ],
    when: release("h"),
    expect: {
      books: { "Deferred:a": 8, Breakage: -8 },
      lots: { a: { expired: 10, held: 0, available: 0 } },
    },
  },
  {
    name: "debt is paid first",
    given: [grant("a", 10), open("h", 10), debit("d", 4)],
    when: release("h"),
    expect: {
      event: { returned: 10 },
      moved: { "Available:a": -4, Debt: 4 },
      owed: {},
      balance: { available: 6, debt: 0, consumed: 4 },
    },
  },
  {
    name: "an overage permission counts as returned",
    workspace: { overage: debtUpTo(10) },
    given: [grant("a", 5), open("h", 12)],
    when: release("h"),
    expect: { event: { returned: 12 }, lots: { a: { available: 5 } } },
  },
]);

scenarios("a hold that nobody ends expires by itself", [
  {
    name: "at its instant, with what is not consumed",
    given: [grant("a", 10), open("h", 8), part("h", 3)],
    when: { afterMs: 5 * minute },
    expect: {
      due: ["hold.expired"],
      event: {
        at: noon + 5 * minute,
        holds: [
          { hold: "h", member: "ana", expiredAt: noon + 5 * minute, returned: 5, counts: [] },
        ],
      },
      lots: { a: { available: 7, held: 0, consumed: 3 } },
      holds: { h: { status: "expired" } },
    },
  },
  {
    name: "one instant before, it is still there",
    given: [grant("a", 10), open("h", 8)],
    when: { afterMs: 5 * minute - 1 },
    expect: { due: [], holds: { h: { status: "open" } } },
  },
  {
    name: "and pays debt with what it returns",
    given: [grant("a", 10), open("h", 8), debit("d", 5)],
    when: { afterMs: 5 * minute },
    expect: { moved: { "Available:a": -3, Debt: 3 }, owed: {}, balance: { available: 5 } },
  },
  {
    name: "its revoked lot gets it back as revoked",
    given: [grant("a", 10), open("h", 8), revoke("a", 9)],
    when: { afterMs: 5 * minute },
    expect: { lots: { a: { available: 1, revoked: 9, owedRevoke: 0 } } },
  },
]);
