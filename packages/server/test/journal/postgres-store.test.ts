import { after } from "node:test";
import { journalMigrations, postgresStore } from "../../src/journal/index.ts";
import { migrate, openDatabase } from "../../src/database/index.ts";
import { freshDatabase } from "../fresh-database.ts";
import { testStore } from "./store-suite.ts";

const { url } = await freshDatabase();
const database = await openDatabase({
  url,
  folder: "",
  host: process,
  randomUuid: () => crypto.randomUUID(),
});
after(() => database.close());
const openPool = () =>
  database.openPool({ purpose: "journal tests", connectionsMax: 4, pipelines: true });
await migrate(openPool(), await journalMigrations());

testStore("postgres", async (count) =>
  Array.from({ length: count }, () => postgresStore({ pool: openPool() })),
);
