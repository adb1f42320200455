/** `CISTERN_RUNS=40` makes it 120,000 operations, in some three minutes. */
import { test } from "node:test";
import { runs, seed } from "../oracle/life.ts";
import { liveBesideOracle } from "./beside-oracle.ts";

test("whatever happens to a shared pool, every answer and every share is what a naive reading of the policy says (F1, F9)", (t) => {
  t.diagnostic(`CISTERN_SEED=${seed}`);
  for (let life = 0; life < runs(12); life += 1) liveBesideOracle((seed + life) % 2 ** 31, 250);
});
