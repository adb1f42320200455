import { instant } from "@cistern/kernel";
import { type Outcome, after, scenarios } from "./check.ts";
import {
  agent,
  cap,
  day,
  debtUpTo,
  extend,
  grant,
  hour,
  limit,
  member,
  minute,
  noon,
  open,
  part,
  rate,
  refund,
  release,
  revoke,
  settle,
  update,
} from "./commands.ts";
import {
  c,
  closeRun,
  inside,
  limitReached,
  of,
  prepaid,
  raise,
  run,
  unbounded,
} from "./run-commands.ts";

const perDay = { kind: "calendar", unit: "day" } as const;
const inADay = instant(noon + day);
/** All that a hog leaves is what was prepaid. */
const hog = open("hog", 50, { member: "ben", ttlMs: day });

scenarios("a run is prepaid, or refused in this order", [
  {
    name: "its limit is set aside at once, and its deadline lies a day ahead",
    given: [grant("a", 100)],
    when: prepaid("r", 50),
    expect: {
      event: { kind: "hold.opened", hold: "purse_r", credits: 50, expiresAt: inADay },
      balance: { available: 50, held: 50 },
      holds: { purse_r: { kind: "purse", status: "open" } },
      runs: { r: { used: 0, holds: 0, purse: "purse_r" } },
    },
  },
  {
    name: "a limit is what it prepays",
    given: [grant("a", 100)],
    when: run("r", {}, { purse: "purse_r" }),
    expect: invalid("limit", "What a run prepays is its limit: say one above 0."),
  },
  {
    name: "a limit of nothing prepays nothing",
    given: [grant("a", 100)],
    when: prepaid("r", 0),
    expect: invalid("limit", "What a run prepays is its limit: say one above 0."),
  },
  {
    name: "it lasts a day at most",
    given: [grant("a", 100)],
    when: prepaid("r", 50, { deadline: instant(noon + day + 1) }),
    expect: invalid(
      "deadline",
      "What is prepaid is set aside for at most 24 hours in all: the deadline lies within them.",
    ),
  },
  {
    name: "it is not prepaid twice: a run around it is",
    given: [grant("a", 100), prepaid("r", 50)],
    when: prepaid("s", 10, {}, inside("r")),
    expect: invalid("prepay", "A run around it is prepaid already: its calls are taken from that."),
  },
  {
    name: "pool_exhausted: it is refused where a hold of its limit is, and then there is no run",
    given: [grant("a", 100)],
    when: prepaid("r", 101),
    expect: {
      rejected: {
        code: "pool_exhausted",
        scope: { kind: "workspace", id: "acme" },
        requested: c(101),
        available: c(100),
        missing: c(1),
        retryAt: null,
      },
    },
  },
  {
    name: "limit_reached: caps count it when it is prepaid",
    given: [grant("a", 100), limit("d", "member ana", cap(40, perDay))],
    when: prepaid("r", 41),
    expect: {
      rejected: {
        code: "limit_reached",
        scope: { kind: "member", id: "ana", limit: "d" },
        requested: c(41),
        available: c(40),
        missing: c(1),
        cap: c(40),
        used: c(0),
        retryAt: null,
      },
    },
  },
]);

