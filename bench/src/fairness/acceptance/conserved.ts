/** Owns A1: a naive oracle beside random lives of workspaces, with holds that are open at once, overruns, top-ups, joins and leaves. */
import { liveBesideOracle } from "../../../../packages/kernel/test/fairness/beside-oracle.ts";
import { type Acceptance, some } from "./acceptance.ts";

const steps = 500;

export const conserved: Acceptance = {
  key: "A1",
  claim:
    "whatever happens, reserves and pots are what the pool has, none is below zero, and every answer is what a naive reading of the policy says (F1)",
  measure(effort) {
    const lives = some(200, effort);
    let parted = 0;
    for (let seed = 0; seed < lives; seed += 1)
      try {
        liveBesideOracle(seed, steps);
      } catch (error) {
        parted += 1;
        console.error(error);
      }
    return [
      { name: "livesThatPart", value: parted, atMost: 0 },
      { name: "operations", value: lives * steps, atLeast: some(100_000, effort) },
    ];
  },
};
