/** Owns how the waker is put on a node: what it asks the tables, and how a workspace is woken. */
import { nextDueAt } from "@cistern/kernel";
import type { Pool } from "pg";
import { type WakeReason, type Waker, type WakerOptions, createWaker } from "./background/index.ts";
import { type RateCards, createToldVersions } from "./catalog/index.ts";
import type { Engine } from "./engine/index.ts";
import { workspaceIds } from "./journal/index.ts";
import { putDue, workspacesDue } from "./projections/index.ts";

/** What waking stands on. */
export interface WakingOptions extends Pick<WakerOptions, "clock" | "log"> {
  readonly pool: Pool;
  readonly engine: Pick<Engine, "read">;
  readonly rateCards: Pick<RateCards, "versions">;
}

/** A waker that is not started yet. */
export function openWaker({ pool, engine, rateCards, clock, log }: WakingOptions): Waker {
  return createWaker({
    clock,
    log,
    reasons: [{ workspaces: (page) => workspacesDue(pool, page) }, pricesMovedOn(pool, rateCards)],
    async wake(workspaceId) {
      // Reading a workspace has happen what is due in it, and tells it of new prices. A row that this makes says for itself when something is due next.
      const looked = await engine.read(workspaceId, (state) => nextDueAt(state) ?? never);
      if (looked.kind !== "read") return;
      await putDue(pool, workspaceId, { seq: looked.at.seq, nextDueAtMs: looked.value });
    },
  });
}

/** All workspaces, once for each version of the catalog. A node that ends before it has woken all begins anew: whoever was told is told nothing twice. */
function pricesMovedOn(pool: Pool, rateCards: WakingOptions["rateCards"]): WakeReason {
  const versions = createToldVersions(pool, rateCards);
  let untold: number | undefined;
  return {
    async workspaces({ at, after, limit }) {
      if (after === "") untold = await versions.untoldAt(at);
      const page: string[] = [];
      if (untold === undefined) return page;
      for await (const workspaceId of workspaceIds(pool, after))
        if (page.push(workspaceId) >= limit) break;
      return page;
    },
    async done() {
      if (untold !== undefined) await versions.told(untold);
    },
  };
}

const never = Number.POSITIVE_INFINITY;
