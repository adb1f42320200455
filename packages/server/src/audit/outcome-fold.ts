/**
 * Owns the audit of outcomes: what is billed was claimed and may be billed, once a case and type, and stands on its line with what
 * the plan's price makes of all that the period had.
 */
import type {
  BillableOutcome,
  Claim,
  Event,
  OutcomeChange,
  OutcomeTerms,
  Recount,
  State,
} from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";
import { priceOf, priceText } from "./outcome-price.ts";

/** A claim as far as the journal has told of it. Mutable. */
interface Known {
  readonly claim: Claim;
  readonly case: string;
  isRepeated: boolean;
  isUpheld: boolean;
  /** A dispute that waits keeps it off its line. */
  isHeldBack: boolean;
  status: BillableOutcome["status"] | undefined;
  /** What stands on lines, in basis points of units, and the count that it is in. */
  booked: { readonly share: bigint; readonly count: string } | undefined;
  billedAt: number;
}

/** A case as far as the journal has told of it. Mutable. */
interface KnownCase {
  readonly claims: Known[];
  /** When signals came that name no conversation. */
  readonly unnamed: number[];
}

/** What a period has had of a type. Mutable. */
interface Count {
  share: bigint;
  amount: bigint;
}

/** See the file head. */
export class OutcomeFold {
  readonly #terms = new Map<string, OutcomeTerms>();
  readonly #known = new Map<string, Known>();
  readonly #counts = new Map<string, Count>();
  readonly #cases = new Map<string, KnownCase>();
  #estimated = 0n;

  fold(event: Event): void {
    if ("subscription" in event) this.#notePlan(event.subscription);
    if ("fact" in event) this.#note(event);
    if ("changes" in event) this.#follow(event);
    if ("fact" in event) this.#checkUnnamed(event.case.id);
    if (event.kind === "outcome.estimated") {
      expectEqual(this.#estimated, 0n, "E16b an estimate is released before the next");
      this.#estimated = event.amount;
    }
    if (event.kind === "outcome.estimate_released") {
      expectEqual(event.amount, this.#estimated, "E16b what was estimated is released");
      this.#estimated = 0n;
    }
  }

  /** The kernel's state says the same. */
  compare({ outcomes }: State): void {
    for (const { id, status, booked } of outcomes.outcomes.values()) {
      const known = this.#known.get(id);
      expect(known?.status === status, "K6 the status of an outcome", () => `${id} is ${status}`);
      expectEqual(booked?.share ?? 0n, known.booked?.share ?? 0n, `K6 what is billed of ${id}`);
    }
    for (const [id, { share }] of outcomes.counts.entries())
      expectEqual(share, this.#counts.get(id)?.share ?? 0n, `K6 what is billed in ${id}`);
  }

  #notePlan({ id, plan, period }: Extract<Event, { subscription: unknown }>["subscription"]): void {
    for (const terms of plan.outcomes)
      this.#noteTerms(`${id} ${period.start} ${priceText(terms.price)} ${terms.type}`, terms);
  }

  /** Versions with one price count together: of the other terms those that ask for least hold for all. */
  #noteTerms(count: string, terms: OutcomeTerms): void {
    const known = this.#terms.get(count);
    const isBoth = terms.kind === "conversation" && known?.kind === "conversation";
    this.#terms.set(
      count,
      isBoth
        ? {
            ...terms,
            linkMs: Math.min(terms.linkMs, known.linkMs),
            reopenMs: Math.min(terms.reopenMs, known.reopenMs),
          }
        : terms,
    );
  }

  #note({ fact, case: { id }, displaced }: Extract<Event, { fact: unknown }>): void {
    if (displaced !== null) this.#of(displaced.outcome).isRepeated = true;
    if (fact.kind === "dispute" && fact.resolution === "upheld")
      this.#of(fact.outcome).isUpheld = true;
    if (fact.kind === "dispute")
      this.#of(fact.outcome).isHeldBack = fact.resolution === null && fact.takesOff === true;
    const known = this.#caseOf(id);
    if ("conversation" in fact && fact.kind !== "claim" && fact.conversation === null)
      known.unnamed.push(fact.at);
    if (fact.kind !== "claim") return;
    expect(!this.#known.has(fact.outcome), "an outcome is claimed once", () => fact.outcome);
    const claimed: Known = {
      claim: fact,
      case: id,
      isRepeated: fact.duplicateOf !== null,
      isUpheld: false,
      isHeldBack: false,
      status: undefined,
      booked: undefined,
      billedAt: 0,
    };
    this.#known.set(fact.outcome, claimed);
    known.claims.push(claimed);
  }

