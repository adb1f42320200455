// Owns: durable appends to one file. A1: what `append` resolved for is on disk. A2: appends that come while one is written share
// the next write and sync. A3: after a failed write the file is cut back to its last durable byte; where that fails too, nothing
// more is written, since a torn line in the middle would hide those behind it.
import type { FileHandle } from "node:fs/promises";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";

interface Waiting {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** A file that only grows, until it is replaced as a whole. */
export class AppendFile {
  readonly #path: string;
  #handle: FileHandle;
  #bytes: number;
  #waiting: Waiting[] = [];
  #work: Promise<void> = Promise.resolve();
  #isWorking = false;
  #fault: unknown;

  private constructor(path: string, handle: FileHandle, bytes: number) {
    this.#path = path;
    this.#handle = handle;
    this.#bytes = bytes;
  }

  /** Replaces the file by this text, durably, and opens it. */
  static async create(path: string, text: string): Promise<AppendFile> {
    const handle = await replaceFile(path, text);
    return new AppendFile(path, handle, Buffer.byteLength(text));
  }

  get bytes(): number {
    return this.#bytes;
  }

  append(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, resolve, reject });
      if (this.#isWorking) return;
      this.#isWorking = true;
      this.#work = this.#writeAll();
    });
  }

  /**
   * Replaces the content. `text` is asked for when no append is under way and every caller of an earlier one has gone on, so
   * that it misses none; what comes meanwhile is written behind it.
   */
  async replace(text: () => string): Promise<void> {
    while (this.#isWorking) await this.#work;
    this.#isWorking = true;
    this.#work = this.#replaceNow(text);
    await this.#work;
  }

  async close(): Promise<void> {
    await this.#work;
    await this.#handle.close();
  }

  async #replaceNow(text: () => string): Promise<void> {
    try {
      const content = text();
      const handle = await replaceFile(this.#path, content);
      await this.#handle.close();
      this.#handle = handle;
      this.#bytes = Buffer.byteLength(content);
    } finally {
      await this.#writeAll();
    }
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(batch.map(({ text }) => text).join(""));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isWorking = false;
  }

  async #write(text: string): Promise<void> {
    if (this.#fault !== undefined) throw this.#fault;
    try {
      await this.#handle.appendFile(text);
      await this.#handle.datasync();
      this.#bytes += Buffer.byteLength(text);
    } catch (error) {
      await this.#handle.truncate(this.#bytes).catch((fault: unknown) => {
        this.#fault = fault;
      });
      throw error;
    }
  }
}

async function replaceFile(path: string, text: string): Promise<FileHandle> {
  const next = `${path}.next`;
  const handle = await open(next, "w");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(next, path);
  await syncDirectory(dirname(path));
  return await open(path, "a");
}

/** Makes a rename durable. Windows has no such call, and its file system needs none. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
