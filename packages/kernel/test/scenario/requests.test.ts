import { type Command, credits, instant } from "@cistern/kernel";
import { type Step, after, scenarios } from "./check.ts";
import {
  agent,
  approve,
  askFor,
  cap,
  day,
  deactivate,
  debit,
  decline,
  extend,
  grant,
  group,
  hour,
  limit,
  member,
  minute,
  noon,
  open,
  rate,
  refund,
  release,
  removeLimit,
  settle,
  update,
} from "./commands.ts";

const c = (amount: number): ReturnType<typeof credits> => credits(BigInt(amount));
const midnight = noon + 12 * hour;
const anas = { kind: "member", id: "ana", limit: "c" } as const;
const reached = (
  numbers: { requested: number; available?: number; cap: number; used: number },
  { retryAt = midnight, scope = anas }: { retryAt?: number | null; scope?: object } = {},
) => {
  const { requested, available = Math.max(0, numbers.cap - numbers.used) } = numbers;
  return {
    rejected: {
      code: "limit_reached",
      scope: { ...anas, ...scope },
      requested: c(requested),
      available: c(available),
      missing: c(requested - available),
      cap: c(numbers.cap),
      used: c(numbers.used),
      retryAt: retryAt === null ? null : instant(retryAt),
    } as const,
  };
};
const invalid = (field: string, reason: string) => ({
  rejected: { code: "invalid_request", field, reason } as const,
});
const amounts = "More is asked for, and given, of more than 0 and at most 10^12 credits.";
const notMore = (stands: string, asked: string) =>
  invalid(
    "credits",
    `The cap of limit c is ${stands} credits, and ${asked} are not more. Say the whole new cap, or leave credits out to add what was asked for.`,
  );

/** Ana has 10 a day, and spent it. */
const spent: readonly Step[] = [
  grant("a", 1_000),
  member("ana"),
  limit("c", "member ana", cap(10, "day")),
  open("h", 10),
];

scenarios("a request is refused in this order", [
  {
    name: "member_inactive stands above a wrong amount",
    given: [member("ana"), deactivate("ana")],
    when: askFor("r", { credits: c(0) }),
    expect: { rejected: { code: "member_inactive", member: "ana" } },
  },
  {
    name: "a wrong amount stands above a wrong time",
    when: askFor("r", { credits: c(0), ttlMs: 0 }),
    expect: invalid("credits", amounts),
  },
  {
    name: "a wrong time stands above limit_of_plan",
    when: askFor("r", { limit: "plan:fair", ttlMs: 31 * day }),
    expect: invalid("ttl", "A request waits for more than nothing and at most 30 days."),
  },
  {
    name: "a limit of the plan is the plan's alone",
    when: askFor("r", { limit: "plan:fair" }),
    expect: { rejected: { code: "limit_of_plan", limit: "plan:fair" } },
  },
  {
    name: "a limit that nobody set is unknown",
    when: askFor("r"),
    expect: { rejected: { code: "unknown_limit", limit: "c" } },
  },
  {
    name: "a limit of somebody else's stops nobody who could ask",
    given: [limit("c", "member ben", cap(10, "day"))],
    when: askFor("r"),
    expect: invalid("limit", "Limit c is no cap of so many credits that applies to ana."),
  },
  {
    name: "no limit has nothing to raise",
    given: [limit("c", "member ana", cap(null, "day"))],
    when: askFor("r"),
    expect: invalid("limit", "Limit c is no cap of so many credits that applies to ana."),
  },
  {
    name: "nor has a rate",
    given: [limit("c", "member ana", rate("requests", { quantity: 1, perMs: hour, burst: 1 }))],
    when: askFor("r"),
    expect: invalid("limit", "Limit c is no cap of so many credits that applies to ana."),
  },
  {
    name: "where the pool is not shared nothing is reserved that could be asked for",
    given: [grant("a", 1_000), member("ana")],
    when: askFor("r", { limit: null }),
    expect: { rejected: { code: "fairness_off" } },
  },
  {
    name: "of one member one request waits for one limit",
    given: [...spent, askFor("r")],
    when: askFor("s"),
    expect: { rejected: { code: "request_open", request: "r", member: "ana", limit: "c" } },
  },
  {
    name: "another member's does not stand in the way",
    given: [limit("c", "eachMember", cap(10, "day")), askFor("r")],
    when: askFor("s", { member: "eve" }),
    expect: { event: { kind: "credit_request.created" } },
  },
  {
    name: "nor one that was answered",
    given: [...spent, askFor("r"), decline("r")],
    when: askFor("s"),
    expect: { event: { kind: "credit_request.created" } },
  },
]);

