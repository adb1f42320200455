/**
 * Owns shapes: all of a value but its texts and numbers, which are its leaves, in order.
 *
 * A shape is written as JSON: an object or a list like the value, with `"s"` for a text, `"n"` for a number and `"b"` for a
 * bigint; true, false and null stand for themselves. Leaves are JSON as well; a bigint is a number where that is exact, else its
 * digits as text. A text that stood in the row before is its number among them (lots, members and limits come again and again); long
 * ones are written out each time and not numbered. What comes again as a whole is one leaf, and `{"#":…}` of its own shape: the JSON list
 * of its own leaves as a text, which is numbered however long it is. A name that JSON would escape, or that starts with `#`, is `#` and
 * its UTF-16 units as four hex digits each, since V8 reads escaped names wrongly (nodejs/node issue 63785).
 */

/** A text or a number, as it is written. */
export type Leaf = string | number;

/** One shape, always the same object for equal shapes (until the writer starts afresh), its text, and which of its leaves are numbers. */
export interface Shape {
  readonly text: string;
  readonly numbers: readonly number[];
}

/**
 * Finds the shape of a value, and its leaves, in one walk. Shapes are the paths of a tree that remembers them, so that a value
 * of a known shape costs one comparison a name. Mutable: the tree; it starts afresh before it grows without end.
 */
export class ShapeWriter {
  #root = new Step();
  #steps = 0;
  #wholes = new WeakMap<object, Whole>();

  /** Adds the leaves of `value` to `leaves`, and answers its shape. `texts` are those of the row so far, with their numbers. */
  write(value: object, leaves: Leaf[], texts: Map<string, number>): Shape {
    if (this.#steps > stepsMax) {
      this.#root = new Step();
      this.#wholes = new WeakMap();
      this.#steps = 0;
    }
    const end = this.#walk(value, this.#root, { leaves, texts });
    return (end.shape ??= newShape(value));
  }

