import { credits, instant } from "@cistern/kernel";
import { after, scenarios } from "./check.ts";
import {
  cap,
  day,
  debit,
  debtUpTo,
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
  revoke,
  settle,
} from "./commands.ts";

const pool = { kind: "workspace", id: "acme" } as const;
const c = (amount: number): ReturnType<typeof credits> => credits(BigInt(amount));

scenarios("the pool carries a hold, or says what is missing", [
  {
    name: "exactly what is available is approved",
    given: [grant("a", 75)],
    when: open("h", 75, { project: "spring", attributes: { feature: "draft" } }),
    expect: {
      event: {
        kind: "hold.opened",
        hold: "h",
        credits: 75,
        legs: [{ lot: "a", credits: 75 }],
        overage: 0,
        project: "spring",
        attributes: { feature: "draft" },
        expiresAt: noon + 5 * minute,
        balance: {
          available: 0,
          held: 75,
          restrictedAvailable: 0,
          restrictedHeld: 0,
          consumed: 0,
          debt: 0,
        },
      },
      moved: {},
      books: {},
      lots: { a: { available: 0, held: 75 } },
    },
  },
  {
    name: "one micro-credit more than there is is refused, with its numbers",
    given: [grant("a", 75)],
    when: open("h", 76),
    expect: {
      rejected: {
        code: "pool_exhausted",
        scope: pool,
        requested: c(76),
        available: c(75),
        missing: c(1),
        retryAt: null,
      },
    },
  },
  {
    name: "what calls in flight hold would free is credits_held, until the first of them ends",
    given: [grant("a", 100), open("x", 60, { ttlMs: hour }), open("y", 10, { ttlMs: minute })],
    when: open("h", 100),
    expect: {
      rejected: {
        code: "credits_held",
        scope: pool,
        requested: c(100),
        available: c(30),
        missing: c(70),
        retryAt: instant(noon + minute),
      },
    },
  },
  {
    name: "what calls in flight would free pays debt past its limit first, so it is pool_exhausted",
    workspace: { overage: debtUpTo(20) },
    given: [grant("a", 25), open("x", 25), debit("d", 40)],
    when: open("h", 6),
    expect: {
      rejected: {
        code: "pool_exhausted",
        scope: pool,
        requested: c(6),
        available: c(0),
        missing: c(6),
        retryAt: null,
      },
    },
  },
  {
    name: "one more than the pool with all holds back is pool_exhausted",
    given: [grant("a", 100), open("x", 60)],
    when: open("h", 101),
    expect: {
      rejected: {
        code: "pool_exhausted",
        scope: pool,
        requested: c(101),
        available: c(40),
        missing: c(61),
        retryAt: null,
      },
    },
  },
  {
    name: "credits held on a lot that is over will not come back, so nobody is told to wait for them",
    given: [grant("a", 60), open("x", 60), revoke("a"), grant("b", 40)],
    when: open("h", 100),
    expect: {
      rejected: {
        code: "pool_exhausted",
        scope: pool,
        requested: c(100),
        available: c(40),
        missing: c(60),
        retryAt: null,
      },
    },
  },
  {
    name: "a refusal says when granted credits that are not yet effective will have covered it",
    given: [
      grant("later", 30, { from: noon + 2 * hour }),
      grant("soon", 30, { from: noon + hour }),
      grant("last", 30, { from: noon + 3 * hour }),
    ],
    when: open("h", 45),
    expect: {
      rejected: {
        code: "pool_exhausted",
        scope: pool,
        requested: c(45),
        available: c(0),
        missing: c(45),
        retryAt: instant(noon + 2 * hour),
      },
    },
  },
  {
    name: "a hold of 0 is allowed on an empty pool",
    when: open("h", 0),
    expect: { event: { kind: "hold.opened", credits: 0, legs: [], overage: 0 } },
  },
  {
    name: "and even while the workspace is in debt",
    given: [debit("d", 5)],
    when: open("h", 0),
    expect: { event: { kind: "hold.opened", credits: 0 }, owed: { d: 5 } },
  },
]);

