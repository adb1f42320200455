/**
 * Owns the record of an import beside its first file, `FILE.import.json`. It saves time and proves nothing: the keys of rows do. R1 a
 * record that is lost, or of another import, is as if there were none. R2 a file without ids that changed since its record is refused,
 * since its rows could not be told from those that were charged.
 */
import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { HistoryFault, type StagedHistory } from "../../ingest/index.ts";
import type { Place } from "../catalog-calls.ts";

interface Kept {
  /** Of the files, and of what was said of them. */
  readonly import: string;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  /** So many rows from the start were charged. */
  readonly place: number;
}

interface RecordOptions extends Place {
  readonly source: string;
  readonly since?: number;
  readonly anew?: true;
}

const writeEveryMs = 500;

/** What an import has reached. Mutable. */
export class ImportRecord {
  readonly #path: string;
  readonly #kept: Omit<Kept, "place">;
  #place: number;
  #writtenAt = 0;
  #writing: Promise<void> = Promise.resolve();

  static async open(staged: StagedHistory, options: RecordOptions): Promise<ImportRecord> {
    const path = `${staged.files[0]?.path ?? "history"}.import.json`;
    const before = await readKept(path);
    const files = staged.files.map((file) => ({ path: file.path, sha256: file.sha256 }));
    const changed = staged.files.find(
      ({ path: file, sha256, hasIds }) =>
        !hasIds && before?.files.some((one) => one.path === file && one.sha256 !== sha256) === true,
    );
    if (changed !== undefined && options.anew !== true)
      throw new HistoryFault(
        `${changed.path} was imported before and has changed since. Its rows have no ids, so all of them would be charged a second time: import the new rows from a file of their own, or say --anew.`,
      );
    const { source, since, url } = options;
    const told = [files, source, since ?? null, url ?? databaseOf(process.env)];
    const id = createHash("sha256").update(JSON.stringify(told)).digest("hex");
    return new ImportRecord(path, { import: id, files }, before?.import === id ? before.place : 0);
  }

  private constructor(path: string, kept: Omit<Kept, "place">, place: number) {
    this.#path = path;
    this.#kept = kept;
    this.#place = place;
  }

  get place(): number {
    return this.#place;
  }

  reached(place: number): void {
    this.#place = place;
    if (Date.now() - this.#writtenAt < writeEveryMs) return;
    this.#writtenAt = Date.now();
    this.#writing = this.#writing.then(() => this.#write());
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#write();
  }

  async #write(): Promise<void> {
    const kept: Kept = { ...this.#kept, place: this.#place };
    await writeFile(`${this.#path}.part`, `${JSON.stringify(kept)}\n`);
    await rename(`${this.#path}.part`, this.#path);
  }
}

const databaseOf = (env: Readonly<Record<string, string | undefined>>): string =>
  env["DATABASE_URL"] ?? env["CISTERN_DATA"] ?? "";

/** R1. */
async function readKept(path: string): Promise<Kept | undefined> {
  try {
    const kept: unknown = JSON.parse(await readFile(path, "utf8"));
    return isKept(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

function isKept(given: unknown): given is Kept {
  if (typeof given !== "object" || given === null) return false;
  if (!("import" in given && "files" in given && "place" in given)) return false;
  return Array.isArray(given.files) && Number.isSafeInteger(given.place);
}
