import { credits, instant } from "@cistern/kernel";
import { after, scenarios } from "./check.ts";
import {
  agent,
  cap,
  day,
  debit,
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
  refund,
  release,
  removeLimit,
  settle,
  update,
} from "./commands.ts";

const c = (amount: number): ReturnType<typeof credits> => credits(BigInt(amount));
const midnight = noon + 12 * hour;
const fiveHours = { kind: "onFirstUse", durationMs: 5 * hour } as const;
const lastHour = { kind: "rolling", durationMs: hour } as const;
const allDay = { ttlMs: day } as const;

const reached = (
  scope: { kind: "member" | "group" | "workspace"; id: string; limit: string; inherited?: true },
  numbers: { requested: number; cap: number; used: number; retryAt: number | null },
) => {
  const left = Math.max(0, numbers.cap - numbers.used);
  return {
    rejected: {
      code: "limit_reached",
      scope,
      requested: c(numbers.requested),
      available: c(left),
      missing: c(numbers.requested - left),
      cap: c(numbers.cap),
      used: c(numbers.used),
      retryAt: numbers.retryAt === null ? null : instant(numbers.retryAt),
    } as const,
  };
};
const whole = { kind: "workspace", id: "acme", limit: "c" } as const;
const anas = { kind: "member", id: "ana", limit: "c" } as const;

scenarios("a cap lets exactly its credits through", [
  {
    name: "spending exactly the cap is approved, and a notice says that it is reached",
    given: [grant("a", 100), limit("c", "workspace", cap(10, "day")), open("h", 4)],
    when: open("i", 6),
    expect: {
      event: { kind: "hold.opened" },
      used: { c: 10 },
      notices: [
        { kind: "limit.reached", scope: whole, used: 10, cap: 10, resetsAt: midnight, at: noon },
      ],
    },
  },
  {
    name: "the next micro-credit is refused until the window ends",
    given: [grant("a", 100), limit("c", "workspace", cap(10, "day")), open("h", 10)],
    when: open("i", 1),
    expect: reached(whole, { requested: 1, cap: 10, used: 10, retryAt: midnight }),
  },
  {
    name: "a hold of 0 passes a full cap, and reaches nothing",
    given: [grant("a", 100), limit("c", "workspace", cap(10, "day")), open("h", 10)],
    when: open("i", 0),
    expect: { event: { credits: 0 }, notices: [] },
  },
  {
    name: "more than the cap is never possible, so there is no time to retry at",
    given: [grant("a", 100), limit("c", "workspace", cap(10, "day"))],
    when: open("i", 11),
    expect: reached(whole, { requested: 11, cap: 10, used: 0, retryAt: null }),
  },
  {
    name: "a cap of 0 lets nothing through",
    given: [grant("a", 100), limit("c", "workspace", cap(0, "day"))],
    when: open("i", 1),
    expect: reached(whole, { requested: 1, cap: 0, used: 0, retryAt: null }),
  },
  {
    name: "no limit is not 0",
    given: [grant("a", 100), limit("c", "workspace", cap(null, "day"))],
    when: open("i", 100),
    expect: { event: { counts: [] } },
  },
]);

