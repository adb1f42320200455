import type { Event, Workspace } from "@cistern/kernel";
import { type Books, demand } from "./accounts.ts";

type Level = "balance.low" | "balance.depleted" | "balance.recovered";

/** Whether an event only tells how much is left. */
export const isBalanceTold = (event: Event): event is Extract<Event, { readonly kind: Level }> =>
  event.kind === "balance.low" ||
  event.kind === "balance.depleted" ||
  event.kind === "balance.recovered";

/** What is left of a pool falls to a level, or rises above it: the next event says so, and no other does. */
export class BalanceLevels {
  readonly #books: Books;
  #level: Level = "balance.recovered";
  #due: Level | undefined;
  #leftBefore = 0n;

  constructor(books: Books) {
    this.#books = books;
  }

  /** Before the event is taken into the books. */
  check(event: Event): void {
    const due = this.#due;
    this.#due = undefined;
    if (!isBalanceTold(event))
      return demand(due === undefined, () => `${event.kind} comes where ${due} is to be told`);
    demand(event.kind === due, () => `${event.kind} is told, not ${due}`);
    demand(event.left === this.#left(), () => `${event.left} are left, not ${this.#left()}`);
  }

  /** After it. */
  note(event: Event, { lowBalance }: Readonly<Partial<Workspace>>): void {
    if (isBalanceTold(event)) return;
    const { debt } = this.#books.balance();
    const left = this.#left();
    const isEmptied = left === 0n && (this.#leftBefore > 0n || debt > 0n);
    this.#leftBefore = left;
    if (left === 0n && !isEmptied) return;
    const isLow = lowBalance !== undefined && left <= lowBalance;
    const level = isEmptied ? "balance.depleted" : isLow ? "balance.low" : "balance.recovered";
    if (level !== this.#level) this.#due = level;
    this.#level = level;
  }

  #left(): bigint {
    const { available, held } = this.#books.balance();
    return available + held;
  }
}
