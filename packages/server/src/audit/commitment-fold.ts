/**
 * Owns the audit of commitments: what is charged on top of usage is what usage of the term lacks of it, neither more nor less, whenever
 * that usage was told (FINANCE, E15, E15b). Where shortfalls roll over, later usage above its minimum uses them up, the oldest first, and what it may
 * still use up is what the books defer (docs/decisions/0036).
 */
import {
  type BilledUsage,
  type CommittedTerm,
  type Event,
  type Line,
  type State,
  type TrueUp,
  money,
} from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";
import { OutcomesToward } from "./outcomes-toward.ts";

/** A period as far as the journal has told of it. Mutable. */
interface FoldedPeriod {
  usage: bigint;
  shortfall: bigint;
  /** Of its usage, covered by earlier shortfalls. */
  drawn: bigint;
}

type Recounted = Extract<Event, { readonly changes: unknown }>;

const atLeastNothing = (amount: bigint): bigint => (amount > 0n ? amount : 0n);

/** Commitments are held against late usage for so long after their last period. */
const keptForMs = 200 * 24 * 60 * 60 * 1_000;

/** See the file head. */
export class CommitmentFold {
  /** By subscription and the instant at which the period ends. */
  readonly #periods = new Map<string, FoldedPeriod>();
  readonly #terms = new Map<string, CommittedTerm>();
  #deferred = 0n;
  /** What is charged for the rest of terms that were left. */
  readonly #rests = new Map<string, bigint>();
  readonly #outcomes = new OutcomesToward(
    (subscription, end) => this.#closed(subscription, end) !== undefined,
  );

  fold(event: Event): void {
    if ("booked" in event)
      for (const { account, amount } of event.booked)
        if (account === "Deferred:Shortfall") this.#deferred -= amount;
    if ("billed" in event && event.billed !== undefined) this.#bill(event.billed, event.at);
    if ("changes" in event) this.#count(event);
    if ("subscription" in event) this.#outcomes.enter(event.subscription);
    if ("leftTerm" in event && event.leftTerm !== undefined) this.#leave(event.leftTerm, event);
    if (event.kind !== "commitment.trued_up") return;
    const { committed, lines } = event;
    const { end } = committed.periods.at(-1) ?? { end: 0 };
    expect(event.postedAt === end - 1, "RULES 16: a shortfall is of its period", () => `${end}`);
    const period = this.#period(committed.subscription, end);
    for (const { kind, amount } of lines)
      if (kind === "shortfall") period.shortfall += amount;
      else period.drawn -= amount;
    this.#check(committed);
  }

  /** Outcomes count as usage does; where their period is closed, its commitment is held against them. */
  #count(event: Recounted): void {
    const concerned = new Map<string, bigint>();
    for (const { subscription, end, amount } of this.#outcomes.count(event)) {
      this.#period(subscription, end).usage += amount;
      const term = this.#closed(subscription, end);
      if (term === undefined || event.at >= overAt(term) + keptForMs || amount === 0n) continue;
      const key = `${term.id} ${end}`;
      concerned.set(key, (concerned.get(key) ?? 0n) + amount);
    }
    const trueUps = event.trueUps ?? [];
    for (const [key, amount] of concerned)
      expect(
        amount === 0n || trueUps.some(({ term }) => key.startsWith(`${term.id} `)),
        "E15 outcomes are held against the commitment of their period",
        () => key,
      );
    for (const one of trueUps) this.#trueUp(one);
  }

  #leave(term: CommittedTerm, { lines }: { readonly lines: readonly Line[] }): void {
    const charged = lines.filter(({ kind }) => kind === "shortfall");
    this.#rests.set(
      term.id,
      charged.reduce((sum, { amount }) => sum + amount, 0n),
    );
    this.#check(term);
  }

  #closed(subscription: string, to: number): CommittedTerm | undefined {
    return [...this.#terms.values()].find(
      (one) =>
        one.subscription === subscription &&
        (one.periods.some(({ end }) => end === to) ||
          (one.left !== undefined && one.left.usage !== null && one.left.end === to)),
    );
  }

  /** The kernel's state says the same. */
  compare({ billed, subscriptions }: State): void {
    let kept = 0n;
    for (const { term } of subscriptions.subscriptions.values())
      for (const { amount } of term?.carried ?? []) kept += amount;
    expectEqual(this.#deferred, kept, "E15 what of shortfalls is deferred may still be used up");
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
    const term = this.#closed(subscription, to);
    const isKept = term !== undefined && at < overAt(term) + keptForMs;
    expect(
      trueUp !== undefined || amount === 0n || !isKept,
      "E15 late usage is held against the commitment of its period",
      () => accrual.key,
    );
    if (trueUp !== undefined) this.#trueUp(trueUp);
  }

  #trueUp({ term, accruals, kept = money(0n) }: TrueUp): void {
    const { id, subscription } = term;
    for (const { key, kind, to: end, amount } of accruals)
      if (key.startsWith("shortfall_left "))
        this.#rests.set(id, (this.#rests.get(id) ?? 0n) + amount);
      else if (kind === "shortfall") this.#period(subscription, end).shortfall += amount;
      else this.#period(subscription, end).drawn -= amount;
    this.#deferred += kept;
    this.#check(term);
  }

  /** What is told of a term is what the rules make of its usage. */
  #check(term: CommittedTerm): void {
    const { id, subscription, minimum, from, periods } = term;
    let used = from.used;
    const carried = from.carried.map((one) => ({ ...one }));
    for (const [index, { end, usage, shortfall, drawn = 0n }] of periods.entries()) {
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
      const covered = useUp(carried, {
        place,
        wanted: -lacks,
        isUsable: minimum.trueUp === "period",
      });
      expectEqual(drawn, covered, `E15 what earlier shortfalls cover in ${id} at ${end}`);
      expectEqual(told.drawn, covered, `E15 what is not charged again in ${id} at ${end}`);
      carried.push({ amount: due, until: place + (minimum.rolloverPeriods ?? 0) });
    }
    this.#checkRest(term, used);
    this.#terms.set(id, term);
  }

  /** Who leaves a term owes what is left of it: of the period that was cut short what it lacks, and all later ones. */
  #checkRest(
    { id, subscription, minimum, from, periods, left }: CommittedTerm,
    used: bigint,
  ): void {
    if (left === undefined) return;
    const [now = 0n, ...later] = minimum.minimums.slice(from.closed + periods.length);
    if (left.usage !== null) {
      const told = this.#period(subscription, left.end).usage;
      expectEqual(left.usage, told, `E15 usage of the period in which ${id} was left`);
    }
    const usage = left.usage ?? 0n;
    const rest = later.reduce((sum, one) => sum + one, 0n);
    const all = minimum.minimums.reduce((sum, one) => sum + one, 0n);
    const due =
      minimum.trueUp === "term"
        ? atLeastNothing(all - atLeastNothing(used + usage))
        : atLeastNothing(now - atLeastNothing(usage)) + rest;
    expectEqual(left.shortfall, due, `E15 what is left of ${id}`);
    expectEqual(this.#rests.get(id) ?? 0n, due, `E15 what is charged for the rest of ${id}`);
  }

  #period(subscription: string, end: number): FoldedPeriod {
    const key = `${subscription} ${end}`;
    const known = this.#periods.get(key) ?? { usage: 0n, shortfall: 0n, drawn: 0n };
    this.#periods.set(key, known);
    return known;
  }
}

const overAt = ({ periods, left }: CommittedTerm): number => left?.end ?? periods.at(-1)?.end ?? 0;

/** What of usage above a minimum was charged before: the oldest first, as long as it may be used. */
function useUp(
  carried: readonly { amount: bigint; readonly until: number }[],
  { place, wanted, isUsable }: { place: number; wanted: bigint; isUsable: boolean },
): bigint {
  let covered = 0n;
  for (const one of carried) {
    if (!isUsable || one.until < place || covered >= wanted) continue;
    const part = one.amount < wanted - covered ? one.amount : wanted - covered;
    one.amount -= part;
    covered += part;
  }
  return covered;
}
