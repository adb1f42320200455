/** What a watched workspace is told of, and how far it goes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "@cistern/kernel";
import { WatchedLife } from "./watched-life.ts";

const office = { network: "203.0.113" };
const elsewhere = { network: "198.51.100" };

test("unusual use of a member is told of it, and of the workspace where nobody else came", () => {
  const life = new WatchedLife("pause");
  life.usualDays({ member: "ana" }, 0, 6);
  assert.deepEqual(life.found(), []);
  life.to(7, 9);
  life.use({ member: "ana", credits: 200 });
  assert.deepEqual(life.found(), ["ana day: notify", "acme day+no_new_members: notify"]);
});

test("far beyond the bound the reach is lowered, never further than the rule says", () => {
  for (const most of ["note", "notify", "lower", "pause"] as const) {
    const life = new WatchedLife(most);
    life.usualDays({ member: "ana" }, 0, 6);
    life.to(7, 9);
    life.use({ member: "ana", credits: 540 });
    assert.equal(life.found()[0], `ana day: ${most === "pause" ? "lower" : most}`);
  }
});

test("a key whose use is unusual on a new network and far more at once is paused; a person's reach is lowered", () => {
  for (const kind of ["key", "person"] as const) {
    const life = new WatchedLife("pause");
    life.put("bot", kind);
    life.usualDays({ member: "bot", attributes: office }, 0, 6);
    life.to(7, 9);
    const call = { member: "bot", credits: 20, attributes: elsewhere };
    const holds = Array.from({ length: 11 }, () => life.open(call));
    for (const hold of holds) life.settle(hold, 20);
    const expected = kind === "key" ? "pause" : "lower";
    assert.ok(life.found().includes("bot key+network+concurrency: lower"), life.found().join("; "));
    life.to(7, 10);
    const more = Array.from({ length: 11 }, () => life.open({ ...call, credits: 30 }));
    for (const hold of more) life.settle(hold, 30);
    assert.ok(
      life.found().some((one) => one.startsWith("bot day+network") && one.endsWith(expected)),
      life.found().join("; "),
    );
  }
});

test("a new network alone is a note, once a week", () => {
  const life = new WatchedLife("pause");
  life.usualDays({ member: "ana", attributes: office }, 0, 5);
  life.usualDays({ member: "ana", attributes: elsewhere }, 5, 8);
  assert.deepEqual(life.found(), ["ana key+network: note"]);
});

test("use around the clock is a sign where the nights were quiet before", () => {
  const life = new WatchedLife("pause");
  life.usualDays({ member: "ana" }, 0, 6);
  for (let hour = 0; hour < 23; hour += 1) {
    life.to(7, hour);
    life.use({ member: "ana", credits: 2 });
  }
  assert.deepEqual(life.found(), ["ana key+round_the_clock: note"]);
});

test("three that join with much are not many, and as many on each day are usual", () => {
  const few = new WatchedLife("pause");
  few.usualDays({ member: "ana" }, 0, 6);
  few.to(6, 9);
  for (const guest of ["a", "b", "c"]) few.use({ member: guest, credits: 14 });
  assert.deepEqual(few.found(), []);
  const daily = new WatchedLife("pause");
  for (let day = 0; day < 8; day += 1) {
    daily.to(day, 9);
    for (let guest = 0; guest < 6; guest += 1)
      daily.use({ member: `guest-${day}-${guest}`, credits: 10 });
  }
  assert.deepEqual(daily.found(), []);
});

test("many that join and spend at once are told of once a day", () => {
  const burst = new WatchedLife("pause");
  burst.usualDays({ member: "ana" }, 0, 6);
  burst.to(6, 9);
  for (let one = 0; one < 8; one += 1) burst.use({ member: `guest-${one}`, credits: 8 });
  assert.ok(burst.found().includes("acme joins: notify"), burst.found().join("; "));
  assert.equal(burst.found().filter((one) => one.includes("joins")).length, 1, "once a day");
});

test("a sponsor of ten new agents within a week is told of", () => {
  const life = new WatchedLife("pause");
  life.put("eve", "person");
  for (let one = 0; one < 10; one += 1) {
    life.to(Math.floor(one / 2), 9);
    life.put(`bot-${one}`, "agent", "eve");
    assert.deepEqual(life.found(), []);
    life.use({ member: `bot-${one}`, credits: 1 });
  }
  assert.deepEqual(life.found(), ["eve sponsor: notify"]);
});

test("members that come, spend and go within days are told of from the third on", () => {
  const life = new WatchedLife("pause");
  life.usualDays({ member: "ana" }, 0, 6);
  for (let one = 0; one < 3; one += 1) {
    life.to(6 + one, 9);
    assert.deepEqual(life.found(), []);
    life.use({ member: `guest-${one}`, credits: 15 });
    life.to(6 + one, 20);
    life.run({ kind: "deactivateMember", member: `guest-${one}` });
  }
  assert.deepEqual(life.found(), ["acme short_lived: notify"]);
});

test("an alert that lowers asks for it once it is raised, and a review that finds it fine asks for it back", () => {
  const life = new WatchedLife("lower");
  life.usualDays({ member: "ana" }, 0, 6);
  life.to(7, 9);
  life.use({ member: "ana", credits: 600 });
  life.crossings.splice(1);
  assert.deepEqual(life.measures, []);
  const alert = life.raiseLast();
  assert.deepEqual(life.measures, [{ kind: "lower", member: "ana", alert }]);
  life.run({ kind: "reviewAlert", alert, verdict: "fine" });
  assert.deepEqual(life.measures.slice(1), [
    { kind: "restore", member: "ana", alert, reach: 1_000 },
  ]);
  life.to(9, 9);
  life.use({ member: "ana", credits: 600 });
  assert.deepEqual(
    life.found().filter((one) => one.startsWith("ana")),
    ["ana day: lower"],
    "it is usual from then on",
  );
});

/** Ana's reach is lowered by an alert, as the watcher does it. */
function lowered(...before: readonly Command[]): { readonly life: WatchedLife; alert: string } {
  const life = new WatchedLife("lower");
  life.put("ana", "person");
  for (const command of before) life.run(command);
  life.usualDays({ member: "ana" }, 0, 6);
  life.to(7, 9);
  life.use({ member: "ana", credits: 600 });
  life.crossings.splice(1);
  return { life, alert: life.raiseLast() };
}