scenarios("limits of the whole path apply (RULES 3)", [
  {
    name: "the default for each member applies from the first call of one never seen, each counted apart",
    given: [grant("a", 100), limit("c", "eachMember", cap(10, "day")), open("h", 10)],
    when: open("i", 8, { member: "eve" }),
    expect: { used: { "c ana": 10, "c eve": 8 } },
  },
  {
    name: "and stops the second call that does not fit",
    given: [
      grant("a", 100),
      limit("c", "eachMember", cap(10, "day")),
      open("h", 8, { member: "eve" }),
    ],
    when: open("i", 8, { member: "eve" }),
    expect: reached(
      { kind: "member", id: "eve", limit: "c", inherited: true },
      { requested: 8, cap: 10, used: 8, retryAt: midnight },
    ),
  },
  {
    name: "a member's own limit replaces the default of the same window",
    given: [
      grant("a", 100),
      limit("each", "eachMember", cap(10, "day")),
      limit("c", "member ana", cap(50, "day")),
    ],
    when: open("h", 50),
    expect: { used: { "c ana": 50, "each ana": 0 } },
  },
  {
    name: "also when its own is no limit at all",
    given: [
      grant("a", 100),
      limit("each", "eachMember", cap(10, "day")),
      limit("c", "member ana", cap(null, "day")),
    ],
    when: open("h", 100),
    expect: { event: { counts: [] } },
  },
  {
    name: "but not the default of another window",
    given: [
      grant("a", 100),
      limit("each", "eachMember", cap(10, "day")),
      limit("c", "member ana", cap(50, "month")),
    ],
    when: open("h", 11),
    expect: reached(
      { kind: "member", id: "ana", limit: "each", inherited: true },
      { requested: 11, cap: 10, used: 0, retryAt: null },
    ),
  },
  {
    name: "a group's limit is a total of its members, and all groups count",
    given: [
      grant("a", 100),
      group("red"),
      group("blue"),
      member("ana", { groups: ["red", "blue"] }),
      member("ben", { groups: ["blue"] }),
      limit("r", "group red", cap(50, "day")),
      limit("c", "group blue", cap(10, "day")),
      open("h", 6),
    ],
    when: open("i", 5, { member: "ben" }),
    expect: reached(
      { kind: "group", id: "blue", limit: "c" },
      { requested: 5, cap: 10, used: 6, retryAt: midnight },
    ),
  },
  {
    name: "a sponsor's limits include what acts for her",
    given: [
      grant("a", 100),
      member("ana"),
      agent("bot", "ana"),
      agent("sub", "bot"),
      limit("c", "member ana", cap(10, "day")),
      open("h", 6),
    ],
    when: open("i", 5, { member: "sub" }),
    expect: reached(anas, { requested: 5, cap: 10, used: 6, retryAt: midnight }),
  },
  {
    name: "and so do her groups'",
    given: [
      grant("a", 100),
      group("red"),
      member("ana", { groups: ["red"] }),
      agent("bot", "ana"),
      limit("c", "group red", cap(10, "day")),
    ],
    when: open("i", 5, { member: "bot" }),
    expect: { used: { c: 5 } },
  },
  {
    name: "of one node the cap with least left is named",
    given: [
      grant("a", 100),
      limit("c", "member ana", cap(10, "day")),
      limit("b", "member ana", cap(20, "month")),
      open("h", 10),
    ],
    when: open("i", 11),
    expect: reached(anas, { requested: 11, cap: 10, used: 10, retryAt: null }),
  },
  {
    name: "of caps with as little left, the one that frees last",
    given: [
      grant("a", 100),
      limit("b", "member ana", cap(10, "day")),
      limit("c", "member ana", cap(10, "month")),
      open("h", 10),
    ],
    when: open("i", 1),
    expect: reached(anas, {
      requested: 1,
      cap: 10,
      used: 10,
      retryAt: Date.UTC(2026, 1, 1),
    }),
  },
]);

