import type { RunnableRow } from "../cell.ts";
import { aiSdkMeterRows } from "./ai-sdk-meter.ts";
import { aiSdkRows } from "./ai-sdk.ts";
import { anthropicGatewayRow, anthropicRow } from "./anthropic.ts";
import { googleGatewayRow, googleRow } from "./google.ts";
import { langchainRow } from "./langchain.ts";
import { mcpRow } from "./mcp.ts";
import { openaiGatewayRows, openaiRows } from "./openai.ts";

/** All rows, in the order of the table. */
export const rows: readonly RunnableRow[] = [
  ...aiSdkRows,
  ...aiSdkMeterRows,
  ...openaiRows,
  anthropicRow,
  googleRow,
  langchainRow,
  mcpRow,
  ...openaiGatewayRows,
  anthropicGatewayRow,
  googleGatewayRow,
];
