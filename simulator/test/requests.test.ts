/** Members who ask for more than a limit gives, on nodes that crash and race: what they are given holds where and for how long it was approved. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkHistory } from "../src/checker/check-history.ts";
import { readTimeline } from "../src/checker/timeline.ts";
import { run } from "../src/run.ts";

const wanted = [
  "credit_request.created",
  "credit_request.approved",
  "credit_request.declined",
  "credit_request.expired",
  "once",
  "period",
  "standing",
  "lent",
] as const;

test("requests for more are answered once, and nothing is lent twice or in the next window", async () => {
  const seen = new Set<string>();
  // The first are some in which something is lent.
  for (const seed of [26, 16, 17, 12, 13]) {
    const done = await run(seed, { focus: "requests", operations: 600 });
    assert.deepEqual(checkHistory(done), [], `seed ${seed}`);
    for (const workspaceId of done.workspaces)
      for (const branch of done.database.branches(workspaceId))
        for (const { event } of readTimeline(workspaceId, branch, []).events) {
          seen.add(event.kind);
          if (event.kind === "credit_request.approved" && event.raise !== undefined)
            seen.add(event.raise.kind);
          if (event.kind === "hold.opened" && event.counts.some(({ lent }) => lent !== undefined))
            seen.add("lent");
        }
    if (wanted.every((one) => seen.has(one))) return;
  }
  assert.deepEqual(
    wanted.filter((one) => !seen.has(one)),
    [],
  );
});
