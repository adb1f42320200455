import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { startCistern } from "../cli/cistern-process.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const part = join(import.meta.dirname, "../../src/catalog");
const folder = await temporaryFolder();
after(() => folder.remove());

async function check(file: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const cistern = startCistern({}, "catalog", "check", file);
  return { code: await cistern.ended(), stdout: cistern.stdout(), stderr: cistern.stderr() };
}

async function written(name: string, text: string): Promise<string> {
  const file = join(folder.path, name);
  await writeFile(file, text);
  return file;
}

/** The README's example; the folder has no packages, so the one that it imports is named by its file. */
async function example(): Promise<string> {
  const [, snippet = ""] =
    /^```ts\n(.*?)^```/ms.exec(await readFile(join(part, "README.md"), "utf8")) ?? [];
  const here = JSON.stringify(join(part, "define-catalog.ts"));
  return snippet.replace('"cistern"', here);
}

test("the README's example is sound as it stands", async () => {
  const { code, stdout, stderr } = await check(await written("cistern.config.ts", await example()));
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^The catalog is sound\.\nMeters: chat, image\nRate cards:\n {2}standard@[0-9a-f]{16}: 3 rows\nContent: [0-9a-f]{64}\n$/,
  );
});

test("the same catalog as JSON has the same content", async () => {
  const { default: catalog }: { default: unknown } = await import(
    await written("as-module.ts", await example())
  );
  const json = await written("catalog.json", JSON.stringify(catalog));
  const module = await check(join(folder.path, "as-module.ts"));
  assert.equal((await check(json)).stdout, module.stdout);
});

test("a catalog with faults lists each on a line of its own, and ends with 2", async () => {
  const text = (await example())
    .replace('meter: "image"', 'meter: "paint"')
    .replace('"62.5"', '"-1"');
  const { code, stdout, stderr } = await check(await written("bad.ts", text));
  assert.equal(code, 2);
  assert.match(stderr, /bad\.ts has 2 fault\(s\)/);
  assert.match(stderr, /\n {2}\/rateCards\/standard\/rows\/1\/perMillion\/input_text must match/);
  assert.match(stderr, /\n {2}\/rateCards\/standard\/rows\/2\/meter is paint, which is no meter/);
  assert.equal(stdout, "");
});

test("a file that is missing, throws, or exports nothing is told in one message", async () => {
  const files = [
    join(folder.path, "none.ts"),
    await written("throws.mjs", 'throw new Error("not today");'),
    await written("nothing.mjs", ""),
    await written("broken.json", "{"),
  ];
  const words = [
    /cannot be loaded: Cannot find module/,
    /cannot be loaded: not today/,
    /must be object/,
    /cannot be loaded/,
  ];
  for (const [index, file] of files.entries()) {
    const { code, stderr } = await check(file);
    assert.equal(code, 2, stderr);
    assert.match(stderr, words[index] ?? /never/);
    assert.doesNotMatch(stderr, /^ +at /m);
  }
});
