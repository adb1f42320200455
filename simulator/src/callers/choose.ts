/** Owns what callers ask for: everything that the API offers, in proportions that keep a pool near its end. */
import { instant } from "@cistern/kernel";
import type { Instant } from "@cistern/kernel";
import type { Question } from "../history/call.ts";
import { type Choice, type Choosing, members } from "./choice.ts";
import { chooseAlert } from "./choose-alerts.ts";
import { chooseBilled } from "./choose-billed.ts";
import { grant, revoke } from "./choose-grants.ts";
import { mistake } from "./choose-mistakes.ts";
import { chooseRequest } from "./choose-requests.ts";
import { chooseRun } from "./choose-runs.ts";
import { choosePolicy } from "./choose-policies.ts";
import { chooseLimit } from "./choose-limits.ts";
import { chooseGoing, choosePerson, chooseSettings } from "./choose-rules.ts";
import { chooseShares } from "./choose-shares.ts";
import type { Focus } from "./known.ts";
import { debit, extend, hold, refund, release, settle, someHold } from "./choose-spending.ts";

/** Chooses one. */
export function choose(choosing: Choosing): Choice {
  const { chance, known } = choosing;
  if (known.billing !== undefined && chance.happens(0.35))
    return chooseBilled(choosing, known.billing);
  const often = (focus: Focus): boolean => chance.happens(known.focus === focus ? 0.15 : 0.02);
  if (often("requests")) return chooseRequest(choosing);
  if (often("alerts")) return chooseAlert(choosing);
  if (known.focus === "limits" && often("limits")) return chooseLimit(choosing);
  if (known.focus === "people" && often("people")) return chooseGoing(choosing);
  if (known.focus === "prepaid" && chance.happens(0.1)) return chooseRun(choosing);
  if (known.isShared && chance.happens(0.1)) return chooseShares(choosing);
  // Nobody sets limits where all is to go past the pool.
  const rules = known.focus === "overage" ? 0 : 1;
  const what = chance.weighted([
    ["hold", 40],
    ["settle", 22],
    ["release", 6],
    ["extend", 5],
    ["debit", 5],
    ["refund", 4],
    ["grant", 4 * rules],
    ["revoke", 1.5],
    ["limit", 2.5 * rules],
    ["member", 2.5],
    ["settings", 1.5 * rules],
    ["policy", 2],
    ["read", 8],
    ["run", 5],
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
    case "policy":
      return choosePolicy(choosing);
    case "settings":
      return chooseSettings(choosing);
    case "run":
      return chooseRun(choosing);
    case "read":
      return read(choosing);
    case "mistake":
      return mistake(choosing);
    case "hold":
    case undefined:
      return hold(choosing);
  }
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
  if (what === "balanceAt") {
    // Sometimes the very instant of an event.
    const ago = chance.around(chance.pick([100, 3_000, 600_000]));
    const isExact = chance.happens(0.5) && known.lastAt !== undefined && known.lastAt < now;
    return { kind: "balanceAt", instantMs: isExact ? (known.lastAt ?? now) : now - ago };
  }
  if (what === "allowance") {
    const isOfShare = known.isShared && chance.happens(0.6);
    return { kind: isOfShare ? "share" : "allowance", member: chance.pick(members) };
  }
  const found = someHold(choosing) ?? chance.pick(known.charged);
  if (what === "hold" && found !== undefined) return { kind: "hold", hold: found.id };
  const quoted = hold(choosing);
  if (what === "quote" && quoted.kind === "command")
    return { kind: "quote", command: quoted.command };
  return { kind: "balance" };
}
