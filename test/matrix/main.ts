/** `npm run matrix`: plays every cell, prints the page, and ends with 1 where anything is not as it is right. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { globalSetup, globalTeardown } from "../../packages/server/test/setup.ts";
import { type NotPlayed, type Played, playAll } from "./play.ts";
import { rows } from "./rows/index.ts";
import { jsonOf, pageOf } from "./table.ts";
import { World } from "./world.ts";

const { values } = parseArgs({
  options: { json: { type: "string" }, write: { type: "boolean", default: false } },
});
await globalSetup();
const played: (Played | NotPlayed)[] = [];
let wrong = 0;
const world = await World.start();
try {
  for (const { cells } of playAll(world, rows))
    for (const cell of await cells) {
      played.push(cell);
      if ("none" in cell) continue;
      const isWrong = !(cell.isRight && cell.isUnchanged);
      if (isWrong) wrong += 1;
      process.stderr.write(`${isWrong ? "WRONG" : "right"}  ${cell.sdk} / ${cell.situation}\n`);
    }
  console.log(pageOf(played));
  const json = `${JSON.stringify(jsonOf(played), null, 2)}\n`;
  if (values.json !== undefined) await writeFile(values.json, json);
  if (wrong > 0) console.error(json);
  else if (values.write)
    await writeFile(new URL("../../docs/matrix.md", import.meta.url), pageOf(played));
} finally {
  await world.stop();
  await globalTeardown();
}
const none = played.filter((cell) => "none" in cell).length;
console.error(`${played.length - none} cells, ${wrong} wrong; ${none} that cannot be.`);
process.exit(wrong === 0 ? 0 : 1);
