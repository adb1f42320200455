import type { RunnableRow } from "../cell.ts";
import { aiSdk } from "./ai-sdk.ts";
import { anthropicMessages, gatewayMessages } from "./anthropic.ts";
import { googleContent } from "./google.ts";
import { gatewayChat, openaiChat } from "./openai-chat.ts";
import { openaiResponses } from "./openai-responses.ts";

/** All rows, in the order of the table. */
export const rows: readonly RunnableRow[] = [
  aiSdk,
  openaiChat,
  openaiResponses,
  anthropicMessages,
  googleContent,
  gatewayChat,
  gatewayMessages,
];
