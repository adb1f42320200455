import { hash } from "node:crypto";
import {
  type JournalStore,
  StoreFault,
  type SnapshotManifest,
  type SnapshotPage,
  encodeEvents,
} from "../../journal/index.ts";
import type { Replica } from "../replica.ts";
import { placePage, snapshotFormat } from "./snapshot-format.ts";

/** How much one snapshot wrote. */
export interface SnapshotWritten {
  readonly pages: number;
}

/**
 * Writes a snapshot of what is durable now. Everything is captured before the first pause; text and hashes are made a page at
 * a time, with `pause` in between, while the workspace goes on. Rejects with `StoreFault`; then the next one writes those
 * pages again.
 *
 * Must not run twice at once on one replica, nor between an apply and its commit.
 */
export async function writeSnapshot(
  replica: Replica,
  store: JournalStore,
  pause: () => Promise<void>,
): Promise<SnapshotWritten> {
  const { workspaceId, head } = replica;
  const { changed, unchanged } = replica.pages.capture();
  const unsaved = replica.eventsUnsaved;
  const written: SnapshotPage[] = [placePage(replica.position)];
  replica.eventsUnsaved = 0;
  try {
    for (const { name, rows } of changed) {
      const body = encodeEvents(rows);
      written.push({ page: name, hash: hash("sha256", body), body });
      await pause();
    }
    const pages: Record<string, { seq: number; hash: string }> = Object.fromEntries(unchanged);
    for (const page of written) pages[page.page] = { seq: head.seq, hash: page.hash };
    const manifest: SnapshotManifest = { workspaceId, head, codec: snapshotFormat, pages };
    await store.writeSnapshot(manifest, written);
  } catch (error) {
    replica.eventsUnsaved += unsaved;
    if (error instanceof StoreFault && error.code === "snapshot_page_missing")
      replica.pages.markAllChanged();
    throw error;
  }
  for (const page of written)
    replica.pages.markWritten(page.page, { seq: head.seq, hash: page.hash });
  return { pages: written.length };
}
