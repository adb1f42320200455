// Owns: what is looked at while an answer passes, by the form it comes in. W1: a look never throws and never changes a byte; only an event that
// our own addition brought is left out.
import type { AnswerReader } from "../providers/dialect.ts";
import { parsed, parsedCut } from "../providers/json.ts";
import { SseText } from "../providers/sse-text.ts";
import { fieldsOf, type SseEvent, SseSplitter } from "../providers/sse.ts";

const newline = 10;
const carriageReturn = 13;

/** Looks at an answer. Mutable, for one answer. */
export interface Watch {
  /** It has seen what has passed. */
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

/** Events, each looked at before it passes: one that our own addition brought is left out, so only whole ones leave. */
export class HidingWatch implements Watch {
  readonly reader: AnswerReader;
  readonly #splitter = new SseSplitter();
  #hasData = false;
  #isCutInPair = false;
  #wasHidden = false;

  constructor(reader: AnswerReader) {
    this.reader = reader;
  }

  pass(chunk: Uint8Array): readonly Uint8Array[] {
    const whole = this.#splitter.whole(chunk);
    if (whole === undefined)
      return this.#splitter.push(chunk).flatMap((event) => this.#shown(event));
    return this.#shown(whole);
  }

  end(isEnded: boolean): readonly Uint8Array[] {
    const rest = this.#splitter.rest();
    if (rest === undefined) return [];
    const shown = this.#shown(rest);
    if (!this.#hasData) readWhole(this.reader, new TextDecoder().decode(rest.bytes), isEnded);
    return shown;
  }

  /**
   * What of an event the caller sees. An event that is cut between the two ends of a line leaves the second to the next one: it goes with the event
   * that it ends.
   */
  #shown(event: SseEvent): readonly Uint8Array[] {
    const { bytes } = event;
    const isSeen = this.#look(event);
    const wasCut = this.#isCutInPair;
    const wasHidden = this.#wasHidden;
    this.#isCutInPair = bytes[bytes.length - 1] === carriageReturn;
    this.#wasHidden = !isSeen;
    if (!wasCut) return isSeen ? [bytes] : [];
    const ownFrom = bytes[0] === newline ? 1 : 0;
    const before = wasHidden ? [] : [bytes.subarray(0, ownFrom)];
    return [...before, ...(isSeen ? [bytes.subarray(ownFrom)] : [])].filter(
      ({ length }) => length > 0,
    );
  }

  #look({ data, name }: SseEvent): boolean {
    if (data === "") return true;
    this.#hasData = true;
    try {
      return this.reader.event(data, name) === "keep";
    } catch {
      return true;
    }
  }
}

/** Events that all pass: they are looked at some at a time, and at the latest when somebody asks for what was seen. */
export class EventsWatch implements Watch {
  readonly #reader: AnswerReader;
  readonly #events: SseText;
  readonly #unseen = new Uint8Array(unseenBytesMax);
  #unseenLength = 0;
  #hasData = false;

  constructor(reader: AnswerReader) {
    this.#reader = reader;
    this.#events = new SseText((data, name) => {
      this.#hasData = true;
      readSafely(() => reader.event(data, name));
    });
  }

  get reader(): AnswerReader {
    this.#look();
    return this.#reader;
  }

  /** Its bytes are copied: they are the caller's when it has passed. */
  pass(chunk: Uint8Array): readonly Uint8Array[] {
    if (this.#unseenLength + chunk.length > unseenBytesMax) this.#look();
    if (chunk.length > unseenBytesMax) this.#events.push(chunk);
    else {
      this.#unseen.set(chunk, this.#unseenLength);
      this.#unseenLength += chunk.length;
    }
    return [chunk];
  }

  end(isEnded: boolean): readonly Uint8Array[] {
    this.#look();
    const rest = this.#events.rest();
    const { data, name } = fieldsOf(rest);
    if (data !== "") {
      this.#hasData = true;
      readSafely(() => this.#reader.event(data, name));
    }
    if (!this.#hasData && rest !== "") readWhole(this.#reader, rest, isEnded);
    return [];
  }

  #look(): void {
    if (this.#unseenLength === 0) return;
    this.#events.push(this.#unseen.subarray(0, this.#unseenLength));
    this.#unseenLength = 0;
  }
}

/** Some answer a wish for events with the whole thing, and say nothing of its form. */
function readWhole(reader: AnswerReader, text: string, isEnded: boolean): void {
  readSafely(() => reader.body(parsed(text) ?? "", isEnded));
}

/** So much passes unseen while nobody asks. */
const unseenBytesMax = 8 * 1024;

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

/** Events whose content type says that they are none. */
function readEvents(text: string, reader: AnswerReader): void {
  const events = new SseText((data, name) => reader.event(data, name));
  events.push(new TextEncoder().encode(text));
  const { data, name } = fieldsOf(events.rest());
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
