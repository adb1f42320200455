/** Fair sharing from the outside: what is answered, refused and told, and what a replay of the past says of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CisternProblem, type WorkspaceClient } from "@cistern/client";
import type { FairnessReplay, FairnessSetting } from "@cistern/contract";
import { createTestCistern, defineCatalog } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perUnit: { input_text: "1" } }] } },
  plans: {
    team: { currency: "USD", included: { credits: "1000" } },
    grown: { currency: "USD", included: { credits: "3000" } },
  },
});

const people = ["ana", "ben", "cem", "dia", "eva"];
const day = (number: number): string => `2026-03-${String(number).padStart(2, "0")}T09:00:00Z`;

/** A team of five on a plan of 1,000 credits a month, which ends with the test. */
async function team(t: { after(end: () => Promise<void>): void }, fairness: FairnessSetting) {
  const { url: databaseUrl } = await freshDatabase();
  const cistern = await createTestCistern({ catalog, now: "2026-03-01T00:00:00Z", databaseUrl });
  t.after(() => cistern.close());
  await cistern.createWorkspace({ id: "acme", currency: "USD", fairness });
  const acme = cistern.workspace("acme");
  for (const person of people) await acme.put.member(person);
  await acme.subscription.put({ plan: "team" });
  return { cistern, acme };
}

/** Spends, or says with which code it was refused. */
async function spend(acme: WorkspaceClient, member: string, credits: string) {
  try {
    const hold = await acme.authorize({ member, credits });
    await hold.settle({ credits });
    return "spent";
  } catch (fault) {
    if (fault instanceof CisternProblem) return fault.code;
    throw fault;
  }
}

/** One takes all that it gets in the first two days; the others want 100 each, spread over the month. */
async function hogged(t: Parameters<typeof team>[0], fairness: FairnessSetting) {
  const { cistern, acme } = await team(t, fairness);
  for (const date of [1, 2]) {
    await cistern.advanceTo(day(date));
    for (let call = 0; call < 10; call += 1) await spend(acme, "ana", "90");
  }
  const refused = [];
  for (const date of [4, 8, 12, 16, 20]) {
    await cistern.advanceTo(day(date));
    for (const person of people.slice(1))
      if ((await spend(acme, person, "20")) !== "spent") refused.push(person);
  }
  await cistern.advanceTo("2026-04-02T00:00:00Z");
  return { cistern, acme, refused: refused.length };
}

const policyOf = ({ policies }: FairnessReplay, preset: string) => {
  const found = policies.find((one) => one.preset === preset);
  assert.ok(found !== undefined, preset);
  return found;
};

test("a hog on an unshared pool: the replay says what each preset would have let through, and speaks for sharing it", async (t) => {
  const { acme, refused } = await hogged(t, { preset: "off" });
  assert.ok(refused > 0, "the others were refused");
  const replay = await acme.fairness.replay();
  assert.deepEqual(replay.period, { from: "2026-03-01T00:00:00Z", to: "2026-04-01T00:00:00Z" });
  assert.equal(replay.inForce, "off");
  const { happened } = replay;
  const off = policyOf(replay, "off");
  assert.deepEqual(
    [off.used, off.idle, off.light, off.denied.calls],
    [happened.used, happened.idle, happened.light, happened.denied.calls],
    "what is in force does again what happened",
  );
  for (const preset of ["strict", "balanced"]) {
    const shared = policyOf(replay, preset);
    assert.equal(shared.light.denied, "0", preset);
    assert.equal(shared.members[0]?.member, "ana", preset);
  }
  const said = await acme.fairness.recommendation();
  assert.deepEqual([said.change, said.inForce], [true, "off"]);
  assert.notEqual(said.preset, "off");
  assert.match(said.because, /members within their fair share/);
  assert.equal((await acme.fairness.get()).inForce, "off", "nothing applies itself");
  const chosen = await acme.fairness.apply({ preset: said.preset, by: "ben" });
  assert.deepEqual([chosen.setting.preset, chosen.chosenBy], [said.preset, "ben"]);
  const standing = await acme.fairness.get();
  assert.deepEqual([standing.inForce, standing.chosenBy], [said.preset, "ben"]);
});

