import type { Command } from "commander";
import { migrate, openDatabase } from "../database/index.ts";
import { readSettings } from "../host/index.ts";
import { nodeMigrations } from "../node-migrations.ts";
import { platform } from "../server.ts";

/** `cistern migrate`: brings the schema up to this version and ends. `serve` does the same at its start. */
export function addMigrate(program: Command): void {
  program
    .command("migrate")
    .description("Bring the database's schema up to this version")
    .action(runMigrate);
}

async function runMigrate(): Promise<void> {
  const { databaseUrl, folder } = readSettings(process.env);
  const { host, randomUuid } = platform;
  const database = await openDatabase({ url: databaseUrl, folder, host, randomUuid });
  try {
    const pool = database.openPool({ purpose: "migrate", connectionsMax: 1 });
    const applied = await migrate(pool, await nodeMigrations());
    const names = applied.map(({ part, number, name }) => `${part}/${number} ${name}\n`);
    process.stdout.write(
      applied.length === 0 ? "The schema is up to date.\n" : `Applied:\n${names.join("")}`,
    );
  } finally {
    await database.close();
  }
}
