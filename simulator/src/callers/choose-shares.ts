/** Owns how a workspace shares its pool, and what its owners change of that while others spend. */
import { type Command, type FairnessSetting, credits } from "@cistern/kernel";
import type { Chance } from "../world/chance.ts";
import { type Choice, type Choosing, groups, keyed, members } from "./choice.ts";
import { some } from "./choose-spending.ts";

/** A policy, mostly one of those that share; now and then with knobs of its own. */
export function fairnessOf(chance: Chance): FairnessSetting {
  const preset = chance.pick(["strict", "balanced", "balanced", "lend_early"] as const);
  if (!chance.happens(0.3)) return { preset };
  return {
    preset,
    reserve: chance.pick([0, 333, 900, 1_000] as const),
    reach: chance.pick([0, 250, 1_500, 100_000] as const),
  };
}

/** A gift, a guarantee of a member or a group, the reach of one member, or another policy. */
export function chooseShares({ chance }: Choosing): Choice {
  const what = chance.weighted([
    ["gift", 6],
    ["guarantee", 3],
    ["reach", 2],
    ["policy", 1.5],
  ]);
  const member = chance.pick(members);
  switch (what) {
    case "guarantee":
      if (chance.happens(0.4)) return keyed(together(chance));
      return keyed({ kind: "setGuarantee", member, credits: some(chance, 6) });
    case "reach":
      return keyed({ kind: "setReach", member, reach: chance.pick([0, 300, 1_000] as const) });
    case "policy":
      return keyed({ kind: "updateWorkspace", changes: { fairness: anotherPolicy(chance) } });
    case "gift":
    case undefined: {
      const given = credits(BigInt(chance.around(chance.pick([900_000, 6_000_000] as const))));
      const to = chance.pick(members);
      return keyed({ kind: "giftReserve", gift: "", from: member, to, credits: given });
    }
  }
}

/** A group's guarantee: at times more than the pool has. */
const together = (chance: Chance): Command => ({
  kind: "setGroupGuarantee",
  group: chance.pick(groups),
  credits: some(chance, 30),
});

function anotherPolicy(chance: Chance): FairnessSetting {
  if (chance.happens(0.15)) return { preset: chance.pick(["off", "plan"] as const) };
  return fairnessOf(chance);
}
