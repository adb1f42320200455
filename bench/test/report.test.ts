import assert from "node:assert/strict";
import { test } from "node:test";
import { renderTable } from "../src/report/table.ts";
import { judge } from "../src/report/targets.ts";

test("a figure is judged by its target, from either side", () => {
  assert.equal(judge("hot_vs_uniform", { hot_vs_uniform: 0.9 }).reached, true);
  assert.equal(judge("hot_vs_uniform", { hot_vs_uniform: 0.89 }).reached, false);
  assert.equal(judge("http.hold.p99_ms", { "http.hold.p99_ms": 10.1 }).reached, false);
});

test("a target may stand on another figure of the same run", () => {
  const figures = { "idle.hold_ms.p50": 1.2, "idle.commit_ms.p50": 0.3 };
  assert.equal(judge("idle.hold_ms.p50", figures).reached, true);
  assert.equal(judge("idle.hold_ms.p50", { ...figures, "idle.hold_ms.p50": 1.4 }).reached, false);
  assert.equal(judge("idle.hold_ms.p50", { "idle.hold_ms.p50": 1.2 }).reached, undefined);
});

test("the table names a figure that falls short", () => {
  const table = renderTable({ "lots.1000_vs_1": 1.7312, "hot.for_update.ops_per_s": 2252.9 });
  assert.match(table, /lots\.1000_vs_1 +1\.73 +<= 1\.5 +SHORT/u);
  assert.match(table, /hot\.for_update\.ops_per_s +2,253$/mu);
});
