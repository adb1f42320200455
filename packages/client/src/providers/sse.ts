// Owns: server-sent events cut out of a byte stream, whatever the chunks. S1: the bytes of all events and of the rest are the bytes that
// came, in order. S2: memory is bounded: an event that is too large is passed on in pieces, unread. S3: an event is decoded once, and its
// lines are looked for by what the runtime does natively.

/** One event: its bytes, with the blank line that ends it. */
export interface SseEvent extends SseFields {
  readonly bytes: Uint8Array;
}

const newline = 10;
const carriageReturn = 13;
/** A generated image in a stream is a few MiB; what is larger is not parsed. */
const eventBytesMax = 16 * 1024 * 1024;

/** Cuts a stream into events. Mutable: keeps what has no end yet. */
export class SseSplitter {
  readonly #decoder = new TextDecoder();
  #parts: Uint8Array[] = [];
  #length = 0;
  /** Up to here the parts have been looked at: the line that ends there is empty so far. */
  #isLineEmpty = true;
  #isAfterReturn = false;
  /** The event that is passing is too large (S2). */
  #isOversize = false;

  /** The events that this chunk completes. */
  push(chunk: Uint8Array): readonly SseEvent[] {
    const events: SseEvent[] = [];
    const hasReturns = this.#isAfterReturn || chunk.includes(carriageReturn);
    const rest = hasReturns ? this.#cutByLines(chunk, events) : this.#cut(chunk, events);
    this.#keep(chunk.subarray(rest));
    if (this.#length > eventBytesMax) {
      this.#isOversize = true;
      events.push(this.#take());
      this.#isOversize = true;
    }
    return events;
  }

  /** The event that a chunk is, as most are (S3); undefined: it is none, and to be pushed. */
  whole(chunk: Uint8Array): SseEvent | undefined {
    const isAtStart = this.#length === 0 && this.#isLineEmpty && !this.#isAfterReturn;
    const { length } = chunk;
    if (!isAtStart || this.#isOversize || length > eventBytesMax) return undefined;
    if (chunk[length - 1] !== newline) return undefined;
    const isPlain = chunk[length - 2] === newline;
    if (!isPlain && chunk[length - 3] !== newline) return undefined;
    const text = this.#decoder.decode(chunk);
    const end = text.length - (isPlain ? 2 : 4);
    if (isPlain && end > 6 && text.startsWith("data: ") && text.indexOf("\n") === end)
      return text.includes("\r") ? undefined : { bytes: chunk, name: "", data: text.slice(6, end) };
    // A line alone, or lines that end with a newline alone.
    const isOne = isPlain
      ? text.indexOf("\n\n") === end && !text.includes("\r")
      : text.indexOf("\r\n\r\n") === end && text.indexOf("\n") === end + 1;
    return isOne ? { bytes: chunk, ...fieldsOf(text.slice(0, end)) } : undefined;
  }

  /** What came after the last whole event. */
  rest(): SseEvent | undefined {
    return this.#length === 0 ? undefined : this.#take();
  }

  /** Lines end with a newline alone, as everybody sends them. Returns where the last event ends. */
  #cut(chunk: Uint8Array, events: SseEvent[]): number {
    let start = 0;
    let line = 0;
    for (
      let at = chunk.indexOf(newline);
      at !== -1;
      line = at + 1, at = chunk.indexOf(newline, line)
    ) {
      const isEmpty = at === line && this.#isLineEmpty;
      this.#isLineEmpty = true;
      if (!isEmpty) continue;
      this.#keep(chunk.subarray(start, at + 1));
      events.push(this.#take());
      start = at + 1;
    }
    if (line < chunk.length) this.#isLineEmpty = false;
    return start;
  }

  /** The same where carriage returns are about. */
  #cutByLines(chunk: Uint8Array, events: SseEvent[]): number {
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte !== newline && byte !== carriageReturn) {
        this.#isLineEmpty = false;
        this.#isAfterReturn = false;
        // Nothing ends before the next line does.
        at = nextLineEnd(chunk, at + 1) - 1;
        continue;
      }
      const isSecondOfPair = byte === newline && this.#isAfterReturn;
      this.#isAfterReturn = byte === carriageReturn;
      if (isSecondOfPair) continue;
      if (this.#isLineEmpty) {
        const end = byte === carriageReturn && chunk[at + 1] === newline ? at + 2 : at + 1;
        this.#keep(chunk.subarray(start, end));
        events.push(this.#take());
        this.#isAfterReturn = byte === carriageReturn && end === at + 1;
        at = end - 1;
        start = end;
      }
      this.#isLineEmpty = true;
    }
    return start;
  }

  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#length += part.length;
  }

  #take(): SseEvent {
    const bytes =
      this.#parts.length === 1 ? (this.#parts[0] ?? empty) : joined(this.#parts, this.#length);
    this.#parts = [];
    this.#length = 0;
    const isUnread = this.#isOversize || bytes.length > eventBytesMax;
    this.#isOversize = false;
    return isUnread
      ? { bytes, name: "", data: "" }
      : { bytes, ...fieldsOf(this.#decoder.decode(bytes)) };
  }
}

const empty = new Uint8Array();

function nextLineEnd(chunk: Uint8Array, from: number): number {
  for (let at = from; at < chunk.length; at += 1) {
    const byte = chunk[at];
    if (byte === newline || byte === carriageReturn) return at;
  }
  return chunk.length;
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The fields of one event that are looked at. */
export interface SseFields {
  readonly name: string;
  /** Its data lines, joined; empty where it has none. */
  readonly data: string;
}

/** What the lines of an event say, without the blank one. */
export function fieldsOf(text: string): SseFields {
  const whole = text.includes("\r") ? text.replaceAll(/\r\n?/g, "\n") : text;
  let name = "";
  let data: string | undefined;
  for (let from = 0; from < whole.length;) {
    const found = whole.indexOf("\n", from);
    const end = found === -1 ? whole.length : found;
    if (whole.startsWith("data:", from)) {
      const value = valueOf(whole, from + 5, end);
      data = data === undefined ? value : `${data}\n${value}`;
    } else if (whole.startsWith("event:", from)) name = valueOf(whole, from + 6, end);
    from = end + 1;
  }
  return { name, data: data ?? "" };
}

const valueOf = (text: string, from: number, end: number): string =>
  text.slice(text.startsWith(" ", from) ? from + 1 : from, end);
