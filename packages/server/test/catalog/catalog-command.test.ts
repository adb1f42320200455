import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { CatalogSchema } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { type Reply, callsTo, workspaceWith } from "../api/api-server.ts";
import { startCistern } from "../cli/cistern-process.ts";
import { execute, freshDatabase } from "../fresh-database.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const part = join(import.meta.dirname, "../../src/catalog");
const folder = await temporaryFolder();
after(() => folder.remove());

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended> {
  const cistern = startCistern(env, "catalog", ...args);
  return { code: await cistern.ended(), stdout: cistern.stdout(), stderr: cistern.stderr() };
}

const check = (file: string) => run({}, "check", file);

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
  assert.match(stderr, /bad\.ts has 3 fault\(s\)/);
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

test("a module in a folder of another kind is told how to be one", async () => {
  const commonJs = await temporaryFolder();
  await writeFile(join(commonJs.path, "package.json"), '{ "type": "commonjs" }');
  const file = join(commonJs.path, "cistern.config.ts");
  await writeFile(file, await example());
  const { code, stderr } = await check(file);
  assert.equal(code, 2);
  assert.match(stderr, /Name it \.mts \(or \.mjs\), or set "type": "module"/);
  const asModule = join(commonJs.path, "cistern.config.mts");
  await writeFile(asModule, await example());
  assert.equal((await check(asModule)).code, 0);
  await commonJs.remove();
});

test("what is pushed is told with its version and its instant, once; a bad one changes nothing", async () => {
  const env = { DATABASE_URL: (await freshDatabase()).url };
  const file = await written("pushed.ts", await example());
  const first = await run(env, "push", file);
  assert.equal(first.code, 0, first.stderr);
  assert.match(
    first.stdout,
    /^Version 1 takes effect at 20\d\d-\d\d-\d\dT[\d:.]+Z\. Holds that are open/,
  );
  const again = await run(env, "push", file);
  assert.match(
    again.stdout,
    /^Version 1 is this catalog already, in effect from .*; nothing was changed\.$/m,
  );
  const bad = await written("unsound.ts", (await example()).replace('"62.5"', '"-1"'));
  const other = await written("other.ts", (await example()).replace('"62.5"', '"60"'));
  const refused: [string[], RegExp][] = [
    [["push", bad], /has 1 fault\(s\)/],
    [["push", other, "--effective-at", "2020-01-01T00:00:00Z"], /at the earliest/],
    [["push", other, "--effective-at", "tomorrow"], /RFC 3339/],
  ];
  for (const [args, words] of refused) {
    const { code, stdout, stderr } = await run(env, ...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, words);
    assert.equal(stdout, "");
  }
  assert.equal((await run(env, "push", other)).stdout.slice(0, 9), "Version 2");
});

test("a diff says what a push would change, and changes nothing", async () => {
  const env = { DATABASE_URL: (await freshDatabase()).url };
  const file = await written("before.ts", await example());
  const first = await run(env, "diff", file);
  assert.equal(first.code, 0, first.stderr);
  assert.match(
    first.stdout,
    /^Compared with the catalog that comes with Cistern, since none was pushed:\n~ meter chat\n {4}buckets: cache_read, cache_write_5m, .* -> cache_read, input_text, output_text\n/,
  );
  await run(env, "push", file);
  assert.match(
    (await run(env, "diff", file)).stdout,
    /^Compared with version 1, in effect from .*:\nNothing changes\.\n$/,
  );
  const changed = await written("after.ts", (await example()).replace('"62.5"', '"60"'));
  assert.match(
    (await run(env, "diff", changed)).stdout,
    /:\n~ standard chat\/gpt-5\*\?tier=batch\n {4}input_text: 62\.5 a million -> 60 a million\n$/,
  );
});

test("a server prices by the version in force, and by its own card before the first is", async () => {
  const { url } = await freshDatabase();
  const file = await written("served.ts", await example());
  assert.equal((await run({ DATABASE_URL: url }, "push", file)).code, 0);
  const env = { DATABASE_URL: url, CISTERN_API_KEY: "my-own-key" };
  const quote = {
    member: "ana",
    meter: "chat",
    model: "gpt-5",
    estimate: { input_text: 10_000 },
    attributes: { tier: "batch" },
  };
  const seen = async (): Promise<readonly unknown[]> => {
    const cistern = startCistern(env);
    const api = callsTo(await cistern.ready(), env.CISTERN_API_KEY);
    await workspaceWith(api, "acme", "10");
    const price = (await api.post("/v1/workspaces/acme/quotes", quote)).at("credits");
    const [version] = (await api.get("/v1/catalog")).rows();
    const current = await api.get("/v1/catalog/current");
    assert.equal(await cistern.stop(), 0);
    return [price, version?.["version"], version?.["status"], current.status];
  };
  assert.deepEqual(await seen(), ["1.25", 1, "upcoming", 404]);
  await execute(url, "UPDATE catalog_versions SET effective_at_ms = 1");
  assert.deepEqual(await seen(), ["0.625", 1, "in_force", 200]);
});

