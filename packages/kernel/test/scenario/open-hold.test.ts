import { type LimitRule, type OpenHold, credits, instant } from "@cistern/kernel";
import { type Step, after, scenarios } from "./check.ts";
import {
  agent,
  cap,
  day,
  deactivate,
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
  update,
} from "./commands.ts";

const pool = { kind: "workspace", id: "acme" } as const;
const c = (amount: number): ReturnType<typeof credits> => credits(BigInt(amount));

/** Every rung of the ladder refuses this hold: the rows take the rungs away from the top (RULES 2). */
const requests = (burst: number): LimitRule =>
  rate("requests", { quantity: 1, perMs: hour, burst });
const units = (burst: number): LimitRule => rate("credits", { quantity: 1, perMs: hour, burst });
const walls: readonly Step[] = [
  grant("a", 10),
  group("red"),
  member("ana", { groups: ["red"] }),
  limit("requests", "eachMember", requests(1)),
  limit("units", "eachMember", units(2)),
  limit("own", "eachMember", cap(3, "day")),
  limit("team", "group red", cap(4, "day")),
  limit("all", "workspace", cap(5, "day")),
  open("first", 1),
];
const wish = (given: Partial<OpenHold> = {}): ReturnType<typeof open> =>
  open("h", 50, { meter: "paint", run: "r1", ttlMs: 2 * day, ...given });
const wellFormed = { meter: "chat", run: null, ttlMs: hour } as const;
const midnight = instant(noon + 12 * hour);
const full = { requested: c(50), retryAt: null };

scenarios("a hold is refused by the first rung that does", [
  {
    name: "workspace_suspended stands above member_inactive",
    given: [...walls, deactivate("ana"), update({ status: "suspended" })],
    when: wish(),
    expect: { rejected: { code: "workspace_suspended" } },
  },
  {
    name: "member_inactive stands above unknown_meter",
    given: [...walls, deactivate("ana")],
    when: wish(),
    expect: { rejected: { code: "member_inactive", member: "ana" } },
  },
  {
    name: "unknown_member stands above unknown_meter",
    given: [...walls, update({ members: "known" })],
    when: wish({ member: "eve" }),
    expect: { rejected: { code: "unknown_member", member: "eve", reason: "known_members_only" } },
  },
  {
    name: "unknown_meter stands above unknown_run",
    given: walls,
    when: wish(),
    expect: { rejected: { code: "unknown_meter", meter: "paint" } },
  },
  {
    name: "unknown_model stands above unknown_run",
    given: walls,
    when: open("h", { calls: 1 }, { meter: "search", model: "maps", run: "r1", ttlMs: 2 * day }),
    expect: { rejected: { code: "unknown_model", meter: "search", model: "maps" } },
  },
  {
    name: "unknown_run stands above a ttl past 24 hours",
    given: walls,
    when: wish({ meter: "chat" }),
    expect: { rejected: { code: "unknown_run", run: "r1" } },
  },
  {
    name: "a ttl past 24 hours stands above rate limits",
    given: walls,
    when: wish({ meter: "chat", run: null }),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "ttl",
        reason: "A hold lives more than nothing and at most 24 hours.",
      },
    },
  },
  {
    name: "a rate of requests stands above a rate of credits",
    given: walls,
    when: wish(wellFormed),
    expect: {
      rejected: {
        code: "rate_limited",
        scope: { kind: "member", id: "ana", limit: "requests", inherited: true },
        rule: { kind: "rate", unit: "requests", quantity: 1n, perMs: hour, burst: 1n },
        requested: 1n,
        remaining: 0n,
        retryAt: instant(noon + hour),
      },
    },
  },
  {
    name: "a rate of credits stands above caps",
    given: [...walls, limit("requests", "eachMember", requests(9))],
    when: wish(wellFormed),
    expect: {
      rejected: {
        code: "rate_limited",
        scope: { kind: "member", id: "ana", limit: "units", inherited: true },
        rule: { kind: "rate", unit: "credits", quantity: 1n, perMs: hour, burst: 2n },
        requested: 50n,
        remaining: 1n,
        retryAt: null,
      },
    },
  },
  {
    name: "the member's cap stands above its group's",
    given: [
      ...walls,
      limit("requests", "eachMember", requests(9)),
      limit("units", "eachMember", units(99)),
    ],
    when: wish(wellFormed),
    expect: {
      rejected: {
        code: "limit_reached",
        scope: { kind: "member", id: "ana", limit: "own", inherited: true },
        ...full,
        available: c(2),
        missing: c(48),
        cap: c(3),
        used: c(1),
      },
    },
  },
  {
    name: "the group's cap stands above the workspace's",
    given: [
      ...walls,
      limit("requests", "eachMember", requests(9)),
      limit("units", "eachMember", units(99)),
      limit("own", "eachMember", cap(99, "day")),
    ],
    when: wish(wellFormed),
    expect: {
      rejected: {
        code: "limit_reached",
        scope: { kind: "group", id: "red", limit: "team" },
        ...full,
        available: c(3),
        missing: c(47),
        cap: c(4),
        used: c(1),
      },
    },
  },
  {
    name: "the workspace's cap stands above the pool",
    given: [
      ...walls,
      limit("requests", "eachMember", requests(9)),
      limit("units", "eachMember", units(99)),
      limit("own", "eachMember", cap(99, "day")),
      limit("team", "group red", cap(null, "day")),
    ],
    when: wish(wellFormed),
    expect: {
      rejected: {
        code: "limit_reached",
        scope: { ...pool, limit: "all" },
        ...full,
        available: c(4),
        missing: c(46),
        cap: c(5),
        used: c(1),
      },
    },
  },
  {
    name: "the pool comes last",
    given: [
      ...walls,
      limit("requests", "eachMember", requests(9)),
      limit("units", "eachMember", units(99)),
      limit("own", "eachMember", cap(99, "day")),
      limit("team", "group red", cap(51, "day")),
      limit("all", "workspace", cap(null, "day")),
    ],
    when: wish(wellFormed),
    expect: {
      rejected: { code: "pool_exhausted", scope: pool, ...full, available: c(9), missing: c(41) },
    },
  },
]);

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

