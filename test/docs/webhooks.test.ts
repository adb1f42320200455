/** The page about webhooks: its endpoint is set by its own program, and its receiver takes what is sent, once each. */
import { strictEqual } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { startApi, workspaceWith } from "../../packages/server/test/api/api-server.ts";

const root = join(import.meta.dirname, "../..");
const page = await readFile(join(root, "docs/webhooks.md"), "utf8");
const [setting = "", receiving = ""] = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(
  ([, code]) => code ?? "",
);

test("the receiver of the page verifies what the endpoint of the page is sent, and takes each event once", async () => {
  const api = await startApi({ CISTERN_WEBHOOKS_ALLOW_LOOPBACK: "1" });
  const port = `${await freePort()}`;
  const secret = await firstLine(
    run(setting, {
      CISTERN_URL: api.url,
      CISTERN_API_KEY: api.key,
      RECEIVER_URL: `http://127.0.0.1:${port}/in`,
    }),
  );
  const receiver = run(receiving, { PORT: port, WEBHOOK_SECRET: secret });
  after(() => receiver.kill());
  let printed = "";
  receiver.stdout?.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  while ((await api.post("/v1/webhooks/crm/test")).body["taken"] !== true);
  await workspaceWith(api, "acme", "10");
  const since = "2026-01-01T00:00:00Z";
  const lines = () => printed.trim().split("\n");
  const end = Date.now() + 20_000;
  while (lines().length < 2 && Date.now() < end) await once(receiver.stdout ?? receiver, "data");
  await api.post("/v1/webhooks/crm/replay", { since });
  const attempts = async () => (await api.get("/v1/webhooks/crm/attempts")).rows();
  while ((await attempts()).length < 2 && Date.now() < end);
  strictEqual(
    printed,
    "/webhooks/crm webhook.test\n/workspaces/acme credits.granted\n",
    "the workspace's creation was not asked for, and what came again was known",
  );
});

function run(code: string, env: Readonly<Record<string, string>>): ChildProcess {
  const flags = ["--conditions=cistern-source", "--input-type=module-typescript", "--eval", code];
  return spawn(process.execPath, flags, {
    cwd: join(root, "packages/server"),
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  let text = "";
  if (stdout === null) return text;
  for await (const piece of stdout) text += String(piece);
  return text.trim();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}
