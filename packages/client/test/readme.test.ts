import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startPeer } from "./peer.ts";

const part = fileURLToPath(new URL("..", import.meta.url));
const readme = await readFile(join(part, "README.md"), "utf8");
const snippets = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] ?? "");

/** What a snippet prints as it stands, with the address of a server that listens. */
async function printed(snippet: string, url: string, journalPath: string): Promise<string> {
  const code = snippet
    .replaceAll("http://127.0.0.1:4200", url)
    .replaceAll("cst_…", "cst_test")
    .replaceAll(".cistern/offline.jsonl", journalPath);
  const flags = ["--conditions=cistern-source", "--input-type=module-typescript", "-e", code];
  const child = spawn(process.execPath, flags, { cwd: part, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  let text = "";
  for await (const chunk of child.stdout) text += String(chunk);
  const [exitCode] = await ended;
  assert.equal(exitCode, 0, text);
  return text.trim();
}

const expected = ["Hello.", "60 0", "3.5"];

test("every snippet of the README runs as it stands", async () => {
  await using peer = await startPeer();
  const folder = await mkdtemp(join(tmpdir(), "cistern-readme-"));
  assert.equal(snippets.length, expected.length);
  for (const [index, snippet] of snippets.entries())
    assert.equal(await printed(snippet, peer.url, join(folder, "offline.jsonl")), expected[index]);
  await rm(folder, { recursive: true });
});