scenarios("what is approved once is lent one time", [
  {
    name: "a call that does not fit below the cap draws on it",
    given: [...spent, askFor("r"), approve("r", "once")],
    when: open("i", 3),
    expect: { event: { kind: "hold.opened", credits: 3 }, used: { "c ana": 13 } },
  },
  {
    name: "more than what is lent is refused, and the refusal counts it as available",
    given: [...spent, askFor("r"), approve("r", "once")],
    when: open("i", 6),
    expect: reached({ requested: 6, available: 5, cap: 10, used: 10 }),
  },
  {
    name: "what comes back from the call does not fill it again",
    given: [...spent, askFor("r"), approve("r", "once"), open("i", 5), settle("i", 1)],
    when: open("j", 1),
    expect: reached({ requested: 1, cap: 10, used: 11 }),
  },
  {
    name: "what fits below the cap draws nothing",
    given: [
      grant("a", 100),
      limit("c", "member ana", cap(10, "day")),
      askFor("r"),
      approve("r", "once"),
      open("h", 10),
    ],
    when: open("i", 5),
    expect: { event: { credits: 5 }, used: { "c ana": 15 } },
  },
  {
    name: "an extension draws on it too",
    given: [...spent, askFor("r"), approve("r", "once"), extend("h", 5)],
    when: extend("h", 1),
    expect: reached({ requested: 1, cap: 10, used: 15 }),
  },
  {
    name: "usage that is reported draws nothing: it was never asked for",
    given: [...spent, askFor("r"), approve("r", "once"), debit("d", 4)],
    when: open("i", 5),
    expect: { event: { credits: 5 }, used: { "c ana": 19 } },
  },
  {
    name: "a notice says when the last of it is lent, and not before",
    given: [...spent, askFor("r"), approve("r", "once"), open("i", 4)],
    when: open("j", 1),
    expect: {
      notices: [
        { kind: "limit.reached", scope: anas, used: 15, cap: 10, resetsAt: midnight, at: noon },
      ],
    },
  },
  {
    name: "it ends with the window, used or not",
    given: [...spent, askFor("r"), approve("r", "once")],
    when: after(12 * hour, open("i", 11)),
    expect: reached({ requested: 11, cap: 10, used: 0 }, { retryAt: null }),
  },
  {
    name: "of two that lend, the one that ends first lends first",
    given: [
      grant("a", 1_000),
      limit("c", "member ana", cap(10, { kind: "rolling", durationMs: hour })),
      askFor("r"),
      approve("r", "once"),
      after(10 * minute, askFor("s")),
      approve("s", "once"),
      open("h", 17),
      settle("h", 17),
    ],
    when: after(52 * minute, open("i", 4)),
    expect: reached(
      { requested: 4, available: 3, cap: 10, used: 17 },
      { retryAt: noon + 70 * minute },
    ),
  },
]);

