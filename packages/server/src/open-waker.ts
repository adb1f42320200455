/** Owns how the waker is put on a node: what it asks the tables, and how a workspace is woken. */
import { nextDueAt } from "@cistern/kernel";
import type { Pool } from "pg";
import { type Waker, type WakerOptions, createWaker } from "./background/index.ts";
import type { Engine } from "./engine/index.ts";
import { putDue, workspacesDue } from "./projections/index.ts";

/** What waking stands on. */
export interface WakingOptions extends Pick<WakerOptions, "clock" | "log"> {
  readonly pool: Pool;
  readonly engine: Pick<Engine, "read">;
}

/** A waker that is not started yet. */
export function openWaker({ pool, engine, clock, log }: WakingOptions): Waker {
  return createWaker({
    clock,
    log,
    workspacesDue: (page) => workspacesDue(pool, page),
    async wake(workspaceId) {
      // Reading a workspace has happen what is due in it. A row that this makes says for itself when something is due next.
      const looked = await engine.read(workspaceId, (state) => nextDueAt(state) ?? never);
      if (looked.kind !== "read") return;
      await putDue(pool, workspaceId, { seq: looked.at.seq, nextDueAtMs: looked.value });
    },
  });
}

const never = Number.POSITIVE_INFINITY;
