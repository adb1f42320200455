/** Owns A25: how long a decision takes in memory, in a workspace of a thousand, and what touches everybody in one of a hundred thousand. Told where nothing else runs; never a test. */
import { KernelWorkspace, grantOf, memberName } from "../kernel-workspace.ts";
import { median } from "../../load/samples.ts";
import { credits, periodMs, ticks } from "../workload.ts";
import type { Acceptance, Figure } from "./acceptance.ts";

const members = 1_000;
const many = 100_000;
const tickMs = periodMs / ticks;

export const timings: Acceptance = {
  key: "A25",
  claim:
    "a decision costs microseconds among a thousand members, and a sweep at most a millisecond",
  measure({ isTimed }) {
    if (!isTimed) return [];
    const rounds = [0, 1, 2, 3, 4].map(measured);
    return [
      {
        name: "ownMicrosecondsP99",
        value: median(rounds.map(({ own }) => own)) * 1_000,
        atMost: 20,
      },
      { name: "potWithSweepMsP99", value: median(rounds.map(({ pot }) => pot)), atMost: 1 },
      ...ofMany(),
    ];
  },
};

/** One workspace of a hundred thousand: what touches everybody, and what does not although a hundred ticks have passed. */
function ofMany(): readonly Figure[] {
  const budget = credits(10 * many);
  const workspace = new KernelWorkspace({ members: many, budget, preset: "balanced" });
  const name = memberName(0);
  const timed = (told: string, call: () => unknown): Figure => {
    const [value = 0] = timesOf(1, call);
    return { name: told, value, note: `${many} members, once` };
  };
  const hold = (atTick: number) => () => workspace.hold(name, credits(1), atTick * tickMs);
  return [
    timed("layOutOfManyMs", hold(0)),
    timed("afterIdleTicksOfManyMs", hold(100)),
    timed("topUpOfManyMs", () => {
      workspace.mustRun(grantOf("more", budget, periodMs), 101 * tickMs);
    }),
  ];
}

/** The slowest but one in a hundred, in milliseconds, of a workspace of its own. */
function measured(): { own: number; pot: number } {
  const workspace = new KernelWorkspace({
    members,
    budget: credits(1_000_000),
    preset: "balanced",
  });
  const ask = (call: number) =>
    workspace.wouldRefuse(memberName(call % members), credits(1), 1_000);
  timesOf(20_000, ask);
  const own = timesOf(20_000, ask);
  // The first decision of each tick, of somebody who has used up the own credits, sweeps all thousand.
  workspace.use(memberName(0), workspace.share(memberName(0), 1_000).reserved, 1_000);
  const pot = timesOf(ticks - 1, (call) =>
    workspace.use(memberName(0), credits(0.01), (call + 1) * tickMs),
  );
  return { own: p99(own), pot: p99(pot) };
}

function timesOf(count: number, call: (index: number) => unknown): number[] {
  return Array.from({ length: count }, (_, index) => {
    const begun = performance.now();
    call(index);
    return performance.now() - begun;
  });
}

const p99 = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1] ?? 0;
