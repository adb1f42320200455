import type { RunnableRow } from "../cell.ts";
import { gatewayChat, openaiChat } from "./openai-chat.ts";

/** All rows, in the order of the table. */
export const rows: readonly RunnableRow[] = [openaiChat, gatewayChat];
