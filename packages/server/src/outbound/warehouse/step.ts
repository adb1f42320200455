/**
 * Owns one step of a feed: rows are put down in a staging area, written as Parquet there, and moved to their place once the step
 * is done (P1). A process that is killed anywhere leaves a folder that the next start brings in order.
 */
import { type FileHandle, access, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { syncFile, syncFolder } from "../durable-files.ts";
import type { ParquetWriter } from "./parquet.ts";
import { type Place, writePlace } from "./place.ts";
import type { RowsOfEvent } from "./rows.ts";
import { type TableName, tableNames } from "./tables.ts";

/** Where a feed keeps what is its own: beside the tables, so that nobody who reads a table finds it. */
export const areaIn = (folder: string): string => join(folder, "_cistern");
const partsIn = (folder: string): string => join(areaIn(folder), "staging", "parts");
const rowsIn = (folder: string): string => join(areaIn(folder), "staging", "rows");

/** Moves what a step that is done left in the staging area, and drops what a step that is not done left there. */
export async function tidy(folder: string, place: Place): Promise<void> {
  await moveParts(folder, place.parts);
  await rm(join(areaIn(folder), "staging"), { recursive: true, force: true });
}

/** The rows of one step. Mutable: grows until it is done. */
export class Step {
  readonly #folder: string;
  readonly #spools = new Map<TableName, Spool>();
  events = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async add(rows: RowsOfEvent): Promise<void> {
    this.events += 1;
    for (const table of tableNames)
      for (const row of rows[table]) await (await this.#spool(table)).add(JSON.stringify(row));
  }

  /** Writes the Parquet files into the staging area; gives their names, from the folder on. */
  async stage(parquet: ParquetWriter, step: number): Promise<readonly string[]> {
    const staged = partsIn(this.#folder);
    await mkdir(staged, { recursive: true });
    for (const [table, spool] of this.#spools) {
      await spool.close();
      const name = `part-${String(step).padStart(6, "0")}`;
      await parquet.write({ table, file: spool.path, folder: join(staged, table), name });
    }
    const parts: string[] = [];
    for (const entry of await readdir(staged, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isDirectory()) await syncFolder(path);
      else {
        await syncFile(path);
        parts.push(relative(staged, path).replaceAll(sep, "/"));
      }
    }
    await syncFolder(staged);
    return parts.toSorted();
  }

  async #spool(table: TableName): Promise<Spool> {
    const known = this.#spools.get(table);
    if (known !== undefined) return known;
    await mkdir(rowsIn(this.#folder), { recursive: true });
    const path = join(rowsIn(this.#folder), `${table}.jsonl`);
    const fresh = new Spool(path, await open(path, "w"));
    this.#spools.set(table, fresh);
    return fresh;
  }
}

/** Says that a step is done, then moves its files. */
export async function finish(folder: string, place: Place, onDone: () => void): Promise<void> {
  await writePlace(areaIn(folder), place);
  onDone();
  await tidy(folder, place);
}

const blockChars = 1024 * 1024;

/** Lines on their way to a file. Mutable. */
class Spool {
  readonly path: string;
  readonly #handle: FileHandle;
  #lines: string[] = [];
  #chars = 0;

  constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  async add(line: string): Promise<void> {
    this.#lines.push(line, "\n");
    this.#chars += line.length;
    if (this.#chars >= blockChars) await this.#flush();
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#handle.close();
  }

  async #flush(): Promise<void> {
    const text = this.#lines.join("");
    this.#lines = [];
    this.#chars = 0;
    await this.#handle.appendFile(text);
  }
}

async function moveParts(folder: string, parts: readonly string[]): Promise<void> {
  const changed = new Set<string>();
  for (const part of parts) {
    const from = join(partsIn(folder), part);
    if (!(await isThere(from))) continue;
    const to = join(folder, part);
    await mkdir(dirname(to), { recursive: true });
    await rename(from, to);
    for (let at = dirname(to); at !== dirname(folder); at = dirname(at)) changed.add(at);
  }
  for (const one of changed) await syncFolder(one);
}

/** Whether a file is there. */
export const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
