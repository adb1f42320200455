/**
 * Owns what new facts change: which outcomes are judged otherwise now, and the money of it.
 *
 * B1 what was billed of a type in a period costs R1(price(all of it)): a further outcome adds a difference, one that is taken back
 * takes a difference, in the period that it belongs to by the facts. So the total depends on the set of facts alone.
 * B2 whatever period it belongs to, it is added to the line of the current one: issued invoices never change. What a dispute takes off a
 * draft comes on that draft, so that nobody is asked for it.
 */
import { type Money, money, noMoney } from "../amount.ts";
import type { Instant, Interval } from "../instant.ts";
import { accrualOf, isNewLine } from "../invoices/gather.ts";
import type { Accrual, Line, LineKind } from "../invoices/line.ts";
import { type PricedStep, addSteps, stepsBetween } from "../pricing/price-steps.ts";
import { type UnitPrice, accrual } from "../pricing/unit-price.ts";
import type { State } from "../state/state.ts";
import type { Booked, Case, Claim, CountedPeriod } from "./case.ts";
import { Counting } from "./counting.ts";
import type { OutcomeChange, OutcomeMove, Recount } from "./change.ts";
import { type OutcomePeriod, countIdOf, termsIn } from "./period.ts";
import { shared, wholeOutcome } from "./price-of-shares.ts";
import { periodAt, termsAt } from "./slice.ts";
import type { OutcomeTerms } from "./terms.ts";
import { type Verdict, read } from "./verdicts.ts";

/** Judges cases anew, as they are with what is new about them. */
export function recount(state: State, cases: readonly Case[], now: Instant): Recount {
  const bill = new Bill(state, now);
  const changes: OutcomeChange[] = [];
  const next = cases.map((one) => {
    const terms = (type: string, at: Instant): OutcomeTerms | undefined =>
      termsAt(state.outcomes, type, at);
    const { verdicts, nextAt } = read(one.facts, terms, now);
    for (const verdict of verdicts) {
      const change = changeOf(state, one.id, { verdict, bill });
      if (change !== undefined) changes.push(change);
    }
    return { case: one.id, at: nextAt };
  });
  const accruals = bill.accruals();
  return { changes, next, accruals, ...bill.counting.result(accruals) };
}

function changeOf(
  { outcomes: slice }: State,
  caseId: string,
  { verdict, bill }: { readonly verdict: Verdict; readonly bill: Bill },
): OutcomeChange | undefined {
  const { claim, status, reason, billedAt, pricedAt } = verdict;
  const before = slice.outcomes.get(claim.outcome);
  const was = before?.booked ?? null;
  const period =
    status === "billed" && pricedAt !== null ? periodAt(slice, claim.type, pricedAt) : undefined;
  const stays =
    was !== null &&
    period !== undefined &&
    // What was billed in a period that is no longer known stays in it.
    (was.count === countIdOf(period, claim.type) ||
      !slice.byTime.rows.some((one) => countIdOf(one, claim.type) === was.count));
  const moves: OutcomeMove[] = [];
  let booked = stays ? was : null;
  if (was !== null && !stays) {
    const on = status === "disputed" ? bill.draftedWith(was) : undefined;
    moves.push(...bill.takeBack(claim, was, on));
  }
  if (period !== undefined && !stays) {
    const { move, counted } = bill.add(claim, period);
    moves.push(move);
    const { count, share, amount, line } = move;
    booked = { count, share, amount, line, at: bill.now, ...(counted === null ? {} : { counted }) };
  }
  const isSame =
    before !== undefined &&
    moves.length === 0 &&
    before.status === status &&
    before.reason === reason &&
    before.billedAt === billedAt;
  if (isSame) return undefined;
  const { outcome: id, type } = claim;
  return { outcome: { id, case: caseId, type, status, reason, billedAt, booked }, moves };
}

/** What one event puts on lines. */
class Bill {
  readonly now: Instant;
  readonly counting: Counting;
  readonly #state: State;
  readonly #counts = new Map<string, bigint>();
  readonly #lines = new Map<string, Accrual>();
  #made = 0;

  constructor(state: State, now: Instant) {
    this.#state = state;
    this.now = now;
    this.counting = new Counting(state);
  }

  add(claim: Claim, period: OutcomePeriod): Added {
    const share = claim.quantity * BigInt(claim.shareBps);
    const count = countIdOf(period, claim.type);
    const { amount, steps } = this.#price(count, { share, period, claim });
    const { quantity } = claim;
    const line = this.#put(claim, { kind: "outcome", quantity, amount, steps, count });
    const { start, subscription } = period;
    const move: OutcomeMove = { kind: "billed", count, start, share, amount, line, of: null };
    const counted = this.counting.add(move, priceIn(period, claim), subscription);
    return { move, counted };
  }

  /** The time of a line that is on a draft. */
  draftedWith({ line }: Booked): Interval | undefined {
    for (const { lines } of this.#state.invoices.drafts.values()) {
      const found = lines.find(({ id }) => id === line);
      if (found !== undefined) return { start: found.from, end: found.to };
    }
    return undefined;
  }

