import { type LimitRule, type Scope, credits, instant } from "@cistern/kernel";
import { type Step, after, scenarios } from "./check.ts";
import {
  agent,
  cap,
  day,
  debit,
  debtUpTo,
  extend,
  grant,
  group,
  hour,
  limit,
  member,
  noon,
  open,
  part,
  refund,
  release,
  settle,
} from "./commands.ts";

const c = (amount: number): ReturnType<typeof credits> => credits(BigInt(amount));
const midnight = noon + 12 * hour;
const ceiling = (amount: number | null): LimitRule => ({
  kind: "overage",
  credits: amount === null ? null : c(amount),
  window: { kind: "calendar", unit: "day" },
});
const past = (
  numbers: { requested: number; cap: number; used: number; retryAt: number | null },
  scope: Scope = { kind: "member", id: "ana", limit: "c" },
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
      isOverage: true,
    },
  } as const;
};
const lent = { overage: debtUpTo(100) };
/** The pool has 10, and ana may take 5 past it a day. */
const small: readonly Step[] = [
  grant("a", 10),
  member("ana"),
  agent("bot", "ana"),
  limit("c", "member ana", ceiling(5)),
];

scenarios("a ceiling on overage bounds what one member takes past the pool", [
  {
    name: "what the pool carries passes it, however much",
    workspace: lent,
    given: [grant("b", 1_000), ...small],
    when: open("h", 1_010),
    expect: { event: { overage: 0 }, used: { "c ana": 0 } },
  },
  {
    name: "the part past the pool counts, and alone",
    workspace: lent,
    given: small,
    when: open("h", 15),
    expect: { event: { overage: 5 }, used: { "c ana": 5 } },
  },
  {
    name: "one more is refused, and the numbers are of what goes past the pool",
    workspace: lent,
    given: small,
    when: open("h", 16),
    expect: past({ requested: 6, cap: 5, used: 0, retryAt: null }),
  },
  {
    name: "others are not bound by it",
    workspace: lent,
    given: [...small, open("h", 15)],
    when: open("i", 50, { member: "ben" }),
    expect: { event: { overage: 50 } },
  },
  {
    name: "what acts for her is (RULES 3)",
    workspace: lent,
    given: [...small, open("h", 13)],
    when: open("i", 3, { member: "bot" }),
    expect: past({ requested: 3, cap: 5, used: 3, retryAt: midnight }),
  },
  {
    name: "an extension asks it too",
    workspace: lent,
    given: [...small, open("h", 13)],
    when: extend("h", 3),
    expect: past({ requested: 3, cap: 5, used: 3, retryAt: midnight }),
  },
  {
    name: "of a group it is one total",
    workspace: lent,
    given: [
      grant("a", 10),
      group("red"),
      member("ana", { groups: ["red"] }),
      member("ben", { groups: ["red"] }),
      limit("c", "group red", ceiling(5)),
      open("h", 13),
    ],
    when: open("i", 3, { member: "ben" }),
    expect: past(
      { requested: 3, cap: 5, used: 3, retryAt: midnight },
      { kind: "group", id: "red", limit: "c" },
    ),
  },
  {
    name: "of each member it is each one's, and her own none lifts it",
    workspace: lent,
    given: [
      grant("a", 10),
      limit("each", "eachMember", ceiling(0)),
      limit("c", "member ana", ceiling(null)),
    ],
    when: open("h", 20),
    expect: { event: { overage: 10 } },
  },
  {
    name: "0 is 0",
    workspace: lent,
    given: [grant("a", 10), limit("c", "member ana", ceiling(0))],
    when: open("h", 11),
    expect: past({ requested: 1, cap: 0, used: 0, retryAt: null }),
  },
  {
    name: "a cap of the same window stands beside it and is not replaced",
    workspace: lent,
    given: [...small, limit("cap", "eachMember", cap(12, "day"))],
    when: open("h", 13),
    expect: {
      rejected: {
        code: "limit_reached",
        scope: { kind: "member", id: "ana", limit: "cap", inherited: true },
        requested: c(13),
        available: c(12),
        missing: c(1),
        cap: c(12),
        used: c(0),
        retryAt: null,
      },
    },
  },
]);

scenarios("what counts is what was taken past the pool, corrected by what came of it (RULES 4)", [
  {
    name: "a settle below the hold gives it back first",
    workspace: lent,
    given: [...small, open("h", 15), settle("h", 12)],
    when: open("i", 3),
    expect: { event: { overage: 3 }, used: { "c ana": 5 } },
  },
  {
    name: "a release gives all of it back",
    workspace: lent,
    given: [...small, open("h", 15), release("h")],
    when: open("i", 15),
    expect: { used: { "c ana": 5 } },
  },
  {
    name: "so does an expiry",
    workspace: lent,
    given: [...small, open("h", 15)],
    when: after(hour, open("i", 15)),
    expect: { due: ["hold.expired"], used: { "c ana": 5 } },
  },
  {
    name: "an overrun of a hold that took none counts, and is not refused",
    workspace: lent,
    given: [...small, open("h", 10)],
    when: settle("h", 18),
    expect: { event: { debt: 8 }, used: { "c ana": 8 } },
  },
  {
    name: "usage that is reported counts, and is not refused",
    workspace: lent,
    given: small,
    when: debit("d", 17),
    expect: { event: { debt: 7 }, used: { "c ana": 7 } },
  },
  {
    name: "what was taken stays counted when a grant pays the debt",
    workspace: lent,
    given: [...small, debit("d", 15), grant("b", 5)],
    when: open("h", 1),
    expect: past({ requested: 1, cap: 5, used: 5, retryAt: midnight }),
  },
  {
    name: "a refund of what is owed gives it back",
    workspace: lent,
    given: [...small, debit("d", 15), refund("f", "d", 3)],
    when: open("h", 3),
    expect: { event: { overage: 3 }, used: { "c ana": 5 } },
  },
  {
    name: "a partial settle keeps the rest of the permission counted",
    workspace: lent,
    given: [...small, open("h", 15), part("h", 12)],
    when: open("i", 1),
    expect: past({ requested: 1, cap: 5, used: 5, retryAt: midnight }),
  },
  {
    name: "the next window begins at nothing",
    workspace: lent,
    given: [...small, debit("d", 15)],
    when: after(12 * hour, open("h", 5)),
    expect: { event: { overage: 5 }, used: { "c ana": 5 } },
  },
  {
    name: "and a settle of the day before corrects nothing in it",
    workspace: lent,
    given: [
      ...small,
      open("h", 15, { ttlMs: day }),
      after(12 * hour, open("i", 5)),
      settle("h", 10),
    ],
    when: open("j", 1),
    expect: past({ requested: 1, cap: 5, used: 5, retryAt: midnight + day }),
  },
  {
    name: "the call that brings it to its end says so",
    workspace: lent,
    given: small,
    when: open("h", 15),
    expect: {
      notices: [
        {
          kind: "limit.reached",
          scope: { kind: "member", id: "ana", limit: "c" },
          used: 5,
          cap: 5,
          resetsAt: midnight,
        },
      ],
    },
  },
]);
