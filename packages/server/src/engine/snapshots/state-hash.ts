import { createHash } from "node:crypto";
import type { State } from "@cistern/kernel";
import { encodeEvents } from "../../journal/index.ts";

/**
 * SHA-256 of a whole state, 64 hex digits: equal exactly when every row of every table is (K6), whatever order rows and
 * their members came in.
 */
export function stateHash(state: State): string {
  const digest = createHash("sha256");
  for (const table of state.tables) {
    digest.update(`${table.name}\n`);
    const rows = [...table.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1));
    for (const row of rows) digest.update(`${encodeEvents([sorted(row)])}\n`);
  }
  return digest.digest("hex");
}

/** The same value with the members of every object in order of their names. */
function sorted(value: readonly unknown[]): readonly unknown[] {
  return value.map(sortedOne);
}

function sortedOne(value: unknown): unknown {
  if (Array.isArray(value)) return sorted(value);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sortedOne(member)]));
}
