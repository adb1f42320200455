import assert from "node:assert/strict";
import { test } from "node:test";
import { Draw } from "../src/unusual/draw.ts";
import { shortfalls } from "../src/unusual/main.ts";
import { drawnWorkspace } from "../src/unusual/population.ts";
import { watch } from "../src/unusual/watch.ts";

/** Calls of sizes four powers of ten apart, most of them small. */
function drawnSizes(seed: number): readonly number[] {
  const draw = new Draw(seed);
  return Array.from({ length: 5_000 }, () => 10 ** (4 * draw.fraction() ** 2 - 1));
}

test("tenfold bursts of a drawn population are found, and its own days alarm seldom", () => {
  const workspaces = [1, 2, 3, 4].map((seed) => drawnWorkspace(seed, drawnSizes(seed)));
  const watched = watch({ name: "drawn", workspaces });
  assert.deepEqual(shortfalls("drawn", watched), []);
  assert.ok(watched.memberWeeks > 200, `${watched.memberWeeks} member-weeks`);
  assert.ok(watched.readings.burst.newcomers.attacks > 50, "newcomers are attacked too");
});

test("a burst that is missed and an alarm too many are both told as a shortfall", () => {
  const workspaces = [drawnWorkspace(1, drawnSizes(1))];
  const watched = watch({ name: "drawn", workspaces });
  const { readings } = watched;
  const missed = { ...readings.burst, all: { attacks: 100, found: 79 } };
  const short = shortfalls("drawn", {
    ...watched,
    alertDaysPerMemberWeek: 0.151,
    readings: { ...readings, burst: missed },
  });
  assert.deepEqual(short, [
    "drawn: 0.151 alert-days per member-week",
    'drawn: 79.0 % of the attacks "burst" were found',
  ]);
});
