// Owns: server-sent events cut out of a byte stream, whatever the chunks. S1: the bytes of all events and of the rest are the bytes that
// came, in order. S2: memory is bounded: an event that is too large is passed on unread.

/** One event: its bytes, with the blank line that ends it. */
export interface SseEvent {
  readonly bytes: Uint8Array;
  readonly name: string;
  /** Its data lines, joined; empty where it has none. */
  readonly data: string;
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

  /** The events that this chunk completes. */
  push(chunk: Uint8Array): readonly SseEvent[] {
    const events: SseEvent[] = [];
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
    this.#keep(chunk.subarray(start));
    return events;
  }

  /** What came after the last whole event. */
  rest(): SseEvent | undefined {
    return this.#length === 0 ? undefined : this.#take();
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
    if (bytes.length > eventBytesMax) return { bytes, name: "", data: "" };
    return { bytes, ...fieldsOf(this.#decoder.decode(bytes)) };
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

function fieldsOf(text: string): { readonly name: string; readonly data: string } {
  let name = "";
  let data: string | undefined;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const value = fieldOf(line, "data");
    if (value !== undefined) data = data === undefined ? value : `${data}\n${value}`;
    else name = fieldOf(line, "event") ?? name;
  }
  return { name, data: data ?? "" };
}

function fieldOf(line: string, field: string): string | undefined {
  if (!line.startsWith(field) || line[field.length] !== ":") return undefined;
  const from = line[field.length + 1] === " " ? field.length + 2 : field.length + 1;
  return line.slice(from);
}