scenarios("overage is a permission to go into debt, within its limit", [
  {
    name: "what the pool lacks becomes an overage leg",
    workspace: { overage: debtUpTo(50) },
    given: [grant("a", 30)],
    when: open("h", 80),
    expect: {
      event: { credits: 80, legs: [{ lot: "a", credits: 30 }], overage: 50 },
      balance: { available: 0, held: 30, debt: 0 },
    },
  },
  {
    name: "one past the limit is pool_exhausted, with the room counted as available",
    workspace: { overage: debtUpTo(50) },
    given: [grant("a", 30)],
    when: open("h", 81),
    expect: {
      rejected: {
        code: "pool_exhausted",
        scope: pool,
        requested: c(81),
        available: c(80),
        missing: c(1),
        retryAt: null,
      },
    },
  },
  {
    name: "overage legs of open holds and debts count against the limit",
    workspace: { overage: debtUpTo(50) },
    given: [debit("d", 20), open("x", 20)],
    when: open("h", 11),
    expect: {
      rejected: {
        code: "credits_held",
        scope: pool,
        requested: c(11),
        available: c(10),
        missing: c(1),
        retryAt: instant(noon + 5 * minute),
      },
    },
  },
  {
    name: "a debt past the limit leaves no room",
    workspace: { overage: debtUpTo(50) },
    given: [debit("d", 70)],
    when: open("h", 1),
    expect: {
      rejected: {
        code: "pool_exhausted",
        scope: pool,
        requested: c(1),
        available: c(0),
        missing: c(1),
        retryAt: null,
      },
    },
  },
  {
    name: "at settle available lots still go first, and only the rest is owed",
    workspace: { overage: debtUpTo(50) },
    given: [grant("a", 30), open("x", 30), open("h", 40), settle("x", 10)],
    when: settle("h", 40),
    expect: {
      event: { charged: 40, debt: 20, charges: [{ lot: "a", credits: 20, money: 0, refunded: 0 }] },
      owed: { h: 20 },
      balance: { available: 0, debt: 20 },
    },
  },
]);

scenarios("a hold pins lots in burn order", [
  {
    name: "priority, then restricted before unrestricted, then the earlier expiry, then the earlier grant, then the id",
    given: [
      group("red"),
      member("ana", { groups: ["red"] }),
      grant("never", 1),
      grant("late", 1, { until: noon + 9 * day }),
      grant("soon", 1, { until: noon + 2 * day }),
      after(1, grant("soon-b", 1, { until: noon + 2 * day })),
      grant("soon-a", 1, { until: noon + 2 * day }),
      grant("mine", 1, { appliesTo: { members: ["ana"] } }),
      grant("promo", 1, { priority: 0 }),
      grant("reserve", 1, { priority: 90, appliesTo: { groups: ["red"] } }),
    ],
    when: open("h", 8),
    expect: {
      event: {
        legs: ["promo", "mine", "soon", "soon-a", "soon-b", "late", "never", "reserve"].map(
          (lot) => ({ lot, credits: 1 }),
        ),
      },
    },
  },
]);

scenarios("a limit is charged only by what was approved", [
  {
    name: "a hold that the pool refuses uses no rate and no cap",
    given: [
      limit("r", "workspace", rate("requests", { quantity: 1, perMs: hour, burst: 1 })),
      limit("c", "workspace", cap(100, "day")),
      after(0, grant("a", 10)),
    ],
    when: open("h", 11),
    expect: {
      rejected: {
        code: "pool_exhausted",
        scope: pool,
        requested: c(11),
        available: c(10),
        missing: c(1),
        retryAt: null,
      },
      used: { c: 0 },
    },
  },
  {
    name: "a partly settled hold still holds the rest",
    given: [grant("a", 100), open("h", 60), part("h", 20)],
    when: open("i", 40),
    expect: {
      event: { legs: [{ lot: "a", credits: 40 }] },
      balance: { available: 0, held: 80, consumed: 20 },
      holds: { h: { charged: c(20) } },
    },
  },
  {
    name: "at instant(noon + 12 * hour) a day's cap is new",
    given: [grant("a", 10), limit("c", "workspace", cap(5, "day")), open("h", 5, { ttlMs: day })],
    when: after(12 * hour - 1, open("i", 1)),
    expect: {
      rejected: {
        code: "limit_reached",
        scope: { ...pool, limit: "c" },
        requested: c(1),
        available: c(0),
        missing: c(1),
        cap: c(5),
        used: c(5),
        retryAt: instant(noon + 12 * hour),
      },
    },
  },
]);
