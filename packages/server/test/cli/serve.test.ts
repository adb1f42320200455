/** `cistern serve` as a user meets it: the first start, the later ones, its end, and what can be in its way. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { callsTo, eventually, valueAt, workspaceWith } from "../api/api-server.ts";
import { freshDatabase } from "../fresh-database.ts";
import { dataFolder, program, startCistern } from "./cistern-process.ts";

const run = promisify(execFile);
const keyLine = /^cst_[0-9A-Za-z]{40}$/m;

/** The call that a start printed, as somebody would paste it. */
async function paste(
  printed: string,
  env: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const call = printed.slice(printed.indexOf("curl "), printed.indexOf("]}'") + 3);
  const { stdout } = await run("sh", ["-c", call], { env: { PATH: process.env["PATH"], ...env } });
  const answer: unknown = JSON.parse(stdout);
  return answer;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("a folder's life: first start, a pasted call, a second process, SIGTERM, a later start, SIGINT", async () => {
  const folder = await dataFolder();
  const env = { CISTERN_DATA: folder };

  const first = startCistern(env);
  const url = await first.ready();
  const key = keyLine.exec(first.stdout())?.[0] ?? "";
  assert.match(key, keyLine);
  const answer = await paste(first.stdout());
  for (const index of [0, 1, 2])
    assert.equal(valueAt(answer, `results.${index}.status`), 201, JSON.stringify(answer));
  assert.equal(valueAt(answer, "results.2.body.balance.held"), "75");
  assert.equal((await fetch(`${url}/docs/`)).status, 200);

  const second = startCistern(env);
  assert.equal(await second.ended(), 3);
  assert.match(second.stderr(), /^cistern: .*(folder|directory|in use)/i);
  assert.equal(second.stderr().trim().split("\n").length, 1, second.stderr());
  assert.equal(second.stdout(), "");

  const postmaster = join(folder, "postgres", "postmaster.pid");
  const databasePid = Number(readFileSync(postmaster, "utf8").split("\n")[0]);
  assert.ok(isAlive(databasePid));
  assert.equal(await first.stop("SIGTERM"), 0);
  assert.ok(!isAlive(databasePid), "the database outlived its server");
  assert.ok(!existsSync(postmaster));
  await assert.rejects(fetch(`${url}/livez`));

  const later = startCistern(env);
  const laterUrl = await later.ready();
  assert.doesNotMatch(later.stdout(), keyLine);
  assert.match(later.stdout(), /Bearer \$CISTERN_API_KEY/);
  const again = await paste(later.stdout(), { CISTERN_API_KEY: key });
  assert.equal(valueAt(again, "results.2.replayed"), true, JSON.stringify(again));
  assert.deepEqual(valueAt(again, "results.2.body"), valueAt(answer, "results.2.body"));
  assert.equal((await callsTo(laterUrl, key).get("/v1/workspaces/first")).at("name"), "First");
  assert.equal(await later.stop("SIGINT"), 0);
  assert.doesNotMatch(later.stderr(), /error/i);
});

test("a port in use: said plainly, and the database is stopped again", async () => {
  const folder = await dataFolder();
  const squatter = createServer().listen(0, "127.0.0.1");
  await once(squatter, "listening");
  const address: AddressInfo | string | null = squatter.address();
  assert.ok(address !== null && typeof address === "object");
  const cistern = startCistern({ CISTERN_DATA: folder, PORT: `${address.port}` });
  assert.equal(await cistern.ended(), 4);
  assert.match(
    cistern.stderr(),
    new RegExp(`^cistern: Port ${address.port} of 127\\.0\\.0\\.1 is in use\\.`),
  );
  assert.ok(!existsSync(join(folder, "postgres", "postmaster.pid")));
  squatter.close();
});

test("a start that is given up by Ctrl-C leaves nothing behind", async () => {
  const folder = await dataFolder();
  const cistern = startCistern({ CISTERN_DATA: folder });
  await eventually(
    async () => existsSync(join(folder, "postgres")),
    (there) => there,
  );
  assert.equal(await cistern.stop("SIGINT"), 0);
  assert.ok(!existsSync(join(folder, "postgres", "postmaster.pid")));
  assert.equal(cistern.stdout(), "");
});

const refused: readonly (readonly [string, Readonly<Record<string, string>>, number, RegExp])[] = [
  [
    "an unreachable database",
    { DATABASE_URL: "postgresql://127.0.0.1:1/none" },
    5,
    /cannot be reached|refused|ECONNREFUSED/i,
  ],
  ["a database URL that is none", { DATABASE_URL: "mysql://here" }, 2, /DATABASE_URL/],
  ["a port that is no number", { PORT: "http" }, 2, /^cistern: PORT is "http"; it must be/],
  ["a port past all ports", { PORT: "65536" }, 2, /PORT/],
  ["a key with a space", { CISTERN_API_KEY: "a key" }, 2, /CISTERN_API_KEY/],
  ["an address that is not ours", { HOST: "192.0.2.1" }, 4, /HOST 192\.0\.2\.1/],
];
for (const [what, env, code, words] of refused)
  test(`${what}: exit code ${code} and one line that says it`, async () => {
    const database = await freshDatabase();
    const cistern = startCistern({ DATABASE_URL: database.url, ...env });
    assert.equal(await cistern.ended(), code, cistern.stderr());
    assert.match(cistern.stderr(), /^cistern: /);
    assert.match(cistern.stderr(), words);
    assert.equal(cistern.stderr().trim().split("\n").length, 1, cistern.stderr());
    assert.equal(cistern.stdout(), "");
  });

test("an unknown command or option: exit code 2", async () => {
  for (const args of [["fly"], ["serve", "--fast"]]) {
    const cistern = startCistern({}, ...args);
    assert.equal(await cistern.ended(), 2);
    assert.match(cistern.stderr(), /unknown|too many/);
  }
});

test("a database of one's own, a key of one's own, empty variables", async () => {
  const database = await freshDatabase();
  const env = {
    DATABASE_URL: database.url,
    CISTERN_API_KEY: "my-own-key",
    HOST: "",
    CISTERN_DATA: "",
    CISTERN_LOG: "",
  };
  const cistern = startCistern(env);
  const url = await cistern.ready();
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.doesNotMatch(cistern.stdout(), /my-own-key|cst_/);
  const api = callsTo(url, "my-own-key");
  await workspaceWith(api, "acme", "10");
  const quote = { member: "ana", meter: "chat", model: "gpt-5", estimate: { input_text: 8_000 } };
  assert.equal((await api.post("/v1/workspaces/acme/quotes", quote)).at("credits"), "1");
  assert.equal(await cistern.stop(), 0);

  const withEmptyKey = startCistern({ ...env, CISTERN_API_KEY: "" });
  const again = callsTo(await withEmptyKey.ready(), "my-own-key");
  assert.doesNotMatch(withEmptyKey.stdout(), /cst_/, "there is a key already");
  assert.equal((await again.get("/v1/workspaces/acme")).status, 200);
  await withEmptyKey.stop();
});

test("killed between hold and settle: the hold expires, and its credits return", async () => {
  const folder = await dataFolder();
  const env = { CISTERN_DATA: folder, CISTERN_API_KEY: "cst_the_operators_key" };
  const first = startCistern(env);
  const before = callsTo(await first.ready(), env.CISTERN_API_KEY);
  await workspaceWith(before, "acme", "100");
  const hold = await before.post("/v1/workspaces/acme/holds", {
    member: "ana",
    credits: "75",
    ttl: "PT2S",
  });
  const kept = await before.post("/v1/workspaces/acme/holds", {
    member: "bob",
    credits: "20",
    ttl: "PT1H",
  });
  assert.deepEqual([hold.status, kept.status], [201, 201]);
  assert.equal(await first.stop("SIGKILL"), "SIGKILL");

  const second = startCistern(env);
  const after = callsTo(await second.ready(), env.CISTERN_API_KEY);
  assert.match(second.stdout(), /found running/);
  const balance = await eventually(
    () => after.get("/v1/workspaces/acme/balance"),
    (one) => one.at("available") === "80",
  );
  assert.deepEqual([balance.at("available"), balance.at("held")], ["80", "20"]);
  assert.equal(
    (await after.get(`/v1/workspaces/acme/holds/${hold.textAt("id")}`)).at("status"),
    "expired",
  );
  const settled = await after.post(
    `/v1/workspaces/acme/holds/${kept.textAt("id")}/settle`,
    { credits: "5" },
    { idempotencyKey: null },
  );
  assert.equal(settled.at("returned"), "15");
  assert.equal(await second.stop(), 0);
});

test("a server whose npm was told to stop, which ends only the shell between them, stops too", async () => {
  const database = await freshDatabase();
  const command = `"${process.execPath}" --conditions=cistern-source "${program}" serve; true`;
  const shell = spawn("sh", ["-c", command], {
    env: {
      PATH: process.env["PATH"],
      PORT: "0",
      DATABASE_URL: database.url,
      npm_lifecycle_event: "start",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  shell.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  await eventually(
    async () => printed.includes("curl"),
    (isReady) => isReady,
  );
  const url = /API +(\S+)/.exec(printed)?.[1] ?? "";
  assert.equal((await fetch(`${url}/livez`)).status, 200);
  shell.kill("SIGKILL");
  const isGone = await eventually(
    () =>
      fetch(`${url}/livez`).then(
        () => false,
        () => true,
      ),
    (gone) => gone,
  );
  assert.ok(isGone);
});

test("a server that is told to stop answers what it has taken", async () => {
  const database = await freshDatabase();
  const cistern = startCistern({ DATABASE_URL: database.url, CISTERN_API_KEY: "key-to-stop" });
  const url = await cistern.ready();
  const api = callsTo(url, "key-to-stop");
  await workspaceWith(api, "acme", "1000");
  const holds = Array.from({ length: 40 }, () =>
    api.post("/v1/workspaces/acme/holds", { member: "ana", credits: "1" }).then(
      (one) => one.status,
      () => "no connection",
    ),
  );
  await Promise.race(holds);
  const toldAt = Date.now();
  assert.equal(await cistern.stop(), 0);
  // Connections that fall idle while it stops would keep it for more than a minute.
  assert.ok(Date.now() - toldAt < 50_000);
  const answers = await Promise.all(holds);
  const again = startCistern({ DATABASE_URL: database.url, CISTERN_API_KEY: "key-to-stop" });
  const balance = await callsTo(await again.ready(), "key-to-stop").get(
    "/v1/workspaces/acme/balance",
  );
  const acknowledged = answers.filter((one) => one === 201).length;
  assert.ok(acknowledged > 0);
  assert.equal(balance.at("held"), `${acknowledged}`, JSON.stringify(answers));
  await again.stop();
});