const offersOf = async (acme: WorkspaceClient) => {
  const found = [];
  for (let after = "0.0"; ;) {
    const { data, next } = await acme.events({ after, limit: 100 });
    if (data.length === 0) return found;
    found.push(...data.filter((one) => one.type === "fairness.recommended"));
    after = next;
  }
};

test("when a period is over what it speaks for is offered once, with the figures of each preset; an owner applies it", async (t) => {
  const { cistern, acme } = await hogged(t, { preset: "off" });
  const [offer, ...others] = await offersOf(acme);
  assert.ok(offer !== undefined && others.length === 0, "one for the period");
  assert.equal(offer.time, "2026-04-01T00:00:00Z", "as soon as it is over");
  const [replay, said] = [await acme.fairness.replay(), await acme.fairness.recommendation()];
  const { presets, ...told } = offer.data;
  assert.deepEqual({ ...told, change: true }, said);
  assert.deepEqual(
    presets,
    replay.policies.map(({ preset, asked, denied, light, used, idle }) => ({
      preset,
      asked,
      denied,
      fair: {
        asked: { calls: 20, credits: light.asked },
        denied: { calls: light.deniedCalls, credits: light.denied },
      },
      used,
      idle,
    })),
  );
  assert.equal((await acme.fairness.get()).inForce, "off", "nothing applies itself");
  await acme.fairness.apply({ preset: said.preset, by: "ben" });
  await cistern.advanceTo("2026-05-02T00:00:00Z");
  assert.equal(
    (await offersOf(acme)).length,
    1,
    "a period in which nobody asked speaks for nothing",
  );
});

test("a period that speaks for what is in force is no news", async (t) => {
  const { acme } = await hogged(t, { preset: "lend_early" });
  const { preset, change } = await acme.fairness.recommendation();
  assert.deepEqual([preset, change], ["lend_early", false]);
  assert.deepEqual(await offersOf(acme), []);
});

test("where no period is over there is nothing to replay, and nothing speaks for a preset", async (t) => {
  const { cistern, acme } = await team(t, { preset: "off" });
  assert.equal(await spend(acme, "ana", "5000"), "pool_exhausted");
  const refusedWith = (said: RegExp) => (fault: unknown) => {
    assert.ok(fault instanceof CisternProblem, String(fault));
    assert.deepEqual([fault.code, fault.problem.status], ["invalid_request", 422]);
    assert.match(fault.problem.detail, said);
    return true;
  };
  const replayOf = (period: string) => acme.fairness.replay({ period });
  for (const ask of [() => acme.fairness.replay(), () => replayOf("last")])
    await assert.rejects(
      ask(),
      refusedWith(/^\/period .*no period .* created at 2026-03-01T00:00:00Z\. Ask for `current`/),
    );
  await assert.rejects(
    replayOf("2026-02"),
    refusedWith(/2026-02 was over before .* a month since/),
  );
  await assert.rejects(replayOf("2026-04"), refusedWith(/2026-04 has not begun/));
  await assert.rejects(acme.fairness.recommendation(), refusedWith(/^Nothing speaks for a preset/));
  await cistern.advanceTo("2026-03-01T00:20:00Z");
  const { happened, policies } = await replayOf("current");
  const all = { calls: 1, credits: "5000" };
  assert.deepEqual(
    [happened, ...policies].map(({ denied }) => denied),
    [all, all, all, all, all],
    "what runs is known so far, and asked so far",
  );
  assert.deepEqual((await replayOf("2026-03")).happened.denied, all, "a month that runs");
  await cistern.advanceTo("2026-04-02T00:00:00Z");
  assert.deepEqual((await acme.fairness.replay()).happened.denied, all);
  assert.equal((await acme.fairness.recommendation()).change, false);
  assert.deepEqual(await offersOf(acme), []);
});

