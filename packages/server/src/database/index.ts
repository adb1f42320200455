export {
  bigintArray,
  digests,
  int64Array,
  integerArray,
  nullableTextArray,
  textArray,
} from "./binary-arrays.ts";
export { clockDistanceMsMax, compareClocks } from "./clock-comparison.ts";
export { DatabaseFault, databaseFault } from "./database-fault.ts";
export { startEmbeddedPostgres } from "./embedded/embedded-postgres.ts";
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from "./embedded/embedded-postgres.ts";
export type { Signal } from "./host.ts";
export { migrate, readMigrations } from "./migrations.ts";
export type { Migration } from "./migrations.ts";
export { openDatabase } from "./open-database.ts";
export type { Database, DatabaseOptions, PoolOptions } from "./open-database.ts";
export { ReadyPool } from "./ready-pool.ts";
export { type Rows, rowsOf } from "./rows.ts";
