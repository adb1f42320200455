import { type Limit, type LimitRule, type SplitLimit, credits, instant } from "@cistern/kernel";
import { type Step, after, scenarios } from "./check.ts";
import {
  agent,
  cap,
  day,
  deactivate,
  debit,
  grant,
  group,
  hour,
  limit,
  member,
  noon,
  open,
  percent,
  rate,
  refund,
  removeLimit,
  revoke,
  settle,
} from "./commands.ts";

const c = (amount: number): ReturnType<typeof credits> => credits(BigInt(amount));
const midnight = noon + 12 * hour;
const reached = (
  {
    limit: id = "c",
    who = "ana",
    inherited = false,
  }: { limit?: string; who?: string; inherited?: boolean },
  numbers: { requested: number; cap: number; used: number; retryAt: number | null },
) => {
  const left = Math.max(0, numbers.cap - numbers.used);
  return {
    rejected: {
      code: "limit_reached",
      scope: { kind: "member", id: who, limit: id, ...(inherited ? { inherited } : {}) },
      requested: c(numbers.requested),
      available: c(left),
      missing: c(numbers.requested - left),
      cap: c(numbers.cap),
      used: c(numbers.used),
      retryAt: numbers.retryAt === null ? null : instant(numbers.retryAt),
    } as const,
  };
};

/** Each member has a tenth of the pool a day. */
const tenth: readonly Step[] = [grant("a", 1_000), limit("c", "eachMember", percent(1_000, "day"))];

scenarios("a cap in percent is of the pool of its window", [
  {
    name: "a tenth of 1,000 is 100",
    given: [...tenth, open("h", 100)],
    when: open("i", 1),
    expect: reached({ inherited: true }, { requested: 1, cap: 100, used: 100, retryAt: midnight }),
  },
  {
    name: "what others use makes it no smaller",
    given: [...tenth, open("o", 100, { member: "eve" }), debit("d", 500, { member: "bob" })],
    when: open("i", 100),
    expect: { event: { credits: 100 } },
  },
  {
    name: "a grant raises it at once",
    given: [...tenth, open("h", 100), grant("b", 500)],
    when: open("i", 50),
    expect: { event: { credits: 50 }, used: { "c ana": 150 } },
  },
  {
    name: "a revoke lowers it",
    given: [...tenth, open("h", 60), revoke("a", 500)],
    when: open("i", 1),
    expect: reached({ inherited: true }, { requested: 1, cap: 50, used: 60, retryAt: midnight }),
  },
  {
    name: "it is rounded down, to the millionth of a credit",
    given: [grant("a", 999), limit("c", "eachMember", percent(333, "day")), open("h", 33)],
    when: open("i", 1),
    expect: reached({ inherited: true }, { requested: 1, cap: 33, used: 33, retryAt: midnight }),
  },
  {
    name: "the next window begins with what is left",
    given: [...tenth, debit("d", 400, { member: "bob" }), after(12 * hour, open("h", 60))],
    when: open("i", 1),
    expect: reached(
      { inherited: true },
      { requested: 1, cap: 60, used: 60, retryAt: midnight + day },
    ),
  },
  {
    name: "a refund of an earlier window's usage raises it from the next window on",
    given: [
      ...tenth,
      debit("d", 400, { member: "bob" }),
      after(12 * hour, open("h", 60)),
      refund("f", "d"),
    ],
    when: open("i", 40),
    expect: reached(
      { inherited: true },
      { requested: 40, cap: 60, used: 60, retryAt: midnight + day },
    ),
  },
  {
    name: "what is restricted is nobody's percent",
    given: [
      grant("a", 1_000),
      grant("b", 5_000, { appliesTo: { members: ["eve"] } }),
      limit("c", "eachMember", percent(1_000, "day")),
    ],
    when: open("i", 101),
    expect: reached({ inherited: true }, { requested: 101, cap: 100, used: 0, retryAt: null }),
  },
  {
    name: "0 percent is 0, and lets only calls of 0 through",
    given: [grant("a", 1_000), limit("c", "eachMember", percent(0, "day"))],
    when: open("i", 1),
    expect: reached({ inherited: true }, { requested: 1, cap: 0, used: 0, retryAt: null }),
  },
  {
    name: "of the same window it stands for a cap in credits, and goes on counting",
    given: [
      grant("a", 1_000),
      limit("c", "member ana", cap(500, "day")),
      open("h", 80),
      limit("c", "member ana", percent(1_000, "day")),
    ],
    when: open("i", 30),
    // The pool of its window begins with the first call that it counts, and that one is to come.
    expect: reached({}, { requested: 30, cap: 100, used: 80, retryAt: midnight }),
  },
  {
    name: "more than 100 percent is none",
    when: limit("c", "eachMember", percent(10_001, "day")),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "cap.percent",
        reason: "A percent is 0 to 100, with at most two decimals.",
      },
    },
  },
]);

