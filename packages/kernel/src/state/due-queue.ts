/**
 * What happens next, and when: a binary heap with lazy deletion.
 *
 * D1 an entry counts only while `isDue` still confirms it; stale ones are dropped when they surface. So undoing a change
 * needs nothing here but that the watcher tells of it as of any other. D2 the order is (dueAt, id), whatever the history was.
 */
const compactFrom = 4_096;

/** An id and the instant at which something happens to it. */
export interface DueEntry {
  readonly dueAt: number;
  readonly id: string;
}

/** See the file head. `isDue(entry)` says whether the entry still stands in the table. */
export class DueQueue {
  readonly #isDue: (entry: DueEntry) => boolean;
  #heap: DueEntry[] = [];
  #compactAt = compactFrom;
  /** The top still stands, and nobody told of a change since. */
  #isTopKnown = false;

  constructor(isDue: (entry: DueEntry) => boolean) {
    this.#isDue = isDue;
  }

  /** Tells that an id is due at another instant than `before`; undefined for never. */
  change(id: string, before: number | undefined, dueAt: number | undefined): void {
    if (this.#isTopKnown && this.#heap[0]?.id === id) this.#isTopKnown = false;
    if (dueAt !== undefined && dueAt !== before) this.#add({ dueAt, id });
  }

  /** The earliest entry that still stands. */
  first(): DueEntry | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined || this.#isTopKnown) return top;
      if (this.#isDue(top)) this.#isTopKnown = true;
      else this.#dropTop();
    }
  }

  /** Up to `limit` entries due at or before `until`, in order, each once. */
  upTo(until: number, limit: number): readonly DueEntry[] {
    const found: DueEntry[] = [];
    while (found.length < limit) {
      const top = this.first();
      if (top === undefined || top.dueAt > until) break;
      if (found.at(-1)?.id !== top.id) found.push(top);
      this.#dropTop();
    }
    for (const entry of found) this.#add(entry);
    return found;
  }

  #add(entry: DueEntry): void {
    if (this.#heap.length >= this.#compactAt) this.#compact();
    this.#heap.push(entry);
    this.#siftUp(this.#heap.length - 1);
  }

  /** Drops what is stale once it may be half of the heap, so that memory follows what stands and not what was. */
  #compact(): void {
    const sorted = this.#heap
      .filter((entry) => this.#isDue(entry))
      .toSorted((a, b) => a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1));
    const standing = sorted.filter((entry, index) => entry.id !== sorted[index - 1]?.id);
    this.#heap = standing;
    this.#isTopKnown = false;
    this.#compactAt = Math.max(compactFrom, 2 * standing.length);
  }

  #dropTop(): void {
    this.#isTopKnown = false;
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#siftDown();
  }

  #siftUp(start: number): void {
    const heap = this.#heap;
    let index = start;
    const entry = heap[index];
    if (entry === undefined) return;
    while (index > 0) {
      const parentIndex = (index - 1) >>> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !isBefore(entry, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
    if (index === 0) this.#isTopKnown = false;
  }

  #siftDown(): void {
    const heap = this.#heap;
    let index = 0;
    const entry = heap[0];
    if (entry === undefined) return;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      const right = heap[childIndex + 1];
      if (child !== undefined && right !== undefined && isBefore(right, child)) {
        childIndex += 1;
        child = right;
      }
      if (child === undefined || !isBefore(child, entry)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = entry;
  }
}

const isBefore = (a: DueEntry, b: DueEntry): boolean =>
  a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.id < b.id);