  #walk(value: unknown, step: Step, into: Row): Step {
    switch (typeof value) {
      case "string":
        into.leaves.push(textLeaf(value, into.texts));
        return (step.text ??= this.#newStep());
      case "bigint":
        into.leaves.push(bigintLeaf(value));
        return (step.bigint ??= this.#newStep());
      case "number":
        if (!Number.isSafeInteger(value)) throw new TypeError(`${value} is not a safe integer.`);
        into.leaves.push(value);
        return (step.number ??= this.#newStep());
      case "boolean":
        return value ? (step.true ??= this.#newStep()) : (step.false ??= this.#newStep());
      case "object":
        if (value === null) return (step.null ??= this.#newStep());
        return Array.isArray(value)
          ? this.#walkList(value, step, into)
          : this.#walkObject(value, step, into);
      case "undefined":
      case "symbol":
      case "function":
        break;
    }
    throw new TypeError(`A ${typeof value} has no text form in the journal.`);
  }

  #walkList(list: readonly unknown[], from: Step, into: Row): Step {
    let step = (from.list ??= this.#newStep());
    for (let index = 0; index < list.length; index += 1) step = this.#walk(list[index], step, into);
    return (step.end ??= this.#newStep());
  }

  /** `for in` is twice as fast as `Object.entries`; what is plain has own members alone. */
  #walkObject(value: object, from: Step, into: Row): Step {
    if (!isPlain(value)) throw new TypeError(`A ${value.constructor.name} is not plain data.`);
    let step = (from.object ??= this.#newStep());
    for (const name in value) {
      const member = value[name];
      if (member === undefined) continue;
      const next =
        step.named !== undefined && step.name === name ? step.named : this.#nextFor(step, name);
      step = isWhole(name, member)
        ? this.#walkWhole(member, next, into)
        : this.#walk(member, next, into);
    }
    return (step.end ??= this.#newStep());
  }

  #walkWhole(value: object, from: Step, into: Row): Step {
    let whole = this.#wholes.get(value);
    if (whole === undefined) {
      const leaves: Leaf[] = [];
      const end = this.#walk(value, this.#root, { leaves, texts: new Map() });
      whole = { text: JSON.stringify(leaves), end };
      this.#wholes.set(value, whole);
    }
    into.leaves.push(numberedLeaf(whole.text, into.texts));
    const afterWholes = (from.afterWholes ??= new Map());
    let step = afterWholes.get(whole.end);
    if (step === undefined) afterWholes.set(whole.end, (step = this.#newStep()));
    return step;
  }

  /** The first name here, or another one than that. */
  #nextFor(step: Step, name: string): Step {
    if (step.named === undefined) {
      step.name = name;
      return (step.named = this.#newStep());
    }
    const others = (step.otherNames ??= new Map());
    const known = others.get(name);
    if (known !== undefined) return known;
    const next = this.#newStep();
    others.set(name, next);
    return next;
  }

  #newStep(): Step {
    this.#steps += 1;
    return new Step();
  }
}

/**
 * What comes again and again as the very same object, which nobody changes: the price of a row of a rate card, which its holds
 * pin, and the rule of a limit.
 */
const isWhole = (name: string, member: unknown): member is object =>
  (name === "price" || name === "rule") && typeof member === "object" && member !== null;

/** What comes again as a whole: its leaf, and where a walk of it alone ends, which is the same place for equal shapes. */
interface Whole {
  readonly text: string;
  readonly end: Step;
}

interface Row {
  readonly leaves: Leaf[];
  readonly texts: Map<string, number>;
}

/** Longer texts are digests and notes, which hardly ever come again. */
const numberedTextMax = 48;

function textLeaf(text: string, texts: Map<string, number>): Leaf {
  return text.length > numberedTextMax ? text : numberedLeaf(text, texts);
}

function numberedLeaf(text: string, texts: Map<string, number>): Leaf {
  const number = texts.get(text);
  if (number !== undefined) return number;
  texts.set(text, texts.size);
  return text;
}

const bigintLeaf = (value: bigint): Leaf =>
  value <= numberMax && value >= -numberMax ? Number(value) : `${value}`;

/** Steps of the tree at most, give or take one value's: some megabytes. */
const stepsMax = 50_000;
const numberMax = BigInt(Number.MAX_SAFE_INTEGER);

/** A place inside a shape, and where each thing that may come next leads. */
class Step {
  text: Step | undefined = undefined;
  number: Step | undefined = undefined;
  bigint: Step | undefined = undefined;
  true: Step | undefined = undefined;
  false: Step | undefined = undefined;
  null: Step | undefined = undefined;
  list: Step | undefined = undefined;
  object: Step | undefined = undefined;
  /** Of the list or object that is open here. */
  end: Step | undefined = undefined;
  name = "";
  named: Step | undefined = undefined;
  otherNames: Map<string, Step> | undefined = undefined;
  /** By the end of a walk of it alone. */
  afterWholes: Map<Step, Step> | undefined = undefined;
  shape: Shape | undefined = undefined;
}

function newShape(value: object): Shape {
  const text = shapeText(value);
  return { text, numbers: numbersOf(JSON.parse(text)) };
}

/** Which of the leaves of a shape are numbers or bigints, from 0; those of what is one leaf as a whole are not among them. */
export function numbersOf(shape: unknown): readonly number[] {
  const numbers: number[] = [];
  let leaves = 0;
  const walk = (part: unknown): void => {
    if (part === "n" || part === "b") numbers.push(leaves);
    if (typeof part === "string") leaves += 1;
    if (typeof part !== "object" || part === null) return;
    if (wholeName in part) leaves += 1;
    else for (const inner of Object.values(part)) walk(inner);
  };
  walk(shape);
  return numbers;
}

function shapeText(value: unknown): string {
  if (typeof value === "string") return '"s"';
  if (typeof value === "number") return '"n"';
  if (typeof value === "bigint") return '"b"';
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(shapeText).join(",")}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `"${writeName(name)}":${memberText(name, member)}`).join(",")}}`;
}

const memberText = (name: string, member: unknown): string =>
  isWhole(name, member) ? `{"${wholeName}":${shapeText(member)}}` : shapeText(member);

/** No other name is written so. */
const wholeName = "#";

/** Characters that a JSON string must escape, and halves of pairs, which UTF-8 cannot carry. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/;

function writeName(name: string): string {
  if (!name.startsWith("#") && !needsEscape.test(name)) return name;
  return `#${name.replaceAll(/[^]/g, (unit) => unit.charCodeAt(0).toString(16).padStart(4, "0"))}`;
}

function readName(name: string): string {
  if (!name.startsWith("#")) return name;
  return name
    .slice(1)
    .replaceAll(/.{4}/g, (digits) => String.fromCharCode(Number.parseInt(digits, 16)));
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Where a reader stands among the leaves of a value, and the numbered texts of the row so far. */
interface Cursor {
  readonly leaves: readonly Leaf[];
  readonly texts: string[];
  next: number;
}

/** Takes its leaves and gives the value. */
type Reader = (cursor: Cursor) => unknown;

const readLeaf = (cursor: Cursor): Leaf => {
  const leaf = cursor.leaves[cursor.next];
  if (leaf === undefined) throw new Error("A value has fewer leaves than its shape.");
  cursor.next += 1;
  return leaf;
};

/** Written as a text where what it is more than the one before it was not exact. */
const readNumber = (cursor: Cursor): number => Number(readLeaf(cursor));

const readText = (cursor: Cursor): string => {
  const leaf = readLeaf(cursor);
  if (typeof leaf === "number") return textNumbered(cursor, leaf);
  if (leaf.length <= numberedTextMax) cursor.texts.push(leaf);
  return leaf;
};

function textNumbered({ texts }: Cursor, number: number): string {
  const text = texts[number];
  if (text === undefined)
    throw new Error(`A value names text ${number}, which its row does not have.`);
  return text;
}

/** Of values that come again as a whole: equal ones of a row are one object. */
function wholeReader(read: Reader): Reader {
  const known = new Map<string, unknown>();
  return (cursor) => {
    const leaf = readLeaf(cursor);
    if (typeof leaf === "string") cursor.texts.push(leaf);
    const text = typeof leaf === "string" ? leaf : textNumbered(cursor, leaf);
    const before = known.get(text);
    if (before !== undefined) return before;
    const leaves: Leaf[] = JSON.parse(text);
    const value = read({ leaves, texts: [], next: 0 });
    known.set(text, value);
    return value;
  };
}

/** Puts values of a shape together again; those of one row in order. */
export function readerOf(shape: unknown): Reader {
  if (shape === "b") return (cursor) => BigInt(readLeaf(cursor));
  if (shape === "s") return readText;
  if (typeof shape === "string") return readNumber;
  if (typeof shape !== "object" || shape === null) return () => shape;
  if (Array.isArray(shape)) {
    const elements = shape.map(readerOf);
    return (cursor) => elements.map((read) => read(cursor));
  }
  if (wholeName in shape) return wholeReader(readerOf(shape[wholeName]));
  const members = Object.entries(shape).map(
    ([name, member]) => [readName(name), readerOf(member)] as const,
  );
  // An assignment to this name would not make a member of it.
  if (members.some(([name]) => name === "__proto__"))
    return (cursor) => Object.fromEntries(members.map(([name, read]) => [name, read(cursor)]));
  return (cursor) => {
    const value: Record<string, unknown> = {};
    for (const [name, read] of members) value[name] = read(cursor);
    return value;
  };
}