scenarios("a call of a prepaid run", [
  {
    name: "is taken from the purse, though the pool is empty",
    given: [grant("a", 100), prepaid("r", 50), hog],
    when: open("h", 30, of("r")),
    expect: {
      event: { legs: [{ lot: "a", credits: 30 }], transfers: [], counts: [] },
      balance: { available: 0, held: 100 },
      holds: {
        purse_r: { legs: [{ lot: "a", credits: 20 }] },
        h: { legs: [{ lot: "a", credits: 30 }] },
      },
      runs: { r: { used: 30, steps: 1, holds: 1 } },
    },
  },
  {
    name: "returns to the purse what it does not use",
    given: [grant("a", 100), prepaid("r", 50), hog, open("h", 30, of("r"))],
    when: settle("h", 12),
    expect: {
      event: { charged: 12, returned: 18 },
      balance: { available: 0, held: 88, consumed: 12 },
      holds: { purse_r: { legs: [{ lot: "a", credits: 38 }] } },
      moved: { Consumed: 12, "Available:a": -12 },
    },
  },
  {
    name: "takes what it uses beyond its hold from the purse first",
    given: [grant("a", 100), prepaid("r", 50), hog, open("h", 30, of("r"))],
    when: settle("h", 45),
    expect: {
      event: { charged: 45, debt: 0 },
      balance: { available: 0, held: 55, consumed: 45, debt: 0 },
      holds: { purse_r: { legs: [{ lot: "a", credits: 5 }] } },
    },
  },
  {
    name: "and then from the pool, and owes the rest",
    given: [grant("a", 110), prepaid("r", 50), hog, open("h", 30, of("r"))],
    when: settle("h", 65),
    expect: {
      event: { charged: 65, debt: 5 },
      balance: { available: 0, held: 50, consumed: 60, debt: 5 },
      holds: { purse_r: { legs: [] } },
    },
  },
  {
    name: "released, gives all of it back to the purse",
    given: [grant("a", 100), prepaid("r", 50), hog, open("h", 30, of("r"))],
    when: release("h"),
    expect: {
      event: { returned: 30 },
      balance: { available: 0, held: 100 },
      holds: { purse_r: { legs: [{ lot: "a", credits: 50 }] } },
    },
  },
  {
    name: "expired, gives all of it back to the purse",
    given: [grant("a", 100), prepaid("r", 50), hog, open("h", 30, { ...of("r"), ttlMs: minute })],
    when: { afterMs: minute },
    expect: {
      due: ["hold.expired"],
      balance: { available: 0, held: 100 },
      holds: { purse_r: { legs: [{ lot: "a", credits: 50 }] } },
    },
  },
  {
    name: "settled late, takes it from there again",
    given: [grant("a", 100), prepaid("r", 50), hog, open("h", 30, { ...of("r"), ttlMs: minute })],
    when: after(2 * minute, settle("h", 20)),
    expect: {
      event: { charged: 20, debt: 0, isLate: true },
      balance: { available: 0, held: 80, consumed: 20 },
      holds: { purse_r: { legs: [{ lot: "a", credits: 30 }] } },
    },
  },
  {
    name: "is extended from the purse",
    given: [grant("a", 100), prepaid("r", 50), hog, open("h", 30, of("r"))],
    when: extend("h", 20),
    expect: {
      event: { credits: 20, transfers: [] },
      holds: { h: { legs: [{ lot: "a", credits: 50 }], authorized: 50 }, purse_r: { legs: [] } },
    },
  },
  {
    name: "keeps to the bounds of its run",
    given: [grant("a", 100), prepaid("r", 50), open("h", 30, of("r"))],
    when: open("i", 21, of("r")),
    expect: limitReached("r", 21, 30, 50),
  },
  {
    name: "in a run inside it is taken from the same purse",
    given: [grant("a", 100), prepaid("r", 50), run("s", {}, inside("r")), hog],
    when: open("h", 30, of("s")),
    expect: { holds: { purse_r: { legs: [{ lot: "a", credits: 20 }] } } },
  },
  {
    name: "of another member that acts for its own is asked of the pool",
    given: [grant("a", 100), member("ana"), agent("bot", "ana"), prepaid("r", 50)],
    when: open("h", 30, { run: "r", member: "bot" }),
    expect: {
      balance: { available: 20, held: 80 },
      holds: { purse_r: { legs: [{ lot: "a", credits: 50 }] } },
    },
  },
  {
    name: "is counted by caps once: when it was prepaid, in the window of then",
    given: [
      grant("a", 100),
      limit("d", "eachMember", cap(50, perDay)),
      prepaid("r", 50),
      open("h", 30, of("r")),
      settle("h", 10),
    ],
    when: open("i", 40, of("r")),
    expect: { used: { "d ana": 50 } },
  },
  {
    name: "counts in rates of requests all the same",
    given: [
      grant("a", 100),
      limit("q", "member ana", rate("requests", { quantity: 2, perMs: minute, burst: 2 })),
      prepaid("r", 50),
      open("h", 10, of("r")),
    ],
    when: open("i", 10, of("r")),
    expect: {
      rejected: {
        code: "rate_limited",
        scope: { kind: "member", id: "ana", limit: "q" },
        rule: { kind: "rate", unit: "requests", quantity: 2n, perMs: minute, burst: 2n },
        requested: 1n,
        remaining: 0n,
        retryAt: instant(noon + minute / 2),
      },
    },
  },
  {
    name: "takes permissions to go past the pool with it",
    workspace: { overage: debtUpTo(40) },
    given: [grant("a", 30), prepaid("r", 50), open("h", 45, of("r"))],
    when: settle("h", 40),
    expect: {
      event: { charged: 40, debt: 10 },
      balance: { available: 0, held: 0, consumed: 30, debt: 10 },
      holds: { purse_r: { legs: [], overage: 10 } },
    },
  },
  {
    name: "uses credits of a lot that ended while they were prepaid",
    given: [grant("a", 100, { until: noon + 5 * minute }), prepaid("r", 50)],
    when: after(10 * minute, open("h", 30, of("r"))),
    expect: { due: ["credits.expired"], lots: { a: { held: 50, expired: 50 } } },
  },
]);

