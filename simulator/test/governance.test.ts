/** Limits that follow the pool, alerts, and people who go, on nodes that crash and race: a run without them would judge nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Count, Event } from "@cistern/kernel";
import type { Focus } from "../src/callers/known.ts";
import { checkHistory } from "../src/checker/check-history.ts";
import { readTimeline } from "../src/checker/timeline.ts";
import { run } from "../src/run.ts";

const wanted = [
  "a percent whose pool begins",
  "a count under a ceiling",
  "less counted under a ceiling",
  "limits changed at once",
  "an amount split",
  "an alert of the pool",
  "a threshold told again",
  "an alert of a cap or a run",
  "a gift that answers a request",
  "a call that ends though its member has gone",
  "a call that ends though its workspace is suspended",
] as const;
type Seen = (typeof wanted)[number];

/** What one journal shows. Mutable. */
class Shown {
  readonly #gone = new Set<string>();
  readonly #told = new Set<string>();
  #isSuspended = false;

  *in(event: Event): Generator<Seen> {
    if (event.kind === "workspace.updated")
      this.#isSuspended = event.workspace.status === "suspended";
    if (event.kind === "member.deactivated") this.#gone.add(event.member.id);
    if (event.kind === "member.updated") this.#gone.delete(event.member.id);
    if (event.kind === "hold.settled") {
      if (this.#gone.has(event.path.member)) yield "a call that ends though its member has gone";
      if (this.#isSuspended) yield "a call that ends though its workspace is suspended";
    }
    if (event.kind === "limits.updated") {
      const isSplit = event.limits.some(({ limit: { id } }) => id.includes(":"));
      yield isSplit ? "an amount split" : "limits changed at once";
    }
    if (event.kind === "credit_request.approved" && event.gift !== undefined)
      yield "a gift that answers a request";
    if (event.kind === "alert.raised") yield* this.#alert(event.alert);
    if ("counts" in event) yield* counted(event.counts, "pastPool" in event ? event.pastPool : []);
  }

  *#alert({
    rule,
    finding,
    subject,
  }: Extract<Event, { kind: "alert.raised" }>["alert"]): Generator<Seen> {
    if (finding.kind !== "threshold") return;
    if (subject.kind !== "workspace" || finding.limit !== null) {
      yield "an alert of a cap or a run";
      return;
    }
    yield "an alert of the pool";
    const name = `${rule} ${finding.percent}`;
    if (this.#told.has(name)) yield "a threshold told again";
    this.#told.add(name);
  }
}

function* counted(counts: readonly Count[], pastPool: readonly Count[] = []): Generator<Seen> {
  if (counts.some(({ basis }) => basis !== undefined)) yield "a percent whose pool begins";
  if (pastPool.some(({ credits }) => credits > 0n)) yield "a count under a ceiling";
  if (pastPool.some(({ credits }) => credits < 0n)) yield "less counted under a ceiling";
}

/** The first are some in which each happens. */
const runs: readonly (readonly [number, Focus, isShared: boolean])[] = [
  [1, "limits", false],
  [2, "alerts", false],
  [1, "people", false],
  [7, "requests", true],
  [7, "limits", false],
  [3, "alerts", true],
  [2, "people", false],
  [11, "requests", true],
];

test("limits that follow the pool, alerts, and people who go: nobody is refused or told but by the rules, whatever crashes", async () => {
  const seen = new Set<string>();
  for (const [seed, focus, isShared] of runs) {
    const done = await run(seed, { focus, isShared, operations: 250 });
    assert.ok(done.isOver, `seed ${seed} came to an end`);
    assert.deepEqual(checkHistory(done), [], `seed ${seed}, ${focus}`);
    for (const workspaceId of done.workspaces)
      for (const branch of done.database.branches(workspaceId)) {
        const shown = new Shown();
        for (const { event } of readTimeline(workspaceId, branch, []).events)
          for (const one of shown.in(event)) seen.add(one);
      }
    if (wanted.every((one) => seen.has(one))) return;
  }
  assert.deepEqual(
    wanted.filter((one) => !seen.has(one)),
    [],
  );
});
