import type { State } from "@cistern/kernel";
import type { CommandEntry, Recalled } from "./entry.ts";

/**
 * Holds of one workspace that were read from the journal again, while requests stand on them (RULES 25): the same head check
 * as for everything else. Whatever happens to such a hold passes through the table of holds, and makes the reading stale.
 */
export class RecalledHolds {
  readonly #byHold = new Map<string, Set<Recalled>>();
  #reading = 0;

  /** How many are being read now. */
  get reading(): number {
    return this.#reading;
  }

  watch(state: State): void {
    state.holds.holds.watch((holdId) => {
      if (this.#byHold.size === 0) return;
      for (const recalled of this.#byHold.get(holdId) ?? []) recalled.isStale = true;
    });
  }

  /** From now on, whatever happens to the hold makes the reading stale that this request waits for. */
  expect(entry: CommandEntry, holdId: string): void {
    this.forget(entry);
    const recalled: Recalled = { holdId, hold: undefined, isStale: false };
    const others = this.#byHold.get(holdId);
    if (others === undefined) this.#byHold.set(holdId, new Set([recalled]));
    else others.add(recalled);
    entry.recalled = recalled;
  }

  /** Reads the expected hold and notes it there; rejects as `read` does. */
  async recall(
    entry: CommandEntry,
    read: (holdId: string) => Promise<Recalled["hold"]>,
  ): Promise<void> {
    const { recalled } = entry;
    if (recalled === undefined) return;
    this.#reading += 1;
    try {
      recalled.hold = await read(recalled.holdId);
    } catch (error) {
      this.forget(entry);
      throw error;
    } finally {
      this.#reading -= 1;
    }
  }

  /** The request was answered, or its hold is to be read again. */
  forget(entry: CommandEntry): void {
    const { recalled } = entry;
    if (recalled === undefined) return;
    entry.recalled = undefined;
    const others = this.#byHold.get(recalled.holdId);
    others?.delete(recalled);
    if (others?.size === 0) this.#byHold.delete(recalled.holdId);
  }

  /** The state that they were read for is gone. */
  makeAllStale(): void {
    for (const all of this.#byHold.values()) for (const one of all) one.isStale = true;
  }
}