const own = (id: string, rule: LimitRule, who = "ana"): Limit => ({
  id,
  scope: { kind: "member", id: who },
  rule,
});
const many = (limits: readonly Limit[], remove: readonly string[] = []) =>
  ({ kind: "putLimits", limits, remove }) as const;

scenarios("a pool of which more went than a window counted", [
  {
    name: "is of nothing, and not of less than nothing",
    given: [
      grant("a", 400),
      grant("b", 10, { priority: 90 }),
      debit("d", 400, { member: "bob" }),
      limit("c", "eachMember", percent(10_000, "day")),
      open("h", 5),
      revoke("a"),
      revoke("b"),
      refund("f", "d"),
    ],
    when: open("i", 1),
    expect: reached({ inherited: true }, { requested: 1, cap: 0, used: 5, retryAt: midnight }),
  },
]);

scenarios("many limits change at once, or none does", [
  {
    name: "all are set and removed in one event",
    given: [grant("a", 100), limit("old", "member ana", cap(1, "day"))],
    when: many([own("x", cap(10, "day")), own("y", cap(5, "hour"))], ["old"]),
    expect: {
      event: {
        kind: "limits.updated",
        limits: [
          { limit: own("x", cap(10, "day")), restarts: false },
          { limit: own("y", cap(5, "hour")), restarts: false },
        ],
        removed: [own("old", cap(1, "day"))],
      },
    },
  },
  {
    name: "each keeps what it counted, as when it is set alone",
    given: [grant("a", 100), limit("x", "member ana", cap(10, "day")), open("h", 10)],
    when: many([own("x", cap(20, "day"))]),
    expect: { used: { "x ana": 10 } },
  },
  {
    name: "one fault, and nothing has changed; every fault is told with its place",
    given: [grant("a", 100), limit("x", "member ana", cap(10, "day"))],
    when: many(
      [
        own("x", cap(20, "day")),
        { id: "plan:y", scope: { kind: "group", id: "none" }, rule: percent(20_000, "day") },
        own("z", rate("requests", { quantity: 0, perMs: hour, burst: 1 })),
        own("z", cap(1, "day")),
      ],
      ["gone"],
    ),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "limits/1/id",
        reason: "Limit plan:y comes with the plan, which alone changes it.",
        more: [
          { field: "limits/1/scope/id", reason: "There is no group none." },
          {
            field: "limits/1/cap/percent",
            reason: "A percent is 0 to 100, with at most two decimals.",
          },
          { field: "limits/2/id", reason: "Limit z is named twice in this call." },
          {
            field: "limits/2/rate",
            reason: "A rate lets through more than nothing; a cap of 0 does not.",
          },
          { field: "limits/3/id", reason: "Limit z is named twice in this call." },
          { field: "remove/0", reason: "There is no limit gone." },
        ],
      },
    },
  },
  {
    name: "one call changes at most 1,000",
    when: many(Array.from({ length: 1_001 }, (_, index) => own(`l${index}`, cap(1, "day")))),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "limits",
        reason: "One call sets and removes 1 to 1000 limits; not 1001.",
      },
    },
  },
]);

const splitAmong = (amount: number, groupId?: string): SplitLimit => ({
  kind: "splitLimit",
  name: "fair",
  among: groupId === undefined ? { kind: "workspace" } : { kind: "group", id: groupId },
  credits: c(amount),
  window: { kind: "calendar", unit: "day" },
});
const team: readonly Step[] = [
  grant("a", 1_000),
  group("red"),
  member("cyd", { groups: ["red"] }),
  member("ana", { groups: ["red"] }),
  member("ben", { groups: ["red"] }),
  agent("bot", "ana", ["red"]),
  member("eve"),
];
const part = (who: string, amount: number) => ({
  limit: own(`fair:${who}`, cap(amount, "day"), who),
  restarts: false,
});

