/** Owns: which protocol a request to a provider is in. */
import { anthropicMessages } from "./anthropic-messages.ts";
import type { Dialect } from "./dialect.ts";
import { googleContent } from "./google-content.ts";
import { googleEmbeddings, googlePredict } from "./google-embeddings.ts";
import { openaiSpeech, openaiTranscriptions } from "./openai-audio.ts";
import { openaiChat, openaiCompletions } from "./openai-chat.ts";
import { openaiEmbeddings } from "./openai-embeddings.ts";
import { openaiImages } from "./openai-images.ts";
import { openaiResponses } from "./openai-responses.ts";

export type { Dialect } from "./dialect.ts";

/** All protocols that are metered, the more particular path first. */
const dialects: readonly Dialect[] = [
  openaiChat,
  openaiCompletions,
  openaiResponses,
  anthropicMessages,
  googleContent,
  openaiEmbeddings,
  openaiImages,
  openaiSpeech,
  openaiTranscriptions,
  googleEmbeddings,
  googlePredict,
];

/** The protocol of a POST to this path; undefined: none that is metered. */
export function dialectOf(path: string): Dialect | undefined {
  const known = path.toLowerCase();
  return dialects.find((dialect) => dialect.speaks(known));
}
