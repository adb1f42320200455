/** The page about runs: its program runs as it stands, and prints what an agent meets at its limit. */
import { strictEqual } from "node:assert";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "../..");

test("an agent meets the limit of its run, which is paused, raised and closed", async () => {
  strictEqual(
    await printed(0),
    ["limit_reached: limit of research-web", "paused at 8", "{ run: 'research' }", ""].join("\n"),
  );
});

test("a prepaid run finds its credits when the pool is empty, and gives back what it leaves", async () => {
  strictEqual(await printed(1), "10\n10\n");
});

/** What a snippet of the page prints. */
async function printed(place: number): Promise<string> {
  const page = await readFile(join(root, "docs/runs.md"), "utf8");
  const snippet = [...page.matchAll(/^```ts\n(.*?)^```/gms)][place]?.[1] ?? "";
  const folder = await mkdtemp(join(tmpdir(), "cistern-runs-"));
  const code = snippet.replace("./.cistern-embedded", folder);
  const flags = ["--conditions=cistern-source", "--input-type=module-typescript", "--eval", code];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: root });
  await rm(folder, { recursive: true, force: true });
  return stdout;
}
