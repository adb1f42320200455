/** Entry of the part: watching workspaces for alerts. */
export { watchingMigrations } from "./migrations.ts";
export { type CapTold, type Spender, unwatched } from "../insights/index.ts";
export { type WatchCursor, type WatchRows, createWatchRows } from "./watch-rows.ts";
export { type Watcher, type WatcherOptions, createWatcher } from "./watcher.ts";
