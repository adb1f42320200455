import { readFile } from "node:fs/promises";
import { Temporal } from "temporal-polyfill";

/** One request of the trace: milliseconds after the first one, and its real sizes. */
export interface TraceRequest {
  readonly atMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The shipped slice; origin and licence stand beside it in `traces/README.md`. */
export const shippedTrace = new URL("../../../traces/azure-llm-2023-conv.csv", import.meta.url);

/** Reads a trace of `TIMESTAMP,ContextTokens,GeneratedTokens`, the columns of the Azure LLM inference traces. */
export async function readTrace(file: URL): Promise<readonly TraceRequest[]> {
  const [, ...lines] = (await readFile(file, "utf8")).trimEnd().split("\n");
  const rows = lines.map((line) => line.split(","));
  const instants = rows.map(([time = ""]) => Temporal.PlainDateTime.from(time.trim()));
  const first = instants[0];
  if (first === undefined) throw new Error(`The trace ${file.pathname} has no requests.`);
  return rows.map(([, input = "", output = ""], index) => ({
    atMs: Math.round(
      first.until(instants[index] ?? first, { largestUnit: "second" }).total("millisecond"),
    ),
    inputTokens: Number.parseInt(input, 10),
    outputTokens: Number.parseInt(output, 10),
  }));
}
