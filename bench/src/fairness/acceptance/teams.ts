/** Owns A21 and A22: weights and guarantees, and teams within a workspace. */
import { Chance } from "../../../../packages/kernel/test/fairness/chance.ts";
import { KernelWorkspace, memberName } from "../kernel-workspace.ts";
import { mean, part, sum } from "../metrics.ts";
import { play } from "../pool.ts";
import * as made from "../synthetic.ts";
import { credits, ticks, workload } from "../workload.ts";
import { type Acceptance, some } from "./acceptance.ts";

const budget = credits(made.pool);

const weights: Acceptance = {
  key: "A21",
  claim: "a team that weighs twice gets twice, and a guarantee holds to the last hour",
  measure(effort) {
    const ratios = Array.from({ length: some(5, effort) }, (_, seed) => ratioOfTwoToOne(seed));
    const kept = Array.from({ length: some(5, effort) }, (_, seed) => guaranteeKept(seed));
    return [
      { name: "ratio", value: mean(ratios), atLeast: 1.9, atMost: 2.1 },
      { name: "guaranteeInLastHour", value: mean(kept), atLeast: 1 },
    ];
  },
};

/** A team of two seats and a team of one, all wanting whatever they can get, beside seven who want nothing. */
function ratioOfTwoToOne(seed: number): number {
  const chance = new Chance(seed);
  const homes = ["two", "two", "one"];
  const workspace = new KernelWorkspace({
    members: made.people,
    homeOf: (index) => homes[index] ?? null,
    budget,
    preset: "balanced",
  });
  const all = homes.flatMap((_, member) => made.spread(chance, member, 3 * made.pool));
  const [first = 0n, second = 0n, third = 1n] = play(
    workspace,
    workload("weights", made.people, all),
  ).used;
  return part(first + second, third);
}

/** What a member gets in the last tick of what it was guaranteed, beside nine hogs. */
function guaranteeKept(seed: number): number {
  const chance = new Chance(seed);
  const quiet = memberName(9);
  const guarantee = credits(5_000);
  const workspace = new KernelWorkspace({
    members: made.people,
    budget,
    preset: "balanced",
    before: [{ kind: "setGuarantee", member: quiet, credits: guarantee }],
  });
  const hogs = Array.from({ length: 9 }, (_, member) => made.spread(chance, member, made.pool));
  const late = made.spread(chance, 9, 5_000, [1 - 1 / ticks, 1]);
  const all = workload("guarantee", made.people, [...hogs.flat(), ...late]);
  const { used } = play(workspace, all);
  return part(used[9] ?? 0n, guarantee);
}

const teams: Acceptance = {
  key: "A22",
  claim:
    "a team of hogs takes nothing from a light team, shares alike within, and leaves nothing idle",
  measure(effort) {
    const all = Array.from({ length: some(5, effort) }, (_, seed) => hogTeam(seed));
    return [
      { name: "lightDenial", value: mean(all.map((one) => one.lightDenial)), atMost: 0 },
      { name: "spread", value: mean(all.map((one) => one.spread)), atMost: 1.05 },
      { name: "left", value: mean(all.map((one) => one.left)), atMost: 0.005 },
    ];
  },
};

/** Eight hogs in a team, two who want six tenths of a share in another. */
function hogTeam(seed: number): { lightDenial: number; spread: number; left: number } {
  const chance = new Chance(seed);
  const workspace = new KernelWorkspace({
    members: made.people,
    homeOf: (index) => (index < 8 ? "hogs" : "light"),
    budget,
    preset: "balanced",
  });
  const hogs = Array.from({ length: 8 }, (_, member) => made.spread(chance, member, made.pool));
  const light = [8, 9].flatMap((member) => made.spread(chance, member, 0.6 * made.share));
  const played = play(workspace, workload("teams", made.people, [...hogs.flat(), ...light]));
  const used = played.used.slice(0, 8).map(Number);
  const asked = sum(played.asked.slice(8));
  return {
    lightDenial: part(asked - sum(played.used.slice(8)), asked),
    spread: Math.max(...used) / Math.min(...used),
    left: part(budget - sum(played.used), budget),
  };
}

export const ofTeams: readonly Acceptance[] = [weights, teams];