test("what was refused in an hour that is only partly in a period is in no replay of it", async (t) => {
  const { cistern } = await team(t, { preset: "off" });
  // Its months begin at half past an hour.
  await cistern.createWorkspace({ id: "pune", currency: "USD", timeZone: "Asia/Kolkata" });
  const pune = cistern.workspace("pune");
  await pune.put.member("ana");
  const refuse = async (at: string, credits: string) => {
    await cistern.advanceTo(`2026-${at}:00Z`);
    assert.equal(await spend(pune, "ana", credits), "pool_exhausted");
  };
  await refuse("03-31T17:10", "1");
  await refuse("03-31T18:10", "20");
  await refuse("03-31T18:50", "300");
  await refuse("03-31T19:05", "4000");
  const march = await pune.fairness.replay();
  assert.deepEqual(march.period, { from: "2026-03-01T00:00:00Z", to: "2026-03-31T18:30:00Z" });
  assert.deepEqual(march.happened.denied, { calls: 1, credits: "1" });
  const april = await pune.fairness.replay({ period: "current" });
  assert.deepEqual(april.happened.denied, { calls: 1, credits: "4000" });
});

test("the same journal replayed twice tells the same, to the letter (F10)", async (t) => {
  const { acme } = await hogged(t, { preset: "plan" });
  const [one, other] = [await acme.fairness.replay(), await acme.fairness.replay()];
  assert.equal(JSON.stringify(one), JSON.stringify(other));
  assert.equal(one.inForce, "balanced");
  const balanced = policyOf(one, "balanced");
  assert.deepEqual([balanced.used, balanced.idle], [one.happened.used, one.happened.idle]);
});

test("a replay makes changes of plan and settings, runs and answers to requests as they were", async (t) => {
  const { cistern, acme } = await team(t, { preset: "off" });
  await cistern.advanceTo(day(2));
  await acme.runs.open({ id: "work", member: "ana", limit: "600" });
  const inRun = await acme.authorize({ member: "ana", credits: "600", run: "work" });
  await inRun.settle({ credits: "550" });
  await acme.runs.close("work");
  await acme.runs.open({ id: "paid", member: "dia", limit: "30", prepay: true });
  const fromPurse = await acme.authorize({ member: "dia", credits: "20", run: "paid" });
  await fromPurse.settle({ credits: "20" });
  await acme.runs.close("paid");
  const cap = { credits: "50", window: "month" } as const;
  await acme.put.limit("ben", { scope: { kind: "member", id: "ben" }, cap });
  const asked = await acme.requests.ask({ member: "ben", limit: "ben", credits: "100" });
  await acme.requests.approve(asked.id, { by: "eva", as: "limit" });
  assert.equal(await spend(acme, "ben", "120"), "spent", "past its cap as it was");
  await cistern.advanceTo(day(10));
  await acme.subscription.put({ plan: "grown", change: "now" });
  await acme.update({ overage: { kind: "debt", limit: "40" } });
  assert.equal(await spend(acme, "cem", "1400"), "spent", "more than the first plan had");
  await acme.subscription.put({ plan: "team", change: "period_end" });
  await acme.update({ status: "suspended" });
  await cistern.advanceTo("2026-04-02T00:00:00Z");
  const [one, other] = [await acme.fairness.replay(), await acme.fairness.replay()];
  assert.deepEqual(one.leftOut, []);
  const off = policyOf(one, "off");
  assert.deepEqual(
    [off.used, off.idle, off.denied, off.limited],
    [one.happened.used, one.happened.idle, one.happened.denied, one.happened.limited],
  );
  assert.equal(off.used, "2090");
  assert.equal(JSON.stringify(one), JSON.stringify(other), "to the letter");
});

test("a workspace that names owners lets one of them alone choose how it is shared", async (t) => {
  const { acme } = await team(t, { preset: "off" });
  await acme.update({ owners: ["ana"] });
  await assert.rejects(
    acme.fairness.apply({ preset: "strict", by: "ben" }),
    (fault) => fault instanceof CisternProblem && fault.code === "not_an_owner",
  );
  assert.equal((await acme.fairness.get()).inForce, "off");
  assert.equal((await acme.fairness.apply({ preset: "strict", by: "ana" })).chosenBy, "ana");
});

