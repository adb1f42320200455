/** Entry of the part: watching workspaces for alerts. */
export { watchingMigrations } from "./migrations.ts";
export { type WatchRows, createWatchRows } from "./watch-rows.ts";
export { type Watcher, type WatcherOptions, createWatcher } from "./watcher.ts";
