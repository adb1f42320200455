import { readFile } from "node:fs/promises";
import { InvalidArgumentError } from "commander";
import {
  type BooksSource,
  type ChartNames,
  type Rates,
  booksSource,
  isDay,
  readChartNames,
  readRates,
} from "../books/index.ts";
import { isMonth } from "@cistern/kernel";
import { migrate, openDatabase } from "../database/index.ts";
import { type Settings, SettingsFault, readSettings } from "../host/index.ts";
import { type JournalStore, postgresStore, workspaceIds } from "../journal/index.ts";
import { nodeMigrations } from "../node-migrations.ts";
import { platform } from "../server.ts";

/** The journals of a database, to be read. */
export interface Journals {
  readonly store: JournalStore;
  readonly workspaces: () => AsyncIterable<string>;
}

/** Opens the database to read the books of all workspaces, and closes it again. A running server may go on meanwhile. */
export const withBooks = (work: (source: BooksSource) => Promise<void>): Promise<void> =>
  withJournals(({ store, workspaces }) => work(booksSource(store, workspaces)));

/** As `withBooks`, for those who read the journals themselves. */
export async function withJournals(work: (journals: Journals) => Promise<void>): Promise<void> {
  const { databaseUrl, folder } = booksSettings(process.env);
  const { host, randomUuid } = platform;
  const database = await openDatabase({ url: databaseUrl, folder, host, randomUuid });
  try {
    const pool = database.openPool({ purpose: "books", connectionsMax: 2 });
    await migrate(pool, await nodeMigrations());
    const store = postgresStore({ pool, isDistributed: database.isDistributed });
    await work({ store, workspaces: () => workspaceIds(pool) });
  } finally {
    await database.close();
  }
}

/**
 * Where the books are kept: these commands read journals, and no API gives those.
 *
 * @throws SettingsFault where the environment names a server and no database, of which a new one would be begun in this folder.
 */
export function booksSettings(
  env: Readonly<Record<string, string | undefined>>,
): Pick<Settings, "databaseUrl" | "folder"> {
  const isSet = (name: string): boolean => (env[name] ?? "") !== "";
  if (isSet("CISTERN_URL") && !isSet("DATABASE_URL") && !isSet("CISTERN_DATA"))
    throw new SettingsFault(
      "CISTERN_URL is set, and commands of the books work on the database itself, not with a server. Set DATABASE_URL (or CISTERN_DATA, while no server works with that folder), or ask the server: /v1/books has closings, reports and the margin, /v1/workspaces/{workspace}/cost-allocation a workspace's cost.",
    );
  return readSettings(env);
}

/** An argument that is a month. */
export function monthArgument(text: string): string {
  if (!isMonth(text)) throw new InvalidArgumentError("A month is written as in 2026-10.");
  return text;
}

/** An argument that is a day. */
export function dayArgument(text: string): string {
  if (!isDay(text)) throw new InvalidArgumentError("A day is written as in 2026-10-31.");
  return text;
}

/** The names of accounts in a JSON file such as `{ "Usage": "Revenue:AI" }`; without a file the chart's own. */
export async function chartNamesOf(file: string | undefined): Promise<ChartNames> {
  if (file === undefined) return {};
  try {
    return readChartNames(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsFault(`${file}: ${reason}`, { cause: error });
  }
}

/** The rates in a JSON file, into a currency; neither of the two is said without the other. */
export async function ratesOf(
  file: string | undefined,
  currency: string | undefined,
): Promise<Rates | undefined> {
  if (file === undefined && currency === undefined) return undefined;
  if (file === undefined || currency === undefined)
    throw new SettingsFault("Translation takes both a currency (--currency) and rates (--rates).");
  try {
    return readRates(JSON.parse(await readFile(file, "utf8")), currency);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsFault(`${file}: ${reason}`, { cause: error });
  }
}
