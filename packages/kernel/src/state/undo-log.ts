/**
 * Owns what it takes to undo a batch that lost its race (RULES 23).
 *
 * U1 every change of the state goes through `Table.set`, which notes the old value here. U2 `undoTo(mark)` restores every
 * table, and every index that watches it, to what they were at the mark.
 */
interface Undoable {
  restore(key: string, before: unknown): void;
}

/** A list of (table, key, old value), newest last. */
export class UndoLog {
  readonly #tables: Undoable[] = [];
  readonly #keys: string[] = [];
  readonly #befores: unknown[] = [];

  note(table: Undoable, key: string, before: unknown): void {
    this.#tables.push(table);
    this.#keys.push(key);
    this.#befores.push(before);
  }

  /** A place to come back to. */
  mark(): number {
    return this.#keys.length;
  }

  /** Takes back everything noted after `mark`, newest first. */
  undoTo(mark: number): void {
    for (let index = this.#keys.length - 1; index >= mark; index -= 1)
      this.#tables[index]?.restore(this.#keys[index] ?? "", this.#befores[index]);
    this.#truncate(mark);
  }

  /** Makes the oldest `mark` changes final: they can no longer be taken back. Later marks move down by as much. */
  forgetTo(mark: number): void {
    if (mark >= this.#keys.length) return this.#truncate(0);
    this.#tables.splice(0, mark);
    this.#keys.splice(0, mark);
    this.#befores.splice(0, mark);
  }

  #truncate(length: number): void {
    this.#tables.length = length;
    this.#keys.length = length;
    this.#befores.length = length;
  }
}
