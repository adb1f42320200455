import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Finding,
  type Newcomers,
  type UsualUse,
  acceptAsUsual,
  noNewcomers,
  observe,
} from "../../src/insights/index.ts";

/** Somebody whose use is taken in, hour by hour. */
class Watch {
  usual: UsualUse | undefined;
  newcomers: Newcomers;

  constructor(newcomers = noNewcomers) {
    this.newcomers = newcomers;
  }

  use(day: number, hourOfDay: number, credits: number): Finding | undefined {
    const at = { day, hour: day * 24 + hourOfDay, credits };
    const { usual, newcomers, finding } = observe(this.usual, this.newcomers, at);
    this.usual = usual;
    this.newcomers = newcomers;
    return finding;
  }

  /** Days of ten hours, `credits` in each. */
  workDays(from: number, to: number, credits: number): readonly Finding[] {
    const found: Finding[] = [];
    for (let day = from; day < to; day += 1)
      for (let hour = 8; hour < 18; hour += 1) {
        const finding = this.use(day, hour, credits);
        if (finding !== undefined) found.push(finding);
      }
    return found;
  }
}

test("an even use is never unusual", () => {
  const watch = new Watch();
  assert.deepEqual(watch.workDays(0, 60, 10), []);
});

test("24 hours of more than three times nine of ten own days are unusual, and say so with both numbers", () => {
  const watch = new Watch();
  watch.workDays(0, 6, 10);
  assert.equal(watch.use(7, 3, 300), undefined, "three times is not more than that");
  assert.deepEqual(watch.use(7, 3, 1), {
    rule: "day",
    seen: 301,
    usual: 100,
    bound: 300,
    daysKnown: 6,
  });
});

test("a day is looked at as it goes on, over midnight too", () => {
  const watch = new Watch();
  for (let day = -6; day < 6; day += 1) watch.use(day, 12, 100);
  for (let hour = 21; hour < 24; hour += 1) assert.equal(watch.use(5, hour, 60), undefined);
  const found = watch.use(6, 0, 60);
  assert.equal(found?.rule, "day");
  assert.equal(found.seen, 340, "100 by day, and four hours of 60");
});

test("the rule of days waits until four of them are known", () => {
  const three = new Watch();
  three.workDays(0, 3, 1);
  assert.equal(three.use(3, 8, 40), undefined);
  assert.equal(three.use(3, 9, 40)?.rule, "pace");
  const young = new Watch();
  for (let day = 0; day < 3; day += 1) young.use(day, 9, 10);
  assert.equal(young.use(3, 9, 1_000), undefined, "neither days nor hours are known well enough");
});

test("hours in a row that are too high are unusual before the day is", () => {
  const watch = new Watch();
  watch.workDays(0, 10, 10);
  assert.equal(watch.use(10, 8, 80), undefined, "one hour is none");
  const found = watch.use(10, 9, 80);
  assert.equal(found?.rule, "pace");
  assert.equal(Math.round(found.usual), 10);
  assert.equal(found.seen, 80);
  assert.ok(found.z > 5 && found.excess >= 6, `z ${found.z}, sum ${found.excess}`);
});

test("hours of amounts that do not matter are not unusual, however high they are", () => {
  const watch = new Watch();
  for (let day = 0; day < 10; day += 1) {
    for (let hour = 0; hour < 12; hour += 1) watch.use(day, hour, 0.1);
    watch.use(day, 20, 100);
  }
  for (let hour = 0; hour < 6; hour += 1) assert.equal(watch.use(10, hour, 20), undefined);
});

test("of a newcomer is unusual what 99 of 100 days of newcomers do not come to", () => {
  let { newcomers } = new Watch();
  for (let member = 0; member < 10; member += 1) {
    const peer = new Watch(newcomers);
    peer.workDays(0, 8, 10 + member);
    ({ newcomers } = peer);
  }
  const late = new Watch(newcomers);
  assert.equal(late.use(20, 9, 190), undefined);
  const found = late.use(20, 10, 1);
  assert.equal(found?.rule, "newcomer");
  assert.equal(found.seen, 191);
  assert.equal(found.bound, 190);
});

test("a few heavy newcomers do not hide what is far above the mean of all, and above its own days", () => {
  let { newcomers } = new Watch();
  for (let member = 0; member < 20; member += 1) {
    const peer = new Watch(newcomers);
    peer.workDays(0, 3, member === 0 ? 500 : 10);
    ({ newcomers } = peer);
  }
  const [first, second] = [new Watch(newcomers), new Watch(newcomers)];
  assert.ok((newcomers.bound ?? 0) > 4_000);
  const found = first.use(20, 9, 1_100);
  assert.equal(found?.rule, "newcomer");
  assert.ok(found.bound < 1_100);
  second.use(20, 9, 1_000);
  assert.equal(second.use(21, 9, 1_100), undefined, "its own day was as large");
});

test("a new workspace has no newcomers to compare the first ones with", () => {
  const watch = new Watch();
  assert.equal(watch.use(0, 9, 1_000_000), undefined);
});

test("after an alarm it is quiet for a week, unless it doubles", () => {
  const watch = new Watch();
  watch.workDays(0, 6, 10);
  assert.equal(watch.use(7, 9, 400)?.rule, "day");
  assert.equal(watch.use(8, 10, 700), undefined);
  assert.equal(watch.use(9, 11, 810)?.rule, "day", "more than twice the 400 of the alarm");
});

test("what alarms teaches little: the same again a fortnight later alarms again", () => {
  const watch = new Watch();
  watch.workDays(0, 10, 10);
  assert.equal(watch.use(10, 9, 1_000)?.rule, "day");
  watch.workDays(11, 24, 10);
  assert.equal(watch.use(24, 9, 1_000)?.rule, "day");
});

test("what was reviewed and found right is usual from then on", () => {
  const watch = new Watch();
  watch.workDays(0, 5, 10);
  assert.equal(watch.use(6, 9, 400)?.rule, "day");
  assert.ok(watch.usual);
  watch.usual = acceptAsUsual(watch.usual, 400);
  watch.workDays(7, 8, 10);
  assert.equal(watch.use(9, 9, 400), undefined);
});

test("what is known of a spender stays of one size", () => {
  const watch = new Watch();
  for (let day = 0; day < 400; day += 1)
    for (let hour = 0; hour < 24; hour += 1) watch.use(day, hour, 1 + ((day * 7 + hour) % 5));
  assert.ok(watch.usual);
  assert.equal(watch.usual.days.length, 28);
  assert.ok(watch.usual.hoursBefore.length < 24);
  assert.ok(JSON.stringify(watch.usual).length < 2_000);
});
