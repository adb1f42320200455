/** Owns how callers set limits while others spend under them: one, many at once, or an amount in equal parts. */
import { credits } from "@cistern/kernel";
import type { Command, Limit, LimitRule, LimitScope, Window } from "@cistern/kernel";
import type { Chance } from "../world/chance.ts";
import { type Choice, type Choosing, groups, keyed, members } from "./choice.ts";

const limitNames = ["limit-1", "limit-2", "limit-3", "limit-4", "limit-5"] as const;

/** A limit set anew, or removed; some of them at once. */
export function chooseLimit(choosing: Choosing): Choice {
  const { chance, known } = choosing;
  if (chance.happens(0.25)) return chance.happens(0.5) ? many(choosing) : splitOf(choosing);
  const limit = chance.pick(limitNames);
  if (known.limits.has(limit) && chance.happens(0.25)) return keyed({ kind: "removeLimit", limit });
  return { kind: "command", command: limitOf(choosing, limit), key: "none" };
}

/** A limit; `number` makes its figure its own, so that each PUT can be told from the next. */
export function limitOf(
  { chance, known, number }: Pick<Choosing, "chance" | "known" | "number">,
  limit: string,
): Command {
  // Where members ask for more, caps are soon reached.
  const isTight = known.focus === "requests" && chance.happens(0.8);
  return {
    kind: "putLimit",
    limit,
    scope: scope(chance),
    rule: isTight ? tight(chance, number) : rule(chance, number),
  };
}

function tight(chance: Chance, number: number): LimitRule {
  const cap = credits(BigInt(chance.between(5, 50)) * 1_000_000n + BigInt(number));
  return { kind: "cap", credits: cap, window: window(chance) };
}

/** All, or none: now and then one that is named twice. */
function many({ chance, known, number }: Choosing): Choice {
  const limits: readonly Limit[] = limitNames
    .filter(() => chance.happens(0.4))
    .map((id) => ({ id, scope: scope(chance), rule: rule(chance, number) }));
  const isTaken = (name: string): boolean => limits.some(({ id }) => id === name);
  const remove = [...known.limits].filter(
    (name) => chance.happens(0.15) && (!isTaken(name) || chance.happens(0.05)),
  );
  return keyed({ kind: "putLimits", limits, remove });
}

/** Credits for each person of a group, or of the workspace. */
function splitOf({ chance, number }: Choosing): Choice {
  const isOfGroup = chance.happens(0.6);
  return keyed({
    kind: "splitLimit",
    name: chance.pick(["part", "share"] as const),
    among: isOfGroup ? { kind: "group", id: chance.pick(groups) } : { kind: "workspace" },
    credits: credits(BigInt(chance.between(20, 400)) * 1_000_000n + BigInt(number)),
    window: window(chance),
  });
}

function scope(chance: Chance): LimitScope {
  const kind = chance.pick(["workspace", "group", "member", "eachMember"] as const);
  if (kind === "group") return { kind, id: chance.pick(groups) };
  if (kind === "member") return { kind, id: chance.pick(members) };
  return { kind };
}

function rule(chance: Chance, number: number): LimitRule {
  const kind = chance.weighted([
    ["cap", 42],
    ["rate", 28],
    ["percent", 15],
    ["overage", 15],
  ]);
  const mark = BigInt(number);
  if (kind === "rate") return rate(chance, mark);
  if (kind === "percent") {
    // Thousands by chance, and the number below.
    const percentBps = chance.pick([0, 1_000, 2_000, 4_000, 7_000] as const) + (number % 1_000);
    return { kind: "cap", percentBps, window: calendar(chance) };
  }
  const isNone = chance.happens(0.07);
  if (kind === "overage") {
    const most = credits(BigInt(chance.between(0, 20)) * 1_000_000n + mark);
    return { kind, credits: isNone ? null : most, window: calendar(chance) };
  }
  const cap = credits(BigInt(chance.between(5, 600)) * 1_000_000n + mark);
  return { kind: "cap", credits: isNone ? null : cap, window: window(chance) };
}

function rate(chance: Chance, mark: bigint): LimitRule {
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

const calendar = (chance: Chance) =>
  ({ kind: "calendar", unit: chance.pick(["hour", "day", "week", "month"] as const) }) as const;

function window(chance: Chance): Window {
  const kind = chance.pick(["calendar", "rolling", "onFirstUse"] as const);
  if (kind === "calendar") return calendar(chance);
  return { kind, durationMs: chance.pick([700, 5_000, 60_000, 3_600_000] as const) };
}
