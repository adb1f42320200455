import { hash } from "node:crypto";
import type { Position } from "@cistern/kernel";
import {
  type SnapshotPage,
  codecVersion,
  decodeEvents,
  encodeEvents,
} from "../../journal/index.ts";

/** Version of pages and of the rows on them. Raise it when a table or the shape of a row of state changes: older snapshots are then passed over. */
export const snapshotFormat = 18;

/** The page that says which event the snapshot stands on. */
export const placePageName = "place";

/** See `placePageName`. */
export function placePage(position: Position): SnapshotPage {
  const body = encodeEvents([["index", position.index]]);
  return { page: placePageName, hash: hash("sha256", body), body };
}

/** The rows of a page's body. */
export function decodePage(body: string): (readonly [string, unknown])[] {
  return decodeEvents<readonly [string, unknown]>(body, codecVersion);
}
