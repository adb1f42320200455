/** What an allowance says remains is what a hold gets, to the micro-credit, whatever binds: pool, shares, caps or overage. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CisternProblem, type WorkspaceClient } from "@cistern/client";
import { type FairnessSetting, type Overage, parseCredits, printCredits } from "@cistern/contract";
import * as fc from "fast-check";
import { createTestCistern, defineCatalog } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perUnit: { input_text: "1" } }] } },
  plans: { team: { currency: "USD", included: { credits: "1000" } } },
});
const members = ["ana", "ben", "cem", "bot", "guest"];

const settings: readonly FairnessSetting[] = [
  { preset: "plan" },
  { preset: "strict" },
  { preset: "lend_early" },
  { preset: "balanced", reserve: 333, reach: 1_777 },
  { preset: "off" },
];
const overages: readonly Overage[] = [{ kind: "deny" }, { kind: "debt", limit: "70" }];
const step = fc.record({
  hours: fc.nat(40),
  member: fc.constantFrom(...members),
  microCredits: fc.integer({ min: 1, max: 240_000_000 }),
  does: fc.constantFrom("hold", "spend", "debit", "gift", "topUp"),
});
const life = fc.record({
  fairness: fc.constantFrom(...settings),
  overage: fc.constantFrom(...overages),
  cap: fc.constantFrom(null, "eachMember", "group"),
  set: fc.constantFrom(null, "group", "some"),
  steps: fc.array(step, { minLength: 4, maxLength: 9 }),
});

const cistern = await createTestCistern({
  catalog,
  now: "2026-03-01T00:00:00Z",
  databaseUrl: (await freshDatabase()).url,
});

after(() => cistern.close());

/** undefined: it was refused by one of the pool's rules. */
async function unlessRefused<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (fault) {
    if (fault instanceof CisternProblem && fault.status < 500) return undefined;
    throw fault;
  }
}

async function opened(
  id: string,
  one: typeof life extends fc.Arbitrary<infer Life> ? Life : never,
) {
  await cistern.createWorkspace({
    id,
    currency: "USD",
    fairness: one.fairness,
    overage: one.overage,
  });
  const workspace = cistern.workspace(id);
  await workspace.put.group("red");
  for (const member of ["ana", "ben"]) await workspace.put.member(member, { groups: ["red"] });
  await workspace.put.member("cem");
  await workspace.put.member("bot", { kind: "agent", sponsor: "cem" });
  if (one.cap !== null)
    await workspace.put.limit("cap", {
      scope: one.cap === "group" ? { kind: "group", id: "red" } : { kind: "eachMember" },
      cap: { credits: "150.5", window: "week" },
    });
  await workspace.subscription.put({ plan: "team" });
  if (one.set !== null)
    await workspace.grant({
      credits: "33.000001",
      // What burns last stands apart of shares for longest.
      priority: one.fairness.preset === "plan" ? 50 : 90,
      source: "promotion",
      appliesTo: one.set === "group" ? { groups: ["red"] } : { members: ["cem", "guest"] },
    });
  return workspace;
}

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

async function live(workspace: WorkspaceClient, { member, microCredits, does }: Step) {
  const credits = printCredits(BigInt(microCredits));
  switch (does) {
    case "hold":
      return await unlessRefused(workspace.authorize({ member, credits, ttl: "PT20H" }));
    case "spend": {
      const hold = await unlessRefused(workspace.authorize({ member, credits }));
      return await hold?.settle({ credits: printCredits(BigInt(microCredits) / 2n) });
    }
    case "debit":
      return await workspace.debit({ member, credits: printCredits(BigInt(microCredits) / 5n) });
    case "gift":
      return await unlessRefused(workspace.fairness.gift({ from: "ben", to: "cem", credits }));
    case "topUp":
      return await workspace.grant({ credits, source: "promotion" });
  }
}

test("a hold of what remains passes, and one micro-credit more is refused", async () => {
  let number = 0;
  const bound = new Set<string>();
  await fc.assert(
    fc.asyncProperty(life, async (one) => {
      const workspace = await opened(`w${(number += 1)}`, one);
      for (const next of one.steps) {
        await cistern.advanceTo(
          new Date(Date.parse(cistern.now()) + next.hours * 3_600_000).toISOString(),
        );
        await live(workspace, next);
      }
      for (const member of members) {
        const { remaining, binding } = await workspace.allowance(member);
        bound.add(binding.reason);
        const said = `${member}: ${remaining}, bound by ${binding.reason}`;
        const more = printCredits(parseCredits(remaining) + 1n);
        assert.equal((await workspace.quote({ member, credits: more })).allowed, false, said);
        const quote = await workspace.quote({ member, credits: remaining });
        assert.ok(quote.allowed, `${said}: ${JSON.stringify(quote)}`);
      }
      const { remaining } = await workspace.allowance("ana");
      const hold = await workspace.authorize({ member: "ana", credits: remaining });
      assert.equal(hold.credits, remaining);
      assert.equal((await workspace.allowance("ana")).remaining, "0");
    }),
    {
      numRuns: Number(process.env["CISTERN_RUNS"] ?? 1) * 14,
      seed: Number(process.env["CISTERN_SEED"] ?? 11),
    },
  );
  assert.deepEqual([...bound].toSorted(), ["cap", "fairness", "pool"]);
});
