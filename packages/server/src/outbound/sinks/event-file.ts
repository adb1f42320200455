/** Owns the names of files of events: when it was begun, who writes, and which of its files it is. */

/** What a name says. */
export interface EventFile {
  /** In UTC, to the millisecond, such as `2026-11-28T153012123`: names sort by it. */
  readonly begun: string;
  readonly host: string;
  readonly pid: number;
  /** Tells one start of the writer from all others. */
  readonly start: string;
  readonly part: number;
}

const pattern =
  /^(\d{4}-\d{2}-\d{2}T\d{9})\.([A-Za-z0-9_-]+)\.(\d+)\.([A-Za-z0-9_-]+)\.(\d{4,})\.jsonl$/;

/**
 * Such as `2026-11-28T153012123.web-1.17.9f2c01ab.0001.jsonl`.
 *
 * @example fileNameOf({ begun: "2026-11-28T153012123", host: "web-1", pid: 17, start: "9f2c01ab", part: 1 })
 */
export const fileNameOf = ({ begun, host, pid, start, part }: EventFile): string =>
  `${begun}.${plain(host)}.${pid}.${plain(start)}.${String(part).padStart(4, "0")}.jsonl`;

/** Reads a name; undefined where a file is none of ours. */
export function readFileName(name: string): EventFile | undefined {
  const [, begun, host, pid, start, part] = pattern.exec(name) ?? [];
  if (begun === undefined || host === undefined || start === undefined) return undefined;
  return { begun, host, pid: Number(pid), start, part: Number(part) };
}

/** A text as one component of a name. */
export const plain = (text: string): string => text.replaceAll(/[^A-Za-z0-9_-]/g, "_");
