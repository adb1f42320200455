import { hash } from "node:crypto";
import type { SnapshotManifest, SnapshotPage } from "../../journal/index.ts";
import { Replica } from "../replica.ts";
import type { Rules } from "../rules.ts";
import { decodePage, placePageName, snapshotFormat } from "./snapshot-format.ts";

/** A snapshot that cannot be used, and why. Snapshots are disposable: the journal has everything. */
export interface SnapshotBad {
  readonly kind: "bad";
  readonly reason: string;
}

/** A replica that stands where the snapshot was taken; each page is checked against the hash that the manifest names. */
export async function loadSnapshot(
  manifest: SnapshotManifest,
  found: readonly SnapshotPage[],
  { rules, pause }: { readonly rules: Rules; readonly pause: () => Promise<void> },
): Promise<{ readonly kind: "loaded"; readonly replica: Replica } | SnapshotBad> {
  if (manifest.codec !== snapshotFormat)
    return {
      kind: "bad",
      reason: `its format is ${manifest.codec}, this build reads ${snapshotFormat}`,
    };
  const pages = new Map(found.map((page) => [page.page, page]));
  const replica = new Replica(manifest.workspaceId, rules);
  let lastIndex: number | undefined;
  for (const [name, version] of Object.entries(manifest.pages)) {
    const page = pages.get(name);
    await pause();
    if (page === undefined) return { kind: "bad", reason: `page ${name} is gone` };
    if (hash("sha256", page.body) !== version.hash)
      return { kind: "bad", reason: `page ${name} does not have the hash that the manifest names` };
    const rows = decodePage(page.body);
    if (name === placePageName) lastIndex = indexOn(rows);
    else if (!replica.pages.restore(name, rows, version))
      return { kind: "bad", reason: `page ${name} is of no table that this build knows` };
  }
  if (lastIndex === undefined) return { kind: "bad", reason: "it does not say where it stands" };
  replica.startAt(manifest.head, lastIndex);
  return { kind: "loaded", replica };
}

function indexOn(rows: readonly (readonly [string, unknown])[]): number | undefined {
  const index = rows.find(([name]) => name === "index")?.[1];
  return typeof index === "number" ? index : undefined;
}
