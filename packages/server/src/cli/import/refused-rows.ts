import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { type Stringifier, stringify } from "csv-stringify";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import type { RefusedRow } from "../../ingest/index.ts";

/**
 * Keeps refused rows in `FILE.refused.csv`, which is there where some were refused and nowhere else. No cell begins as a formula does: a
 * code and a reason are words of ours, a row is JSON.
 */
export class RefusedRows {
  readonly #files: readonly string[];
  readonly #open = new Map<string, { readonly rows: Stringifier; readonly ended: Promise<void> }>();
  /** How many by code. */
  readonly #codes = new Map<string, { count: number; first: RefusedRow }>();
  #queue: Promise<void>;

  constructor(files: readonly string[]) {
    this.#files = files;
    this.#queue = this.#clear();
  }

  get count(): number {
    return [...this.#codes.values()].reduce((sum, { count }) => sum + count, 0);
  }

  async add(row: RefusedRow): Promise<void> {
    const same = this.#codes.get(row.code);
    if (same === undefined) this.#codes.set(row.code, { count: 1, first: row });
    else same.count += 1;
    this.#queue = this.#queue.then(() => this.#write(row));
    await this.#queue;
  }

  async close(): Promise<void> {
    await this.#queue;
    for (const { rows, ended } of this.#open.values()) {
      rows.end();
      await ended;
    }
  }

  /** For people: how many, why, and where they are. */
  text(): string {
    if (this.count === 0) return "";
    const why = [...this.#codes].map(
      ([code, { count, first }]) =>
        `  ${count} ${code}, first line ${first.line}: ${first.reason}\n`,
    );
    const where = [...this.#open.keys()].map(refusedFile).join(", ");
    return `${this.count} rows refused: ${where}\n${why.join("")}`;
  }

  async #clear(): Promise<void> {
    for (const file of this.#files) await rm(refusedFile(file), { force: true });
  }

  async #write({ file, line, code, reason, row }: RefusedRow): Promise<void> {
    let open = this.#open.get(file);
    if (open === undefined) {
      const rows = stringify({ header: true, columns: ["line", "code", "reason", "row"] });
      const ended = finished(rows.pipe(createWriteStream(refusedFile(file))));
      open = { rows, ended };
      this.#open.set(file, open);
    }
    if (!open.rows.write([line, code, reason, row])) await once(open.rows, "drain");
  }
}

const refusedFile = (file: string): string => `${file}.refused.csv`;
