/** Owns A25: how long a decision takes in memory, in a workspace of a thousand. Told where nothing else runs; never a test. */
import { KernelWorkspace, memberName } from "../kernel-workspace.ts";
import { credits, periodMs, ticks } from "../workload.ts";
import type { Acceptance } from "./acceptance.ts";

const members = 1_000;
const tickMs = periodMs / ticks;

export const timings: Acceptance = {
  key: "A25",
  claim:
    "a decision costs microseconds among a thousand members, and a sweep at most a millisecond",
  measure({ isTimed }) {
    if (!isTimed) return [];
    const workspace = new KernelWorkspace({
      members,
      budget: credits(1_000_000),
      preset: "balanced",
    });
    const own = timesOf(20_000, (call) =>
      workspace.wouldRefuse(memberName(call % members), credits(1), 1_000),
    );
    // The first decision of each tick, of somebody who has used up the own credits, sweeps all thousand.
    workspace.use(memberName(0), workspace.share(memberName(0), 1_000).reserved, 1_000);
    const pot = timesOf(ticks - 1, (call) => {
      const atMs = (call + 1) * tickMs;
      workspace.use(memberName(0), credits(0.01), atMs);
    });
    return [
      { name: "ownMicrosecondsP99", value: p99(own) * 1_000, atMost: 20 },
      { name: "potWithSweepMsP99", value: p99(pot), atMost: 1 },
    ];
  },
};

function timesOf(count: number, call: (index: number) => unknown): number[] {
  return Array.from({ length: count }, (_, index) => {
    const begun = performance.now();
    call(index);
    return performance.now() - begun;
  });
}

const p99 = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1] ?? 0;