scenarios("what is approved for the period raises the cap until the window ends", [
  {
    name: "and what comes back may be used again",
    given: [...spent, askFor("r"), approve("r", "period"), open("i", 5), release("i")],
    when: open("j", 5),
    expect: { event: { credits: 5 }, used: { "c ana": 15 } },
  },
  {
    name: "the refusal names the raised cap",
    given: [...spent, askFor("r"), approve("r", "period", { credits: 2 })],
    when: open("i", 3),
    expect: reached({ requested: 3, cap: 12, used: 10 }),
  },
  {
    name: "at the very end of the window it is over",
    given: [...spent, askFor("r"), approve("r", "period")],
    when: after(12 * hour, open("i", 11)),
    expect: reached({ requested: 11, cap: 10, used: 0 }, { retryAt: null }),
  },
  {
    name: "just before it is not",
    given: [...spent, askFor("r"), approve("r", "period")],
    when: after(12 * hour - 1, open("i", 5)),
    expect: { event: { credits: 5 } },
  },
  {
    name: "a refund of the day before refills nothing today",
    given: [
      ...spent,
      askFor("r"),
      approve("r", "period"),
      settle("h", 10),
      after(12 * hour, open("i", 10)),
      refund("f", "h"),
    ],
    when: open("j", 1),
    expect: reached({ requested: 1, cap: 10, used: 10 }, { retryAt: midnight + day }),
  },
  {
    name: "a change of zone does not carry it into a window that begins later",
    given: [
      grant("a", 1_000),
      limit("c", "member ana", cap(10, "day")),
      askFor("r"),
      approve("r", "period"),
      after(1, update({ timeZone: "Asia/Tokyo" })),
    ],
    when: after(4 * hour, open("i", 11)),
    expect: reached({ requested: 11, cap: 10, used: 0 }, { retryAt: null }),
  },
  {
    name: "a window that the first use opens: raised before it, the raise lasts as long as one that opened then",
    given: [
      grant("a", 1_000),
      limit("c", "member ana", cap(10, { kind: "onFirstUse", durationMs: hour })),
      askFor("r"),
      approve("r", "period"),
      after(10 * minute, open("h", 15)),
      settle("h", 15),
    ],
    when: after(51 * minute, open("i", 1)),
    expect: reached({ requested: 1, cap: 10, used: 15 }, { retryAt: noon + 70 * minute }),
  },
  {
    name: "a rolling one: for as long as the window is",
    given: [
      grant("a", 1_000),
      limit("c", "member ana", cap(10, { kind: "rolling", durationMs: hour })),
      open("h", 10),
      askFor("r"),
      approve("r", "period"),
      open("i", 5),
    ],
    when: after(hour, open("j", 11)),
    expect: reached({ requested: 11, cap: 10, used: 0 }, { retryAt: null }),
  },
]);