  #follow({ changes, accruals }: Recount): void {
    const lines = new Map<string, bigint>();
    for (const change of changes) {
      this.#move(change);
      for (const { line, amount } of change.moves)
        lines.set(line, (lines.get(line) ?? 0n) + amount);
    }
    for (const { line, amount } of accruals) {
      expectEqual(amount, lines.get(line) ?? 0n, `a line gets what outcomes put on it: ${line}`);
      lines.delete(line);
    }
    expect(lines.size === 0, "what outcomes put on lines is accrued", () => [...lines].join());
    for (const { outcome } of changes) this.#checkCase(this.#of(outcome.id));
  }

  #move({ outcome, moves }: OutcomeChange): void {
    const known = this.#of(outcome.id);
    const whole = known.claim.quantity * BigInt(known.claim.shareBps);
    for (const { kind, count: id, share, amount } of moves) {
      const isBack = kind === "reversed";
      const wasIn = known.booked?.count;
      expect(
        isBack ? wasIn === id : known.booked === undefined,
        "an outcome is billed and taken back in turn",
        () => `${outcome.id} ${kind}`,
      );
      expectEqual(share, isBack ? -whole : whole, `an outcome is billed whole: ${outcome.id}`);
      known.booked = isBack ? undefined : { share, count: id };
      this.#count(id, { share, amount });
    }
    known.status = outcome.status;
    known.billedAt = outcome.billedAt ?? 0;
    expect(
      (known.status === "billed") === (known.booked !== undefined),
      "what is billed is on a line, and nothing else is",
      () => `${outcome.id} is ${outcome.status}`,
    );
    const { claim, isRepeated, isUpheld, isHeldBack } = known;
    expect(
      known.status !== "billed" ||
        (claim.isSubstantive &&
          !claim.isTest &&
          !claim.isTrial &&
          !isRepeated &&
          !isUpheld &&
          !isHeldBack),
      "what may not be billed is not",
      () => outcome.id,
    );
  }

  /** RULES 17: all of a period and price line, rounded once. */
  #count(id: string, { share, amount }: Count): void {
    const count = this.#counts.get(id) ?? { share: 0n, amount: 0n };
    count.share += share;
    count.amount += amount;
    this.#counts.set(id, count);
    const terms = this.#terms.get(id);
    expect(terms !== undefined, "an outcome is billed by a plan that was in force", () => id);
    expect(count.share >= 0n, "no more is taken back than was billed", () => id);
    expectEqual(
      count.amount,
      priceOf(terms.price, count.share),
      `RULES 17: what ${id} costs in all`,
    );
  }

  /** Claims of one type within a link window of each other are one case, and of that one is billed. */
  #checkCase({ case: id, claim: { type }, booked }: Known): void {
    const terms = booked === undefined ? undefined : this.#terms.get(booked.count);
    if (terms?.kind !== "conversation") return;
    const billed = [...this.#known.values()]
      .filter((one) => one.case === id && one.claim.type === type && one.booked !== undefined)
      .map(({ claim }) => claim.at)
      .toSorted((a, b) => a - b);
    const isTwice = billed.some(
      (at, index) => index > 0 && at - (billed[index - 1] ?? 0) < terms.linkMs,
    );
    expect(!isTwice, "of one case and type at most one outcome is billed", () => `${id} ${type}`);
  }

  /**
   * A signal that names no conversation takes back what its case has billed while the reopen window runs; read here where there is no
   * doubt which case that is: of the type there was one claim so far.
   */
  #checkUnnamed(id: string): void {
    const { claims, unnamed } = this.#caseOf(id);
    for (const { claim, booked, billedAt } of claims) {
      const terms = booked === undefined ? undefined : this.#terms.get(booked.count);
      if (terms?.kind !== "conversation") continue;
      const { reopenMs } = terms;
      const meets = unnamed.some(
        (at) =>
          at >= billedAt &&
          at < billedAt + reopenMs &&
          !claims.some(
            (other) =>
              other.claim !== claim && other.claim.type === claim.type && other.claim.at <= at,
          ),
      );
      expect(!meets, "contact within the reopen window takes an outcome back", () => claim.outcome);
    }
  }

  #caseOf(id: string): KnownCase {
    const known = this.#cases.get(id) ?? { claims: [], unnamed: [] };
    this.#cases.set(id, known);
    return known;
  }

  #of(id: string): Known {
    const known = this.#known.get(id);
    expect(known !== undefined, "what happens to an outcome follows its claim", () => id);
    return known;
  }
}
