import { isJson } from "../providers/json.ts";

/** What a request asks a model to read, in any provider's form. */
export interface Prompt {
  /** Everything that is text: messages, instructions, schemas of tools. */
  readonly texts: readonly string[];
  readonly messages: number;
  /** Images, files and sounds, whose size in tokens only the provider knows. */
  readonly attachments: number;
  /** Tokens that the caller has counted already. */
  readonly tokens: number;
}

/** Collects a prompt. Mutable until it is taken. Nothing that it is given makes it throw. */
export class PromptReader {
  readonly texts: string[] = [];
  messages = 0;
  attachments = 0;
  tokens = 0;

  /** A message, or another unit that a provider wraps. */
  message(): void {
    this.messages += 1;
  }

  text(text: unknown): void {
    if (typeof text === "string") this.texts.push(text);
  }

  attachment(): void {
    this.attachments += 1;
  }

  /** What is sent as JSON, such as the schemas of tools. */
  json(value: unknown): void {
    if (value === undefined || value === null) return;
    try {
      this.texts.push(JSON.stringify(value));
    } catch {
      // Nested too deep to be written again; whoever sends that counts on nobody.
      this.attachments += 1;
    }
  }

  /** A text, texts, a list of tokens, or lists of tokens. */
  tokensOrTexts(value: unknown): void {
    if (!Array.isArray(value)) {
      this.text(value);
      return;
    }
    for (const each of value)
      if (typeof each === "number") this.tokens += 1;
      else if (Array.isArray(each)) this.tokens += each.length;
      else this.text(each);
  }
}

/**
 * Reads a prompt in no form that is known beforehand: a text, a list of messages or parts, or an object of them. What has bytes or a place in
 * the network is an attachment; what is no text is counted as the JSON that it is sent as.
 */
export function promptIn(value: unknown): Prompt {
  const prompt = new PromptReader();
  if (Array.isArray(value)) for (const message of value) readMessage(prompt, message);
  else if (value !== undefined && value !== null) readMessage(prompt, value);
  return prompt;
}

function readMessage(prompt: PromptReader, message: unknown): void {
  prompt.message();
  if (!isJson(message)) {
    prompt.text(message);
    return;
  }
  const { content, parts, tool_calls: calls } = message;
  if (content === undefined && parts === undefined) readPart(prompt, message);
  for (const said of [content, parts])
    if (Array.isArray(said)) for (const part of said) readPart(prompt, part);
    else if (typeof said === "string") prompt.text(said);
    else if (isJson(said)) readPart(prompt, said);
  if (Array.isArray(calls)) for (const call of calls) prompt.json(call);
}

const attachments: readonly string[] = [
  "image",
  "image_url",
  "input_image",
  "file",
  "input_file",
  "audio",
  "input_audio",
  "document",
  "media",
];

function readPart(prompt: PromptReader, part: unknown): void {
  if (!isJson(part)) {
    prompt.text(part);
    return;
  }
  const { type, text, content, output, inlineData } = part;
  const nested = isJson(output) ? output["value"] : content;
  if (typeof text === "string") prompt.text(text);
  else if (Array.isArray(nested)) for (const inner of nested) readPart(prompt, inner);
  else if ((typeof type === "string" && attachments.includes(type)) || inlineData !== undefined)
    prompt.attachment();
  else prompt.json(part);
}
