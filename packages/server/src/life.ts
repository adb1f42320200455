/**
 * Owns what was opened and is to be closed.
 *
 * L1 what was opened is closed, in the opposite order, also when a later step of opening fails.
 */

/** L1. Mutable: grows while things are opened. */
export class Life {
  readonly #closers: (() => Promise<void>)[] = [];
  #ending: Promise<void> | undefined;

  get isOver(): boolean {
    return this.#ending !== undefined;
  }

  whenOver(...closers: readonly (() => Promise<void>)[]): void {
    this.#closers.push(...closers);
  }

  /** What cannot be closed does not keep the rest open; the first such fault is told in the end. */
  end(): Promise<void> {
    return (this.#ending ??= this.#close());
  }

  async #close(): Promise<void> {
    const faults: unknown[] = [];
    for (const close of this.#closers.toReversed())
      try {
        await close();
      } catch (error) {
        faults.push(error);
      }
    if (faults.length > 0) throw faults[0];
  }
}