scenarios("a restricted grant pays only what it is for (RULES 33)", [
  {
    name: "every list that was given must match",
    given: [
      group("red"),
      member("ana", { groups: ["red"] }),
      grant("both", 10, { appliesTo: { meters: ["image"], groups: ["red"] } }),
    ],
    when: open("h", 10, { meter: "chat" }),
    expect: {
      rejected: {
        code: "pool_exhausted",
        scope: pool,
        requested: c(10),
        available: c(0),
        missing: c(10),
        retryAt: null,
      },
    },
  },
  {
    name: "and when they do, it pays; the balance shows it apart",
    given: [
      group("red"),
      member("ana", { groups: ["red"] }),
      grant("both", 10, { appliesTo: { meters: ["image"], groups: ["red"] } }),
    ],
    when: open("h", 7, { meter: "image" }),
    expect: {
      event: { legs: [{ lot: "both", credits: 7 }] },
      balance: { available: 0, held: 0, restrictedAvailable: 3, restrictedHeld: 7 },
    },
  },
  {
    name: "held credits of a lot that does not apply are no reason to wait",
    given: [
      grant("bens", 50, { appliesTo: { members: ["ben"] } }),
      open("x", 50, { member: "ben" }),
    ],
    when: open("h", 10),
    expect: {
      rejected: {
        code: "pool_exhausted",
        scope: pool,
        requested: c(10),
        available: c(0),
        missing: c(10),
        retryAt: null,
      },
    },
  },
  {
    name: "an agent draws on what its sponsor's group was granted, but not on the sponsor's own",
    given: [
      group("red"),
      member("ana", { groups: ["red"] }),
      agent("bot", "ana"),
      grant("team", 10, { appliesTo: { groups: ["red"] } }),
      grant("own", 10, { appliesTo: { members: ["ana"] } }),
    ],
    when: open("h", 11, { member: "bot" }),
    expect: {
      rejected: {
        code: "pool_exhausted",
        scope: pool,
        requested: c(11),
        available: c(10),
        missing: c(1),
        retryAt: null,
      },
    },
  },
  {
    name: "a restriction that names nothing restricts nothing",
    given: [grant("a", 10, { appliesTo: {} })],
    when: open("h", 10),
    expect: { balance: { available: 0, held: 10 }, lots: { a: { appliesTo: null } } },
  },
]);

