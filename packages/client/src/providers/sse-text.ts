// Owns: server-sent events read out of a text as it comes, where nobody needs their bytes. T1: the same events as `SseSplitter` cuts. T2: memory
// is bounded: an event that is too large is let go, unread. T3: a text is looked through once, however it was cut.
import { fieldsOf } from "./sse.ts";

/** A generated image in a stream is a few MiB; what is larger is not parsed. */
const eventCharactersMax = 16 * 1024 * 1024;

/** Reads events out of bytes. Mutable: keeps what has no end yet. */
export class SseText {
  readonly #onEvent: (data: string, name: string) => void;
  readonly #decoder = new TextDecoder();
  /** Of the event that has no end yet; its lines end with a newline alone. */
  #parts: string[] = [];
  #length = 0;
  /** The last line of the parts is over. */
  #isAfterLine = true;
  #isAfterReturn = false;
  #isOversize = false;

  constructor(onEvent: (data: string, name: string) => void) {
    this.#onEvent = onEvent;
  }

  push(bytes: Uint8Array): void {
    this.#take(this.#withNewlines(this.#decoder.decode(bytes, { stream: true })));
  }

  /** What came after the last event: the stream is over. */
  rest(): string {
    this.#take(this.#withNewlines(this.#decoder.decode()));
    const text = this.#isOversize ? "" : this.#parts.join("");
    this.#parts = [];
    return text;
  }

  /** A return ends a line, and the newline after it ends no other. */
  #withNewlines(text: string): string {
    if (!this.#isAfterReturn && !text.includes("\r")) return text;
    if (text === "") return text;
    const own = this.#isAfterReturn && text.startsWith("\n") ? text.slice(1) : text;
    this.#isAfterReturn = text.endsWith("\r");
    return own.replaceAll(/\r\n?/g, "\n");
  }

  #take(text: string): void {
    if (text === "") return;
    const isEndSplit = this.#isAfterLine && text.startsWith("\n");
    if (this.#length > 0 && !isEndSplit && !text.includes("\n\n")) {
      this.#keep(text);
      return;
    }
    const whole = this.#length === 0 ? text : this.#parts.join("") + text;
    let from = 0;
    while (from < whole.length) {
      const line = whole.indexOf("\n", from);
      // A blank line before any other is an event of nothing.
      const end = line === from ? line : blankAfter(whole, line);
      if (end === -1) break;
      if (end > from && !this.#isOversize) this.#event(whole, { from, line, end });
      this.#isOversize = false;
      from = end + 1;
    }
    this.#parts = [];
    this.#length = 0;
    this.#isAfterLine = true;
    if (from < whole.length) this.#keep(whole.slice(from));
  }

  /** Of a text, with where it begins, where its first line ends, and where the blank line after it does. */
  #event(
    text: string,
    { from, line, end }: { readonly from: number; readonly line: number; readonly end: number },
  ): void {
    if (line === end - 1 && line > from + 6 && text.startsWith("data: ", from)) {
      this.#onEvent(text.slice(from + 6, line), "");
      return;
    }
    const { data, name } = fieldsOf(text.slice(from, end - 1));
    if (data !== "") this.#onEvent(data, name);
  }

  #keep(text: string): void {
    this.#length += text.length;
    this.#isAfterLine = text.endsWith("\n");
    this.#isOversize ||= this.#length > eventCharactersMax;
    // What is let go leaves a word in its place: a blank line after it is still no first one.
    if (this.#isOversize) this.#parts = [this.#isAfterLine ? "x\n" : "x"];
    else this.#parts.push(text);
  }
}

/** Where the blank line ends that comes after a line; -1: not in this text. */
function blankAfter(text: string, line: number): number {
  if (line === -1) return -1;
  const found = text.startsWith("\n", line + 1) ? line : text.indexOf("\n\n", line);
  return found === -1 ? -1 : found + 1;
}
