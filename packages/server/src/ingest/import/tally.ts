import { type OperationResult, readCredits } from "@cistern/contract";
import type { Booked } from "./booking.ts";

/** Counts what becomes of rows that are told on several lanes, and up to where all are charged. Mutable. */
export class Tally {
  readonly #onBooked: ((booked: Booked) => void) | undefined;
  #taken: number;
  #place: number;
  /** Decided, and not all before them; nothing is kept of rows behind a refused one. */
  readonly #ahead = new Set<number>();
  #firstRefused = Number.POSITIVE_INFINITY;
  #charged = 0;
  #already = 0;
  #refused = 0;
  #credits = 0n;

  constructor(skipped: number, onBooked: ((booked: Booked) => void) | undefined) {
    this.#taken = skipped;
    this.#place = skipped;
    this.#onBooked = onBooked;
  }

  /** The number of the next row. */
  take(): number {
    this.#taken += 1;
    return this.#taken - 1;
  }

  /** So many are taken. */
  get taken(): number {
    return this.#taken;
  }

  charged({ body, replayed = false }: OperationResult): void {
    if (replayed) this.#already += 1;
    else this.#charged += 1;
    const charged: unknown =
      typeof body === "object" && body !== null ? Reflect.get(body, "charged") : undefined;
    if (typeof charged === "string") this.#credits += readCredits(charged);
  }

  refused(number: number): void {
    this.#refused += 1;
    this.#firstRefused = Math.min(this.#firstRefused, number);
  }

  /** These are decided. */
  done(numbers: readonly number[]): void {
    for (const number of numbers) if (number < this.#firstRefused) this.#ahead.add(number);
    while (this.#ahead.delete(this.#place)) this.#place += 1;
    this.#onBooked?.(this.booked());
  }

  booked(): Booked {
    return {
      charged: this.#charged,
      already: this.#already,
      refused: this.#refused,
      credits: this.#credits,
      place: this.#place,
    };
  }
}
