/**
 * Owns the text form of events: what is hashed, stored and read back.
 *
 * C1 decoding gives back exactly what was encoded; a member that is `undefined` is left out, and -0 is written as 0.
 * C2 equal values, built in the same order, give equal bytes; encoding what was decoded gives the same text again.
 * C3 the text is one JSON list: first the shapes that occur, then a list for each event: the number of its shape, and its
 *    values in order. So names and texts are written once a row, which is most of its bytes and of the work on them (`shape.ts`).
 * C4 a number is written as what it is more than that in the event of its shape before it in the row: instants, windows and balances
 *    hardly move, and the small ones cost a third of the time. One that has no exact difference is written as a text.
 * C5 what has no exact form (a fraction, an unsafe integer, a class instance, `undefined` in a list) is refused, not bent.
 */
import { type Leaf, ShapeWriter, numbersOf, readerOf } from "./shape.ts";

/** Version of the text form; a row names the version that wrote it. In version 3 numbers were written as they are; in version 2 nothing was one leaf as a whole either. */
export const codecVersion = 4;
const codecsRead: readonly number[] = [2, 3, codecVersion];
/** From this version on numbers are written as differences. */
const differencesFrom = 4;

/** Writes the events of one row. Mutable; what was added is read at once, so that it may change afterwards. */
export class EventsWriter {
  /** By text: the writer of shapes may start afresh within a row. */
  readonly #numbers = new Map<string, number>();
  /** Of each shape, the numbers of its last event. */
  readonly #last: number[][] = [];
  readonly #texts = new Map<string, number>();
  readonly #events: Leaf[][] = [];
  #bytes = 0;

  /** About how long the text is so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds one event: strings, bigints, safe integers, booleans, null, lists and plain objects of these. */
  add(event: object): void {
    const leaves: Leaf[] = [0];
    const { text, numbers } = shapes.write(event, leaves, this.#texts);
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(text, number);
      this.#last.push(numbers.map(() => 0));
      this.#bytes += text.length;
    }
    leaves[0] = number;
    subtract(leaves, numbers, this.#last[number] ?? []);
    this.#events.push(leaves);
    for (const leaf of leaves) this.#bytes += bytesOf(leaf);
  }

  /** The `events` text of a row. */
  text(): string {
    const events = JSON.stringify(this.#events);
    return `[[${[...this.#numbers.keys()].join(",")}]${events.length > 2 ? "," : ""}${events.slice(1)}`;
  }
}

const bytesOf = (leaf: Leaf): number =>
  typeof leaf === "string" ? leaf.length + 3 : leaf < 100 && leaf > -100 ? 3 : 10;

/** C4. Leaves follow the number of the shape; `last` becomes theirs. */
function subtract(leaves: Leaf[], numbers: readonly number[], last: number[]): void {
  for (let index = 0; index < numbers.length; index += 1) {
    const place = (numbers[index] ?? 0) + 1;
    const leaf = leaves[place];
    // A bigint of many digits is a text already.
    if (typeof leaf !== "number") continue;
    const more = leaf - (last[index] ?? 0);
    if (Number.isSafeInteger(more)) {
      leaves[place] = more;
      last[index] = leaf;
    } else leaves[place] = `${leaf}`;
  }
}

/** What `subtract` took. */
function addUp(leaves: Leaf[], numbers: readonly number[], last: number[]): void {
  for (let index = 0; index < numbers.length; index += 1) {
    const place = (numbers[index] ?? 0) + 1;
    const more = leaves[place];
    if (typeof more === "number") leaves[place] = last[index] = (last[index] ?? 0) + more;
  }
}

const shapes = new ShapeWriter();

/** The `events` text of a row with these events. */
export function encodeEvents(events: readonly object[]): string {
  const writer = new EventsWriter();
  for (const event of events) writer.add(event);
  return writer.text();
}

/**
 * The events of a row. The caller names the type that it wrote; that the bytes are the ones it wrote is proven by the
 * hash chain, not here.
 */
export function decodeEvents<Event extends object>(events: string, codec: number): Event[];
export function decodeEvents(events: string, codec: number): object[] {
  if (!codecsRead.includes(codec))
    throw new Error(
      `Rows of codec ${codec} cannot be read; this build reads ${codecsRead.join(", ")}.`,
    );
  const [shapesOf, ...lists]: [unknown[], ...Leaf[][]] = JSON.parse(events);
  const readers = shapesOf.map(readerOf);
  const numbers = codec < differencesFrom ? [] : shapesOf.map(numbersOf);
  const last = numbers.map((places) => places.map(() => 0));
  const texts: string[] = [];
  return lists.map((leaves) => {
    const shape = Number(leaves[0]);
    addUp(leaves, numbers[shape] ?? [], last[shape] ?? []);
    const value = readers[shape]?.({ leaves, texts, next: 1 });
    if (typeof value !== "object" || value === null)
      throw new Error(`An event names shape ${leaves[0]}, which is none of an event.`);
    return value;
  });
}
