import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { builtInCatalog } from "../../packages/server/src/catalog/index.ts";
import { type Server, serve } from "../../packages/server/src/server.ts";

const root = join(import.meta.dirname, "../..");
const readme = await readFile(join(root, "README.md"), "utf8");
const snippets = [...readme.matchAll(/^```(\w+)\n(.*?)^```/gms)].map(
  ([, language = "", text = ""]) => ({
    language,
    text: text.trim(),
  }),
);

const apiKey = "readme-test-key";
let folder: string;
let server: Server;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cistern-readme-"));
  server = await serve({
    host: "127.0.0.1",
    port: 0,
    folder: join(folder, "served"),
    databaseUrl: undefined,
    apiKey,
    logLevel: "warn",
    webhooksAllowLoopback: false,
    secretKeys: [],
    upstreams: new Map(),
    observationDays: undefined,
    readerStillMs: 300_000,
    sinks: [],
  });
});

after(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a snippet as it stands, but for the address and the folder; gives what it printed. */
async function run(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, CISTERN_API_KEY: apiKey },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  strictEqual(await ended, 0, text);
  return text;
}

const placed = (text: string): string =>
  text
    .replaceAll("http://127.0.0.1:4200", server.url)
    .replaceAll("./.cistern-embedded", join(folder, "embedded"));

const shell = (text: string): Promise<string> => run("bash", ["-ceu", placed(text)]);
const script = (text: string): Promise<string> =>
  run(process.execPath, [
    "--conditions=cistern-source",
    "--input-type=module-typescript",
    "-e",
    placed(text),
  ]);

test("every npm command of the README is a script of the repository", async () => {
  const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const named = [
    ...readme.matchAll(/npm (?:run )?(start|test|demo|examples|bench|simulate|chaos|cistern)\b/g),
  ].map(([, name]) => name);
  deepStrictEqual(
    new Set(named),
    new Set(["bench", "chaos", "cistern", "demo", "examples", "simulate", "start", "test"]),
  );
  for (const name of named) ok(name !== undefined && name in scripts, `npm has a script ${name}`);
});

test("every snippet of the README is one that these tests run", () => {
  deepStrictEqual(
    snippets.map(({ language, text }) =>
      language === "ts" ? "ts" : text.split(/[ \n]/, 3).join(" "),
    ),
    [
      "npm start",
      "npm test",
      "curl -sS http://127.0.0.1:4200/v1/workspaces",
      "ts",
      "ts",
      "npm run demo",
    ],
  );
});

test("the first hold in curl, then in TypeScript", async () => {
  const answers = await shell(snippets[2]?.text ?? "");
  match(answers, /"id":"acme".*"id":"grt_.*"id":"hld_/s);
  const printed = await script(snippets[3]?.text ?? "");
  match(printed, /^charged 0\.6595, returned 0\.2905$/m);
  match(printed, /limit_reached .*ana-daily/s);
});

test("the engine in one's own process", async () => {
  strictEqual(await script(snippets[4]?.text ?? ""), "Hello. 98\n");
});

test("the README lists the built-in rates as they are", () => {
  for (const row of builtInCatalog.rateCards["built-in"]?.rows ?? []) {
    const prices = Object.entries(row.perMillion ?? {}).map(
      ([bucket, price]) => `\`${bucket}\` ${price}`,
    );
    const line = `| \`${row.meter}\` | ${row.model !== undefined ? `\`${row.model}\`` : "any"} | ${prices.join(", ")} |`;
    ok(readme.replaceAll(/ +/g, " ").includes(line), `the README has the row ${line}`);
  }
});

test("the figures of the README are those of the bench's last run", async () => {
  const { figures } = JSON.parse(await readFile(join(root, "bench/results.json"), "utf8"));
  const told = [...readme.matchAll(/^\| `([\w.]+)` +\| +([\d.,]+) +\|/gm)];
  ok(told.length > 10, `only ${told.length} figures are told`);
  for (const [, name = "", value = ""] of told) {
    const measured: unknown = figures[name];
    ok(typeof measured === "number", `${name} is a figure of bench/results.json`);
    strictEqual(Number(value.replaceAll(",", "")), Number(measured.toPrecision(3)), name);
  }
});