scenarios("a cap counts at authorization and is corrected in that window only (RULES 4)", [
  {
    name: "settling below the hold gives back",
    given: [grant("a", 100), limit("c", "workspace", cap(50, "day")), open("h", 30)],
    when: settle("h", 20),
    expect: { used: { c: 20 }, event: { counts: [count("c@3.0", -10)] } },
  },
  {
    name: "an overrun counts on, past the cap, and says that it is reached",
    given: [grant("a", 100), limit("c", "workspace", cap(50, "day")), open("h", 30)],
    when: settle("h", 70),
    expect: {
      used: { c: 70 },
      notices: [{ kind: "limit.reached", scope: whole, used: 70, cap: 50 }],
    },
  },
  {
    name: "a debit that reaches a cap says so too",
    given: [grant("a", 100), limit("c", "eachMember", cap(50, "day"))],
    when: debit("d", 60),
    expect: {
      notices: [{ kind: "limit.reached", scope: { ...anas, inherited: true }, used: 60, cap: 50 }],
    },
  },
  {
    name: "releasing gives all back",
    given: [grant("a", 100), limit("c", "workspace", cap(50, "day")), open("h", 30)],
    when: release("h"),
    expect: { used: { c: 0 } },
  },
  {
    name: "so does expiring",
    given: [grant("a", 100), limit("c", "workspace", cap(50, "day")), open("h", 30)],
    when: { afterMs: 5 * minute },
    expect: { used: { c: 0 } },
  },
  {
    name: "a late settle counts again, in the window of the authorization",
    given: [grant("a", 100), limit("c", "workspace", cap(50, "day")), open("h", 30)],
    when: after(5 * minute, settle("h", 20)),
    expect: { used: { c: 20 } },
  },
  {
    name: "but not when that window is over",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(50, "day")),
      open("h", 30, allDay),
      after(12 * hour, open("i", 1)),
    ],
    when: settle("h", 20),
    expect: { event: { counts: [] }, used: { c: 1 } },
  },
  {
    name: "at the very end of a window it is over",
    given: [grant("a", 100), limit("c", "workspace", cap(50, "day")), open("h", 30, allDay)],
    when: after(12 * hour, settle("h", 20)),
    expect: { event: { counts: [] } },
  },
  {
    name: "one instant before, it is not",
    given: [grant("a", 100), limit("c", "workspace", cap(50, "day")), open("h", 30, allDay)],
    when: after(12 * hour - 1, settle("h", 20)),
    expect: { event: { counts: [count("c@3.0", -10)] } },
  },
  {
    name: "partial settles keep the hold's count, and an extension adds its own",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(50, "day")),
      open("h", 30),
      part("h", 10),
      extend("h", 5),
    ],
    when: part("h", 10),
    expect: { used: { c: 35 } },
  },
  {
    name: "what comes back is taken from the newest authorization first",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(50, "day")),
      open("h", 30, allDay),
      after(12 * hour, extend("h", 10)),
    ],
    when: settle("h", 25),
    expect: { used: { c: 0 }, event: { counts: [count("c@3.0", -10, midnight)] } },
  },
  {
    name: "a refund gives back, while the window is open",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(50, "day")),
      open("h", 30),
      settle("h", 30),
    ],
    when: refund("r", "h", 12),
    expect: { used: { c: 18 } },
  },
  {
    name: "an overrun of a hold of 0 is counted",
    given: [grant("a", 100), limit("c", "workspace", cap(50, "day")), open("h", 0)],
    when: settle("h", 7),
    expect: { used: { c: 7 } },
  },
]);

scenarios("a window that opens by first use", [
  {
    name: "opens at the first approved hold above 0",
    given: [grant("a", 100), limit("c", "workspace", cap(10, fiveHours)), open("z", 0)],
    when: after(hour, open("h", 10)),
    expect: {
      notices: [{ kind: "limit.reached", resetsAt: noon + 6 * hour }],
      used: { c: 10 },
    },
  },
  {
    name: "stays open although that hold is released",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(10, fiveHours)),
      open("h", 10),
      release("h"),
      after(4 * hour, open("i", 10)),
    ],
    when: open("j", 1),
    expect: reached(whole, { requested: 1, cap: 10, used: 10, retryAt: noon + 5 * hour }),
  },
  {
    name: "ends five hours later, and the next use opens another",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(10, fiveHours)),
      open("h", 10, allDay),
      after(5 * hour, open("i", 10, allDay)),
    ],
    when: after(hour, open("j", 1)),
    expect: reached(whole, { requested: 1, cap: 10, used: 10, retryAt: noon + 10 * hour }),
  },
  {
    name: "a hold of 0 in an open window counts its overrun there",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(10, fiveHours)),
      open("h", 1),
      open("z", 0),
    ],
    when: settle("z", 3),
    expect: { used: { c: 4 } },
  },
]);

