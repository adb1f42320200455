/**
 * Owns what a crash left of the files of events.
 *
 * M1 a file is cut after its last whole line if its writer is gone for certain: same host, and no such process, or this one's
 * number under another start. M2 of a writer that may live, or of another host, nothing is touched: half a line at the end is
 * one that is being written, or comes again in another file.
 */
import { type FileHandle, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type EventFile, plain, readFileName } from "./event-file.ts";

/** Who writes: tells this start of this process from all others. */
export interface FileWriter {
  readonly host: string;
  readonly pid: number;
  readonly start: string;
  /** Whether a process of this host runs under that number. */
  readonly isAlive: (pid: number) => boolean;
}

/** M1. */
export async function mendFiles(
  folder: string,
  writer: FileWriter,
  onMended: (file: string, bytes: number) => void,
): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = readFileName(name);
    if (file === undefined || !isGone(file, writer)) continue;
    const bytes = await cutHalfLine(join(folder, name));
    if (bytes > 0) onMended(name, bytes);
  }
}

function isGone({ host, pid, start }: EventFile, writer: FileWriter): boolean {
  if (host !== plain(writer.host)) return false;
  return pid === writer.pid ? start !== plain(writer.start) : !writer.isAlive(pid);
}

/** Cuts what follows the last whole line; says how many bytes. */
async function cutHalfLine(path: string): Promise<number> {
  const handle = await open(path, "r+");
  try {
    const { size } = await handle.stat();
    const whole = await wholeBytes(handle, size);
    if (whole === size) return 0;
    await handle.truncate(whole);
    await handle.datasync();
    return size - whole;
  } finally {
    await handle.close();
  }
}

const blockBytes = 64 * 1024;
const lineEnd = 0x0a;

/** Where the last whole line ends, looked for from behind. */
async function wholeBytes(handle: FileHandle, size: number): Promise<number> {
  const block = Buffer.alloc(blockBytes);
  for (let end = size; end > 0;) {
    const from = Math.max(0, end - blockBytes);
    const { bytesRead } = await handle.read(block, 0, end - from, from);
    const at = block.subarray(0, bytesRead).lastIndexOf(lineEnd);
    if (at >= 0) return from + at + 1;
    end = from;
  }
  return 0;
}