  takeBack(claim: Claim, was: Booked, on?: Interval): readonly OutcomeMove[] {
    const { count } = was;
    const period = this.#state.outcomes.byTime.rows.find(
      (one) => countIdOf(one, claim.type) === count,
    );
    const share = -was.share;
    // A count whose terms are no longer known gives back what was paid.
    const { amount, steps } =
      period === undefined ? asPaid(was) : this.#price(count, { share, period, claim });
    const start = period?.start ?? was.at;
    const quantity = -claim.quantity;
    const line = this.#put(claim, { kind: "outcome_reversed", quantity, amount, steps, on });
    const move: OutcomeMove = { kind: "reversed", count, start, share, amount, line, of: was };
    this.counting.takeBack(move, period === undefined ? null : priceIn(period, claim), was);
    return [move];
  }

  accruals(): readonly Accrual[] {
    return [...this.#lines.values()];
  }

  #price(
    count: string,
    { share, period, claim }: { share: bigint; period: OutcomePeriod; claim: Claim },
  ): Priced {
    const before = this.#counts.get(count) ?? this.#state.outcomes.counts.get(count)?.share ?? 0n;
    const after = before + share;
    this.#counts.set(count, after);
    const price = priceIn(period, claim);
    if (price === null) return { amount: noMoney, steps: [] };
    const part = { before, after };
    return { amount: money(accrual(price, part)), steps: stepsBetween(price, part) };
  }

  /** Adds to the line of the current period, or `on` that of another. */
  #put(
    claim: Claim,
    {
      kind,
      quantity,
      amount,
      steps,
      on,
      count,
    }: Priced & {
      kind: LineKind;
      quantity: bigint;
      on?: Interval | undefined;
      /** Where it counts; left out of what is taken back. */
      count?: string;
    },
  ): string {
    const { type, part } = claim;
    const period = periodAt(this.#state.outcomes, type, on?.start ?? this.now);
    const about = part === null ? type : `${type} (${part})`;
    const key = `${kind} ${about} ${period === undefined ? "" : countIdOf(period, type)}`;
    const added = this.#lines.get(key);
    if (added !== undefined) {
      const sum = money(added.amount + amount);
      this.#lines.set(key, {
        ...added,
        quantity: added.quantity + quantity,
        amount: sum,
        steps: addSteps(added.steps ?? [], steps),
      });
      return added.line;
    }
    const made = accrualOf(
      this.#state,
      {
        key,
        kind,
        about,
        from: on?.start ?? period?.start ?? this.now,
        to: on?.end ?? period?.end ?? this.now,
        unitPrice: unitPriceOf(period, claim),
        ...(period !== undefined && termsIn(period, type)?.isNegotiated === true
          ? { isNegotiated: true as const }
          : {}),
        quantity,
        amount,
        steps,
      },
      this.#made,
    );
    const isNew = isNewLine(this.#state.invoices, made);
    if (isNew) this.#made += 1;
    const isOwn = period !== undefined && count === countIdOf(period, type);
    const since = isNew && isOwn ? sinceOf(this.#state, count, made.invoice) : 0n;
    this.#lines.set(key, since > 0n ? { ...made, since } : made);
    return made.line;
  }
}

/** What is billed, and where it counts. */
interface Added {
  readonly move: OutcomeMove;
  readonly counted: CountedPeriod | null;
}

/** By shares, of basis points. */
function priceIn(period: OutcomePeriod, { type }: Claim): UnitPrice | null {
  const terms = termsIn(period, type);
  return terms === undefined ? null : shared(terms.price);
}

/** What is added to a line, and of what it comes. */
interface Priced {
  readonly amount: Money;
  readonly steps: readonly PricedStep[];
}

const asPaid = ({ share, amount }: Booked): Priced => ({
  amount: money(-amount),
  steps: [{ quantity: -share, price: amount, per: share }],
});

/**
 * What an earlier part of the period's invoice has: all that counts, less what is on the lines that wait, or of its own draft. What was
 * taken back counts no longer, wherever its line is.
 */
function sinceOf({ outcomes, invoices }: State, count: string, draft: string | undefined): bigint {
  const lines =
    draft === undefined ? [...invoices.byKey.values()] : (invoices.drafts.get(draft)?.lines ?? []);
  const waiting = lines.filter(
    ({ kind, key }) => kind === "outcome" && key?.endsWith(` ${count}`) === true,
  );
  return waiting.reduce(
    (left, line) => left - shareOn(line),
    outcomes.counts.get(count)?.share ?? 0n,
  );
}

const shareOn = ({ quantity, steps = [] }: Line): bigint =>
  steps.some(({ size }) => size !== undefined)
    ? quantity * wholeOutcome
    : steps.reduce((sum, step) => sum + step.quantity, 0n);

/** One price a unit, where there is one. */
function unitPriceOf(period: OutcomePeriod | undefined, { type, part }: Claim): Money | null {
  const price = period === undefined ? undefined : termsIn(period, type)?.price;
  return part === null && price?.kind === "per_unit" && price.per === 1n
    ? money(price.price)
    : null;
}
