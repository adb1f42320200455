/** What leaves fits the schema of its type: of any life that the rules allow, so that a field cannot leave without one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CloudEvent, eventSchema } from "@cistern/contract";
import type { Event } from "@cistern/kernel";
import * as fc from "fast-check";
import { Compile } from "typebox/compile";
import { Life, runs, seed } from "../../../kernel/test/oracle/life.ts";
import { type Wish, lives } from "../../../kernel/test/oracle/moves.ts";
import { planLives } from "../../../kernel/test/oracle/plan-moves.ts";
import { PrepaidLife, prepaidWishes } from "../../../kernel/test/runs/prepaid-life.ts";
import { cloudEvent } from "../../src/api/answers/cloud-event.ts";
import { lifeOfAWorkspace } from "../audit/life-of-a-workspace.ts";
import { faultsOf } from "./event-faults.ts";

/** As the feed would tell them. Lives of the kernel name things by short ids. */
const told = (events: readonly Event[]): readonly CloudEvent[] =>
  events.map((event, index) =>
    cloudEvent(event, {
      workspaceId: "acme",
      position: { seq: index + 1, index: 0 },
      hash: "00000000",
      currency: "USD",
    }),
  );

test("whatever happens in a workspace, each event fits the schema of its type", (t) => {
  t.diagnostic(`CISTERN_SEED=${seed}`);
  const check = (events: readonly Event[]): void => {
    const all = told(events);
    assert.deepEqual(
      all.flatMap((event) => faultsOf(event, { isOfKernel: true })),
      [],
    );
  };
  const live = (wishes: readonly Wish[]): void => {
    const life = new Life();
    for (const wish of wishes) life.do(life.asks(wish));
    check(life.journal.rows.map(({ event }) => event));
  };
  check(lifeOfAWorkspace());
  fc.assert(fc.property(lives(60), live), { seed, numRuns: runs(40) });
  fc.assert(fc.property(planLives(60, 100), live), { seed, numRuns: runs(40) });
  fc.assert(
    fc.property(prepaidWishes, fc.boolean(), (all, isShared) => {
      const life = new PrepaidLife(isShared);
      for (const wish of all) life.do(wish);
      check(life.journal.rows.map(({ event }) => event));
    }),
    { seed, numRuns: runs(20) },
  );
});

test("a field that no schema names is found, wherever it stands", () => {
  const [first] = told(lifeOfAWorkspace());
  assert.ok(first?.type === "workspace.created");
  const planted = {
    ...first,
    data: { ...first.data, fairness: { preset: "plan", mood: "good" } },
  } as const;
  assert.match(faultsOf(planted, { isOfKernel: true }).join(), /fairness/);
  assert.ok(!Compile(eventSchema(first.type)).Check(planted));
});
