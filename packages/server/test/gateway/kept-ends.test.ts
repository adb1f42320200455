/** What a call through the gateway used outlives the database that went away, and the node that could not tell it; it is charged once. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import OpenAI from "openai";
import { type Script, sse, startProvider } from "../../../client/test/collectors/provider.ts";
import { callsTo, eventually, startApi, workspaceWith } from "../api/api-server.ts";
import { startCistern } from "../cli/cistern-process.ts";
import { wayToDatabase } from "../database-way.ts";
import { freshDatabase } from "../fresh-database.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const apiKey = "cst_admin_of_the_tests";

const chunk = (content: string, finish: string | null = null) =>
  sse({
    id: "chatcmpl-1",
    model: "gpt-5",
    choices: [{ index: 0, delta: { content }, finish_reason: finish }],
  });
const usage = { prompt_tokens: 1000, completion_tokens: 60 };
const usageChunk = sse({ id: "chatcmpl-1", model: "gpt-5", choices: [], usage });

/** A provider that goes on with its answer when it is told to. */
function inTwoParts() {
  const going = Promise.withResolvers<void>();
  const script: Script = async (_call, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(chunk("Hel"));
    await going.promise;
    for (const part of [chunk("lo."), chunk("", "stop"), usageChunk]) response.write(part);
    response.end(sse("[DONE]"));
  };
  return { script, goOn: going.resolve };
}

async function nodeOn(env: Readonly<Record<string, string>>) {
  const node = startCistern({ CISTERN_API_KEY: apiKey, CISTERN_LOG: "fatal", ...env }, "serve");
  const api = callsTo(await node.ready(), apiKey);
  return { api, kill: () => node.stop("SIGKILL"), stop: () => node.stop() };
}

test("an answer that ends while the database is away is charged once, though the node is killed before it is back", async () => {
  const { script, goOn } = inTwoParts();
  await using provider = await startProvider(script);
  const database = await freshDatabase();
  const way = await wayToDatabase(database.url);
  const { path: folder } = await temporaryFolder();
  const env = {
    CISTERN_DATA: folder,
    CISTERN_GATEWAY: JSON.stringify({ openai: { url: provider.url } }),
  };
  const first = await nodeOn({ ...env, DATABASE_URL: way.url });
  await workspaceWith(first.api, "acme", "1000");
  const openai = new OpenAI({
    apiKey,
    baseURL: `${first.api.url}/gateway/openai/v1`,
    defaultHeaders: { "x-cistern-workspace": "acme", "x-cistern-member": "ana" },
    maxRetries: 0,
  });
  const stream = await openai.chat.completions.create({
    model: "gpt-5",
    messages: [{ role: "user", content: "Say hello." }],
    stream: true,
  });
  let said = "";
  for await (const { choices } of stream) {
    if (said === "") {
      way.close();
      goOn();
    }
    said += choices[0]?.delta.content ?? "";
  }
  assert.equal(said, "Hello.");
  await eventually(
    () => readFile(join(folder, "gateway.jsonl"), "utf8"),
    (text) => text.includes("/settle"),
  );
  await first.kill();
  way.open();
  for (const next of ["the next start", "the one after it"]) {
    const node = await nodeOn({ ...env, DATABASE_URL: database.url });
    const ends = await eventually(
      () => node.api.get("/v1/workspaces/acme/events?after=0.0&limit=100"),
      (page) => page.rows().some(({ type }) => type === "hold.settled"),
    );
    const settled = ends.rows().filter(({ type }) => type === "hold.settled");
    const told = settled.map(({ data }) => Object(data));
    assert.deepEqual(
      told.map(({ usage: used, outcome, estimated }) => ({ used, outcome, estimated })),
      [{ used: { input_text: 1000, output_text: 60 }, outcome: "delivered", estimated: undefined }],
      next,
    );
    await node.stop();
  }
  assert.equal(await readFile(join(folder, "gateway.jsonl"), "utf8"), "");
});

test("two nodes with a gateway do not share a data folder", async () => {
  const { path: folder } = await temporaryFolder();
  const env = {
    CISTERN_DATA: folder,
    CISTERN_GATEWAY: JSON.stringify({ openai: { url: "http://127.0.0.1:1" } }),
  };
  await startApi(env);
  await assert.rejects(startApi(env), {
    name: "GatewayFault",
    code: "in_use",
    message: /gateway\.jsonl is in use by process \d+ .*set CISTERN_DATA/u,
  });
});
