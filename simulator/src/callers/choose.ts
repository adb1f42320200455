/** Owns what callers ask for: everything that the API offers, in proportions that keep a pool near its end. */
import { credits, instant, money, noCredits } from "@cistern/kernel";
import type { Amount, Command, Grant, Instant, Restriction } from "@cistern/kernel";
import type { Question } from "../history/call.ts";
import type { Chance } from "../world/chance.ts";
import type { Known } from "./known.ts";
import type { CommandOperation } from "./operation.ts";
import { chooseLimit, choosePerson, chooseSettings, memberOf } from "./choose-rules.ts";

/** The members that callers name; the last ones are never registered. */
export const members = ["ana", "ben", "cleo", "dan", "agent-1", "key-1", "guest-1", "guest-2"] as const;
/** The groups of every workspace. */
export const groups = ["growth", "design"] as const;

/** What a choice is made with. */
export interface Choosing {
  readonly chance: Chance;
  readonly known: Known;
  readonly nowMs: number;
  /** A number that no other operation has, to tell one PUT from the next. */
  readonly number: number;
}

/** A command and the kind of its key, or a question. */
export type Choice =
  | { readonly kind: "command"; readonly command: Command; readonly key: CommandOperation["key"] }
  | { readonly kind: "read"; readonly question: Question };

/** Chooses one. */
export function choose(choosing: Choosing): Choice {
  const { chance } = choosing;
  const what = chance.weighted([
    ["hold", 40],
    ["settle", 22],
    ["release", 6],
    ["extend", 5],
    ["debit", 5],
    ["refund", 4],
    ["grant", 4],
    ["revoke", 1.5],
    ["limit", 2.5],
    ["member", 2.5],
    ["settings", 1.5],
    ["read", 8],
    ["mistake", 0.8],
  ]);
  switch (what) {
    case "settle":
      return settle(choosing) ?? hold(choosing);
    case "release":
      return release(choosing) ?? hold(choosing);
    case "extend":
      return extend(choosing) ?? hold(choosing);
    case "refund":
      return refund(choosing) ?? hold(choosing);
    case "revoke":
      return revoke(choosing) ?? grant(choosing);
    case "debit":
      return debit(choosing);
    case "grant":
      return grant(choosing);
    case "limit":
      return chooseLimit(choosing);
    case "member":
      return choosePerson(choosing);
    case "settings":
      return chooseSettings(choosing);
    case "read":
      return read(choosing);
    case "mistake":
      return mistake(choosing);
    case "hold":
    case undefined:
      return hold(choosing);
  }
}

const keyed = (command: Command): Choice => ({ kind: "command", command, key: "own" });

function hold({ chance }: Choosing): Choice {
  return keyed({ ...call(chance), kind: "openHold", hold: "", ttlMs: ttl(chance) });
}

/** What a caller should not ask, and is refused. */
function mistake({ chance, number }: Choosing): Choice {
  const what = chance.weighted([
    ["model", 2],
    ["run", 1],
    ["grant", 1],
    ["hold", 1],
    ["workspace", 1],
    ["group", 1],
  ]);
  const nobody = `nobody-${number}`;
  const common = { ...call(chance), hold: "", ttlMs: ttl(chance) };
  switch (what) {
    case "model": {
      const amount: Amount = { kind: "usage", usage: { images: 1 } };
      return keyed({ ...common, kind: "openHold", meter: "image", model: nobody, amount });
    }
    case "run":
      return keyed({ ...common, kind: "openHold", run: nobody });
    case "grant":
      return keyed({ kind: "revoke", grant: nobody, credits: null });
    case "workspace":
      return keyed({ kind: "createWorkspace", workspace: { ...plainWorkspace, id: nobody } });
    case "group":
      return {
        kind: "command",
        command: { ...memberOf(chance, "ana"), groups: [nobody] },
        key: "none",
      };
    case "hold":
    case undefined:
      return keyed({ kind: "releaseHold", hold: nobody, fingerprint: null, recalled: null });
  }
}

const plainWorkspace = {
  timeZone: "UTC",
  currency: "EUR",
  overage: { kind: "deny" },
  overrun: "cap_at_hold",
  members: "open",
  guestsMax: 1,
} as const;

function debit({ chance, nowMs }: Choosing): Choice {
  const happenedMs = chance.happens(0.3) ? nowMs - 1_000 - chance.around(5_000) : null;
  const occurredAt = happenedMs === null ? null : instant(happenedMs);
  return keyed({ ...call(chance), kind: "debit", debit: "", occurredAt });
}

function call(chance: Chance) {
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
    amount: amount(chance, meter),
    run: null,
    project: chance.happens(0.2) ? "spring" : null,
    attributes: null,
  } as const;
}

