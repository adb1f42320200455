/**
 * Owns the sink that writes files: a line of JSON an event, in a folder that any number of nodes may share.
 *
 * F1 a file has one writer for its whole life, since its name says who (host, process, start): nobody appends to the file of
 * another, so two halves of lines never meet. F2 what is half written after a fault is cut off before anything follows it;
 * what a process left that is gone is cut off by the next start on that host (`mend-files.ts`). F3 a call resolves when its
 * lines, and the name of their file, are on the disk.
 */
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { type CloudEvent, printInstant } from "@cistern/contract";
import { syncFolder } from "../durable-files.ts";
import { type EventFile, fileNameOf } from "./event-file.ts";
import { type FileWriter, mendFiles } from "./mend-files.ts";
import { type Sink, SinkFault, reasonOf } from "./sink.ts";
import { linesOf } from "./stdout-sink.ts";

/** What a file sink stands on. */
export interface FileSinkOptions {
  readonly name: string;
  readonly folder: string;
  readonly writer: FileWriter;
  /** Its day, in UTC, begins another file. */
  readonly now: () => number;
  /** A file that has so many bytes gets no more; default 256 MiB. */
  readonly fileBytesMax?: number;
  /** Told of each file that was cut. */
  readonly onMended?: (file: string, bytes: number) => void;
}

const fileBytesDefault = 256 * 1024 * 1024;

/**
 * Opens a file sink; the folder is made where it is not there, and mended (F2).
 *
 * @example const sink = await fileSink({ name: "file", folder: "./events", writer, now });
 * @throws SinkFault
 */
export async function fileSink(options: FileSinkOptions): Promise<Sink> {
  const { name, folder, writer, onMended = () => {} } = options;
  try {
    await mkdir(folder, { recursive: true });
    await mendFiles(folder, writer, onMended);
  } catch (error) {
    throw new SinkFault(
      `The folder ${folder} of the sink ${name} is of no use: ${reasonOf(error)}.`,
      {
        cause: error,
      },
    );
  }
  const lines = new Lines(options);
  return {
    name,
    write: (events) => lines.add(events),
    close: () => lines.close(),
  };
}

interface Waiting {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (fault: SinkFault) => void;
}

/** A file that is written. Mutable. */
interface Open {
  readonly day: string;
  readonly path: string;
  readonly handle: FileHandle;
  /** Of whole lines on the disk. */
  bytes: number;
}

/** Writes what came meanwhile in one go, and waits for the disk once for all of it. */
class Lines {
  readonly #options: FileSinkOptions;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #file: Open | undefined;
  #part = 0;

  constructor(options: FileSinkOptions) {
    this.#options = options;
  }

  add(events: readonly CloudEvent[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text: linesOf(events), resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async close(): Promise<void> {
    await this.#running;
    await this.#leave();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const taken = this.#waiting;
      this.#waiting = [];
      try {
        await this.#append(Buffer.from(taken.map(({ text }) => text).join("")));
        for (const one of taken) one.resolve();
      } catch (error) {
        const { name, folder } = this.#options;
        const reason = `The sink ${name} cannot write in ${folder}: ${reasonOf(error)}.`;
        const fault = new SinkFault(reason, { cause: error });
        for (const one of taken) one.reject(fault);
      }
    }
    this.#running = undefined;
  }

  async #append(lines: Buffer): Promise<void> {
    const file = await this.#fileFor(lines.length);
    try {
      for (let from = 0; from < lines.length;) {
        const at = file.bytes + from;
        const { bytesWritten } = await file.handle.write(lines, from, lines.length - from, at);
        from += bytesWritten;
      }
      await file.handle.datasync();
      file.bytes += lines.length;
    } catch (error) {
      await this.#giveUp(file);
      throw error;
    }
  }

  /** F2. What follows goes to another file: after a fault of the disk this one's later syncs would prove nothing. */
  async #giveUp({ path, handle, bytes }: Open): Promise<void> {
    try {
      await handle.truncate(bytes);
    } finally {
      await this.#leave();
      if (bytes === 0) await rm(path, { force: true });
    }
  }

  async #fileFor(bytes: number): Promise<Open> {
    const { now, fileBytesMax = fileBytesDefault } = this.#options;
    const atMs = now();
    const day = dayOf(atMs);
    const file = this.#file;
    if (
      file !== undefined &&
      file.day === day &&
      (file.bytes === 0 || file.bytes + bytes <= fileBytesMax)
    )
      return file;
    await this.#leave();
    return (this.#file = await this.#begin(atMs));
  }

  async #begin(atMs: number): Promise<Open> {
    const { folder, writer } = this.#options;
    this.#part += 1;
    const name: EventFile = {
      begun: begunAt(atMs),
      host: writer.host,
      pid: writer.pid,
      start: writer.start,
      part: this.#part,
    };
    const path = join(folder, fileNameOf(name));
    const handle = await open(path, "wx");
    await syncFolder(folder);
    return { day: dayOf(atMs), path, handle, bytes: 0 };
  }

  async #leave(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }
}

const dayOf = (atMs: number): string => printInstant(atMs).slice(0, "2026-11-28".length);

/** Such as `2026-11-28T153012123`. */
const begunAt = (atMs: number): string => {
  const seconds = printInstant(atMs).slice(0, "2026-11-28T15:30:12".length).replaceAll(":", "");
  return `${seconds}${String(atMs % 1_000).padStart(3, "0")}`;
};
