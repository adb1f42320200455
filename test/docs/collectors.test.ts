/** The page about collectors: each of its programs runs as it stands, against a real server and a stand-in for the provider. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import {
  type Script,
  answering,
  sse,
  startProvider,
} from "../../packages/client/test/collectors/provider.ts";
import { workspaceWith } from "../../packages/server/test/api/api-server.ts";
import { startWithCatalog } from "../../packages/server/test/api/catalog-server.ts";

const root = join(import.meta.dirname, "../..");
const page = await readFile(join(root, "docs/collectors.md"), "utf8");
const [beginning = "", ...programs] = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(
  ([, program = ""]) => program,
);

const chat = { buckets: ["input_text", "output_text"] };
const api = await startWithCatalog({
  meters: { chat, transcription: { buckets: ["seconds"] } },
  rateCards: {
    standard: {
      rows: [
        { meter: "chat", perMillion: { input_text: "125", output_text: "1000" } },
        { meter: "transcription", perMillion: { seconds: "10000" } },
      ],
    },
  },
  outcomes: { resolution: { kind: "conversation" } },
  plans: { resolved: { currency: "EUR", outcomes: { resolution: "0.99" } } },
});

const about = { id: "chatcmpl-1", object: "chat.completion", model: "gpt-5", created: 1 };
const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
const message = { role: "assistant", content: "Hello." };
const greeting: Script = async (call, response) => {
  if (call.json["stream"] !== true) {
    const choices = [{ index: 0, message, finish_reason: "stop" }];
    await answering({ ...about, choices, usage })(call, response);
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const choices = [{ index: 0, delta: { content: "Hello." }, finish_reason: "stop" }];
  response.write(sse({ ...about, choices }));
  response.end(sse({ ...about, choices: [], usage }) + sse("[DONE]"));
};

const chatted = {
  member: "ana",
  credits: "0.005125",
  meter: "chat",
  usage: { input_text: 9, output_text: 4 },
};

/** What each program prints, and what it is charged. */
const expected: readonly Program[] = [
  { prints: ["Hello.", "200 Hello.", "402 pool_exhausted"], charges: [chatted, chatted] },
  {
    prints: ["Hello.", "Good morning."],
    charges: [
      chatted,
      { member: "ana", credits: "0.12", meter: "transcription", usage: { seconds: 12 } },
    ],
  },
  {
    prints: [
      "Found. cistern.member=ana,userId=alice",
      "Found. cistern.member=ben,cistern.project=spring",
    ],
    charges: ["ana", "ben"].map((member) => ({
      member,
      credits: "0.001125",
      meter: "chat",
      usage: { input_text: 9 },
      estimated: true,
    })),
  },
  { prints: ["0.5"], charges: [{ member: "ana", credits: "0.5" }] },
  {
    prints: ["Hello."],
    charges: [
      {
        member: "ana",
        credits: "0.002875",
        meter: "chat",
        usage: { input_text: 7, output_text: 2 },
        estimated: true,
      },
    ],
  },
  { prints: ["Hello.", "402 pool_exhausted"], charges: [chatted] },
  { prints: ["Hello."], charges: [chatted] },
  {
    prints: [
      "claimed: claimed",
      "the first one: superseded",
      "confirmed: 99 EUR",
      "reopened: reversed",
    ],
    charges: [],
  },
  {
    prints: ["{ chat: { calls: 1, ratio: 2, outputP95: undefined } }"],
    charges: [
      {
        member: "ana",
        credits: "0.3",
        meter: "chat",
        usage: { input_text: 800, output_text: 200 },
      },
    ],
  },
];

interface Program {
  readonly prints: readonly string[];
  readonly charges: readonly object[];
}

test("every program about collectors runs as it stands, and is charged what it used", async () => {
  strictEqual(programs.length, expected.length);
  await workspaceWith(api, "acme", "1000", { currency: "EUR" });
  await api.put("/v1/workspaces/acme/subscription", { plan: "resolved" });
  await using provider = await startProvider(greeting);
  for (const [index, program] of programs.entries()) {
    const code = (beginning + program)
      .replaceAll("http://127.0.0.1:4200", api.url)
      .replaceAll("cst_…", api.key)
      .replaceAll("sk-…", "sk-test")
      .replaceAll("https://api.openai.com", provider.url);
    const flags = ["--conditions=cistern-source", "--input-type=module-typescript", "--eval", code];
    const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: root });
    strictEqual(stdout, [...(expected[index]?.prints ?? []), ""].join("\n"));
  }
  const charges = expected.flatMap(({ charges: each }) => each);
  let rows: readonly object[] = [];
  // Reports follow the journal.
  while (rows.length < charges.length) rows = (await api.get(usagePath)).rows();
  deepStrictEqual(rows.map(seen), charges);
});

const usagePath = "/v1/workspaces/acme/usage?limit=100";

const seen = (row: object): object =>
  Object.fromEntries(
    Object.entries(row).filter(([name]) =>
      ["member", "meter", "usage", "estimated", "credits"].includes(name),
    ),
  );