scenarios("an id that was never seen comes in as a guest (RULES 5)", [
  {
    name: "and is kept with the hold that brought it",
    given: [grant("a", 10)],
    when: open("h", 1, { member: "eve" }),
    expect: {
      event: {
        guest: {
          id: "eve",
          kind: "person",
          groups: [],
          home: null,
          sponsor: null,
          status: "active",
          isGuest: true,
        },
      },
    },
  },
  {
    name: "up to the workspace's ceiling",
    workspace: { guestsMax: 1 },
    given: [grant("a", 10), open("h1", 1, { member: "eve" })],
    when: open("h2", 1, { member: "bob" }),
    expect: { rejected: { code: "unknown_member", member: "bob", reason: "too_many_guests" } },
  },
  {
    name: "a refused hold brings nobody in",
    workspace: { guestsMax: 1 },
    given: [grant("a", 10), limit("l", "member eve", cap(0, "day"))],
    when: open("h1", 1, { member: "eve" }),
    expect: {
      rejected: {
        code: "limit_reached",
        scope: { kind: "member", id: "eve", limit: "l" },
        requested: c(1),
        available: c(0),
        missing: c(1),
        cap: c(0),
        used: c(0),
        retryAt: null,
      },
    },
  },
  {
    name: "a guest that is registered leaves room for another",
    workspace: { guestsMax: 1 },
    given: [grant("a", 10), open("h1", 1, { member: "eve" }), member("eve")],
    when: open("h2", 1, { member: "bob" }),
    expect: { event: { kind: "hold.opened" } },
  },
  {
    name: "guests of before may not spend once only known members may",
    given: [grant("a", 10), open("h1", 1, { member: "eve" }), update({ members: "known" })],
    when: open("h2", 1, { member: "eve" }),
    expect: { rejected: { code: "unknown_member", member: "eve", reason: "known_members_only" } },
  },
  {
    name: "what acts for an inactive sponsor is inactive too",
    given: [grant("a", 10), member("ana"), agent("bot", "ana"), deactivate("ana")],
    when: open("h", 1, { member: "bot" }),
    expect: { rejected: { code: "member_inactive", member: "ana" } },
  },
]);

scenarios("usage is rated at authorization, and the price is fixed with the hold (RULES 19)", [
  {
    name: "by the row of the very model, rounded once, half up",
    given: [grant("a", 10)],
    when: open(
      "h",
      { input_text: 500_000, output_text: 500_000 },
      { meter: "chat", model: "small" },
    ),
    expect: {
      event: {
        credits: 2,
        price: { card: "card-1", row: "chat-small", perMillion: { input_text: 1, output_text: 3 } },
        estimate: { input_text: 500_000, output_text: 500_000 },
      },
    },
  },
  {
    name: "any other model by the row of any model",
    given: [grant("a", 20_000)],
    when: open("h", { input_text: 1_200, output_text: 800 }, { meter: "chat", model: "large" }),
    expect: { event: { credits: 11_000 } },
  },
  {
    name: "usage without a meter cannot be rated",
    when: open("h", { input_text: 1 }),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "meter",
        reason: "Usage is rated by its meter: name one.",
      },
    },
  },
  {
    name: "a bucket without a price is refused, whatever it is called",
    when: open("h", { constructor: 1 }, { meter: "image" }),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "usage",
        reason: "The price of image has buckets images, and the usage has others or too much.",
      },
    },
  },
  {
    name: "credits need no model, but a meter that exists",
    given: [grant("a", 10)],
    when: open("h", 1, { meter: "search", model: "maps" }),
    expect: { event: { credits: 1, price: null, estimate: null } },
  },
]);

scenarios("a limit is charged only by what was approved", [
  {
    name: "a hold that the pool refuses uses no rate and no cap",
    given: [
      limit("r", "workspace", requests(1)),
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
    name: "at midnight a day's cap is new",
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
        retryAt: midnight,
      },
    },
  },
]);
