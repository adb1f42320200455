import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { document } from "../../src/fairness/document.ts";
import { pictures } from "../../src/fairness/pictures.ts";
import type { Results } from "../../src/fairness/results.ts";

const root = join(import.meta.dirname, "../../..");
const results: Results = JSON.parse(await readFile(join(root, "bench/fairness.json"), "utf8"));

/** The formatter pads tables; words and figures are what counts. */
const unpadded = (text: string): string =>
  text.replaceAll(/ {2,}/g, " ").replaceAll(/-{3,}/g, "---");

test("every figure of the page on fairness is one of the bench's last run", async () => {
  const told = await readFile(join(root, "docs/fairness.md"), "utf8");
  assert.equal(unpadded(told), unpadded(document(results)));
});

test("a recording that somebody plays stands in the results alone: the page tells of the repository's traces", () => {
  const [scores] = Object.values(results.traces);
  assert(scores !== undefined);
  const played = { ...results, traces: { "own.csv": scores, ...results.traces } };
  assert.equal(document(played), document(results));
  assert.match(document(results), /\| vtc-arena-27clients\.csv \| balanced/);
});

test("the pictures show the bench's last run, and take the ink of the page", async () => {
  for (const [name, svg] of Object.entries(await pictures(results))) {
    assert.equal(await readFile(join(root, "docs/fairness", name), "utf8"), svg, name);
    assert.match(svg, /prefers-color-scheme:dark/);
    assert.doesNotMatch(svg, /(fill|stroke)="(#000|black|white|#fff)"/);
  }
});

test("the last run missed no bar that it does not own up to", () => {
  const figures = [
    ...Object.values(results.acceptance).flatMap((one) => Object.values(one.figures)),
    ...Object.values(results.traceBars),
  ];
  assert(figures.length > 50, `only ${figures.length} figures`);
  for (const { value, bar, holds } of figures) {
    if (bar === undefined) continue;
    const within = [...bar.matchAll(/(>=|<=) ([\d.-]+)/g)].every(([, sign, limit]) =>
      sign === ">=" ? value >= Number(limit) : value <= Number(limit),
    );
    assert.equal(holds, within, `${value} ${bar}`);
  }
});