scenarios("what a run prepaid goes back", [
  {
    name: "when it is closed: as a hold that expires, at that instant",
    given: [grant("a", 100), prepaid("r", 50), open("h", 30, of("r")), closeRun("r")],
    when: { afterMs: 0 },
    expect: {
      due: ["hold.expired"],
      balance: { available: 70, held: 30 },
      holds: { purse_r: { status: "expired", endedAt: noon }, h: { status: "open" } },
    },
  },
  {
    name: "and what its open calls do not use goes back to the pool then",
    given: [grant("a", 100), prepaid("r", 50), open("h", 30, of("r")), closeRun("r")],
    when: settle("h", 10),
    expect: { balance: { available: 90, held: 0, consumed: 10 } },
  },
  {
    name: "when it idles",
    given: [grant("a", 100), prepaid("r", 50)],
    when: { afterMs: hour },
    expect: { due: ["run.expired", "hold.expired"], balance: { available: 100, held: 0 } },
  },
  {
    name: "at its deadline",
    given: [grant("a", 100), prepaid("r", 50, { deadline: instant(noon + minute) })],
    when: { afterMs: minute },
    expect: {
      due: ["hold.expired"],
      balance: { available: 100, held: 0 },
      runs: { r: { status: "open" } },
    },
  },
  {
    name: "to the fate of a lot that has ended",
    given: [grant("a", 100, { until: noon + minute }), prepaid("r", 50)],
    when: { afterMs: hour },
    expect: { lots: { a: { held: 0, expired: 100 } } },
  },
  {
    name: "to a revoke that waits for it",
    given: [grant("a", 100), prepaid("r", 50), revoke("a"), closeRun("r")],
    when: { afterMs: 0 },
    expect: { lots: { a: { held: 0, revoked: 100 } }, balance: { available: 0 } },
  },
  {
    name: "and of a refund to the pool, whether its run is open or not",
    given: [grant("a", 100), prepaid("r", 50), open("h", 30, of("r")), settle("h", 30)],
    when: refund("f", "h", 20),
    expect: {
      balance: { available: 70, held: 20, consumed: 10 },
      holds: { purse_r: { legs: [{ lot: "a", credits: 20 }] } },
      runs: { r: { used: 10 } },
    },
  },
  {
    name: "though the workspace is suspended",
    given: [grant("a", 100), prepaid("r", 50), update({ status: "suspended" })],
    when: { afterMs: day },
    expect: { balance: { available: 100, held: 0 } },
  },
  {
    name: "and caps count nothing of what was not used",
    given: [
      grant("a", 100),
      limit("d", "eachMember", cap(50, perDay)),
      prepaid("r", 50),
      open("h", 30, of("r")),
      part("h", 5),
      settle("h", 5),
      closeRun("r"),
    ],
    when: { afterMs: 0 },
    expect: { used: { "d ana": 10 } },
  },
]);

scenarios("a prepaid run is raised", [
  {
    name: "by what is prepaid as well",
    given: [grant("a", 100), prepaid("r", 50)],
    when: raise("r", { limit: c(70) }),
    expect: {
      event: { kind: "hold.extended", hold: "purse_r", credits: 20 },
      balance: { available: 30, held: 70 },
      runs: { r: { bounds: { ...unbounded, limit: 70, deadline: inADay } } },
    },
  },
  {
    name: "credits_held: not where a hold of that is refused",
    given: [grant("a", 100), prepaid("r", 50), hog],
    when: raise("r", { limit: c(70) }),
    expect: {
      rejected: {
        code: "credits_held",
        scope: { kind: "workspace", id: "acme" },
        requested: c(20),
        available: c(0),
        missing: c(20),
        retryAt: inADay,
      },
    },
  },
  {
    name: "by steps, without asking the pool",
    given: [grant("a", 100), prepaid("r", 50, { maxSteps: 1 }), hog],
    when: raise("r", { maxSteps: 2 }),
    expect: { event: { kind: "run.raised", left: 50 } },
  },
  {
    name: "to a later deadline, within the day since it was opened",
    given: [grant("a", 100), prepaid("r", 50, { deadline: instant(noon + hour) })],
    when: raise("r", { deadline: inADay }),
    expect: { holds: { purse_r: { expiresAt: inADay } } },
  },
  {
    name: "not beyond that day",
    given: [grant("a", 100), prepaid("r", 50)],
    when: raise("r", { deadline: instant(noon + day + 1) }),
    expect: invalid(
      "deadline",
      "What is prepaid is set aside for at most 24 hours in all: the deadline lies within them.",
    ),
  },
  {
    name: "not when what it prepaid has gone back",
    given: [grant("a", 100), prepaid("r", 50, { deadline: instant(noon + minute) })],
    when: after(2 * minute, raise("r", { deadline: inADay })),
    expect: invalid("run", "What it prepaid has gone back: open another run."),
  },
]);

scenarios("a purse is nobody's hold", [
  {
    name: "unknown_hold: it is not settled",
    given: [grant("a", 100), prepaid("r", 50)],
    when: settle("purse_r", 10),
    expect: { rejected: { code: "unknown_hold", hold: "purse_r" } },
  },
  {
    name: "unknown_hold: it is not released",
    given: [grant("a", 100), prepaid("r", 50)],
    when: release("purse_r"),
    expect: { rejected: { code: "unknown_hold", hold: "purse_r" } },
  },
  {
    name: "unknown_hold: it is not extended",
    given: [grant("a", 100), prepaid("r", 50)],
    when: extend("purse_r", 10),
    expect: { rejected: { code: "unknown_hold", hold: "purse_r" } },
  },
]);

function invalid(field: string, reason: string): Outcome {
  return { rejected: { code: "invalid_request", field, reason } };
}