const reach = (thousandths: number): Command => ({
  kind: "setReach",
  member: "ana",
  reach: thousandths,
});

test("a reach that somebody had lowered before comes back as it was", () => {
  const { life, alert } = lowered(reach(300));
  life.run(reach(0));
  life.run({ kind: "reviewAlert", alert, verdict: "fine" });
  assert.deepEqual(life.measures.at(-1), { kind: "restore", member: "ana", alert, reach: 300 });
});

test("a reach that was set while an alert was to lower it is what comes back", () => {
  const { life, alert } = lowered();
  life.run(reach(500));
  life.run(reach(0));
  life.run({ kind: "reviewAlert", alert, verdict: "fine" });
  assert.deepEqual(life.measures.at(-1), { kind: "restore", member: "ana", alert, reach: 500 });
});

test("a reach that somebody has set since an alert lowered it stays", () => {
  const { life, alert } = lowered();
  life.run(reach(0));
  life.run(reach(700));
  life.run({ kind: "reviewAlert", alert, verdict: "fine" });
  assert.deepEqual(life.measures.at(-1), { kind: "restore", member: "ana", alert, reach: null });
});

test("a review that confirms keeps the reach lowered", () => {
  const life = new WatchedLife("lower");
  life.usualDays({ member: "ana" }, 0, 6);
  life.to(7, 9);
  life.use({ member: "ana", credits: 600 });
  life.crossings.splice(1);
  const alert = life.raiseLast();
  life.run({ kind: "reviewAlert", alert, verdict: "confirmed" });
  assert.deepEqual(life.measures, [{ kind: "lower", member: "ana", alert }]);
});