test("versions are read over the API as they were pushed, page by page, and not by a key of one workspace", async () => {
  const { url } = await freshDatabase();
  const env = { DATABASE_URL: url, CISTERN_API_KEY: "my-own-key" };
  for (const price of ["1", "2", "3"])
    await run(
      env,
      "push",
      await written(`v${price}.ts`, (await example()).replace('"62.5"', `"${price}"`)),
    );
  await execute(url, "UPDATE catalog_versions SET effective_at_ms = version WHERE version < 3");
  const cistern = startCistern(env);
  const api = callsTo(await cistern.ready(), env.CISTERN_API_KEY);
  await workspaceWith(api, "acme", "0");
  const told = (reply: Reply) => reply.rows().map((row) => [row["version"], row["status"]]);
  const first = await api.get("/v1/catalog?limit=2");
  assert.deepEqual(told(first), [
    [3, "upcoming"],
    [2, "in_force"],
  ]);
  const second = await api.get(`/v1/catalog?limit=2&cursor=${first.textAt("nextCursor")}`);
  assert.deepEqual(told(second), [[1, "past"]]);
  assert.equal(second.body["nextCursor"], undefined);
  const { default: pushed }: { default: unknown } = await import(join(folder.path, "v2.ts"));
  for (const version of ["2", "current"]) {
    const { body } = await api.get(`/v1/catalog/${version}`);
    assert.ok(Compile(CatalogSchema).Check(body), JSON.stringify(body));
    assert.deepEqual([body["version"], body["content"]], [2, pushed]);
  }
  const key = { name: "theirs", scopes: ["admin"], workspace: "acme" };
  const apiKey = (await api.post("/v1/keys", key)).textAt("key");
  for (const path of ["/v1/catalog", "/v1/catalog/current"])
    assert.equal((await api.get(path, { apiKey })).status, 403);
  assert.equal(await cistern.stop(), 0);
});

test("a running server with a database of its own takes a catalog over its API, and says what it would change", async () => {
  const data = await temporaryFolder();
  const cistern = startCistern({ CISTERN_DATA: data.path, CISTERN_API_KEY: "my-own-key" });
  const url = await cistern.ready();
  const [file, other] = [
    await written("running.ts", await example()),
    await written("running-2.ts", (await example()).replace('"62.5"', '"60"')),
  ];
  const inUse = await run({ CISTERN_DATA: data.path }, "push", file);
  assert.equal(inUse.code, 3, inUse.stderr);
  const env = { CISTERN_URL: url, CISTERN_KEY: "my-own-key" };
  assert.match(
    (await run(env, "diff", file)).stdout,
    /^Compared with the catalog that comes with Cistern/,
  );
  assert.match((await run(env, "push", file)).stdout, /^Version 1 takes effect at /);
  const again = await run({}, "push", file, "--url", `${url}/`, "--key", "my-own-key");
  assert.match(again.stdout, /^Version 1 is this catalog already/);
  assert.match(
    (await run(env, "diff", other)).stdout,
    /^Compared with version 1, .*:\n~ standard chat\/gpt-5\*\?tier=batch\n {4}input_text: 62\.5 a million -> 60 a million\n$/,
  );
  const api = callsTo(url, env.CISTERN_KEY);
  assert.deepEqual(
    (await api.get("/v1/catalog")).rows().map(({ version }) => version),
    [1],
  );
  const key = async (body: object) =>
    (await api.post("/v1/keys", { name: "k", ...body })).textAt("key");
  await workspaceWith(api, "acme", "0");
  const refused: readonly (readonly [Readonly<Record<string, string>>, number, RegExp])[] = [
    [{ ...env, CISTERN_KEY: "wrong" }, 1, /refused: The call carries no valid API key/],
    [{ CISTERN_URL: url }, 1, /refused: The call carries no valid API key/],
    [{ ...env, CISTERN_KEY: await key({ scopes: ["read"] }) }, 1, /this needs admin/],
    [
      { ...env, CISTERN_KEY: await key({ scopes: ["admin"], workspace: "acme" }) },
      1,
      /the catalog takes a key without a workspace/,
    ],
    [{ ...env, CISTERN_URL: "http://127.0.0.1:1" }, 1, /cannot be reached/],
    [{ ...env, CISTERN_URL: `${url}/docs/none` }, 1, /is no Cistern|refused/],
  ];
  for (const [given, code, words] of refused) {
    const ended = await run(given, "push", other);
    assert.match(ended.stderr, words);
    assert.equal(ended.code, code, ended.stderr);
    assert.equal(ended.stderr.trim().split("\n").length, 1, ended.stderr);
  }
  const early = await run(env, "push", other, "--effective-at", "2020-01-01T00:00:00Z");
  assert.equal(early.code, 2, early.stderr);
  assert.match(early.stderr, /at the earliest/);
  assert.equal(await cistern.stop(), 0);
  await data.remove();
});
