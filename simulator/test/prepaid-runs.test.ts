/** Members who prepay runs, on nodes that crash and race: what a purse gave and got back is what the rules say, and nothing is counted twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkHistory } from "../src/checker/check-history.ts";
import { readTimeline } from "../src/checker/timeline.ts";
import { run } from "../src/run.ts";

const wanted = [
  "opened",
  "raised",
  "taken",
  "extended",
  "settled",
  "overrun",
  "released",
  "expired",
];

test("prepaid runs hold against crashes and races, alone and where the pool is shared", async () => {
  const seen = new Set<string>();
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const done = await run(seed, { focus: "prepaid", isShared: seed % 2 === 0, operations: 500 });
    assert.deepEqual(checkHistory(done), [], `seed ${seed}`);
    for (const workspaceId of done.workspaces)
      for (const branch of done.database.branches(workspaceId))
        for (const { event } of readTimeline(workspaceId, branch, []).events) {
          if (event.kind === "hold.opened" && event.opens !== undefined) seen.add("opened");
          if (event.kind === "hold.extended" && event.raises !== undefined) seen.add("raised");
          if (event.kind === "hold.opened" && event.fromPurse !== undefined) seen.add("taken");
          if (event.kind === "hold.extended" && event.fromPurse !== undefined) seen.add("extended");
          if (event.kind === "hold.settled" && event.toPurse !== undefined) seen.add("settled");
          if (event.kind === "hold.settled" && event.fromPurse !== undefined) seen.add("overrun");
          if (event.kind === "hold.released" && event.toPurse !== undefined) seen.add("released");
          if (event.kind === "hold.expired" && event.holds.some((one) => one.toPurse !== undefined))
            seen.add("expired");
        }
    if (wanted.every((one) => seen.has(one))) return;
  }
  assert.deepEqual(
    wanted.filter((one) => !seen.has(one)),
    [],
  );
});
