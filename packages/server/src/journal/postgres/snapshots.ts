/** Owns snapshots in PostgreSQL: manifests, the pages that they name, and the dropping of what no manifest names. */
import { StoreFault, type SnapshotManifest, type SnapshotPage } from "../port.ts";
import { bigintArray, digests, textArray } from "../../database/index.ts";
import type { Column, Session, Statement } from "./session.ts";
import {
  dropManifestsSql,
  dropPagesSql,
  readManifestsSql,
  readPagesSql,
  writeSnapshotSql,
} from "./statements.ts";

/** Pages that one statement reads or writes at most. */
const pagesMax = 256;

const readManifestsStatement: Statement = { name: "journal_manifests", text: readManifestsSql };
const readPagesStatement: Statement = { name: "journal_pages", text: readPagesSql };
const writeSnapshotStatement: Statement = { name: "journal_snapshot", text: writeSnapshotSql };
const dropManifestsStatement: Statement = {
  name: "journal_drop_manifests",
  text: dropManifestsSql,
};
const dropPagesStatement: Statement = { name: "journal_drop_pages", text: dropPagesSql };

/** See `JournalStore.readManifests`. */
export async function readManifests(
  session: Session,
  workspaceId: string,
): Promise<SnapshotManifest[]> {
  const doing = `Reading the snapshots of ${workspaceId}`;
  const rows = await session.run(readManifestsStatement, [workspaceId], doing);
  return rows.map((row) => manifestOf(workspaceId, row));
}

/** The columns seq, hash, codec, pages. */
export function manifestOf(
  workspaceId: string,
  [seq, hash, codec, pages]: readonly Column[],
): SnapshotManifest {
  return {
    workspaceId,
    head: { seq: Number(seq), hash: String(hash) },
    codec: Number(codec),
    pages: JSON.parse(String(pages)),
  };
}

/** See `JournalStore.readPages`. */
export async function readPages(
  session: Session,
  manifest: SnapshotManifest,
): Promise<SnapshotPage[]> {
  const named = Object.entries(manifest.pages);
  const pages: SnapshotPage[] = [];
  for (let from = 0; from < named.length; from += pagesMax) {
    const some = named.slice(from, from + pagesMax);
    const values = [
      manifest.workspaceId,
      textArray(some.map(([page]) => page)),
      bigintArray(some.map(([, { seq }]) => seq)),
    ];
    const doing = `Reading snapshot ${manifest.workspaceId}/${manifest.head.seq}`;
    for (const [page, hash, body] of await session.run(readPagesStatement, values, doing))
      pages.push({ page: String(page), hash: String(hash), body: String(body) });
  }
  return pages;
}

/** See `JournalStore.writeSnapshot`. What is dropped afterwards may be dropped by the next snapshot as well. */
export async function writeSnapshot(
  session: Session,
  manifest: SnapshotManifest,
  changed: readonly SnapshotPage[],
): Promise<void> {
  const { workspaceId, head } = manifest;
  const place = `${workspaceId}/${head.seq}`;
  const written = new Set(changed.map(({ page }) => page));
  const there = Object.entries(manifest.pages).filter(
    ([page, { seq }]) => seq !== head.seq || !written.has(page),
  );
  const values = [
    workspaceId,
    head.seq,
    digests([head.hash]),
    manifest.codec,
    JSON.stringify(manifest.pages),
    textArray(there.map(([page]) => page)),
    bigintArray(there.map(([, { seq }]) => seq)),
    textArray(changed.map(({ page }) => page)),
    textArray(changed.map(({ hash }) => hash)),
    textArray(changed.map(({ body }) => body)),
  ];
  const [missing] = await session.run(writeSnapshotStatement, values, `Writing snapshot ${place}`);
  if (missing !== undefined)
    throw new StoreFault(
      `Snapshot ${place} names page ${missing[0]}, which is gone. Write all pages.`,
      { code: "snapshot_page_missing", isRetryable: false, outcome: "none" },
    );
  const doing = `Dropping old snapshots of ${workspaceId}`;
  await session.run(dropManifestsStatement, [workspaceId], doing);
  await session.run(dropPagesStatement, [workspaceId], doing);
}