scenarios("a new limit stays", [
  {
    name: "of a member's own limit it is the limit's value",
    given: [...spent, askFor("r"), approve("r", "limit", { credits: 12 })],
    when: open("i", 3),
    expect: reached({ requested: 3, cap: 12, used: 10 }),
  },
  {
    name: "left out, it is what was asked for on top",
    given: [...spent, askFor("r")],
    when: approve("r", "limit"),
    expect: {
      event: {
        limit: {
          id: "c",
          scope: { kind: "member", id: "ana" },
          rule: { kind: "cap", credits: 15, window: { kind: "calendar", unit: "day" } },
        },
      },
      used: { "c ana": 10 },
    },
  },
  {
    name: "of a default it is this member's alone",
    given: [
      grant("a", 1_000),
      limit("c", "eachMember", cap(10, "day")),
      askFor("r"),
      approve("r", "limit", { credits: 20 }),
      open("h", 20),
    ],
    when: open("i", 11, { member: "eve" }),
    expect: reached(
      { requested: 11, cap: 10, used: 0 },
      { retryAt: null, scope: { id: "eve", inherited: true } },
    ),
  },
  {
    name: "and it is there the next day",
    given: [
      grant("a", 1_000),
      limit("c", "eachMember", cap(10, "day")),
      askFor("r"),
      approve("r", "limit", { credits: 20 }),
    ],
    when: after(day, open("h", 20)),
    expect: { event: { credits: 20 } },
  },
  {
    name: "until another is approved, whatever the two are called",
    given: [
      grant("a", 1_000),
      limit("c", "eachMember", cap(10, "day")),
      askFor("r2"),
      approve("r2", "limit", { credits: 20 }),
      after(1, askFor("r1")),
      approve("r1", "limit", { credits: 22 }),
    ],
    when: open("h", 24),
    expect: reached(
      { requested: 24, cap: 22, used: 0 },
      { retryAt: null, scope: { inherited: true } },
    ),
  },
  {
    name: "until the default is another one, which counts anew",
    given: [
      grant("a", 1_000),
      limit("c", "eachMember", cap(10, "day")),
      askFor("r"),
      approve("r", "limit", { credits: 20 }),
      limit("c", "eachMember", cap(10, "hour")),
    ],
    when: open("h", 20),
    expect: reached(
      { requested: 20, cap: 10, used: 0 },
      { retryAt: null, scope: { inherited: true } },
    ),
  },
  {
    name: "a cap that is not above the one that stands gives nothing",
    given: [...spent, askFor("r")],
    when: approve("r", "limit", { credits: 10 }),
    expect: notMore("0.00001", "0.00001"),
  },
  {
    name: "nor does one below what was approved for the member before",
    given: [
      limit("c", "eachMember", cap(10, "day")),
      askFor("r"),
      approve("r", "limit", { credits: 20_000_000 }),
      askFor("s"),
    ],
    when: approve("s", "limit", { credits: 15_000_000 }),
    expect: notMore("20", "15"),
  },
  {
    name: "what was approved for the window alone is no part of the cap that stands",
    given: [...spent, askFor("r"), approve("r", "period"), askFor("s")],
    when: approve("s", "limit", { credits: 11 }),
    expect: { event: { kind: "credit_request.approved" } },
  },
  {
    name: "a member's own limit replaces it with the default",
    given: [
      grant("a", 1_000),
      limit("c", "eachMember", cap(10, "day")),
      askFor("r"),
      approve("r", "limit", { credits: 20 }),
      limit("own", "member ana", cap(5, "day")),
    ],
    when: open("h", 6),
    expect: reached({ requested: 6, cap: 5, used: 0 }, { retryAt: null, scope: { limit: "own" } }),
  },
]);

const led: readonly Step[] = [
  grant("a", 100),
  group("red", ["lea"]),
  group("blue", ["leo"]),
  member("ana", { groups: ["red"] }),
  member("lea", { groups: ["red"] }),
  agent("bot", "ana"),
  limit("c", "eachMember", cap(10, "day")),
  limit("team", "group red", cap(10, "day")),
  limit("all", "workspace", cap(10, "day")),
];
const owned = { owners: ["kim"] };
const refusedTo = (by: string) => ({
  rejected: { code: "not_an_approver", request: "r", by } as const,
});
const given = { event: { kind: "credit_request.approved" } };
const answers = (asked: Command, by: string, expect: object) => ({
  workspace: owned,
  given: [...led, asked],
  when: approve("r", "once", { by }),
  expect,
});

scenarios("who may answer", [
  { name: "an owner, whatever the limit", ...answers(askFor("r", { limit: "all" }), "kim", given) },
  { name: "a lead of a group of the member", ...answers(askFor("r"), "lea", given) },
  {
    name: "a lead of the group that a member's agent spends for",
    ...answers(askFor("r", { member: "bot" }), "lea", given),
  },
  {
    name: "a lead, of its group's limit",
    ...answers(askFor("r", { limit: "team" }), "lea", given),
  },
  {
    name: "but not of the workspace's",
    ...answers(askFor("r", { limit: "all" }), "lea", refusedTo("lea")),
  },
  {
    name: "nor its own",
    ...answers(askFor("r", { member: "lea" }), "lea", refusedTo("lea")),
  },
  { name: "a lead of another group does not", ...answers(askFor("r"), "leo", refusedTo("leo")) },
  { name: "nor does whoever asks", ...answers(askFor("r"), "ana", refusedTo("ana")) },
  {
    name: "a lead who left does not",
    workspace: owned,
    given: [...led, askFor("r"), deactivate("lea")],
    when: approve("r", "once", { by: "lea" }),
    expect: { rejected: { code: "member_inactive", member: "lea" } },
  },
  {
    name: "a workspace without owners takes whom its vendor names",
    given: [...led, askFor("r")],
    when: approve("r", "once", { by: "anybody" }),
    expect: given,
  },
  {
    name: "who may not approve may not decline",
    workspace: owned,
    given: [...led, askFor("r")],
    when: decline("r", "leo"),
    expect: refusedTo("leo"),
  },
]);

