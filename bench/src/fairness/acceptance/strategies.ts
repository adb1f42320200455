/** Owns A17 to A19: what a member gains by playing the policy instead of asking for what it needs. */
import { Chance } from "../../../../packages/kernel/test/fairness/chance.ts";
import { KernelWorkspace, agentOf, memberName } from "../kernel-workspace.ts";
import { mean, part, sum } from "../metrics.ts";
import { balanced } from "../policies.ts";
import { play } from "../pool.ts";
import * as made from "../synthetic.ts";
import { type Request, credits, periodMs, workload } from "../workload.ts";
import { type Acceptance, type Effort, some } from "./acceptance.ts";

const budget = credits(made.pool);

const puppets: Acceptance = {
  key: "A17",
  claim: "a hog gains nothing by asking as several identities of the same weight in all (F7)",
  measure: (effort) =>
    [4, 10].map((identities) => ({
      name: `gainOf${identities}`,
      value: mean(
        Array.from({ length: some(5, effort) }, (_, seed) => puppetGain(seed, identities)),
      ),
      atMost: 0.005,
    })),
};

/** The credits that a hog gets with its agents beyond what it gets alone, of the latter. */
function puppetGain(seed: number, identities: number): number {
  const { requests } = made.hog(new Chance(seed));
  const setup = { members: made.people, budget, preset: "balanced" as const };
  const [alone = 0n] = play(new KernelWorkspace(setup), { members: made.people, requests }).used;
  const names = Array.from({ length: identities - 1 }, (_, index) => `agent-${index}`);
  const hog = memberName(0);
  const split = new KernelWorkspace({
    ...setup,
    before: names.map((name) => agentOf(hog, name)),
  });
  const all = [hog, ...names];
  let turn = 0;
  let together = 0n;
  for (const request of requests) {
    if (request.member !== 0) {
      split.spend(request);
      continue;
    }
    const name = all[(turn += 1) % all.length] ?? hog;
    if (split.use(name, request.credits, request.atMs) === undefined) together += request.credits;
  }
  return part(together - alone, alone);
}

const sizes: Acceptance = {
  key: "A18",
  claim: "a hog gains nothing by cutting its requests, or by merging them (F6)",
  measure: (effort) =>
    [
      { name: "cutBy4", each: 5 },
      { name: "cutBy40", each: 0.5 },
      { name: "mergedBy4", each: 80 },
    ].map(({ name, each }) => ({
      name,
      value: sizeGain(each, effort),
      atLeast: -0.01,
      atMost: 0.01,
    })),
};

/** The credits that a hog gets with requests of another size, beyond those that it gets with the usual, of the latter. */
function sizeGain(each: number, effort: Effort): number {
  const seeds = each < 1 ? some(2, effort) : some(5, effort);
  // Where little time is given, the hog wants one pool and not four: its requests stay denser than the pool allows.
  const pools = effort.scale < 1 ? 1 : 4;
  const used = (seed: number, size: number): bigint => {
    const chance = new Chance(seed);
    const others = made.hog(chance).requests.filter(({ member }) => member !== 0);
    const hog = made.spread(chance, 0, pools * made.pool, [0, 1], size);
    const { requests } = workload("sizes", made.people, [...others, ...hog]);
    return (
      play(balanced.open({ members: made.people, budget }), {
        members: made.people,
        requests,
      }).used[0] ?? 0n
    );
  };
  return mean(
    Array.from({ length: seeds }, (_, seed) => {
      const usual = used(seed, 20);
      return part(used(seed, each) - usual, usual);
    }),
  );
}

const dummies: Acceptance = {
  key: "A19",
  claim: "nobody gains by wasting credits before they are needed (F8)",
  measure(effort) {
    const trials = some(400, effort);
    const gains = Array.from({ length: trials }, (_, seed) => wasteGain(new Chance(seed)));
    return [
      { name: "worstGainInRequests", value: Math.max(...gains), atMost: 1 },
      { name: "trials", value: trials },
    ];
  },
};

/** What a member gets of its real demand after dummy spending, beyond what it gets without; in its largest request. */
function wasteGain(chance: Chance): number {
  const members = 3 + chance.below(6);
  const pool = credits(10_000);
  const share = 10_000 / members;
  const needsFrom = 0.2 + 0.6 * chance.fraction();
  const request = (member: number, most: number, from: number, to: number): Request => ({
    member,
    credits: 1n + credits(most * chance.fraction()),
    atMs: Math.floor((from + chance.fraction() * (to - from)) * periodMs),
  });
  const real = Array.from({ length: 60 }, () => request(0, share / 10, needsFrom, 1));
  // From a trifle to as much as two shares.
  const wasteMost = (share / 5) * chance.fraction() ** 3;
  const waste = Array.from({ length: 1 + chance.below(20) }, () =>
    request(0, wasteMost, 0, needsFrom),
  );
  const others = Array.from({ length: 60 * (members - 1) }, (_, index) =>
    request(1 + (index % (members - 1)), share / 10, 0, 1),
  );
  const preset = (["strict", "balanced", "lend_early"] as const)[chance.below(3)] ?? "balanced";
  const gets = (wasted: readonly Request[]): bigint => {
    const workspace = new KernelWorkspace({ members, budget: pool, preset });
    const all = workload("waste", members, [...wasted, ...others, ...real]).requests;
    const wanted = new Set(real);
    return sum(all.map((one) => (workspace.spend(one) && wanted.has(one) ? one.credits : 0n)));
  };
  const largest = real.reduce((most, { credits: size }) => (size > most ? size : most), 1n);
  return part(gets(waste) - gets([]), largest);
}

export const ofStrategies: readonly Acceptance[] = [puppets, sizes, dummies];
