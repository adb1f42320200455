import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";

const folder = new URL("..", import.meta.url);

test("the README's example runs as it stands, and prints what it says", async () => {
  const readme = await readFile(new URL("README.md", folder), "utf8");
  const snippets = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map((match) => match[1] ?? "");
  assert.equal(snippets.length, 1);
  const flags = ["--conditions=cistern-source", "--input-type=module-typescript", "--eval"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, snippets[0] ?? ""], {
    cwd: folder,
  });
  assert.equal(stdout, "unknown_workspace\n");
});
