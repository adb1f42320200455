// Owns: an offline journal in a file of this machine: JSON lines, each on disk before its caller goes on.
// J1: what is pending survives a crash, in order. J2: a torn last line is dropped. J3: the file is rewritten without what is
// concluded, so that it stays small. J4: one process at a time works with it. J5: refused entries go to `<path>.refused`.
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { defaultEnvironment } from "../defaults.ts";
import type { JournalEntry, OfflineJournal } from "../offline/journal.ts";
import { AppendFile } from "./append-file.ts";
import type { FileLock } from "./file-lock.ts";
import { isCode, lockFile } from "./file-lock.ts";
import { printLine, readPending } from "./lines.ts";

/** Where the journal's file is, and how much it takes. */
export interface NodeJournalOptions {
  /** Its folder is made where it is missing. */
  readonly path: string;
  /** Entries that may wait; default 10,000. */
  readonly entriesMax?: number;
  /** Bytes from which on a file that is mostly concluded is rewritten; default 1 MiB. */
  readonly rewriteBytes?: number;
}

const entriesMaxDefault = 10_000;
const rewriteBytesDefault = 1_048_576;
const touchMs = 10_000;

/**
 * Opens the journal for `failureMode: { kind: "closed", journal }` or `{ kind: "open_with_journal", journal, … }`.
 *
 * @throws JournalInUse where another process works with the file, and an error where the file is damaged.
 */
export async function openNodeJournal(options: NodeJournalOptions): Promise<OfflineJournal> {
  const path = resolve(options.path);
  await mkdir(dirname(path), { recursive: true });
  const lock = await lockFile(path, defaultEnvironment.now);
  try {
    const pending = readPending(path, await readIfThere(path));
    const file = await AppendFile.create(path, printAll(pending));
    return new NodeJournal(path, options, { lock, pending, file });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

interface Opened {
  readonly lock: FileLock;
  readonly pending: Map<string, JournalEntry>;
  readonly file: AppendFile;
}

class NodeJournal implements OfflineJournal {
  readonly entriesMax: number;
  readonly #path: string;
  readonly #rewriteBytes: number;
  readonly #lock: FileLock;
  readonly #pending: Map<string, JournalEntry>;
  readonly #file: AppendFile;
  #cancelTouch: () => void = () => {};

  constructor(path: string, options: NodeJournalOptions, { lock, pending, file }: Opened) {
    this.#path = path;
    this.entriesMax = options.entriesMax ?? entriesMaxDefault;
    this.#rewriteBytes = options.rewriteBytes ?? rewriteBytesDefault;
    this.#lock = lock;
    this.#pending = pending;
    this.#file = file;
    this.#keepTouching();
  }

  pending(): readonly JournalEntry[] {
    return [...this.#pending.values()];
  }

  async append(entry: JournalEntry): Promise<void> {
    await this.#file.append(printLine({ kind: "entry", entry }));
    this.#pending.set(entry.id, entry);
  }

  async conclude(id: string, outcome: Parameters<OfflineJournal["conclude"]>[1]): Promise<void> {
    const entry = this.#pending.get(id);
    if (entry === undefined) return;
    if (outcome.kind === "refused") await this.#keepRefused(entry, outcome.problem);
    await this.#file.append(printLine({ kind: "concluded", id }));
    this.#pending.delete(id);
    await this.#rewriteIfMostlyConcluded();
  }

  async close(): Promise<void> {
    this.#cancelTouch();
    await this.#file.close();
    await this.#lock.release();
  }

  async #keepRefused(entry: JournalEntry, problem: object): Promise<void> {
    const handle = await open(`${this.#path}.refused`, "a");
    try {
      await handle.appendFile(`${JSON.stringify({ entry, problem })}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async #rewriteIfMostlyConcluded(): Promise<void> {
    if (this.#file.bytes < this.#rewriteBytes) return;
    if (this.#file.bytes < 2 * Buffer.byteLength(printAll(this.#pending))) return;
    // Whoever took the lock over while this process stood still writes to the file now: leave it alone.
    if (await this.#lock.isOurs()) await this.#file.replace(() => printAll(this.#pending));
  }

  #keepTouching(): void {
    const touch = () => {
      // A lock that cannot be touched ages, and is then taken over: the keys keep a second delivery without effect.
      this.#lock.touch().catch(() => {});
      this.#keepTouching();
    };
    this.#cancelTouch = defaultEnvironment.setTimer(touchMs, touch, true);
  }
}

function printAll(pending: ReadonlyMap<string, JournalEntry>): string {
  return [...pending.values()].map((entry) => printLine({ kind: "entry", entry })).join("");
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return "";
    throw error;
  }
}
