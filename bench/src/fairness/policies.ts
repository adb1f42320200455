/** Owns the ways of sharing that stand side by side. All of them are settings of one product: its limits, and its fairness. */
import { type FairnessPreset, type LimitRule, credits } from "@cistern/kernel";
import { KernelWorkspace } from "./kernel-workspace.ts";
import type { Policy } from "./pool.ts";
import { periodMs } from "./workload.ts";

/** First come, first served: the preset `off`. */
export const firstCome: Policy = {
  name: "fcfs",
  open: (setup) => new KernelWorkspace({ ...setup, preset: "off" }),
};

/** Nobody may use more than twice a share, whatever is left. */
const caps: Policy = {
  name: "caps",
  open: (setup) =>
    new KernelWorkspace({
      ...setup,
      preset: "off",
      eachMember: {
        kind: "cap",
        credits: credits((2n * setup.budget) / BigInt(setup.members)),
        window: { kind: "calendar", unit: "month" },
      },
    }),
};

/** Everybody has a bucket that fills at three times the even pace, and holds what comes in a day. */
const tokenBucket: Policy = {
  name: "token_bucket",
  open: (setup) => new KernelWorkspace({ ...setup, preset: "off", eachMember: bucketOf(setup) }),
};

function bucketOf({ members, budget }: { members: number; budget: bigint }): LimitRule {
  const even = (3n * budget) / BigInt(members) / 30n;
  const aDay = even > 0n ? even : 1n;
  return { kind: "rate", unit: "credits", quantity: aDay, perMs: periodMs / 30, burst: aDay };
}

const shared = (preset: FairnessPreset): Policy => ({
  name: preset,
  open: (setup) => new KernelWorkspace({ ...setup, preset }),
});

export const strict: Policy = shared("strict");
export const balanced: Policy = shared("balanced");
export const lendEarly: Policy = shared("lend_early");

/** In the order of the tables. */
export const policies: readonly Policy[] = [
  firstCome,
  caps,
  tokenBucket,
  strict,
  balanced,
  lendEarly,
];

/** What policies are called in pictures and tables. */
export const policyNames: Readonly<Record<string, string>> = {
  fcfs: "first come, first served",
  caps: "caps at twice the share",
  token_bucket: "token bucket, 3x the pace",
  strict: "strict",
  balanced: "balanced (default)",
  lend_early: "lend early",
};
