/** Every document of the repository: its links lead somewhere, and no snippet is new to the tests. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { execFile, execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { openDatabase } from "../../packages/server/src/database/index.ts";
import { freshDatabase } from "../../packages/server/test/fresh-database.ts";

const root = join(import.meta.dirname, "../..");
const documents = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
  { cwd: root, encoding: "utf8" },
)
  .trim()
  .split("\n");
const texts = new Map<string, string>();
for (const path of documents) texts.set(path, await readFile(join(root, path), "utf8"));

test("every link between documents and files leads somewhere", () => {
  const dead: string[] = [];
  let links = 0;
  for (const [path, text] of texts)
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      links += 1;
      const file = join(root, dirname(path), target.replace(/#.*$/, ""));
      if (!existsSync(file)) dead.push(`${path}: ${target}`);
    }
  deepStrictEqual(dead, []);
  strictEqual(links > 10, true, `only ${links} links were found`);
});

test("every part has a document that says where to start", () => {
  const parts = execFileSync("git", ["ls-files", "*/index.ts"], { cwd: root, encoding: "utf8" })
    .trim()
    .split("\n")
    .map((file) =>
      dirname(file).replace(/^packages\/(kernel|contract|client)\/src$/, "packages/$1"),
    )
    .filter((part) => /^packages\/(?:\w+|server\/src\/\w+)$/.test(part));
  deepStrictEqual(
    [...parts, "simulator", "bench", "test/chaos"].filter(
      (part) => !texts.has(`${part}/README.md`),
    ),
    [],
  );
});

test("no document has more snippets than the tests know", () => {
  const counts = Object.fromEntries(
    [...texts]
      .map(
        ([path, text]) =>
          [path, [...text.matchAll(/^```(?:ts|js|sh|bash|sql)$/gm)].length] as const,
      )
      .filter(([, count]) => count > 0),
  );
  deepStrictEqual(counts, {
    // readme.test.ts beside this one runs the curl and both programs; the three npm commands are looked up only.
    "README.md": 6,
    // readme.test.ts of each package.
    "packages/client/README.md": 4,
    "packages/kernel/README.md": 1,
    // collectors.test.ts beside this one.
    "docs/collectors.md": 10,
    // gateway.test.ts beside this one.
    "docs/gateway.md": 2,
    // runs.test.ts beside this one.
    "docs/runs.md": 2,
    // webhooks.test.ts beside this one.
    "docs/webhooks.md": 2,
    // import.test.ts beside this one.
    "docs/import.md": 1,
    // ingest.test.ts beside this one.
    "docs/ingest.md": 1,
    // catalog-command.test.ts of the server.
    "packages/server/src/catalog/README.md": 1,
    // Below.
    "packages/server/src/database/README.md": 1,
  });
});

test("the database's example runs as it stands, and leaves the schema behind", async () => {
  const part = join(root, "packages/server/src/database");
  const [, snippet = ""] =
    /^```ts\n(.*?)^```/ms.exec(await readFile(join(part, "README.md"), "utf8")) ?? [];
  const { url } = await freshDatabase();
  const here = JSON.stringify(pathToFileURL(join(part, "example.ts")).href);
  const code = snippet.replace("import.meta.url", here);
  const flags = ["--conditions=cistern-source", "--input-type=module-typescript", "--eval", code];
  const env = { ...process.env, DATABASE_URL: url };
  await promisify(execFile)(process.execPath, flags, { cwd: part, env });
  const database = await openDatabase({ url, folder: "", host: process, randomUuid: randomUUID });
  try {
    const pool = database.openPool({ purpose: "checking", connectionsMax: 1 });
    const { rows } = await pool.query("SELECT count(*)::int AS count FROM journal");
    deepStrictEqual(rows, [{ count: 0 }]);
  } finally {
    await database.close();
  }
});