function amount(chance: Chance, meter: string | undefined): Amount {
  if (meter === "chat" && chance.happens(0.7))
    return { kind: "usage", usage: { input_text: chance.around(3_000_000) } };
  if (meter === "image" && chance.happens(0.7))
    return { kind: "usage", usage: { images: chance.around(200_000) } };
  return { kind: "credits", credits: some(chance, 8) };
}

/** Micro-credits around so many credits, never round; now and then none. */
function some(chance: Chance, mean: number): ReturnType<typeof credits> {
  if (chance.happens(0.02)) return noCredits;
  if (chance.happens(0.03)) return credits(BigInt(chance.around(mean * 40_000_000)));
  return credits(BigInt(chance.around(mean * 1_000_000)));
}

function ttl(chance: Chance): number {
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
function someHold({ chance, known }: Choosing): { id: string; credits: bigint } | undefined {
  const recent = known.open.slice(-12);
  if (chance.happens(0.12)) return chance.pick(known.ended.slice(-20)) ?? chance.pick(recent);
  return chance.happens(0.8) ? chance.pick(recent) : chance.pick(known.open);
}

function settle(choosing: Choosing): Choice | undefined {
  const { chance } = choosing;
  const found = someHold(choosing);
  if (found === undefined) return undefined;
  const isFinal = chance.happens(0.75);
  const parts = BigInt(chance.between(0, isFinal ? 125 : 45));
  const used: Amount = chance.happens(0.15)
    ? { kind: "usage", usage: { input_text: chance.around(2_000_000) } }
    : { kind: "credits", credits: credits((found.credits * parts) / 100n) };
  const command: Command = {
    kind: "settleHold",
    hold: found.id,
    amount: used,
    isFinal,
    fingerprint: null,
    recalled: null,
  };
  return { kind: "command", command, key: isFinal && chance.happens(0.7) ? "default" : "own" };
}

function release(choosing: Choosing): Choice | undefined {
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

function extend(choosing: Choosing): Choice | undefined {
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

function refund({ chance, known }: Choosing): Choice | undefined {
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

/** A grant; `mean` is in credits. */
export function grantOf(chance: Chance, nowMs: number, mean: number): Grant {
  const isLater = chance.happens(0.25);
  const effectiveAt = isLater ? instant(nowMs + chance.around(chance.pick([500, 5_000, 600_000]))) : null;
  const expiresAt = chance.happens(0.65)
    ? instant((effectiveAt ?? nowMs) + chance.around(chance.pick([800, 5_000, 60_000, 7_200_000])) + 2_000)
    : null;
  return {
    kind: "grant",
    grant: "",
    credits: credits(BigInt(chance.around(mean * 1_000_000))),
    source: chance.pick(["purchase", "promotion", "adjustment"] as const),
    cost: money(BigInt(chance.happens(0.3) ? 0 : chance.around(5_000))),
    currency: chance.happens(0.02) ? "XXX" : null,
    priority: chance.pick([10, 50, 50, 90] as const),
    effectiveAt,
    expiresAt,
    appliesTo: restriction(chance),
    reference: null,
  };
}

const grant = ({ chance, nowMs }: Choosing): Choice => keyed(grantOf(chance, nowMs, 90));

function restriction(chance: Chance): Restriction | null {
  if (!chance.happens(0.25)) return null;
  const one = chance.between(1, 4);
  if (one === 1) return { members: [chance.pick(members)] };
  if (one === 2) return { groups: [chance.pick(groups)] };
  if (one === 3) return { meters: ["chat"] };
  return { meters: ["image"], groups: [chance.pick(groups)] };
}

function revoke({ chance, known }: Choosing): Choice | undefined {
  const found = chance.pick(known.grants);
  if (found === undefined) return undefined;
  const part = chance.happens(0.5) ? null : some(chance, 10);
  return keyed({ kind: "revoke", grant: found, credits: part });
}

function read(choosing: Choosing): Choice {
  const { chance, nowMs } = choosing;
  const what = chance.weighted([
    ["balance", 3],
    ["balanceAt", 1],
    ["allowance", 3],
    ["hold", 2],
    ["quote", 2],
  ]);
  return { kind: "read", question: questionOf(what, choosing, instant(nowMs)) };
}

function questionOf(what: string | undefined, choosing: Choosing, now: Instant): Question {
  const { chance, known } = choosing;
  if (what === "balanceAt")
    return { kind: "balanceAt", instantMs: now - chance.around(chance.pick([100, 3_000, 600_000])) };
  if (what === "allowance") return { kind: "allowance", member: chance.pick(members) };
  const found = someHold(choosing) ?? chance.pick(known.charged);
  if (what === "hold" && found !== undefined) return { kind: "hold", hold: found.id };
  const quoted = hold(choosing);
  if (what === "quote" && quoted.kind === "command")
    return { kind: "quote", command: quoted.command };
  return { kind: "balance" };
}
