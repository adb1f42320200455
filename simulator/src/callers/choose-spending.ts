/** Owns how callers spend: amounts, lives and ends of holds, and usage after the fact. */
import { credits, instant, noCredits } from "@cistern/kernel";
import type { Amount, Command, Credits, SettleHold } from "@cistern/kernel";
import type { Chance } from "../world/chance.ts";
import { inRun } from "./choose-runs.ts";
import { type Choice, type Choosing, keyed, members } from "./choice.ts";

/** A hold asked for. */
export function hold(choosing: Choosing): Choice {
  const { chance } = choosing;
  return keyed({
    ...call(chance),
    ...inRun(choosing),
    kind: "openHold",
    hold: "",
    ttlMs: ttl(chance),
  });
}

/** Usage after the fact. */
export function debit(choosing: Choosing): Choice {
  const { chance, nowMs, known } = choosing;
  const { run = null } = inRun(choosing);
  // Where there are plans, some of it is of a period that is over.
  const ago = known.billing === undefined ? 5_000 : chance.pick([5_000, 9_000_000, 90_000_000]);
  const happenedMs = chance.happens(0.3) ? nowMs - 1_000 - chance.around(ago) : null;
  const occurredAt = happenedMs === null ? null : instant(happenedMs);
  return keyed({ ...call(chance), kind: "debit", debit: "", occurredAt, run });
}

/** Who calls, for what, and how much it asks. */
export function call(chance: Chance) {
  const meter = chance.weighted([
    ["none", 5],
    ["chat", 3],
    ["image", 2],
    ["unknown", 0.1],
  ]);
  return {
    member: chance.pick(members),
    meter: meter === undefined || meter === "none" ? null : meter,
    model: meter === "image" ? "px" : null,
    amount: amountOf(chance, meter),
    run: null,
    project: chance.happens(0.2) ? "spring" : null,
    attributes: null,
  } as const;
}

function amountOf(chance: Chance, meter: string | undefined): Amount {
  if (meter === "chat" && chance.happens(0.7))
    return { kind: "usage", usage: { input_text: chance.around(3_000_000) } };
  if (meter === "image" && chance.happens(0.7))
    return { kind: "usage", usage: { images: chance.around(200_000) } };
  return { kind: "credits", credits: some(chance, 8) };
}

/** Micro-credits around so many credits, never round; now and then none. */
export function some(chance: Chance, mean: number): ReturnType<typeof credits> {
  if (chance.happens(0.02)) return noCredits;
  if (chance.happens(0.03)) return credits(BigInt(chance.around(mean * 40_000_000)));
  return credits(BigInt(chance.around(mean * 1_000_000)));
}

/** How long a hold lives: mostly shorter than anybody waits. */
export function ttl(chance: Chance): number {
  const size = chance.weighted([
    ["short", 25],
    ["seconds", 40],
    ["minutes", 20],
    ["hours", 15],
  ]);
  switch (size) {
    case "short":
      return chance.between(40, 1_000);
    case "minutes":
      return chance.between(60_000, 600_000);
    case "hours":
      return chance.between(3_600_000, 86_400_000);
    case "seconds":
    case undefined:
      return chance.between(1_000, 10_000);
  }
}

/** Mostly a hold that is still open as far as anybody knows, sometimes one that was. */
export function someHold({ chance, known }: Choosing): { id: string; credits: bigint } | undefined {
  const recent = known.open.slice(-12);
  if (chance.happens(0.12)) return chance.pick(known.ended.slice(-20)) ?? chance.pick(recent);
  return chance.happens(0.8) ? chance.pick(recent) : chance.pick(known.open);
}

/** Mostly credits, else usage, or nobody knows. A part has no outcome, but for the few that are refused. */
function usedOf(
  { chance, known }: Choosing,
  said: Credits,
  isFinal: boolean,
): { used: SettleHold["amount"]; outcome: SettleHold["outcome"] } {
  const outcome = chance.happens(isFinal ? 0.2 : 0.02)
    ? chance.pick(["delivered", "partial", "failed", "cancelled"] as const)
    : null;
  // Where there are plans, more is counted in units: allowances are made of them.
  if (chance.happens(known.billing === undefined ? 0.15 : 0.45))
    return { used: { kind: "usage", usage: { input_text: chance.around(2_000_000) } }, outcome };
  if (isFinal && chance.happens(0.05))
    return { used: { kind: "unmeasured" }, outcome: outcome ?? "delivered" };
  return { used: { kind: "credits", credits: said }, outcome };
}

/** A hold settled, in part or whole, within it or beyond. */
export function settle(choosing: Choosing): Choice | undefined {
  const { chance } = choosing;
  const found = someHold(choosing);
  if (found === undefined) return undefined;
  const isFinal = chance.happens(0.75);
  const parts = BigInt(chance.between(0, isFinal ? 125 : 45));
  const { used, outcome } = usedOf(choosing, credits((found.credits * parts) / 100n), isFinal);
  const command: Command = {
    kind: "settleHold",
    hold: found.id,
    amount: used,
    outcome,
    // A call that was cut off was reckoned by its caller; whoever knows units has an answer of a provider.
    isEstimated: outcome === "partial" || outcome === "cancelled",
    response: used.kind === "usage" ? `response ${found.id}` : null,
    isFinal,
    fingerprint: null,
    recalled: null,
  };
  return { kind: "command", command, key: isFinal && chance.happens(0.7) ? "default" : "own" };
}

/** A hold given up. */
export function release(choosing: Choosing): Choice | undefined {
  const found = someHold(choosing);
  if (found === undefined) return undefined;
  const command: Command = {
    kind: "releaseHold",
    hold: found.id,
    fingerprint: null,
    recalled: null,
  };
  return { kind: "command", command, key: choosing.chance.happens(0.7) ? "default" : "own" };
}

/** More credits, more time, or both. */
export function extend(choosing: Choosing): Choice | undefined {
  const { chance } = choosing;
  const found = someHold(choosing);
  if (found === undefined) return undefined;
  const more = chance.happens(0.7) ? some(chance, 4) : noCredits;
  const ttlMs = chance.happens(0.6) ? ttl(chance) : null;
  return keyed({
    kind: "extendHold",
    hold: found.id,
    credits: more,
    ttlMs,
    recalled: null,
  });
}

/** A part of what was charged, or all of it. */
export function refund({ chance, known }: Choosing): Choice | undefined {
  const found = chance.pick(known.charged);
  if (found === undefined) return undefined;
  const part = credits((found.credits * BigInt(chance.between(1, 120))) / 100n);
  const back = chance.happens(0.3) ? null : part;
  return keyed({
    kind: "refund",
    refund: "",
    of: found.id,
    credits: back,
    reason: "failed",
    recalled: null,
  });
}
