/** `openai` with a metered `fetch`; and the same programs through the gateway. */
import OpenAI from "openai";
import { meteredFetch } from "@cistern/client/fetch";
import type { AllTold, Connection } from "../cell.ts";
import { chat } from "../told/chat.ts";
import { embeddings } from "../told/embeddings.ts";
import { images } from "../told/images.ts";
import { responses } from "../told/responses.ts";
import { speech } from "../told/speech.ts";
import { transcriptions } from "../told/transcriptions.ts";
import { type How, type Row, type Use, runnable } from "../use.ts";

const connect = ({ url, apiKey, collector }: Connection): OpenAI =>
  new OpenAI({
    apiKey,
    baseURL: `${url}/v1`,
    ...(collector === undefined ? {} : { fetch: meteredFetch(collector) }),
  });

/** A call's options, as the SDK has them. */
const options = ({ signal, timeoutMs, retries }: How): OpenAI.RequestOptions => ({
  maxRetries: retries,
  ...(signal === undefined ? {} : { signal }),
  ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
});

const row = (sdk: string, use: Use<OpenAI>, told: AllTold): Row<OpenAI> => ({
  sdk,
  connect,
  use,
  told,
});

const question: Pick<OpenAI.ChatCompletionCreateParamsNonStreaming, "model" | "messages"> = {
  model: "gpt-5",
  messages: [{ role: "user", content: "Say hello." }],
};
const chatRow = row(
  "openai, chat",
  {
    whole: (openai, how) => openai.chat.completions.create(question, options(how)),
    stream: async function* (openai, how) {
      const body = { ...question, stream: true } as const;
      for await (const { choices } of await openai.chat.completions.create(body, options(how)))
        yield choices[0]?.delta;
    },
  },
  chat,
);

const prompt = { model: "gpt-5", input: "Say hello." };
const responsesRow = row(
  "openai, responses",
  {
    whole: (openai, how) => openai.responses.create(prompt, options(how)),
    stream: async function* (openai, how) {
      yield* await openai.responses.create({ ...prompt, stream: true }, options(how));
    },
  },
  responses,
);

const embeddingsRow = row(
  "openai, embeddings",
  {
    whole: (openai, how) =>
      openai.embeddings.create(
        { model: "text-embedding-3-small", input: "Say hello.", encoding_format: "float" },
        options(how),
      ),
  },
  embeddings,
);

const wanted = { model: "gpt-image-1", prompt: "Say hello.", quality: "low" } as const;
const imagesRow = row(
  "openai, images",
  {
    whole: (openai, how) => openai.images.generate(wanted, options(how)),
    stream: async function* (openai, how) {
      yield* await openai.images.generate({ ...wanted, stream: true }, options(how));
    },
  },
  images,
);

const text = { model: "gpt-4o-mini-tts", voice: "alloy", input: "Say hello." } as const;
const speechRow = row(
  "openai, speech",
  {
    whole: async (openai, how) => {
      const answer = await openai.audio.speech.create(text, options(how));
      return Buffer.from(await answer.arrayBuffer()).toString("base64");
    },
    stream: async function* (openai, how) {
      const body = { ...text, stream_format: "sse" } as const;
      const answer = await openai.audio.speech.create(body, options(how));
      yield* eventsIn(answer);
    },
  },
  speech,
);

/** Its events as they come: the SDK hands out the bytes alone. */
async function* eventsIn({ body }: Response): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const events = (rest + chunk).split("\n\n");
    rest = events.pop() ?? "";
    yield* events;
  }
}

const file = new File([new Uint8Array(48_000)], "call.mp3", { type: "audio/mpeg" });
const recording = { model: "gpt-4o-transcribe", file };
const transcriptionRow = row(
  "openai, transcriptions",
  {
    whole: (openai, how) => openai.audio.transcriptions.create(recording, options(how)),
    stream: async function* (openai, how) {
      const body = { ...recording, stream: true } as const;
      yield* await openai.audio.transcriptions.create(body, options(how));
    },
  },
  transcriptions,
);

/** See the file head. */
export const openaiRows = [
  runnable(chatRow),
  runnable(responsesRow),
  runnable(embeddingsRow),
  runnable(imagesRow),
  runnable(speechRow),
  runnable(transcriptionRow),
];
export const openaiGatewayRows = [
  runnable({ ...chatRow, sdk: "gateway, OpenAI chat" }, "openai"),
  runnable({ ...responsesRow, sdk: "gateway, OpenAI responses" }, "openai"),
];
