// Owns: Google's embeddings, of the Gemini API, and `:predict` of Vertex and the Gemini API, which embeds texts or makes pictures.
import { type Estimator, countPrompt } from "../estimates/estimator.ts";
import { PromptReader } from "../estimates/prompt.ts";
import type { Dialect, Exchange, ProviderRequest } from "./dialect.ts";
import { contentUsage, readContent } from "./google-content.ts";
import { type Json, isJson, listAt, objectAt, quantityAt, textAt } from "./json.ts";
import { modelInPath } from "./model-in-path.ts";
import { type WholeAnswer, WholeReader } from "./whole-reader.ts";

/** `POST …:embedContent`, `…:batchEmbedContents`. */
export const googleEmbeddings: Dialect = {
  name: "google.embedContent",
  speaks: (path) => /:(embedcontent|batchembedcontents)$/.test(path),
  exchange: ({ body, path }, { estimator }) => {
    const prompt = new PromptReader();
    for (const request of [body, ...listAt(body, "requests")])
      if (isJson(request)) readContent(prompt, request["content"]);
    return embedding({ path, prompt, estimator }, embedded);
  },
};

/** `POST …:predict`. */
export const googlePredict: Dialect = {
  name: "google.predict",
  speaks: (path) => path.endsWith(":predict"),
  exchange: ({ body, path }, { estimator }) => {
    const prompt = new PromptReader();
    const instances = listAt(body, "instances");
    if (instances.some((each) => textAt(each, "prompt") !== undefined))
      return picture({ body, path });
    for (const instance of instances) prompt.text(textAt(instance, "content"));
    return embedding({ path, prompt, estimator }, predicted);
  },
};

interface Embedding {
  readonly path: string;
  readonly prompt: PromptReader;
  readonly estimator: Estimator;
}

function embedding(
  { path, prompt, estimator }: Embedding,
  read: (body: unknown) => WholeAnswer,
): Exchange {
  const input = countPrompt(estimator, prompt);
  return {
    kind: "embedding",
    model: modelInPath(path),
    estimate: { input_text: estimator.safe(input) },
    input: { input_text: input },
    read: () => new WholeReader(read),
  };
}

function embedded(body: unknown): WholeAnswer {
  const usage = contentUsage(objectAt(body, "usageMetadata"));
  const hasVectors = isJson(body) && (body["embedding"] ?? body["embeddings"]) !== undefined;
  return { usage, isWhole: hasVectors || usage !== undefined };
}

function predicted(body: unknown): WholeAnswer {
  const predictions = listAt(body, "predictions");
  const counts = predictions.map((each) =>
    quantityAt(objectAt(objectAt(each, "embeddings"), "statistics"), "token_count"),
  );
  const told = counts.filter((count) => count !== undefined);
  return {
    isWhole: predictions.length > 0,
    ...(told.length === predictions.length && told.length > 0
      ? { usage: { input_text: told.reduce((sum, count) => sum + count, 0) } }
      : {}),
  };
}

function picture({ body, path }: Pick<ProviderRequest, "body" | "path">): Exchange {
  const samples = quantityAt(objectAt(body, "parameters"), "sampleCount") ?? 1;
  const images = Math.max(samples, 1) * listAt(body, "instances").length;
  return {
    kind: "image",
    model: modelInPath(path),
    estimate: { images },
    input: {},
    read: () => new WholeReader(drawn, { images }),
  };
}

/** A picture that was filtered out is no picture. */
function drawn(body: unknown): WholeAnswer {
  const predictions = listAt(body, "predictions");
  const images = predictions.filter(hasPicture).length;
  return { usage: { images }, isWhole: isJson(body) && Array.isArray(body["predictions"]) };
}

const hasPicture = (prediction: unknown): boolean => isJson(prediction) && hasBytes(prediction);

const hasBytes = (prediction: Json): boolean =>
  (prediction["bytesBase64Encoded"] ?? prediction["gcsUri"]) !== undefined;
