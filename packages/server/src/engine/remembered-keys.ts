import type { OpRow } from "../journal/index.ts";

/**
 * The latest accepted keys of one workspace, so that a retry is answered without asking the store. Those of a batch in flight
 * are here too and are forgotten when it is undone. Older ones are found by the store, as duplicates.
 *
 * Mutable: two generations; the older one goes when the newer is full, so that no entry is ever moved.
 */
export class RememberedKeys {
  readonly #generationMax: number;
  #newer = new Map<string, OpRow>();
  #older = new Map<string, OpRow>();

  constructor(max: number) {
    this.#generationMax = Math.max(1, max >>> 1);
  }

  get size(): number {
    return this.#newer.size + this.#older.size;
  }

  get(opId: string): OpRow | undefined {
    return this.#newer.get(opId) ?? this.#older.get(opId);
  }

  add(op: OpRow): void {
    if (this.#newer.size >= this.#generationMax) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(op.opId, op);
  }

  forget(ops: readonly OpRow[]): void {
    for (const { opId } of ops) {
      this.#newer.delete(opId);
      this.#older.delete(opId);
    }
  }
}
