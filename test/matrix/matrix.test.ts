import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { type NotPlayed, type Played, type RowPlayed, playAll } from "./play.ts";
import { rows } from "./rows/index.ts";
import { pageOf } from "./table.ts";
import { World } from "./world.ts";

const played: (Played | NotPlayed)[] = [];
let world: World;
let playing: readonly RowPlayed[] = [];

before(async () => {
  world = await World.start();
  playing = playAll(world, rows);
});
after(() => world.stop());

for (const [index, { sdk }] of rows.entries())
  test(`${sdk}: every call has its one right end, and the program sees nothing of it`, async () => {
    for (const cell of (await playing[index]?.cells) ?? []) {
      played.push(cell);
      if ("none" in cell) continue;
      assert.deepEqual(cell.got, cell.expected, cell.situation);
      assert.ok(
        cell.isUnchanged,
        `${cell.situation}: ${JSON.stringify([cell.bare, cell.metered])}`,
      );
    }
  });

test("the page of the documents is what the run has shown", async () => {
  const page = new URL("../../docs/matrix.md", import.meta.url);
  assert.equal(await readFile(page, "utf8"), pageOf(played), "npm run matrix -- --write");
});
