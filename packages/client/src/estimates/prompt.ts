/** What a request asks a model to read, in any provider's form. */
export interface Prompt {
  /** Everything that is text: messages, instructions, schemas of tools. */
  readonly texts: readonly string[];
  readonly messages: number;
  /** Images, files and sounds, whose size in tokens only the provider knows. */
  readonly attachments: number;
}

/** Collects a prompt. Mutable until it is taken. */
export class PromptReader {
  readonly texts: string[] = [];
  messages = 0;
  attachments = 0;

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
    if (value !== undefined && value !== null) this.texts.push(JSON.stringify(value));
  }
}
