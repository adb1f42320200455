/** The page about imports: its command runs as it stands, and finds nothing wrong with its file. */
import { match, ok } from "node:assert";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { createCistern } from "cistern";
import { freshDatabase } from "../../packages/server/test/fresh-database.ts";

/** What npm runs, without a look at what is installed. */
const command = `"${process.execPath}" --conditions=cistern-source packages/server/src/cli/main.ts`;
const root = join(import.meta.dirname, "../..");

test("the file of the page is checked, and would be charged whole", async () => {
  const page = await readFile(join(root, "docs/import.md"), "utf8");
  const snippet = /^```sh\n(.*?)^```/ms.exec(page)?.[1] ?? "";
  ok(snippet.includes("--dry-run"));
  const { url } = await freshDatabase();
  const cistern = await createCistern({ databaseUrl: url });
  await cistern.createWorkspace({ id: "acme" });
  await cistern.close();
  const folder = await mkdtemp(join(tmpdir(), "cistern-import-"));
  const here = snippet
    .replaceAll("usage.csv", join(folder, "usage.csv"))
    .replace("npm run -s cistern --", command)
    .replace("2026-11-02", new Date(Date.now() - 86_400_000).toISOString().slice(0, 10));
  const env = { ...process.env, DATABASE_URL: url };
  const { stdout } = await promisify(execFile)("bash", ["-ceu", here], { cwd: root, env });
  await rm(folder, { recursive: true, force: true });
  match(stdout, /^2 rows to tell\n {2}acme: 2 rows, /);
  ok(!stdout.includes("refused"), stdout);
});