scenarios("an equal split gives each member a cap of its own", [
  {
    name: "the parts add up: what does not divide goes to the first by id; agents spend their sponsor's",
    given: team,
    when: splitAmong(101, "red"),
    expect: { event: { limits: [part("ana", 34), part("ben", 34), part("cyd", 33)], removed: [] } },
  },
  {
    name: "of the workspace it is of all registered members, and of no guest",
    given: [...team, open("g", 1, { member: "guest" })],
    when: splitAmong(100),
    expect: {
      event: {
        limits: [part("ana", 25), part("ben", 25), part("cyd", 25), part("eve", 25)],
      },
    },
  },
  {
    name: "who left has none, and split again the part is gone",
    given: [...team, splitAmong(99, "red"), deactivate("ben")],
    when: splitAmong(99, "red"),
    expect: {
      event: {
        limits: [part("ana", 50), part("cyd", 49)],
        removed: [own("fair:ben", cap(33, "day"), "ben")],
      },
    },
  },
  {
    name: "who joins afterwards has no part until it is split again",
    given: [...team, splitAmong(99, "red"), member("dan", { groups: ["red"] })],
    when: open("h", 500, { member: "dan" }),
    expect: { event: { counts: [] } },
  },
  {
    name: "nobody is there to split among",
    given: [group("blue")],
    when: splitAmong(10, "blue"),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "among",
        reason: "An amount is split among 1 to 1000 members; 0 are there.",
      },
    },
  },
  {
    name: "a group that does not exist has no members",
    when: splitAmong(10, "blue"),
    expect: { rejected: { code: "unknown_group", group: "blue" } },
  },
  {
    name: "names of the plan's limits are the plan's",
    given: team,
    when: { ...splitAmong(10), name: "plan" },
    expect: { rejected: { code: "limit_of_plan", limit: "plan:" } },
  },
  {
    name: "a name that makes ids too long is refused",
    given: team,
    when: { ...splitAmong(10), name: "x".repeat(61) },
    expect: {
      rejected: {
        code: "invalid_request",
        field: "name",
        reason: `The limit ${"x".repeat(61)}:ana would have more than 64 characters.`,
      },
    },
  },
]);

scenarios("a limit labelled per member is exactly that (RULES 3)", [
  {
    name: "her agents spend of it",
    given: [
      grant("a", 100),
      member("ana"),
      agent("bot", "ana"),
      limit("c", "member ana", cap(10, "day")),
      open("h", 7),
    ],
    when: open("i", 4, { member: "bot" }),
    expect: reached({}, { requested: 4, cap: 10, used: 7, retryAt: midnight }),
  },
  {
    name: "and the agents of her agents",
    given: [
      grant("a", 100),
      member("ana"),
      agent("bot", "ana"),
      agent("sub", "bot"),
      limit("c", "member ana", cap(10, "day")),
    ],
    when: open("i", 11, { member: "sub" }),
    expect: reached({}, { requested: 11, cap: 10, used: 0, retryAt: null }),
  },
  {
    name: "nobody else's call counts in it, not even one of her group",
    given: [
      grant("a", 100),
      group("red"),
      member("ana", { groups: ["red"] }),
      member("ben", { groups: ["red"] }),
      limit("c", "member ana", cap(10, "day")),
      open("h", 50, { member: "ben" }),
    ],
    when: open("i", 10),
    expect: { event: { credits: 10 }, used: { "c ana": 10 } },
  },
  {
    name: "a default for each member is no total: two members have it twice",
    given: [grant("a", 100), limit("c", "eachMember", cap(10, "day")), open("h", 10)],
    when: open("i", 10, { member: "ben" }),
    expect: { used: { "c ana": 10, "c ben": 10 } },
  },
  {
    name: "a limit of the group is one total",
    given: [
      grant("a", 100),
      group("red"),
      member("ana", { groups: ["red"] }),
      member("ben", { groups: ["red"] }),
      limit("c", "group red", cap(10, "day")),
      open("h", 10),
      settle("h", 10),
    ],
    when: open("i", 1, { member: "ben" }),
    expect: {
      rejected: {
        ...reached({}, { requested: 1, cap: 10, used: 10, retryAt: midnight }).rejected,
        scope: { kind: "group", id: "red", limit: "c" },
      },
    },
  },
  {
    name: "no limit of her own lifts the default for her alone; 0 of her own stops her alone",
    given: [
      grant("a", 100),
      limit("each", "eachMember", cap(10, "day")),
      limit("anas", "member ana", cap(null, "day")),
      limit("bens", "member ben", cap(0, "day")),
      open("h", 50),
    ],
    when: open("i", 1, { member: "ben" }),
    expect: reached(
      { limit: "bens", who: "ben" },
      { requested: 1, cap: 0, used: 0, retryAt: null },
    ),
  },
  {
    name: "no limit of another window lifts nothing",
    given: [
      grant("a", 100),
      limit("c", "eachMember", cap(10, "day")),
      limit("anas", "member ana", cap(null, "month")),
    ],
    when: open("i", 11),
    expect: reached({ inherited: true }, { requested: 11, cap: 10, used: 0, retryAt: null }),
  },
  {
    name: "when her own is removed, the default holds for her again",
    given: [
      grant("a", 100),
      limit("c", "eachMember", cap(10, "day")),
      limit("anas", "member ana", cap(null, "day")),
      removeLimit("anas"),
    ],
    when: open("i", 11),
    expect: reached({ inherited: true }, { requested: 11, cap: 10, used: 0, retryAt: null }),
  },
]);
