/** Owns how callers change who is in a workspace, and its settings, while others spend. */
import { credits } from "@cistern/kernel";
import type { Command, PutMember } from "@cistern/kernel";
import type { Chance } from "../world/chance.ts";
import { type Choice, type Choosing, groups, keyed, members } from "./choice.ts";

/** A member registered, changed or deactivated. */
export function choosePerson({ chance }: Choosing): Choice {
  const member = chance.pick(members);
  if (chance.happens(0.15))
    return { kind: "command", command: { kind: "deactivateMember", member }, key: "own" };
  return { kind: "command", command: memberOf(chance, member), key: "none" };
}

/** Somebody goes while its calls are in flight, or comes back; or nobody may spend for a while. */
export function chooseGoing({ chance }: Choosing): Choice {
  const member = chance.pick(members);
  const what = chance.weighted([
    ["go", 4],
    ["come", 4],
    ["suspend", 1],
    ["activate", 3],
  ]);
  if (what === "go") return keyed({ kind: "deactivateMember", member });
  if (what === "come") return { kind: "command", command: memberOf(chance, member), key: "none" };
  const status = what === "suspend" ? "suspended" : "active";
  return keyed({ kind: "updateWorkspace", changes: { status } });
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