test("calls say what they drew, and a refusal what it lacks and what may be done", async (t) => {
  const { acme } = await team(t, { preset: "plan" });
  const quote = await acme.quote({ member: "ana", credits: "150" });
  assert.ok(quote.allowed);
  assert.deepEqual([quote.drawn?.reserve, quote.drawn?.pot], ["140", "10"]);
  const hold = await acme.authorize({ member: "ana", credits: "150" });
  const { answer } = hold;
  assert.ok(!("deferred" in answer));
  assert.deepEqual(answer.drawn, quote.drawn);
  assert.deepEqual(answer.drawn?.pots, [{ node: "workspace", credits: "10" }]);
  const more = await acme.extend(hold.id, { credits: "20", part: 1 });
  assert.deepEqual([more.drawn?.reserve, more.drawn?.pot], ["0", "20"]);
  const refused = await acme.quote({ member: "ana", credits: "500" });
  assert.ok(!refused.allowed);
  const { code, status, maxNow, figures, next, retryAt } = refused.problem;
  assert.deepEqual([code, status], ["reserved_for_others", 403]);
  assert.deepEqual(
    [figures?.share, figures?.used, figures?.reservedForOthers, figures?.others],
    ["200", "170", "560", 4],
  );
  assert.equal(next?.[0]?.kind, "ask_for_less");
  assert.ok(maxNow !== undefined && (await acme.quote({ member: "ana", credits: maxNow })).allowed);
  assert.ok(retryAt === undefined || retryAt > day(1));
});

test("a member's statement tells its share, what it drew, what was refused by reason, and what gifts changed", async (t) => {
  const { acme } = await team(t, { preset: "balanced" });
  assert.equal(await spend(acme, "ana", "150"), "spent");
  const answer = await acme.quote({ member: "ana", credits: "900" });
  assert(!answer.allowed);
  const { maxNow: open = "", next, detail } = answer.problem;
  assert.equal(answer.problem.code, "pool_exhausted");
  assert.deepEqual(next?.[0], { kind: "ask_for_less", credits: open });
  assert.match(detail, new RegExp(`at most ${open} pass now`));
  assert.ok((await acme.quote({ member: "ana", credits: open })).allowed);
  assert.equal(await spend(acme, "ana", "900"), "pool_exhausted");
  assert.equal(await spend(acme, "ana", "500"), "reserved_for_others");
  assert.equal(await spend(acme, "ana", "500"), "reserved_for_others");
  const { share, binding } = await acme.allowance("ana");
  assert.deepEqual(
    [share?.share, share?.used, share?.reserved, share?.fromPot],
    ["200", "150", "0", "10"],
  );
  assert.equal(binding.reason, "fairness");
  assert.deepEqual(
    share?.denied.map(({ code, calls, credits }) => [code, calls, credits]),
    [
      ["pool_exhausted", 1, "900"],
      ["reserved_for_others", 2, "1000"],
    ],
  );
  const gift = await acme.fairness.gift({ from: "ben", to: "ana", credits: "40" });
  assert.match(gift.id, /^gft_/);
  const reserved = async (member: string) => (await acme.allowance(member)).share?.reserved;
  assert.deepEqual([await reserved("ben"), await reserved("ana")], ["100", "40"]);
  await assert.rejects(
    acme.fairness.gift({ from: "ben", to: "ana", credits: "100.000001" }),
    (fault) =>
      fault instanceof CisternProblem &&
      fault.code === "gift_exceeds_reserve" &&
      fault.problem.available === "100",
  );
  const before = (await acme.allowance("cem")).share;
  await acme.fairness.reach("cem", 0);
  const after = (await acme.allowance("cem")).share;
  assert.ok(Number(after?.open) < Number(before?.open), "at once");
  assert.equal(after?.open, "200", "its share stays open to it");
  await acme.fairness.guarantee("dia", "120");
  assert.equal((await acme.allowance("dia")).share?.guarantee, "0", "from the next period on");
});

test("a member's statement tells where its home group stands, with what is guaranteed to it in the period", async (t) => {
  const { acme } = await team(t, { preset: "balanced" });
  await acme.put.group("growth");
  for (const id of ["dia", "eva"])
    await acme.put.member(id, { kind: "person", groups: ["growth"] });
  const { at: _, ...terms } = await acme.fairness.groupGuarantee("growth", "600");
  assert.deepEqual(terms, { group: "growth", guarantee: "600" });
  await assert.rejects(acme.fairness.groupGuarantee("none", "1"), { code: "unknown_group" });
  assert.deepEqual((await acme.allowance("dia")).share?.group, {
    group: "growth",
    guarantee: "600",
    share: "760",
    used: "0",
    reserved: "600",
    pot: "68",
  });
  assert.equal((await acme.allowance("ana")).share?.group, undefined);
});
