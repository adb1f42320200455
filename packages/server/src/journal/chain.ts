/**
 * Owns the hash chain: what a row's hash covers, and what a valid next row is.
 *
 * H1 the hash covers every column of the row but the hash itself, each in a form that no other row shares.
 * H2 `prevHash` ties a row to all rows before it; the workspace is part of the header, so no row moves to another journal.
 */
import { hash } from "node:crypto";
import type { Head, JournalRow } from "./port.ts";

/** The `hash` of the head of a workspace without rows. */
export const genesisHash: string = "0".repeat(64);

/** The head of a workspace without rows. */
export const genesisHead: Head = { seq: 0, hash: genesisHash };

/** What a row's hash covers. */
export type HashedRow = Omit<JournalRow, "hash">;

/**
 * SHA-256 of the row as 64 hex digits, over a JSON array of the header, a line feed and the events' bytes. The header's JSON
 * has no line feed of its own, so the two cannot be taken for one another.
 */
export function hashRow(row: HashedRow): string {
  const header = JSON.stringify([
    "cistern.journal",
    row.codec,
    row.workspaceId,
    row.seq,
    row.batchId,
    row.prevHash,
    row.atMs,
    row.writer,
  ]);
  return hash("sha256", `${header}\n${row.events}`);
}

/** Why a row is not the next one after a head; checked in this order. */
export type ChainBreach = "seq" | "prevHash" | "hash";

/** The first thing that is wrong with `row` as the row after `head`; `undefined` when it is the valid next row. */
export function verifyRow(row: JournalRow, head: Head): ChainBreach | undefined {
  if (row.seq !== head.seq + 1) return "seq";
  if (row.prevHash !== head.hash) return "prevHash";
  return hashRow(row) === row.hash ? undefined : "hash";
}
