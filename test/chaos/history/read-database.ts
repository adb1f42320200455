import { verify } from "../../../packages/server/src/audit/index.ts";
import { openDatabase } from "../../../packages/server/src/database/index.ts";
import { createCalendar } from "../../../packages/server/src/host/index.ts";
import { postgresStore } from "../../../packages/server/src/journal/index.ts";
import { houses } from "../load/house.ts";
import type { History } from "./history.ts";
import { readJournal } from "./journal.ts";

/** What the database holds of a storm's workspaces, and what `verify` finds in it. */
export async function readDatabase(
  url: string,
  folder: string,
): Promise<Pick<History, "journals" | "auditFaults">> {
  const randomUuid = (): string => crypto.randomUUID();
  const database = await openDatabase({ url, folder, host: process, randomUuid });
  try {
    const pool = database.openPool({ purpose: "chaos", connectionsMax: 2, statementMs: 60_000 });
    const store = postgresStore({ pool });
    const journals = [];
    for (const { id } of houses) journals.push(await readJournal(pool, store, id));
    const { faults: auditFaults } = await verify({ pool, store, calendar: createCalendar() });
    return { journals, auditFaults };
  } finally {
    await database.close();
  }
}
