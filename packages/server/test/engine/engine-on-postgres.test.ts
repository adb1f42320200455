import { after } from "node:test";
import { migrate, openDatabase } from "../../src/database/index.ts";
import { journalMigrations, postgresStore } from "../../src/journal/index.ts";
import { freshDatabase } from "../fresh-database.ts";
import { type OpenStores, testEngine } from "./engine-suite.ts";
import { testRenewals } from "./renewals.ts";
import { testSharedPool } from "./fair-pool.ts";

const { url } = await freshDatabase();
const database = await openDatabase({
  url,
  folder: "",
  host: process,
  randomUuid: () => crypto.randomUUID(),
});
after(() => database.close());
const openPool = () => database.openPool({ purpose: "engine tests", connectionsMax: 4 });
await migrate(openPool(), await journalMigrations());

const open: OpenStores = async (count) =>
  Array.from({ length: count }, () => postgresStore({ pool: openPool() }));
testEngine("postgres", open);
testRenewals("postgres", open);
testSharedPool("postgres", open);
