/** Owns how callers say what is acceptable use, and accept it. */
import type { Command, Policy, PolicyScope, WeeklyHours } from "@cistern/kernel";
import type { Chance } from "../world/chance.ts";
import { type Choice, type Choosing, groups, keyed, members } from "./choice.ts";

const policyNames = ["policy-1", "policy-2"] as const;

/** A policy set anew, removed, or accepted. */
export function choosePolicy({ chance, known, number }: Choosing): Choice {
  const policy = chance.pick(policyNames);
  const version = known.texts.get(policy);
  if (version !== undefined && chance.happens(0.55))
    return keyed({ kind: "acceptPolicy", policy, member: chance.pick(members), version });
  if (known.policies.has(policy) && chance.happens(0.5))
    return keyed({ kind: "removePolicy", policy });
  return { kind: "command", command: putPolicy(chance, policy, number), key: "none" };
}

/** `number` makes its text, or a meter in it that nobody calls, its own, so that each PUT can be told from the next. */
function putPolicy(chance: Chance, id: string, number: number): Command {
  const isText = chance.happens(0.4);
  const text = isText ? { version: `v${number}`, hash: `#${number}` } : null;
  const meters = chance.happens(0.6) ? [...(chance.pick(lists) ?? []), `m${number}`] : null;
  const policy: Policy = {
    id,
    scope: scope(chance),
    meters: text === null && meters === null ? [`m${number}`, "*"] : meters,
    models: chance.happens(0.2) ? [chance.pick(["px", "p*", "q"] as const)] : null,
    hours: chance.happens(0.4) ? [hours(chance)] : null,
    text,
    mustAccept: isText && chance.happens(0.7),
  };
  return { kind: "putPolicy", policy };
}

const lists = [["chat", "image"], ["ch*"], ["*a*"]] as const;

/** Mostly of few, so that a workspace does not stand still. */
function scope(chance: Chance): PolicyScope {
  if (chance.happens(0.5)) return { kind: "member", id: chance.pick(members) };
  return chance.happens(0.8) ? { kind: "group", id: chance.pick(groups) } : { kind: "workspace" };
}

function hours(chance: Chance): WeeklyHours {
  const days = [1, 2, 3, 4, 5, 6, 7].filter(() => chance.happens(0.7));
  const fromMinute = chance.between(0, 1_439);
  const toMinute = (fromMinute + chance.between(1, 1_439)) % 1_440;
  return { days: days.length === 0 ? [3] : days, fromMinute, toMinute };
}
