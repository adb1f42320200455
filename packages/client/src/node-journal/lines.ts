// Owns: the lines of the journal's file. One JSON object a line: an entry, or the word that one is concluded.
import type { OperationMethod } from "@cistern/contract";
import type { JournalEntry } from "../offline/journal.ts";

/** What a line says. */
export type Line =
  | { readonly kind: "entry"; readonly entry: JournalEntry }
  | { readonly kind: "concluded"; readonly id: string };

/** Writes a line, its end included. */
export function printLine(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

/**
 * The entries of a file that are not concluded, oldest first. The last line may be torn: its writer died before anybody was
 * told that it is durable. Any other line that cannot be read is a damaged file, and nobody may guess what it said.
 */
export function readPending(path: string, text: string): Map<string, JournalEntry> {
  const pending = new Map<string, JournalEntry>();
  const rows = text.split("\n");
  while (rows.at(-1) === "") rows.pop();
  for (const [index, row] of rows.entries()) {
    const line = readLine(row);
    if (line === undefined) {
      if (index === rows.length - 1) break;
      throw new Error(
        `Line ${index + 1} of ${path} is damaged. Move the file away to start without what waits in it.`,
      );
    }
    if (line.kind === "entry") pending.set(line.entry.id, line.entry);
    else pending.delete(line.id);
  }
  return pending;
}

function readLine(row: string): Line | undefined {
  let value: unknown;
  try {
    value = JSON.parse(row);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("kind" in value)) return undefined;
  if (value.kind === "entry" && "entry" in value && isEntry(value.entry))
    return { kind: "entry", entry: value.entry };
  if (value.kind === "concluded" && "id" in value && typeof value.id === "string")
    return { kind: "concluded", id: value.id };
  return undefined;
}

const methods: Readonly<Record<OperationMethod, true>> = {
  POST: true,
  PUT: true,
  PATCH: true,
  DELETE: true,
};

function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== "object" || value === null) return false;
  if (!("id" in value && "subject" in value && "exposure" in value && "operation" in value))
    return false;
  const { id, subject, exposure, operation } = value;
  return (
    typeof id === "string" &&
    typeof subject === "string" &&
    typeof exposure === "string" &&
    typeof operation === "object" &&
    operation !== null &&
    "path" in operation &&
    typeof operation.path === "string" &&
    "method" in operation &&
    typeof operation.method === "string" &&
    Object.hasOwn(methods, operation.method)
  );
}