scenarios("an answer comes once, in time, to what is still so", [
  {
    name: "an unknown request has none",
    when: approve("r", "once"),
    expect: { rejected: { code: "unknown_request", request: "r" } },
  },
  {
    name: "one that was declined has no other",
    given: [...spent, askFor("r"), decline("r")],
    when: approve("r", "once"),
    expect: { rejected: { code: "request_over", request: "r", status: "declined" } },
  },
  {
    name: "nor has one that was approved",
    given: [...spent, askFor("r"), approve("r", "once")],
    when: decline("r"),
    expect: { rejected: { code: "request_over", request: "r", status: "approved" } },
  },
  {
    name: "it expires by itself, at its very instant",
    given: [...spent, askFor("r")],
    when: after(7 * day, approve("r", "once")),
    expect: {
      due: ["hold.expired", "credit_request.expired"],
      rejected: { code: "request_over", request: "r", status: "expired" },
    },
  },
  {
    name: "and one millisecond before it still waits",
    given: [...spent, askFor("r")],
    when: after(7 * day - 1, approve("r", "once")),
    expect: given,
  },
  {
    name: "its member is no longer active",
    given: [...spent, askFor("r"), deactivate("ana")],
    when: approve("r", "once"),
    expect: { rejected: { code: "member_inactive", member: "ana" } },
  },
  {
    name: "its limit is gone",
    given: [...spent, askFor("r"), removeLimit("c")],
    when: approve("r", "once"),
    expect: { rejected: { code: "request_outdated", request: "r", limit: "c" } },
  },
  {
    name: "its limit is gone and declining says so",
    given: [...spent, askFor("r"), removeLimit("c")],
    when: decline("r"),
    expect: { event: { kind: "credit_request.declined" } },
  },
  {
    name: "its limit counts anew",
    given: [...spent, askFor("r"), limit("c", "member ana", cap(10, "hour"))],
    when: approve("r", "once"),
    expect: { rejected: { code: "request_outdated", request: "r", limit: "c" } },
  },
  {
    name: "its limit has another value: that one is raised",
    given: [...spent, askFor("r"), limit("c", "member ana", cap(20, "day"))],
    when: approve("r", "limit"),
    expect: {
      event: {
        limit: {
          id: "c",
          scope: { kind: "member", id: "ana" },
          rule: { kind: "cap", credits: 25, window: { kind: "calendar", unit: "day" } },
        },
      },
    },
  },
  {
    name: "its limit is lifted",
    given: [...spent, askFor("r"), limit("c", "member ana", cap(null, "day"))],
    when: approve("r", "once"),
    expect: { rejected: { code: "request_outdated", request: "r", limit: "c" } },
  },
  {
    name: "its limit was replaced by the member's own",
    given: [
      limit("c", "eachMember", cap(10, "day")),
      askFor("r"),
      limit("own", "member ana", cap(5, "day")),
    ],
    when: approve("r", "once"),
    expect: { rejected: { code: "request_outdated", request: "r", limit: "c" } },
  },
  {
    name: "more than nothing is given",
    given: [...spent, askFor("r")],
    when: approve("r", "period", { credits: 0 }),
    expect: invalid("credits", amounts),
  },
]);
