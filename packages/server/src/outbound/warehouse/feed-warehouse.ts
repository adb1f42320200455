/**
 * Owns the feed of a data warehouse: usage, ledger and events of every workspace as Parquet files by day, in a folder that is
 * fed again and again.
 *
 * W1 each event of a journal is in the folder once, whenever a feed was killed: rows and place move together (P1). W2 a file
 * that is there never changes; what comes late for an old day goes into a further part. W3 rows are believed only if they
 * continue the chain from where the folder stands (P2).
 */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Event } from "@cistern/kernel";
import {
  type JournalRow,
  type JournalStore,
  decodeEvents,
  genesisHead,
  verifyRow,
} from "../../journal/index.ts";
import { type ParquetWriter, openParquetWriter } from "./parquet.ts";
import { type Place, type WorkspacePlace, readPlace } from "./place.ts";
import { type Envelope, rowsOf } from "./rows.ts";
import { Step, areaIn, finish, isThere, tidy } from "./step.ts";
import { tableNames } from "./tables.ts";
import { WarehouseFault } from "./warehouse-fault.ts";

/** What a feed stands on. */
export interface WarehouseOptions {
  /** Made where it is not there. */
  readonly folder: string;
  readonly store: Pick<JournalStore, "readRows">;
  readonly workspaces: () => AsyncIterable<string>;
  readonly envelope: Envelope;
  /** Events of a step, after which the folder's place moves; default 50,000. */
  readonly stepEventsMax?: number;
  readonly onProgress?: (progress: WarehouseProgress) => void;
}

/** How far a feed is. `moment`: a step's files are staged, its place is written, or its files are where they belong. */
export interface WarehouseProgress {
  readonly moment: "read" | "staged" | "done" | "moved";
  readonly workspaces: number;
  readonly events: number;
  readonly parts: number;
}

const stepEventsDefault = 50_000;
const rowsPage = 256;

/**
 * Feeds the folder with all that the journals have and it has not.
 *
 * @example await feedWarehouse({ folder: "./warehouse", store, workspaces, envelope });
 * @throws WarehouseFault
 */
export async function feedWarehouse(options: WarehouseOptions): Promise<WarehouseProgress> {
  const folder = resolve(options.folder);
  const area = areaIn(folder);
  await mkdir(area, { recursive: true });
  const parquet = await openParquetWriter(join(area, "lock.duckdb"));
  try {
    const feed = new Feed(options, folder, await placeOf(folder));
    for await (const workspaceId of options.workspaces())
      for await (const isFull of feed.take(workspaceId)) if (isFull) await feed.step(parquet);
    await feed.step(parquet);
    return feed.progress("moved");
  } finally {
    parquet.close();
  }
}

async function placeOf(folder: string): Promise<Place> {
  const known = await readPlace(areaIn(folder));
  if (known !== undefined) {
    await tidy(folder, known);
    return known;
  }
  for (const table of tableNames)
    if (await isThere(join(folder, table)))
      throw new WarehouseFault(
        "folder_unknown",
        `${folder} has a folder ${table}, but nothing says how far it was fed. Use an empty folder, or bring back its _cistern/place.json.`,
      );
  const none: Place = { step: 0, parts: [], workspaces: new Map() };
  await tidy(folder, none);
  return none;
}

/** A feed under way. Mutable. */
class Feed {
  readonly #options: WarehouseOptions;
  readonly #folder: string;
  #place: Place;
  #step: Step;
  #counts = { workspaces: 0, events: 0, parts: 0 };

  constructor(options: WarehouseOptions, folder: string, place: Place) {
    this.#options = options;
    this.#folder = folder;
    this.#place = place;
    this.#step = new Step(folder);
  }

  progress(moment: WarehouseProgress["moment"]): WarehouseProgress {
    return { moment, ...this.#counts };
  }

  /** Takes in what a workspace has; says after each page whether the step is full. */
  async *take(workspaceId: string): AsyncGenerator<boolean> {
    const { store, stepEventsMax = stepEventsDefault } = this.#options;
    for (;;) {
      const at = this.#place.workspaces.get(workspaceId) ?? { ...genesisHead, currency: "" };
      const rows = await store.readRows(workspaceId, at.seq, rowsPage);
      if (rows.length === 0) break;
      let head = at;
      for (const row of rows) {
        head = await this.#takeRow(row, head);
        this.#place.workspaces.set(workspaceId, head);
        if (this.#step.events >= stepEventsMax) break;
      }
      this.#tell("read");
      yield this.#step.events >= stepEventsMax;
    }
    this.#counts.workspaces += 1;
  }

  /** Writes what was taken in, if anything was. */
  async step(parquet: ParquetWriter): Promise<void> {
    if (this.#step.events === 0) return;
    const { workspaces, step: last } = this.#place;
    const step = last + 1;
    const parts = await this.#step.stage(parquet, step);
    this.#tell("staged");
    this.#place = { step, parts, workspaces };
    await finish(this.#folder, this.#place, () => this.#tell("done"));
    this.#step = new Step(this.#folder);
    this.#counts.parts += parts.length;
    this.#tell("moved");
  }

  async #takeRow(row: JournalRow, before: WorkspacePlace): Promise<WorkspacePlace> {
    const { workspaceId, seq, hash } = row;
    const breach = verifyRow(row, before);
    if (breach !== undefined)
      throw new WarehouseFault(
        "journal_broken",
        `Row ${workspaceId}/${seq} does not continue what ${this.#folder} has up to row ${before.seq}: its ${breach} is another. It is the journal of another database, a failover lost its tail, or it is broken (\`cistern verify\` says). Feed a new folder.`,
      );
    let { currency } = before;
    for (const [index, event] of decodeEvents<Event>(row.events, row.codec).entries()) {
      if (event.kind === "workspace.created") currency = event.workspace.currency;
      const placed = { workspaceId, position: { seq, index }, hash: hash.slice(0, 8), currency };
      const told = this.#options.envelope(event, placed);
      await this.#step.add(rowsOf({ ...placed, event, told }));
      this.#counts.events += 1;
    }
    return { seq, hash, currency };
  }

  #tell(moment: WarehouseProgress["moment"]): void {
    this.#options.onProgress?.(this.progress(moment));
  }
}
