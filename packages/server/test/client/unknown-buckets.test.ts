/** A program that began while Cistern was away does not know in which buckets its calls are priced; they are charged all the same, once. */
import assert from "node:assert/strict";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import OpenAI from "openai";
import { createCistern } from "@cistern/client";
import { meteredFetch } from "@cistern/client/fetch";
import { createCollector } from "@cistern/client/metering";
import { openNodeJournal } from "@cistern/client/node-journal";
import { answering, startProvider } from "../../../client/test/collectors/provider.ts";
import { eventually, startApi, workspaceWith } from "../api/api-server.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const message = { role: "assistant", content: "Hello." };
const answer = {
  id: "chatcmpl-1",
  model: "gpt-5",
  choices: [{ index: 0, message, finish_reason: "stop" }],
  usage: {
    prompt_tokens: 1000,
    completion_tokens: 60,
    prompt_tokens_details: { cached_tokens: 900, audio_tokens: 40 },
    completion_tokens_details: { reasoning_tokens: 50 },
  },
};

/** The server as a program sees it: away, or there, and then with an answer that is lost. */
function network() {
  let isAway = true;
  let loses = false;
  return {
    fetch: async (url: string, request: RequestInit) => {
      if (isAway) throw new TypeError("fetch failed");
      const response = await fetch(url, request);
      if (!loses || !url.includes("/debits") || !response.ok) return response;
      loses = false;
      throw new TypeError("fetch failed");
    },
    comesBack: () => {
      isAway = false;
      loses = true;
    },
  };
}

test("usage in buckets that its price does not know is charged when Cistern is back, in those that it knows, once", async () => {
  const api = await startApi();
  await workspaceWith(api, "acme", "1000");
  await using provider = await startProvider(answering(answer));
  const path = join((await temporaryFolder()).path, "reports.jsonl");
  const journal = await openNodeJournal({ path });
  const { fetch: send, comesBack } = network();
  const cistern = createCistern({
    url: api.url,
    apiKey: api.key,
    retriesMax: 0,
    environment: { fetch: send },
    failureMode: {
      kind: "open_with_journal",
      journal,
      holdsMax: 10,
      creditsMax: "100",
      creditsPerEstimate: "5",
    },
  });
  const credits = createCollector({ cistern, scope: { workspace: "acme", member: "ana" } });
  const openai = new OpenAI({
    apiKey: "sk-1",
    baseURL: `${provider.url}/v1`,
    fetch: meteredFetch(credits),
  });
  await openai.chat.completions.create({
    model: "gpt-5",
    messages: [{ role: "user", content: "Say hello." }],
  });
  await credits.idle();
  assert.equal(journal.pending().length, 1);
  comesBack();
  await eventually(
    () => Promise.resolve(journal.pending().length),
    (waiting) => waiting === 0,
  );
  await cistern.close();
  await assert.rejects(access(`${path}.refused`));
  const rows = (await api.get("/v1/workspaces/acme/usage")).rows();
  assert.deepEqual(
    rows.map(({ member, usage, response }) => ({ member, usage, response })),
    [
      {
        member: "ana",
        usage: { cache_read: 900, input_text: 100, output_reasoning: 50, output_text: 10 },
        response: "chatcmpl-1",
      },
    ],
  );
});
