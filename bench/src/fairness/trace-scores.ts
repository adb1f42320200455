/** Owns how traces are scored: every policy, every size of pool, and the means that the bars are about. */
import { demandOf } from "./workload.ts";
import { type Score, meanScore, score, sum } from "./metrics.ts";
import { policies } from "./policies.ts";
import { play } from "./pool.ts";
import { type BySize, type Told, sizes } from "./results.ts";
import type { Trace } from "./traces.ts";
import type { Policy } from "./pool.ts";

const percentOf = { pool50: 50n, pool80: 80n, pool125: 125n } as const;

/** All policies on one trace: the mean over its workspaces and periods. */
export function scoresOf(
  trace: Trace,
  say: (line: string) => void,
): Readonly<Record<string, BySize>> {
  return Object.fromEntries(
    policies.map((policy) => {
      const bySize = {
        pool50: scoreOf(trace, policy, "pool50"),
        pool80: scoreOf(trace, policy, "pool80"),
        pool125: scoreOf(trace, policy, "pool125"),
      };
      say(`${trace.name} ${policy.name}: ${inWords(bySize.pool50)} at half of demand`);
      return [policy.name, bySize];
    }),
  );
}

function scoreOf({ workloads }: Trace, policy: Policy, size: keyof typeof percentOf): Score {
  return meanScore(
    workloads.map((one) => {
      const budget = (sum(demandOf(one)) * percentOf[size]) / 100n;
      return score(play(policy.open({ members: one.members, budget }), one), budget);
    }),
  );
}

const inWords = ({ lightDenial, use }: Score): string =>
  `light members denied ${(100 * lightDenial).toFixed(1)} %, used ${(100 * use).toFixed(1)} %`;

/** The means over traces, by policy. */
export function meansOf(
  traces: readonly Readonly<Record<string, BySize>>[],
): Readonly<Record<string, BySize>> {
  const over = (name: string, size: keyof BySize): Score =>
    meanScore(traces.flatMap((one) => one[name]?.[size] ?? []));
  return Object.fromEntries(
    policies.map(({ name }) => [
      name,
      {
        pool50: over(name, "pool50"),
        pool80: over(name, "pool80"),
        pool125: over(name, "pool125"),
      },
    ]),
  );
}

interface Bar {
  readonly policy: string;
  readonly size: (typeof sizes)[number];
  readonly figure: keyof Score;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** What is asked of the means (FAIRNESS, section 4). */
const bars: readonly Bar[] = [
  { policy: "balanced", size: "pool50", figure: "lightDenial", atMost: 0.04 },
  { policy: "balanced", size: "pool50", figure: "use", atLeast: 0.96 },
  { policy: "balanced", size: "pool50", figure: "shortfall", atMost: 0.13 },
  { policy: "balanced", size: "pool50", figure: "jain", atLeast: 0.97 },
  { policy: "balanced", size: "pool80", figure: "lightDenial", atMost: 0.012 },
  { policy: "balanced", size: "pool80", figure: "use", atLeast: 0.95 },
  { policy: "balanced", size: "pool80", figure: "shortfall", atMost: 0.085 },
  { policy: "balanced", size: "pool80", figure: "jain", atLeast: 0.99 },
  { policy: "balanced", size: "pool125", figure: "needlessDenial", atMost: 0.015 },
  { policy: "strict", size: "pool50", figure: "lightDenial", atMost: 0.02 },
  { policy: "strict", size: "pool50", figure: "use", atLeast: 0.94 },
  { policy: "strict", size: "pool80", figure: "lightDenial", atMost: 0.005 },
  { policy: "strict", size: "pool80", figure: "use", atLeast: 0.91 },
];

/** The means beside their bars. */
export function judgeTraces(
  means: Readonly<Record<string, BySize>>,
  counted: readonly Readonly<Record<string, BySize>>[],
): Readonly<Record<string, Told>> {
  const told = bars.flatMap(({ policy, size, figure, atMost, atLeast }) => {
    const value = means[policy]?.[size][figure];
    if (value === undefined) return [];
    const holds = value <= (atMost ?? Infinity) && value >= (atLeast ?? -Infinity);
    const bar = atMost === undefined ? `>= ${atLeast}` : `<= ${atMost}`;
    return [[`${policy}.${size}.${figure}`, { value, bar, holds }] as const];
  });
  return { ...Object.fromEntries(told), ...judgeEach(counted) };
}

/** At half of demand, balanced, one trace at most may stand beyond the bars of the means, and at 6 % and .95 then. */
function judgeEach(
  counted: readonly Readonly<Record<string, BySize>>[],
): Readonly<Record<string, Told>> {
  const all = counted.flatMap((one) => one["balanced"]?.pool50 ?? []);
  const beyond = all.filter(({ lightDenial, jain }) => lightDenial > 0.04 || jain < 0.97);
  const worst = Math.max(0, ...all.map((one) => one.lightDenial));
  const leastJain = Math.min(1, ...all.map((one) => one.jain));
  return {
    "balanced.pool50.tracesBeyond": {
      value: beyond.length,
      bar: "<= 1",
      holds: beyond.length <= 1,
    },
    "balanced.pool50.worstLightDenial": { value: worst, bar: "<= 0.06", holds: worst <= 0.06 },
    "balanced.pool50.leastJain": { value: leastJain, bar: ">= 0.95", holds: leastJain >= 0.95 },
  };
}
