/**
 * Owns which preset a replay speaks for (docs/decisions/0042): the one that denies least to members who ask for at most their fair share;
 * of those within a hundredth of their demand, the one that denies least in all; of those within a hundredth of all demand, the one in
 * force, else the earliest of balanced, strict, lend_early, off.
 */
import type { FairnessPreset } from "@cistern/kernel";
import type { FairnessReport } from "./fairness-replay.ts";

/** What a replay speaks for. `isChange`: it is not what is in force. */
export interface Recommendation {
  readonly preset: FairnessPreset;
  readonly isChange: boolean;
}

const preferred: readonly FairnessPreset[] = ["balanced", "strict", "lend_early", "off"];

/** A replay in which nothing was refused under the preset in force speaks for that. */
export function recommendPreset(
  { policies }: Pick<FairnessReport, "policies">,
  inForce: FairnessPreset,
): Recommendation {
  const lightMost = hundredth(policies[0]?.light.asked.credits ?? 0n);
  const fair = near(policies, ({ light }) => light.denied.credits, lightMost);
  const allMost = hundredth(policies[0]?.asked.credits ?? 0n);
  const best = near(fair, ({ denied }) => denied.credits, allMost);
  const order = [inForce, ...preferred];
  const preset = order.find((one) => best.some((policy) => policy.preset === one)) ?? inForce;
  return { preset, isChange: preset !== inForce };
}

const hundredth = (of: bigint): bigint => of / 100n;

function near<Policy>(
  policies: readonly Policy[],
  of: (policy: Policy) => bigint,
  most: bigint,
): readonly Policy[] {
  const [first, ...others] = policies.map(of);
  if (first === undefined) return policies;
  const least = others.reduce((a, b) => (b < a ? b : a), first);
  return policies.filter((policy) => of(policy) - least <= most);
}
