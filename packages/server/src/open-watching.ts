/** Owns how the watch over workspaces is put on a node: what it stands on, and how often it looks. */
import type { Calendar } from "@cistern/kernel";
import type { Pool } from "pg";
import { type WakerOptions, createWaker } from "./background/index.ts";
import type { Engine } from "./engine/index.ts";
import type { JournalStore } from "./journal/index.ts";
import { type Watcher, createWatchRows, createWatcher } from "./watching/index.ts";

/** What watching stands on. */
export interface WatchingOptions extends Pick<WakerOptions, "clock" | "log"> {
  readonly pool: Pool;
  readonly engine: Engine;
  readonly store: JournalStore;
  readonly calendar: Calendar;
  readonly newId: (prefix: string) => string;
}

/** A watch that is not started yet: every 15 seconds it looks for workspaces whose journal has gone on. */
export function openWatching(
  options: WatchingOptions,
): Watcher & { start(): void; stop(): Promise<void> } {
  const { pool, clock, log } = options;
  const rows = createWatchRows(pool);
  const watcher = createWatcher({ ...options, rows });
  const waker = createWaker({
    clock,
    log,
    workspaces: ({ after, limit }) => rows.behind(after, limit),
    wake: (workspaceId) => watcher.follow(workspaceId),
  });
  return { ...watcher, start: () => waker.start(), stop: () => waker.stop() };
}
