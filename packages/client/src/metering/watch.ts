// Owns: what is looked at while an answer passes, by the form it comes in. W1: a look never throws and never changes a byte; only an event that
// our own addition brought is left out.
import type { AnswerReader } from "../providers/dialect.ts";
import { parsed, parsedCut } from "../providers/json.ts";
import { type SseEvent, SseSplitter } from "../providers/sse.ts";

const newline = 10;
const carriageReturn = 13;

/** Looks at an answer. Mutable, for one answer. */
export interface Watch {
  readonly reader: AnswerReader;
  /** It came in one piece, which was cut off. Known at its end. */
  readonly isCut?: boolean;
  /** What of a chunk the caller is to get, now. */
  pass(chunk: Uint8Array): readonly Uint8Array[];
  /**
   * No more comes, or is looked at: what of it the caller is still to get.
   *
   * @param isEnded the answer ended by itself
   */
  end(isEnded: boolean): readonly Uint8Array[];
}

/** Events, each looked at as it passes. */
export class EventsWatch implements Watch {
  readonly reader: AnswerReader;
  readonly #hides: boolean;
  readonly #splitter = new SseSplitter();
  #hasData = false;
  #isCutInPair = false;
  #wasHidden = false;

  constructor(reader: AnswerReader, hides: boolean) {
    this.reader = reader;
    this.#hides = hides;
  }

  /** With something to hide only whole events leave. */
  pass(chunk: Uint8Array): readonly Uint8Array[] {
    const events = this.#splitter.push(chunk);
    const [only, ...more] = events;
    if (this.#hides)
      return only !== undefined && more.length === 0
        ? this.#shown(only)
        : events.flatMap((event) => this.#shown(event));
    for (const event of events) this.#look(event);
    return [chunk];
  }

  end(isEnded: boolean): readonly Uint8Array[] {
    const rest = this.#splitter.rest();
    if (rest === undefined) return [];
    const shown = this.#shown(rest);
    // Some answer a wish for events with the whole thing, and say nothing of its form.
    if (!this.#hasData) readSafely(() => this.reader.body(bodyOf(rest.bytes) ?? "", isEnded));
    return this.#hides ? shown : [];
  }

  /**
   * What of an event the caller sees. An event that is cut between the two ends of a line leaves the second to the next one: it goes with the event
   * that it ends.
   */
  #shown(event: SseEvent): readonly Uint8Array[] {
    const { bytes } = event;
    if (!this.#isCutInPair && !this.#wasHidden) {
      this.#isCutInPair = bytes[bytes.length - 1] === carriageReturn;
      this.#wasHidden = !this.#look(event);
      return this.#wasHidden ? [] : [bytes];
    }
    const ownFrom = this.#isCutInPair && bytes[0] === newline ? 1 : 0;
    const before = this.#wasHidden ? [] : [bytes.subarray(0, ownFrom)];
    const isSeen = this.#look(event);
    this.#wasHidden = !isSeen;
    this.#isCutInPair = bytes.at(-1) === carriageReturn;
    return [...before, ...(isSeen ? [bytes.subarray(ownFrom)] : [])].filter(
      ({ length }) => length > 0,
    );
  }

  #look({ data, name }: SseEvent): boolean {
    if (data === "") return true;
    this.#hasData = true;
    let isSeen = true;
    readSafely(() => {
      isSeen = this.reader.event(data, name) === "keep";
    });
    return isSeen;
  }
}

/** An answer in one piece: a text, which is parsed when it is over. */
export class WholeWatch implements Watch {
  readonly reader: AnswerReader;
  isCut = false;
  readonly #saysJson: boolean;
  readonly #decoder = new TextDecoder();
  #parts: string[] = [];
  #bytes = 0;

  constructor(reader: AnswerReader, saysJson: boolean) {
    this.reader = reader;
    this.#saysJson = saysJson;
  }

  pass(chunk: Uint8Array): readonly Uint8Array[] {
    this.#bytes += chunk.length;
    if (this.#bytes > bodyBytesMax) this.#parts = [];
    else this.#parts.push(this.#decoder.decode(chunk, { stream: true }));
    return [chunk];
  }

  end(isEnded: boolean): readonly Uint8Array[] {
    const bytes = this.#bytes;
    if (bytes === 0) return [];
    const text = this.#parts.join("") + this.#decoder.decode();
    readSafely(() => {
      if (this.#saysJson && bytes <= bodyBytesMax && /^\s*(data|event|id|retry)?:/.test(text)) {
        readEvents(text, this.reader);
        return;
      }
      const whole = bytes > bodyBytesMax ? undefined : parsed(text);
      // JSON says by itself where it ends.
      this.isCut = !isEnded && !(typeof whole === "object" && whole !== null);
      const read = whole ?? (isEnded ? text : (parsedCut(text) ?? text));
      this.reader.body(bytes > bodyBytesMax ? undefined : read, !this.isCut);
    });
    return [];
  }
}

/** Sound: nothing can be read in it. */
export class SoundWatch implements Watch {
  readonly reader: AnswerReader;
  #hasBytes = false;

  constructor(reader: AnswerReader) {
    this.reader = reader;
  }

  pass(chunk: Uint8Array): readonly Uint8Array[] {
    this.#hasBytes ||= chunk.length > 0;
    return [chunk];
  }

  end(isEnded: boolean): readonly Uint8Array[] {
    if (this.#hasBytes) readSafely(() => this.reader.body(undefined, isEnded));
    return [];
  }
}

/** Of one answer as much is parsed. */
const bodyBytesMax = 32 * 1024 * 1024;

const bodyOf = (bytes: Uint8Array): unknown => parsed(new TextDecoder().decode(bytes));

/** Events whose content type says that they are none. */
function readEvents(text: string, reader: AnswerReader): void {
  const splitter = new SseSplitter();
  const rest = splitter.push(new TextEncoder().encode(text));
  const last = splitter.rest();
  for (const { data, name } of last === undefined ? rest : [...rest, last])
    if (data !== "") reader.event(data, name);
}

/** W1: readers do not throw; should one, the caller's answer goes on. */
function readSafely(read: () => void): void {
  try {
    read();
  } catch {
    // What was seen until then decides.
  }
}
