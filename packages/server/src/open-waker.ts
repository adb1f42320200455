/** Owns how the waker is put on a node: what it asks the tables, and how a workspace is woken. */
import { nextDueAt } from "@cistern/kernel";
import type { Pool } from "pg";
import { type Waker, type WakerOptions, createWaker } from "./background/index.ts";
import { type RateCards, createToldVersions } from "./catalog/index.ts";
import type { Engine } from "./engine/index.ts";
import { workspacePage } from "./journal/index.ts";
import { putDue, workspacesDue } from "./projections/index.ts";

/** What waking stands on. */
export interface WakingOptions extends Pick<WakerOptions, "clock" | "log"> {
  readonly pool: Pool;
  readonly engine: Pick<Engine, "read">;
  readonly rateCards: Pick<RateCards, "versions">;
}

/** A waker that is not started yet: for what is due, and apart from it for prices, which are gone through for all workspaces. */
export function openWaker({ pool, engine, rateCards, clock, log }: WakingOptions): Waker {
  const waking = {
    clock,
    log,
    async wake(workspaceId: string) {
      // Reading a workspace has happen what is due in it, and tells it of new prices. A row that this makes says for itself when
      // something is due next.
      const looked = await engine.read(workspaceId, (state) => nextDueAt(state) ?? never);
      if (looked.kind !== "read") return;
      await putDue(pool, workspaceId, { seq: looked.at.seq, nextDueAtMs: looked.value });
    },
  };
  const wakers = [
    createWaker({ ...waking, workspaces: (page) => workspacesDue(pool, page) }),
    createWaker({ ...waking, ...pricesMovedOn(pool, rateCards) }),
  ];
  return {
    start() {
      for (const waker of wakers) waker.start();
    },
    async stop() {
      await Promise.all(wakers.map((waker) => waker.stop()));
    },
  };
}

/** All workspaces, once for each version of the catalog. A node that ends before it has woken all begins anew: whoever was told is told nothing twice. */
function pricesMovedOn(
  pool: Pool,
  rateCards: WakingOptions["rateCards"],
): Pick<WakerOptions, "workspaces" | "done"> {
  const versions = createToldVersions(pool, rateCards);
  let untold: number | undefined;
  return {
    async workspaces({ at, after, limit }) {
      if (after === "") untold = await versions.untoldAt(at);
      return untold === undefined ? [] : await workspacePage(pool, after, limit);
    },
    async done() {
      if (untold !== undefined) await versions.told(untold);
    },
  };
}

const never = Number.POSITIVE_INFINITY;
