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

/** See the file head. `isDue(id, dueAt)` says whether an entry still stands in the table. */
export class DueQueue {
  readonly #isDue: (id: string, dueAt: number) => boolean;
  /** The heap, as two lists: a list of numbers costs no object an entry. */
  #dueAts: number[] = [];
  #ids: string[] = [];
  #compactAt = compactFrom;
  /** The top still stands, and nobody told of a change since. */
  #isTopKnown = false;

  constructor(isDue: (id: string, dueAt: number) => boolean) {
    this.#isDue = isDue;
  }

  /** Tells that an id is due at another instant than `before`; undefined for never. */
  change(id: string, before: number | undefined, dueAt: number | undefined): void {
    if (this.#isTopKnown && this.#ids[0] === id) this.#isTopKnown = false;
    if (dueAt !== undefined && dueAt !== before) this.#add(dueAt, id);
  }

  /** The instant of the earliest entry that still stands. */
  firstAt(): number | undefined {
    for (;;) {
      const id = this.#ids[0];
      const dueAt = this.#dueAts[0];
      if (id === undefined || dueAt === undefined) return undefined;
      if (this.#isTopKnown) return dueAt;
      if (this.#isDue(id, dueAt)) this.#isTopKnown = true;
      else this.#dropTop();
    }
  }

  /** The earliest entry that still stands. */
  first(): DueEntry | undefined {
    const dueAt = this.firstAt();
    const id = this.#ids[0];
    return dueAt === undefined || id === undefined ? undefined : { dueAt, id };
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
    for (const { dueAt, id } of found) this.#add(dueAt, id);
    return found;
  }

  #add(dueAt: number, id: string): void {
    if (this.#ids.length >= this.#compactAt) this.#compact();
    this.#dueAts.push(dueAt);
    this.#ids.push(id);
    this.#siftUp(this.#ids.length - 1, dueAt, id);
  }

  /** Drops what is stale once it may be half of the heap, so that memory follows what stands and not what was. */
  #compact(): void {
    const standing = this.#ids
      .map((id, index) => ({ id, dueAt: this.#dueAts[index] ?? 0 }))
      .filter(({ id, dueAt }) => this.#isDue(id, dueAt))
      .toSorted((a, b) => a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1))
      .filter((entry, index, all) => entry.id !== all[index - 1]?.id);
    this.#ids = standing.map((entry) => entry.id);
    this.#dueAts = standing.map((entry) => entry.dueAt);
    this.#isTopKnown = false;
    this.#compactAt = Math.max(compactFrom, 2 * standing.length);
  }

  #dropTop(): void {
    this.#isTopKnown = false;
    const id = this.#ids.pop();
    const dueAt = this.#dueAts.pop();
    if (id !== undefined && dueAt !== undefined && this.#ids.length > 0) this.#siftDown(dueAt, id);
  }

  #siftUp(start: number, dueAt: number, id: string): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      if (!this.#isBefore(dueAt, id, parent)) break;
      this.#copy(parent, index);
      index = parent;
    }
    this.#set(index, dueAt, id);
    if (index === 0) this.#isTopKnown = false;
  }

  #siftDown(dueAt: number, id: string): void {
    const { length } = this.#ids;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#isInOrder(child + 1, child)) child += 1;
      if (this.#isBefore(dueAt, id, child)) break;
      this.#copy(child, index);
      index = child;
    }
    this.#set(index, dueAt, id);
  }

  #isBefore(dueAt: number, id: string, place: number): boolean {
    const other = this.#dueAts[place] ?? 0;
    return dueAt < other || (dueAt === other && id < (this.#ids[place] ?? ""));
  }

  #isInOrder(first: number, second: number): boolean {
    return this.#isBefore(this.#dueAts[first] ?? 0, this.#ids[first] ?? "", second);
  }

  #copy(from: number, to: number): void {
    this.#set(to, this.#dueAts[from] ?? 0, this.#ids[from] ?? "");
  }

  #set(place: number, dueAt: number, id: string): void {
    this.#dueAts[place] = dueAt;
    this.#ids[place] = id;
  }
}
