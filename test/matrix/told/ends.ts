/**
 * Owns the ends that are right wherever a model is asked "Say hello." and answers "Hello, you.", whatever the protocol. What the provider
 * counted is exact; where it says nothing, text counts a token for 3.5 characters, and a message four more (`heuristic`).
 */
import type { End } from "../cell.ts";

/** "Say hello." is ten characters, three tokens, and four for the message. */
export const input = 7;
/** "Hello, you", as far as an answer comes that is left or cut off: ten characters. */
const half = 3;
/** "Hello, you." is eleven characters. */
const whole = 4;

/** The provider counted nine tokens in and four out. */
export const exact: End = { usage: { input_text: 9, output_text: 4 }, outcome: "delivered" };
/** The program left the stream: what went in and what came out. */
export const left: End = reckoned("cancelled", { input_text: input, output_text: half });
/** The connection was lost: the same. */
export const cut: End = reckoned("partial", { input_text: input, output_text: half });
/** All of it came, and no usage: never free. */
export const untold: End = reckoned("delivered", { input_text: input, output_text: whole });
/** The program gave up before the answer: the provider has had the input. */
export const givenUp: End = reckoned("cancelled", { input_text: input });
/** 2,006 tokens in, 1,920 of them from a cache. */
export const cached: End = {
  usage: { cache_read: 1_920, input_text: 86, output_text: 4 },
  outcome: "delivered",
};
/** 500 tokens out, 448 of them thoughts. */
export const reasoned: End = {
  usage: { input_text: 9, output_reasoning: 448, output_text: 52 },
  outcome: "delivered",
};
/** A call of a tool is output as any other; 80 tokens in, 17 out. */
export const calledTool: End = {
  usage: { input_text: 80, output_text: 17 },
  outcome: "delivered",
};

/** The connection was lost in a call of `time` with `{"zone":"CE`: fifteen characters, though no text has come. */
export const cutInTool: End = reckoned("partial", { input_text: input, output_text: 5 });

/** An end whose usage was reckoned. */
export function reckoned(
  outcome: "delivered" | "partial" | "cancelled",
  usage: Readonly<Record<string, number>>,
): End {
  return { usage, outcome, estimated: true };
}
