import { type LimitRule, type OpenHold, credits, instant } from "@cistern/kernel";
import { type Step, scenarios } from "./check.ts";
import {
  cap,
  day,
  deactivate,
  grant,
  group,
  hour,
  limit,
  member,
  noon,
  open,
  rate,
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
