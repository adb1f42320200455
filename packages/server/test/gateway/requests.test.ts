/** Meters that price no tokens, from a collector to the ledger: on a real server, with the real SDK. */
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { createCistern } from "@cistern/client";
import { meteredFetch } from "@cistern/client/fetch";
import { createCollector } from "@cistern/client/metering";
import { answering, startProvider } from "../../../client/test/collectors/provider.ts";
import { eventually, workspaceWith } from "../api/api-server.ts";
import { startWithCatalog } from "../api/catalog-server.ts";

const api = await startWithCatalog({
  meters: { chat: { buckets: ["requests"] }, image: { buckets: ["images"] } },
  rateCards: {
    standard: {
      rows: [
        { meter: "chat", perUnit: { requests: "2" } },
        { meter: "image", perUnit: { images: "5" } },
      ],
    },
  },
});
test("a meter that prices requests charges one for each call, and one that prices images as many as came", async () => {
  await workspaceWith(api, "acme", "100");
  const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
  const message = { role: "assistant", content: "Hello." };
  const chat = { id: "c-1", choices: [{ index: 0, message, finish_reason: "stop" }], usage };
  await using provider = await startProvider(
    answering(chat),
    answering(chat),
    answering({ created: 1, data: [{ url: "http://a.test" }, { url: "http://b.test" }] }),
  );
  const cistern = createCistern({ url: api.url, apiKey: "my-own-key" });
  const credits = createCollector({ cistern, scope: { workspace: "acme", member: "ana" } });
  const openai = new OpenAI({
    apiKey: "sk-test",
    baseURL: `${provider.url}/v1`,
    maxRetries: 0,
    fetch: meteredFetch(credits),
  });
  const messages = [{ role: "user" as const, content: "Say hello." }];
  await openai.chat.completions.create({ model: "gpt-5", messages });
  await openai.chat.completions.create({ model: "gpt-5", messages });
  await openai.images.generate({ model: "dall-e-3", prompt: "A cistern.", n: 2 });
  await credits.idle();
  const acme = cistern.workspace("acme");
  const { data } = await eventually(
    async () => await acme.usage(),
    (page) => page.data.length === 3,
  );
  assert.deepEqual(
    data.map((row) => [row.meter, row.usage, row.credits]),
    [
      ["chat", { requests: 1 }, "2"],
      ["chat", { requests: 1 }, "2"],
      ["image", { images: 2 }, "10"],
    ],
  );
});
