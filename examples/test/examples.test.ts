/** Every example runs as a newcomer runs it, prints what is committed beside it, and keeps books that others accept. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import {
  beancountJudges,
  canJudge,
  hledgerJudges,
} from "../../packages/server/test/books/accounting-tools.ts";
import { postingsTo, tampered } from "../../packages/server/test/books/tamper.ts";
import { freshDatabase } from "../../packages/server/test/fresh-database.ts";
import { examples } from "../main.ts";

const folder = join(import.meta.dirname, "..");
const shared = ["main.ts", "story.ts"];

test("`npm run examples` runs every example that is there", async () => {
  const files = await readdir(folder);
  const stories = files
    .filter((file) => file.endsWith(".ts") && !shared.includes(file))
    .map((file) => file.slice(0, -".ts".length));
  assert.deepEqual(stories.toSorted(), [...examples].toSorted());
});

for (const name of examples)
  test(`the example ${name} prints what is committed, and its books are accepted`, async (t) => {
    const books = await mkdtemp(join(tmpdir(), "cistern-example-"));
    t.after(() => rm(books, { recursive: true, force: true }));
    const { url } = await freshDatabase();
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["--conditions=cistern-source", join(folder, `${name}.ts`)],
      { env: { ...process.env, DATABASE_URL: url, BOOKS: books } },
    );
    assert.equal(stdout, await readFile(join(folder, `${name}.txt`), "utf8"));
    assert.equal(stderr, "");
    assert.match(stdout, /REFUSED/);
    const sums = [...stdout.matchAll(/^ {4}Sum +(\S+)$/gm)].map(([, sum]) => sum);
    assert.ok(sums.length > 0, "it tells its books");
    assert.deepEqual(new Set(sums), new Set(["0.00"]));
    await judge(t, books, name);
  });

/** hledger and beancount accept the books, and refuse them with one unit changed. */
async function judge(t: TestContext, books: string, name: string): Promise<void> {
  if (!canJudge(t)) return;
  for (const [format, judges] of [
    ["hledger", hledgerJudges],
    ["beancount", beancountJudges],
  ] as const) {
    const text = await readFile(join(books, `${name}.${format}`), "utf8");
    const { isAccepted, said } = judges(text);
    assert.ok(isAccepted, said);
    const nth = postingsTo(text, /Revenue:/) - 1;
    assert.ok(nth >= 0, `${name} has revenue`);
    assert.ok(!judges(tampered(text, /Revenue:/, nth)).isAccepted, `${format} is one unit off`);
  }
}
