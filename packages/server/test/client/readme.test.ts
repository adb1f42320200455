import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { workspaceWith } from "../api/api-server.ts";
import { startWithCatalog } from "../api/catalog-server.ts";

const part = fileURLToPath(new URL("../../../client", import.meta.url));
const readme = await readFile(join(part, "README.md"), "utf8");
const snippets = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] ?? "");

/** What a snippet prints as it stands, with the address of a server that listens. */
async function printed(snippet: string, url: string, journalPath: string): Promise<string> {
  const code = snippet
    .replaceAll("http://127.0.0.1:4200", url)
    .replaceAll("cst_…", api.key)
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

const api = await startWithCatalog({
  meters: { chat: { buckets: ["input_text", "output_text"] } },
  rateCards: {
    standard: { rows: [{ meter: "chat", perMillion: { input_text: "125", output_text: "1000" } }] },
  },
  plans: { team: { currency: "USD", seats: { fee: "20.00" } } },
});

const expected = ["Hello.", "60 15", "10000 true", "3.5"];

test("every snippet of the client's README runs as it stands", async () => {
  await workspaceWith(api, "acme", "1000", { currency: "USD" });
  await api.put("/v1/workspaces/acme/members/ana", { kind: "person" });
  const folder = await mkdtemp(join(tmpdir(), "cistern-readme-"));
  assert.equal(snippets.length, expected.length);
  for (const [index, snippet] of snippets.entries())
    assert.equal(await printed(snippet, api.url, join(folder, "offline.jsonl")), expected[index]);
  await rm(folder, { recursive: true });
});
