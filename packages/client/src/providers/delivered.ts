// Owns: what came out of an answer, for the rare call whose provider does not say it. D1: an event that only carries text is not even parsed
// until somebody asks. D2: memory is bounded, however long the answer: what is over the bound is counted and let go.
import type { Usage } from "@cistern/contract";
import type { Estimator } from "../estimates/estimator.ts";
import { withoutZeros } from "../metering/buckets.ts";
import { type Json, isJson, parsed } from "./json.ts";

/** Tells what one event, or a whole answer, brought. */
export type ReadOutput = (event: Json, delivered: Delivered) => void;

type TextBucket = "output_text" | "output_reasoning";

/** Where the text of an event stands that has nothing else in it: between these, and in quotes. */
export interface TextForm {
  readonly bucket: TextBucket;
  readonly before: string;
  readonly after: string;
}

const charactersKeptMax = 256 * 1024;
const partsMax = 512;

/** Mutable: it grows with an answer. */
export class Delivered {
  readonly #estimator: Estimator;
  readonly #read: ReadOutput;
  #unread: string[] = [];
  #unreadLength = 0;
  /** Where the text of the last event was found. */
  #textAt = -1;
  readonly #texts = new Map<string, Text>();
  readonly #counts = new Map<string, number>();

  constructor(estimator: Estimator, read: ReadOutput) {
    this.#estimator = estimator;
    this.#read = read;
  }

  /** Keeps an event that has nothing but output in it (D1). */
  later(data: string): void {
    this.#unread.push(data);
    this.#unreadLength += data.length;
    if (this.#unreadLength > charactersKeptMax) this.#catchUp();
  }

  /** Takes the text of an event that has no other output in it, and keeps the event where it is not of that form. */
  textOf(data: string, { bucket, before, after }: TextForm): void {
    // Most events of a stream are alike up to their text.
    const isAlike = this.#textAt > 0 && data.startsWith(before, this.#textAt);
    const found = isAlike ? this.#textAt : data.lastIndexOf(before);
    this.#textAt = found;
    const from = found + before.length;
    const end = found === -1 ? -1 : data.indexOf('"', from);
    const text = data.slice(from, end);
    if (end === -1 || text.includes("\\") || !data.startsWith(after, end + 1)) this.later(data);
    else this.text(bucket, text);
  }

  /** Reads an event, or a whole answer, now. */
  now(event: unknown): void {
    if (isJson(event)) this.#read(event, this);
  }

  /** A text that came out. */
  text(bucket: TextBucket, text: unknown): void {
    if (typeof text !== "string" || text === "") return;
    let kept = this.#texts.get(bucket);
    if (kept === undefined) this.#texts.set(bucket, (kept = { parts: [], length: 0 }));
    kept.parts.push(text);
    kept.length += text.length;
    // A text that was cut out of an event keeps the event in memory until it is joined with others.
    if (kept.parts.length >= partsMax) kept.parts = [kept.parts.join("")];
    if (kept.length <= charactersKeptMax) return;
    this.count(bucket, this.#tokensOf(kept));
    kept.parts = [];
    kept.length = 0;
  }

  /** Something else that came out, such as an image or a call of the provider's own tool. */
  count(bucket: string, quantity = 1): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + quantity);
  }

  /** An answer that cannot be read counts as much as was held for it. */
  unread(outputHeld: number): void {
    this.count("output_text", outputHeld);
  }

  usage(): Usage {
    this.#catchUp();
    const usage = Object.fromEntries(this.#counts);
    for (const [bucket, kept] of this.#texts)
      if (kept.length > 0) usage[bucket] = (usage[bucket] ?? 0) + this.#tokensOf(kept);
    return withoutZeros(usage);
  }

  #catchUp(): void {
    const unread = this.#unread;
    this.#unread = [];
    this.#unreadLength = 0;
    for (const data of unread) this.now(parsed(data));
  }

  #tokensOf({ parts }: Text): number {
    return this.#estimator.count(parts.join(""));
  }
}

/** Mutable: the parts of a text that were not counted yet. */
interface Text {
  parts: string[];
  length: number;
}
