/**
 * Owns how far a folder of Parquet files has come, kept beside them in `_cistern/place.json`.
 *
 * P1 a step is done when this file says so, and it says so in one rename: rows of a step that it does not name are made again,
 * rows of one that it names are never made again. P2 of each workspace it keeps the row's hash too, so that a folder never goes
 * on with a journal that is another one.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Head } from "../../journal/index.ts";
import { replaceFile } from "../durable-files.ts";
import { WarehouseFault } from "./warehouse-fault.ts";

/** How far a workspace was read. */
export interface WorkspacePlace extends Head {
  readonly currency: string;
}

/** See the file head. Mutable: `workspaces` moves on while a step is made. */
export interface Place {
  /** The last step that is done. */
  readonly step: number;
  /** Its files, from the folder on: those that still stand in the staging area are moved by whoever comes next. */
  readonly parts: readonly string[];
  readonly workspaces: Map<string, WorkspacePlace>;
}

const format = 1;
const fileIn = (area: string): string => join(area, "place.json");

/** What the area says; undefined where nothing was ever done. */
export async function readPlace(area: string): Promise<Place | undefined> {
  const file = fileIn(area);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  const given: unknown = JSON.parse(text);
  if (!isPlaceFile(given))
    throw new WarehouseFault(
      "folder_unknown",
      `${file} is not of a form that this version reads. Use the version that wrote it, or another folder.`,
    );
  const { step, parts, workspaces } = given;
  return { step, parts, workspaces: new Map(Object.entries(workspaces)) };
}

/** P1. */
export async function writePlace(area: string, place: Place): Promise<void> {
  const { step, parts, workspaces } = place;
  const file: PlaceFile = { format, step, parts, workspaces: Object.fromEntries(workspaces) };
  await replaceFile(fileIn(area), `${JSON.stringify(file)}\n`);
}

interface PlaceFile {
  readonly format: typeof format;
  readonly step: number;
  readonly parts: readonly string[];
  readonly workspaces: Readonly<Record<string, WorkspacePlace>>;
}

/** We wrote it: the form says that it is ours. */
const isPlaceFile = (given: unknown): given is PlaceFile =>
  typeof given === "object" && given !== null && "format" in given && given.format === format;
