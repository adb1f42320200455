/**
 * Owns what is prepaid and drawn down, by events alone and apart from the kernel (FINANCE, E15c).
 *
 * Checked: a term is bought once, when its first period begins, at the price and for the credits that the plan says (D1); its lots
 * live until the last of its periods is over, and without an end while a pause keeps it open (D2); nothing but usage, and what is paid
 * back for them, takes credits of them before (D3).
 *
 * Mutable: one a timeline.
 */
import type { Event, Lot, Plan, Subscription } from "@cistern/kernel";
import { type Books, demand } from "./accounts.ts";

interface Standing {
  readonly subscription: string;
  readonly version: string;
  readonly term: number;
  begun: number;
  readonly lots: readonly string[];
}

const dayMs = 86_400_000;

/** See the file head. */
export class Prepaid {
  readonly #books: Books;
  #standing: Standing | undefined;
  #live: Subscription | undefined;

  constructor(books: Books) {
    this.#books = books;
  }

  /** Takes an event that the rest of the books has taken. */
  note(event: Event): void {
    if (!("subscription" in event) || event.kind === "subscription.recognised") return;
    const { kind, subscription, at } = event;
    const before = this.#live;
    this.#live = subscription.status === "ended" ? undefined : subscription;
    if (!("lots" in event) || !("booked" in event)) return;
    const { plan, period, status } = subscription;
    const begins =
      status === "active" &&
      (kind === "subscription.started" ||
        kind === "subscription.renewed" ||
        kind === "subscription.resumed");
    const isKept =
      this.#standing?.subscription === subscription.id &&
      this.#standing.version === versionOf(plan);
    if (begins && !isKept) this.#standing = undefined;
    const bought = event.lots.filter(isBought);
    const lines = event.lines.filter((line) => line.kind === "prepayment");
    const isDue = begins && plan.drawdown !== undefined && this.#isOver(plan);
    demand(isDue || (bought.length === 0 && lines.length === 0), () => `${kind} buys a term again`);
    const { length } = lines;
    demand(!isDue || length === 1, () => `${kind} charges ${length} times for a term`);
    if (isDue) this.#buy(subscription, bought, lines[0]?.amount);
    else if (begins && this.#standing !== undefined) this.#standing.begun += 1;
    if (kind === "subscription.changed" || status === "ended") this.#checkKept(event);
    if (begins) this.#checkEnds(period.end + this.#leftOf(plan) * lengthOf(plan));
    const isOpen = this.#standing !== undefined && !this.#isOver(plan);
    if (kind === "subscription.paused" && isOpen) this.#checkEnds(null);
    if (status === "ended" && before?.status === "paused" && isOpen)
      this.#checkEnds(at + this.#leftOf(plan) * lengthOf(plan));
    if (status === "ended") this.#standing = undefined;
  }

  /** D1. */
  #buy({ id, plan }: Subscription, bought: readonly Lot[], charged: bigint | undefined): void {
    const term = this.#standing === undefined ? 0 : this.#standing.term + 1;
    const terms = plan.drawdown?.terms ?? [];
    const due = terms[Math.min(term, terms.length - 1)];
    const sum = (of: (lot: Lot) => bigint) => bought.reduce((all, lot) => all + of(lot), 0n);
    const [credits, cost] = [sum(({ granted }) => granted), sum((lot) => lot.cost)];
    const isRight = charged === due?.price && cost === due?.price && credits === due?.credits;
    demand(isRight, () => `term ${term} of ${id} is ${credits} for ${charged}, at ${cost}`);
    const lots = bought.map((lot) => lot.id);
    this.#standing = { subscription: id, version: versionOf(plan), term, begun: 1, lots };
  }

  /** D2. */
  #checkEnds(end: number | null): void {
    for (const id of this.#standing?.lots ?? []) {
      const { phase, expiresAt } = this.#books.lot(id);
      if (phase !== "live") continue;
      demand(expiresAt === end, () => `lot ${id} of a term ends at ${expiresAt}, not ${end}`);
    }
  }

  /** D3. */
  #checkKept({
    kind,
    transfers,
  }: Extract<Event, { readonly booked: unknown; transfers: unknown }>) {
    const own = new Set(this.#standing?.lots);
    for (const { lot, to } of transfers)
      demand(to === "consumed" || !own.has(lot), () => `${kind} takes what lot ${lot} has left`);
  }

  #leftOf = ({ drawdown }: Plan): number => (drawdown?.periods ?? 0) - (this.#standing?.begun ?? 0);

  #isOver = (plan: Plan): boolean => this.#standing === undefined || this.#leftOf(plan) <= 0;
}

const isBought = ({ id, source }: Lot): boolean => source === "plan" && /[0-9]ds?$/u.test(id);

/** A period of the simulated plans is so many days. */
const lengthOf = ({ cadence: { count } }: Plan): number => count * dayMs;

const versionOf = ({ version, negotiated }: Plan): string => negotiated?.list.version ?? version;
