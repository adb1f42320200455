/** Owns A5 to A11 and A23: what becomes of made-up workloads, as means over seeds. */
import { Chance } from "../../../../packages/kernel/test/fairness/chance.ts";
import { type Score, mean, meanScore, part, score } from "../metrics.ts";
import { balanced, firstCome, lendEarly, strict } from "../policies.ts";
import { type Policy, play } from "../pool.ts";
import * as made from "../synthetic.ts";
import { credits } from "../workload.ts";
import { type Acceptance, type Effort, some } from "./acceptance.ts";

const budget = credits(made.pool);

const hog: Acceptance = {
  key: "A5",
  claim:
    "a script that wants four times the pool takes nothing from those who want less than a share",
  measure(effort) {
    const fair = over(made.hog, balanced, some(10, effort));
    const unfair = over(made.hog, firstCome, some(5, effort));
    return [
      { name: "lightDenial", value: fair.lightDenial, atMost: 0.005 },
      { name: "use", value: fair.use, atLeast: 0.99 },
      { name: "fcfsLightDenial", value: unfair.lightDenial, atLeast: 0.9 },
    ];
  },
};

const late: Acceptance = {
  key: "A6",
  claim: "who comes late finds what was reserved, whatever two hogs did before",
  measure: (effort) => [
    {
      name: "strictLightDenial",
      value: over(made.late, strict, some(10, effort)).lightDenial,
      atMost: 0.005,
    },
    {
      name: "balancedLightDenial",
      value: over(made.late, balanced, some(10, effort)).lightDenial,
      atMost: 0.11,
    },
  ],
};

const onoff: Acceptance = {
  key: "A7",
  claim: "who works in four bursts of half a day gets most of them beside a hog",
  measure: (effort) => [
    {
      name: "strictLightDenial",
      value: over(made.onoff, strict, some(30, effort)).lightDenial,
      atMost: 0.05,
    },
    {
      name: "balancedLightDenial",
      value: over(made.onoff, balanced, some(30, effort)).lightDenial,
      atMost: 0.15,
    },
    {
      name: "strictLightDenialToTheEnd",
      value: over(made.onoffToTheEnd, strict, some(30, effort)).lightDenial,
      note: toTheEnd,
    },
    {
      name: "balancedLightDenialToTheEnd",
      value: over(made.onoffToTheEnd, balanced, some(30, effort)).lightDenial,
      note: toTheEnd,
    },
  ],
};

/** See `onoff`: another reading of "at a random start". */
const toTheEnd =
  "beside it: bursts that may begin in the last tenth too, where most of a reserve has faded; beyond the bars";

const idle: Acceptance = {
  key: "A8",
  claim: "a lone busy member ends with nearly all of the pool (F4)",
  measure: (effort) => [
    { name: "use", value: over(made.idle, balanced, some(10, effort)).use, atLeast: 0.99 },
  ],
};

const twohogs: Acceptance = {
  key: "A9",
  claim: "a hog from half time on comes to as much as one from the start",
  measure: (effort) => [
    {
      name: "minRatio",
      value: over(made.twohogs, strict, some(10, effort)).minRatio,
      atLeast: 0.95,
    },
  ],
};

const everybody: Acceptance = {
  key: "A10",
  claim: "where everybody wants all of it, all get the same",
  measure: (effort) => [
    { name: "jain", value: over(made.all, balanced, some(3, effort)).jain, atLeast: 0.999 },
  ],
};

const front: Acceptance = {
  key: "A11",
  claim: "who works at the start only may take much of what idles, and denies nobody",
  measure(effort) {
    const seeds = some(10, effort);
    const underStrict = over(made.front, strict, seeds);
    const underBalanced = over(made.front, balanced, seeds);
    const lendingEarly = over(made.front, lendEarly, seeds);
    const denials = [underStrict, underBalanced, lendingEarly].map((one) => one.lightDenial);
    return [
      { name: "lightDenial", value: Math.max(...denials), atMost: 0 },
      { name: "strictUse", value: underStrict.use, atLeast: 0.55 },
      { name: "balancedUse", value: underBalanced.use, atLeast: 0.68 },
      { name: "lendEarlyUse", value: lendingEarly.use, atLeast: 0.82 },
    ];
  },
};

const gap: Acceptance = {
  key: "A23",
  claim:
    "of two who want all they can get, the second comes to as much if it starts by half time (F5)",
  measure: (effort) =>
    [0, 0.25, 0.5].flatMap((from) => [
      { name: `strictFrom${from * 100}`, value: gapOf(strict, from, effort), atMost: 0.03 },
      {
        name: `balancedFrom${from * 100}`,
        value: gapOf(balanced, from, effort),
        note: "the bar is read under strict, where all of a share is reserved",
      },
    ]),
};

/** The mean difference of two saturated members at the end, in shares. */
function gapOf(policy: Policy, from: number, effort: Effort): number {
  const gaps = Array.from({ length: some(8, effort) }, (_, seed) => {
    const workload = made.second(new Chance(seed), from);
    const { used } = play(policy.open({ members: made.people, budget }), workload);
    const [first = 0n, second = 0n] = used;
    return part((first > second ? first - second : second - first) * BigInt(made.people), budget);
  });
  return mean(gaps);
}

/** The mean score of a made-up workload over seeds; light is who is not heavy in it. */
function over(make: (chance: Chance) => made.Synthetic, policy: Policy, seeds: number): Score {
  return meanScore(
    Array.from({ length: seeds }, (_, seed) => {
      const workload = make(new Chance(seed));
      const played = play(policy.open({ members: made.people, budget }), workload);
      return score(played, budget, (member) => !workload.heavy.includes(member));
    }),
  );
}

export const ofWorkloads: readonly Acceptance[] = [
  hog,
  late,
  onoff,
  idle,
  twohogs,
  everybody,
  front,
  gap,
];
