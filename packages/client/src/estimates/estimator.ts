// Owns: how a call is estimated before it runs, and how text that passed is counted where no provider did.
import { quantityMax } from "../providers/json.ts";
import type { Prompt } from "./prompt.ts";

/**
 * Counts text in tokens. `count` is the likeliest figure, for what was delivered; `safe` is what a hold is made with, so that it is seldom too
 * little.
 */
export interface Estimator {
  readonly name: string;
  /** Tokens of a text. */
  count(text: string): number;
  /** Tokens to hold for a count. */
  safe(tokens: number): number;
}

/**
 * The default: no tokenizer is loaded. A text counts a token for 3.5 characters, or one for four of ASCII and one for each other character,
 * whichever is more; a hold takes a tenth more.
 *
 * Errors measured beside o200k_base: documentation +28 %, code +24 %, Chinese +34 %, random base64 -58 %.
 */
export const heuristic: Estimator = {
  name: "heuristic",
  count: (text) => {
    const others = charactersBeyondAscii(text);
    const byLength = text.length / 3.5;
    const byKind = (text.length - others) / 4 + others;
    return Math.ceil(Math.max(byLength, byKind));
  },
  safe: (tokens) => Math.ceil(tokens * 1.1),
};

/** Never too little for a byte-level tokenizer, and about four times too much: a token for each byte in UTF-8. */
export const ceiling: Estimator = {
  name: "ceiling",
  count: (text) => bytesInUtf8(text),
  safe: (tokens) => tokens,
};

/**
 * Counts with a tokenizer, such as `countTokens` of `gpt-tokenizer`: exact for the models that it is made for. A text that the tokenizer will
 * not have, such as one with the name of a special token in it, is counted by `heuristic`.
 *
 * @example
 * import { countTokens } from "gpt-tokenizer";
 * const estimator = exact(countTokens);
 */
export function exact(countTokens: (text: string) => number): Estimator {
  return sound({ name: "exact", count: countTokens, safe: (tokens) => tokens });
}

/** An estimator that fails no call: where it throws, or what it says is no quantity, `heuristic` counts. */
export function sound(estimator: Estimator): Estimator {
  return {
    name: estimator.name,
    count: (text) => quantity(() => estimator.count(text)) ?? heuristic.count(text),
    safe: (tokens) => quantity(() => estimator.safe(tokens)) ?? heuristic.safe(tokens),
  };
}

function quantity(said: () => number): number | undefined {
  try {
    const tokens = Math.ceil(said());
    return tokens >= 0 && tokens <= quantityMax ? tokens : undefined;
  } catch {
    return undefined;
  }
}

function charactersBeyondAscii(text: string): number {
  let others = 0;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 127) others += 1;
  return others;
}

function bytesInUtf8(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    // A surrogate is half of a character of four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : unit >= 0xd800 && unit <= 0xdfff ? 2 : 3;
  }
  return bytes;
}

/** What a prompt puts in, likeliest. */
export function countPrompt(estimator: Estimator, prompt: Prompt): number {
  let tokens =
    prompt.tokens + prompt.messages * tokensPerMessage + prompt.attachments * tokensPerAttachment;
  for (const text of prompt.texts) tokens += estimator.count(text);
  return tokens;
}

/** What providers add around each message. */
const tokensPerMessage = 4;
/** An image in high detail, or a page of a document, as the dearer providers count one. */
export const tokensPerAttachment = 1_600;
