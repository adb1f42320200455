// An answer in one piece whose connection is lost in the middle of its JSON: what came of it counts, and no figure that may not be the last word.
import assert from "node:assert/strict";
import { test } from "node:test";
import { meteredFetch } from "@cistern/client/fetch";
import { accepting } from "./accepting.ts";
import { cutAfter, startProvider } from "./provider.ts";

const completion = (usage: object) => ({
  id: "chatcmpl-1",
  model: "gpt-5",
  choices: [{ index: 0, message: { content: "Hello, you." }, finish_reason: "stop" }],
  usage,
  system_fingerprint: "fp_1",
});
const chat = {
  path: "/v1/chat/completions",
  body: { model: "gpt-5", messages: [{ role: "user", content: "Say hello." }] },
};
const embedding = {
  path: "/v1/embeddings",
  body: { model: "text-embedding-3-small", input: "Say hello." },
};
const picture = {
  path: "/v1/images/generations",
  body: { model: "dall-e-3", prompt: "Say hello." },
};

const file = new File([new Uint8Array(48_000)], "call.mp3", { type: "audio/mpeg" });
const transcription = { path: "/v1/audio/transcriptions", body: { model: "whisper-1", file } };

/** How the hold of a call ends whose answer is cut behind a text. */
async function endOf(
  { path, body }: { readonly path: string; readonly body: object },
  behind: string,
  answer: object,
): Promise<unknown> {
  const { credits, ends } = accepting();
  await using provider = await startProvider(cutAfter(behind, answer));
  const fetch = meteredFetch(credits);
  const response = await fetch(provider.url + path, { method: "POST", body: sent(body) });
  await assert.rejects(response.text());
  const [end] = await ends();
  return end?.verb === "settle" ? end.body : end?.verb;
}

function sent(body: object): string | FormData {
  if (!("file" in body)) return JSON.stringify(body);
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) form.append(name, value);
  return form;
}

/** "Say hello." and "Hello, you.", in tokens. */
const reckoned = {
  usage: { input_text: 7, output_text: 4 },
  outcome: "partial",
  estimated: true,
  response: "chatcmpl-1",
};

test("a figure whose digits were cut off is not the provider's word", async () => {
  const answer = completion({ prompt_tokens: 9, completion_tokens: 500 });
  for (const behind of ['"prompt_tokens":9', '"completion_tokens":', '"completion_tokens":5'])
    assert.deepEqual(await endOf(chat, behind, answer), reckoned, behind);
});

test("figures that lack what they include are not the provider's word, and whole ones are", async () => {
  const answer = completion({
    prompt_tokens: 2_006,
    completion_tokens: 4,
    prompt_tokens_details: { cached_tokens: 1_920, audio_tokens: 0 },
  });
  for (const behind of ['"prompt_tokens_details":{', '"cached_tokens":19', '"cached_tokens":1920,'])
    assert.deepEqual(await endOf(chat, behind, answer), reckoned, behind);
  assert.deepEqual(await endOf(chat, '"system_fingerprint":"fp', answer), {
    usage: { cache_read: 1_920, input_text: 86, output_text: 4 },
    outcome: "partial",
    response: "chatcmpl-1",
  });
});

test("vectors of which a part came are charged, and none of which nothing came", async () => {
  const answer = { object: "list", data: [{ index: 0, embedding: [0.25, 0.5] }] };
  assert.deepEqual(await endOf(embedding, "0.2", answer), {
    usage: { input_text: 3 },
    outcome: "partial",
    estimated: true,
  });
  assert.equal(await endOf(embedding, '"object":"li', answer), "release");
});

test("a picture of which a part came was drawn", async () => {
  const answer = { created: 1_790_000_000, data: [{ b64_json: "iVBORw0KGgo" }] };
  assert.deepEqual(await endOf(picture, "iVBOR", answer), {
    usage: { input_text: 3, images: 1 },
    outcome: "partial",
    estimated: true,
  });
  assert.equal(await endOf(picture, '"created":17900', answer), "release");
});

test("how long a recording is counts when its last digit has come", async () => {
  const answer = { task: "transcribe", duration: 125.5, language: "english", text: "Hello, you." };
  assert.equal(await endOf(transcription, '"duration":12', answer), "release");
  assert.deepEqual(await endOf(transcription, "Hello, you", answer), {
    usage: { seconds: 126 },
    outcome: "partial",
  });
});
