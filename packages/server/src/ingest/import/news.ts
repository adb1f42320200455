/** Lets one wait until others have news, or until one of them fails. Mutable. */
export class News {
  #next = Promise.withResolvers<void>();
  readonly #failures: unknown[] = [];

  /** Resolves with the next news; rejects with the first failure, also with one of before. */
  async next(): Promise<void> {
    if (this.#failures.length === 0) await this.#next.promise;
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  tell(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers<void>();
  }

  fail(error: unknown): void {
    this.#failures.push(error);
    this.tell();
  }
}