scenarios("a rolling window has 60 buckets", [
  {
    name: "use counts until its bucket, of a minute here, has left the hour",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(10, lastHour)),
      after(30 * 1_000, open("h", 4, allDay)),
      after(10 * minute, open("i", 6, allDay)),
    ],
    when: after(49 * minute + 29_999, open("j", 4)),
    expect: reached(whole, { requested: 4, cap: 10, used: 10, retryAt: noon + hour }),
  },
  {
    name: "then it is free again",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(10, lastHour)),
      after(30 * 1_000, open("h", 4, allDay)),
      after(10 * minute, open("i", 6, allDay)),
    ],
    when: after(49 * minute + 30_000, open("j", 4)),
    expect: { event: { kind: "hold.opened" }, used: { c: 10 } },
  },
  {
    name: "a refusal says when enough buckets have left",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(10, lastHour)),
      open("h", 4, allDay),
      after(10 * minute, open("i", 6, allDay)),
    ],
    when: open("j", 5),
    expect: reached(whole, {
      requested: 5,
      cap: 10,
      used: 10,
      retryAt: noon + 70 * minute,
    }),
  },
  {
    name: "corrections go to the bucket of the authorization",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(10, lastHour)),
      open("h", 8, allDay),
      after(10 * minute, open("i", 2, allDay)),
      after(10 * minute, settle("h", 3)),
    ],
    when: after(40 * minute, open("j", 8)),
    expect: { event: { kind: "hold.opened" }, used: { c: 10 } },
  },
]);

scenarios("setting limits", [
  {
    name: "unknown_group stands above a window without length",
    when: limit("c", "group red", cap(1, { kind: "rolling", durationMs: 0 })),
    expect: { rejected: { code: "unknown_group", group: "red" } },
  },
  {
    name: "a window without length is refused",
    when: limit("c", "workspace", cap(1, { kind: "rolling", durationMs: 0 })),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "cap.window",
        reason: "A window is more than nothing and at most 366 days long.",
      },
    },
  },
  {
    name: "so is one of years",
    when: limit("c", "workspace", cap(1, { kind: "onFirstUse", durationMs: 400 * day })),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "cap.window",
        reason: "A window is more than nothing and at most 366 days long.",
      },
    },
  },
  {
    name: "raising a cap keeps what it counted",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(10, "day")),
      open("h", 10),
      limit("c", "workspace", cap(15, "day")),
    ],
    when: open("i", 6),
    expect: reached(whole, { requested: 6, cap: 15, used: 10, retryAt: midnight }),
  },
  {
    name: "another window counts from nothing",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(10, "day")),
      open("h", 10),
      limit("c", "workspace", cap(10, "month")),
    ],
    when: open("i", 10),
    expect: { event: { kind: "hold.opened" }, used: { c: 10 } },
  },
  {
    name: "a hold that an earlier rule counted is never corrected in the windows of a later one",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(10, "day")),
      open("h", 10),
      removeLimit("c"),
      limit("c", "workspace", cap(10, "day")),
      open("i", 4),
    ],
    when: release("h"),
    expect: { event: { counts: [] }, used: { c: 4 } },
  },
  {
    name: "a removed limit stops nobody",
    given: [grant("a", 100), limit("c", "workspace", cap(0, "day")), removeLimit("c")],
    when: open("h", 10),
    expect: { event: { counts: [] } },
  },
  {
    name: "unknown_limit",
    when: removeLimit("c"),
    expect: { rejected: { code: "unknown_limit", limit: "c" } },
  },
  {
    name: "a change of zone leaves the open window as it is",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(10, "day")),
      open("h", 10),
      update({ timeZone: "Pacific/Kiritimati" }),
    ],
    when: open("i", 1),
    expect: reached(whole, { requested: 1, cap: 10, used: 10, retryAt: midnight }),
  },
  {
    name: "and the next window begins where that one ended",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(10, "day")),
      open("h", 10, allDay),
      update({ timeZone: "Pacific/Kiritimati" }),
    ],
    when: after(12 * hour, open("i", 5)),
    expect: {
      event: {
        counts: [
          { counter: "c@3.0", limit: "c", start: midnight, end: midnight + 10 * hour, credits: 5 },
        ],
      },
    },
  },
]);

function count(counter: string, amount: number, start = noon - 12 * hour): object {
  return { counter, limit: "c", start, end: start + day, credits: amount };
}
