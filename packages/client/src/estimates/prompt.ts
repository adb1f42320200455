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
