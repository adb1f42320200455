import { setTimeout as wait } from "node:timers/promises";
import { CisternUnavailable } from "@cistern/client";
import type { Door } from "./door.ts";

/** One event as the feed told it. */
export interface Told {
  /** `acme:9.0:1f3a90bc`. */
  readonly id: string;
  readonly type: string;
}

const pageRows = 100;
const restMs = 40;
const unavailableMs = 100;

/** Reads a workspace's feed from the start, on either node in turns, as a consumer does that must not miss anything. */
export class Follower {
  readonly workspace: string;
  readonly told: Told[] = [];
  readonly #doors: readonly [Door, Door];
  #isOver = false;

  constructor(workspace: string, doors: readonly [Door, Door]) {
    this.workspace = workspace;
    this.#doors = doors;
  }

  /** No more will happen: what is left is read, then `follow` ends. */
  finish(): void {
    this.#isOver = true;
  }

  /** Reads until it was told to finish and nothing is left. */
  async follow(): Promise<void> {
    let after = "0.0";
    for (let turn = 0; ; turn += 1) {
      const { cistern } = this.#doors[turn % 2 === 0 ? 0 : 1];
      const wasOver = this.#isOver;
      try {
        const page = await cistern.workspace(this.workspace).events({ after, limit: pageRows });
        for (const { id, type } of page.data) this.told.push({ id, type });
        after = page.next;
        if (page.data.length > 0) continue;
        if (wasOver) return;
        await wait(restMs);
      } catch (error) {
        if (!(error instanceof CisternUnavailable) || !error.isOutage) throw error;
        await wait(unavailableMs);
      }
    }
  }
}
