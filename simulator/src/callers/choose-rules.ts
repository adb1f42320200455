/** Owns how callers change the rules of a workspace while others spend under them. */
import { credits } from "@cistern/kernel";
import type { Command, LimitRule, LimitScope, PutMember, Window } from "@cistern/kernel";
import type { Chance } from "../world/chance.ts";
import { type Choice, type Choosing, groups, members } from "./choice.ts";

const limitNames = ["limit-1", "limit-2", "limit-3", "limit-4", "limit-5"] as const;

/** A limit set anew, or removed. */
export function chooseLimit({ chance, known, number }: Choosing): Choice {
  const limit = chance.pick(limitNames);
  if (known.limits.has(limit) && chance.happens(0.25))
    return { kind: "command", command: { kind: "removeLimit", limit }, key: "own" };
  return { kind: "command", command: limitOf(chance, limit, number), key: "none" };
}

/** A limit; `number` makes its figure its own, so that each PUT can be told from the next. */
export function limitOf(chance: Chance, limit: string, number: number): Command {
  return { kind: "putLimit", limit, scope: scope(chance), rule: rule(chance, BigInt(number)) };
}

function scope(chance: Chance): LimitScope {
  const kind = chance.pick(["workspace", "group", "member", "eachMember"] as const);
  if (kind === "group") return { kind, id: chance.pick(groups) };
  if (kind === "member") return { kind, id: chance.pick(members) };
  return { kind };
}

function rule(chance: Chance, mark: bigint): LimitRule {
  if (chance.happens(0.3)) {
    const isRequests = chance.happens(0.5);
    const scale = isRequests ? 1n : 1_000_000n;
    return {
      kind: "rate",
      unit: isRequests ? "requests" : "credits",
      quantity: BigInt(chance.between(5, 90)) * scale,
      perMs: chance.pick([1_000, 60_000, 7_000] as const) + Number(mark),
      burst: BigInt(chance.between(5, 90)) * scale,
    };
  }
  if (chance.happens(0.05)) return { kind: "cap", credits: null, window: window(chance) };
  const cap = credits(BigInt(chance.between(5, 600)) * 1_000_000n + mark);
  return { kind: "cap", credits: cap, window: window(chance) };
}

function window(chance: Chance): Window {
  const kind = chance.pick(["calendar", "rolling", "onFirstUse"] as const);
  if (kind === "calendar")
    return { kind, unit: chance.pick(["hour", "day", "week", "month"] as const) };
  return { kind, durationMs: chance.pick([700, 5_000, 60_000, 3_600_000] as const) };
}

/** A member registered, changed or deactivated. */
export function choosePerson({ chance }: Choosing): Choice {
  const member = chance.pick(members);
  if (chance.happens(0.15))
    return { kind: "command", command: { kind: "deactivateMember", member }, key: "own" };
  return { kind: "command", command: memberOf(chance, member), key: "none" };
}

/** A member as somebody might register it. */
export function memberOf(chance: Chance, member: string): PutMember {
  const kind = member.startsWith("agent") ? "agent" : member.startsWith("key") ? "key" : "person";
  const own = groups.filter(() => chance.happens(0.45));
  const sponsor = kind === "person" || chance.happens(0.3) ? null : chance.pick(members);
  return { kind: "putMember", member, memberKind: kind, groups: own, home: null, sponsor };
}

/** The workspace's own settings. */
export function chooseSettings({ chance, known }: Choosing): Choice {
  const what = chance.weighted([
    ["overage", 4],
    ["overrun", 2],
    ["suspend", 0.6],
    ["activate", 3],
    ["members", 0.6],
  ]);
  return {
    kind: "command",
    command: {
      kind: "updateWorkspace",
      changes: changesOf(chance, what, known.billing !== undefined),
    },
    key: "own",
  };
}

function changesOf(
  chance: Chance,
  what: string | undefined,
  isBilled: boolean,
): Extract<Command, { kind: "updateWorkspace" }>["changes"] {
  switch (what) {
    case "overage":
      return { overage: overageOf(chance, isBilled), status: "active" };
    case "overrun":
      return { overrun: chance.pick(["draw_more_then_debt", "cap_at_hold"] as const) };
    case "suspend":
      return { status: "suspended" };
    case "members":
      return {
        members: chance.pick(["open", "open", "known"] as const),
        guestsMax: chance.between(1, 3),
      };
    default:
      return { status: "active" };
  }
}

/** What happens past the pool. */
export function overageOf(chance: Chance, isBilled: boolean) {
  // Where there are plans, it is mostly theirs to say.
  if (isBilled && chance.happens(0.7)) return { kind: "plan" } as const;
  if (chance.happens(0.5)) return { kind: "deny" } as const;
  const limit = credits(BigInt(chance.around(40_000_000)));
  return { kind: "debt", limit } as const;
}
