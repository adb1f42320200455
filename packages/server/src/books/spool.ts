/**
 * Owns the order of the books: by day, and within a day as they came, which is by workspace and position (hledger wants dates
 * in order, and workspaces share accounts). Memory holds one day, and up to `bufferedBytesMax` on their way to a file.
 *
 * P1 what is read back is exactly what was put in, once, in this order.
 */
import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Entry, Line } from "./entry.ts";

const bufferedBytesMax = 16 * 1024 * 1024;

/** Takes entries, gives them by day. `close` removes its files. Mutable. */
export class Spool {
  readonly #buffers = new Map<string, string[]>();
  readonly #onDisk = new Set<string>();
  readonly #bytesMax: number;
  #folder: string | undefined;
  #bytes = 0;

  constructor(bytesMax = bufferedBytesMax) {
    this.#bytesMax = bytesMax;
  }

  /** Days that have entries, in order. */
  get days(): readonly string[] {
    return [...new Set([...this.#buffers.keys(), ...this.#onDisk])].toSorted();
  }

  async add(entry: Entry): Promise<void> {
    const text = JSON.stringify(entry, asText);
    const buffer = this.#buffers.get(entry.date);
    if (buffer === undefined) this.#buffers.set(entry.date, [text]);
    else buffer.push(text);
    this.#bytes += text.length;
    if (this.#bytes > this.#bytesMax) await this.#spill();
  }

  /** The entries of all days. May be asked once all are in, and more than once. */
  async *entries(): AsyncGenerator<Entry> {
    for (const day of this.days) for (const text of await this.#textsOf(day)) yield entryFrom(text);
  }

  async close(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
    this.#buffers.clear();
    this.#onDisk.clear();
  }

  async #textsOf(day: string): Promise<readonly string[]> {
    const buffered = this.#buffers.get(day) ?? [];
    if (!this.#onDisk.has(day)) return buffered;
    const text = await readFile(this.#fileOf(day), "utf8");
    return [...text.split("\n").slice(0, -1), ...buffered];
  }

  async #spill(): Promise<void> {
    this.#folder ??= await mkdtemp(join(tmpdir(), "cistern-books-"));
    for (const [day, texts] of this.#buffers) {
      await appendFile(this.#fileOf(day), `${texts.join("\n")}\n`);
      this.#onDisk.add(day);
    }
    this.#buffers.clear();
    this.#bytes = 0;
  }

  #fileOf(day: string): string {
    return join(this.#folder ?? "", day);
  }
}

const asText = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;

/** An entry as `add` writes it: JSON has no bigint. */
interface Spooled extends Omit<Entry, "lines"> {
  readonly lines: readonly (Omit<Line, "amount"> & { readonly amount: string })[];
}

function entryFrom(text: string): Entry {
  const { lines, ...entry }: Spooled = JSON.parse(text);
  return { ...entry, lines: lines.map((line) => ({ ...line, amount: BigInt(line.amount) })) };
}
