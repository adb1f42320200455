/**
 * Owns the audit of commitments: what is charged on top of usage is what usage of the term lacks of it, neither more nor less, whenever
 * that usage was told (FINANCE, E15, E15b).
 */
import type { BilledUsage, CommittedTerm, Event, State } from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";

/** A period as far as the journal has told of it. Mutable. */
interface FoldedPeriod {
  usage: bigint;
  shortfall: bigint;
}

type Recounted = Pick<
  Extract<Event, { readonly kind: "outcome.matured" }>,
  "towardMinimum" | "changes"
>;

const atLeastNothing = (amount: bigint): bigint => (amount > 0n ? amount : 0n);

/** Commitments are held against late usage for so long after their last period. */
const keptForMs = 200 * 24 * 60 * 60 * 1_000;

/** See the file head. */
export class CommitmentFold {
  /** By subscription and the instant at which the period ends. */
  readonly #periods = new Map<string, FoldedPeriod>();
  readonly #terms = new Map<string, CommittedTerm>();

  fold(event: Event): void {
    if ("billed" in event && event.billed !== undefined) this.#bill(event.billed, event.at);
    if ("changes" in event) this.#count(event);
    if (event.kind !== "commitment.trued_up") return;
    const { committed, lines } = event;
    const { end } = committed.periods.at(-1) ?? { end: 0 };
    expect(event.postedAt === end - 1, "RULES 16: a shortfall is of its period", () => `${end}`);
    this.#period(committed.subscription, end).shortfall = lines.reduce(
      (sum, { amount }) => sum + amount,
      0n,
    );
    this.#check(committed);
  }

  /** Outcomes count in a period that is not closed, by all that an event bills and takes back. */
  #count({ towardMinimum, changes }: Recounted): void {
    if (towardMinimum === undefined) return;
    const { subscription, end, amount } = towardMinimum;
    const moves = changes.flatMap((change) => change.moves);
    const sum = moves.reduce((all, move) => all + move.amount, 0n);
    expectEqual(amount, sum, `E15 outcomes that count in the period that ends at ${end}`);
    const isClosed = [...this.#terms.values()].some(
      (one) =>
        one.subscription === subscription && one.periods.some((period) => period.end === end),
    );
    expect(!isClosed, "E15 outcomes count in a period that is not closed", () => subscription);
    this.#period(subscription, end).usage += amount;
  }

  /** The kernel's state says the same. */
  compare({ billed }: State): void {
    for (const term of billed.terms.values()) {
      const told = this.#terms.get(term.id);
      expect(told !== undefined, "K6 the kernel knows the same commitments", () => term.id);
      expectEqual(
        BigInt(term.periods.length),
        BigInt(told.periods.length),
        `K6 periods of ${term.id}`,
      );
      this.#check(term);
    }
  }

  #bill({ accrual, trueUp }: BilledUsage, at: number): void {
    const [subscription = ""] = accrual.key.split(" ", 1);
    const { to, amount } = accrual;
    this.#period(subscription, to).usage += amount;
    const [term] = [...this.#terms.values()].filter(
      (one) => one.subscription === subscription && one.periods.some(({ end }) => end === to),
    );
    const isKept = term !== undefined && at < (term.periods.at(-1)?.end ?? 0) + keptForMs;
    expect(
      trueUp !== undefined || amount === 0n || !isKept,
      "E15 late usage is held against the commitment of its period",
      () => accrual.key,
    );
    if (trueUp === undefined) return;
    for (const one of trueUp.accruals) this.#period(subscription, one.to).shortfall += one.amount;
    this.#check(trueUp.term);
  }

  /** What is told of a term is what the rules make of its usage. */
  #check(term: CommittedTerm): void {
    const { id, subscription, minimum, from, periods } = term;
    let used = from.used;
    for (const [index, { end, usage, shortfall }] of periods.entries()) {
      const told = this.#period(subscription, end);
      expectEqual(usage, told.usage, `E15 usage of the period of ${id} that ends at ${end}`);
      used += usage;
      const place = from.closed + index;
      const isLast = place === minimum.minimums.length - 1;
      const all = minimum.minimums.reduce((sum, one) => sum + one, 0n);
      const lacks =
        minimum.trueUp === "period"
          ? (minimum.minimums[place] ?? 0n) - atLeastNothing(usage)
          : isLast
            ? all - atLeastNothing(used)
            : 0n;
      const due = lacks > 0n ? lacks : 0n;
      expectEqual(shortfall, due, `E15 what usage lacks in ${id} at ${end}`);
      expectEqual(told.shortfall, due, `E15 what is charged in ${id} at ${end}`);
    }
    this.#terms.set(id, term);
  }

  #period(subscription: string, end: number): FoldedPeriod {
    const key = `${subscription} ${end}`;
    const known = this.#periods.get(key) ?? { usage: 0n, shortfall: 0n };
    this.#periods.set(key, known);
    return known;
  }
}
