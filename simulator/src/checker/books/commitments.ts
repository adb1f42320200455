/**
 * Owns what a customer has committed to use, by events alone and apart from the kernel (FINANCE, E15, E15b).
 *
 * Checked: a period of a term is closed once, before the next one begins (C1); what is charged on top of usage is what the term lacks,
 * whenever its usage was heard of: late usage takes the place of shortfall, and a refund brings it back (C2); who leaves in a term owes
 * what is left of it, once, unless the plan waives it (C3); a term is known by what it commits to, whichever version of a plan says so, a
 * period keeps what it began with, and what is at least as large for the rest of a term takes its place (C4); outcomes that stand count in the
 * period that ran when they were billed, whenever others are taken back (C5, `counted-outcomes.ts`); what was charged as a shortfall covers
 * usage above the minimum of so many later periods of the term, the oldest first (C6).
 *
 * Mutable: one a timeline.
 */
import type { Accrual, Event, Line, Plan, Subscription } from "@cistern/kernel";
import { textOf } from "../../history/text-of.ts";
import { demand } from "./accounts.ts";
import type { Billing } from "./billing.ts";
import { CountedOutcomes } from "./counted-outcomes.ts";

type Minimum = NonNullable<Plan["minimum"]>;

/** A term of a commitment; pauses are within it. */
interface Term {
  readonly subscription: string;
  readonly minimum: Minimum;
  readonly periods: { readonly start: number; readonly end: number }[];
  /** The period that was cut short when it was left, or (null) that it was left after one. */
  left?: { readonly start: number; readonly end: number | null };
}

/** See the file head. */
export class Commitments {
  readonly #billing: Billing;
  readonly #terms: Term[] = [];
  /** Charged so far, by period. */
  readonly #charged = new Map<string, bigint>();
  #running: Term | undefined;
  /** What the period that runs, or ran last, began with; null: nothing. */
  #began: Minimum | null = null;
  #live: Subscription | undefined;
  readonly #outcomes = new CountedOutcomes();

  constructor(billing: Billing) {
    this.#billing = billing;
  }

  /** Takes an event that the rest of the books has taken. */
  note(event: Event): void {
    const usage = "billed" in event ? event.billed : undefined;
    for (const accrual of usage?.trueUp?.accruals ?? []) this.#charge(usage?.accrual, accrual);
    if ("changes" in event) {
      this.#outcomes.count(event.changes, (one, billedBy) => this.#periodNow(one, billedBy));
      for (const { accruals } of event.trueUps ?? [])
        for (const accrual of accruals) this.#charge(undefined, accrual);
    }
    if (event.kind === "commitment.trued_up") this.#close(event);
    if ("subscription" in event && event.kind !== "subscription.recognised") this.#enter(event);
    const isHeld = usage !== undefined || "changes" in event || "lines" in event;
    if (isHeld) this.#check();
  }

  /** C5. The period that outcomes count in which are billed now. */
  #periodNow(
    known: ReadonlyMap<string, Subscription>,
    billedBy: string,
  ): { readonly subscription: string; readonly end: number } | null {
    const live = this.#live;
    const runs = live?.status === "active" || live?.status === "trialing";
    const one = runs ? live : known.get(billedBy);
    if (one === undefined) return null;
    const { id: subscription, period } = one;
    const isOpen = runs && one.status === "active" && this.#began !== null;
    const isHeld = this.#terms.some(
      (term) =>
        term.subscription === subscription &&
        (term.left?.end === period.end || term.periods.some(({ end }) => end === period.end)),
    );
    return isOpen || isHeld ? { subscription, end: period.end } : null;
  }

  #usageOf = (subscription: string, end: number): bigint =>
    this.#billing.usageOf(subscription, end) + this.#outcomes.in(subscription, end);

  #charge(usage: Accrual | undefined, { kind, about, from, to, amount, key }: Accrual): void {
    if (kind !== "shortfall" && kind !== "shortfall_used") return;
    demand(key !== usage?.key, () => `${about} is charged on the line of its usage`);
    if (key.startsWith("shortfall_left ")) return this.#add(key, amount);
    const term = this.#terms.find(({ periods, subscription }) =>
      periods.some((one) => one.start === from && one.end === to && key.includes(subscription)),
    );
    demand(term !== undefined, () => `a shortfall of ${from} to ${to} is of no period`);
    this.#add(`${term.subscription} ${from}`, amount);
  }

  #add(period: string, amount: bigint): void {
    this.#charged.set(period, (this.#charged.get(period) ?? 0n) + amount);
  }

  /** C1. */
  #close({ subscription, lines }: Extract<Event, { kind: "commitment.trued_up" }>): void {
    const { id, plan, period } = subscription;
    const minimum = this.#began;
    demand(minimum !== null, () => `${plan.name} began with no minimum, and is trued up`);
    demand(!this.#isClosed(subscription), () => `the period to ${period.end} is closed twice`);
    if (this.#running === undefined) {
      this.#running = { subscription: id, minimum, periods: [] };
      this.#terms.push(this.#running);
    }
    const term = this.#running;
    term.periods.push({ start: period.start, end: period.end });
    if (term.periods.length === minimum.minimums.length) this.#running = undefined;
    for (const { kind, from, amount } of lines) {
      const isRight = kind === "shortfall" ? amount > 0n : kind === "shortfall_used" && amount < 0n;
      demand(isRight && from === period.start, () => `${kind} of ${amount} is of a commitment`);
      this.#add(`${id} ${from}`, amount);
    }
  }

  #isClosed = ({ id, period: { end } }: Subscription): boolean =>
    this.#terms.some(
      ({ subscription, periods }) =>
        subscription === id && periods.some((period) => period.end === end),
    );

  /** C1, C3. */
  #enter(event: Extract<Event, { readonly subscription: Subscription }>): void {
    const { kind, subscription } = event;
    this.#outcomes.enter(subscription);
    const before = this.#live?.id === subscription.id ? this.#live : undefined;
    const isOver =
      kind === "subscription.renewed" ||
      kind === "subscription.paused" ||
      kind === "subscription.ended";
    if (isOver && before?.status === "active" && this.#began !== null)
      demand(this.#isClosed(before), () => `the period to ${before.period.end} is never closed`);
    const lines = "lines" in event && kind !== "commitment.trued_up" ? event.lines : [];
    this.#checkLeaving(before, event, lines);
    const begins = startsPeriod.some((one) => one === kind);
    const { id, status, plan } = subscription;
    const isOther = begins && textOf(this.#running?.minimum) !== textOf(plan.minimum);
    const isElsewhere = this.#running?.subscription !== id;
    if (isOther || isElsewhere || status === "ended") this.#running = undefined;
    if (begins) this.#began = status === "active" ? plan.minimum : null;
    this.#live = subscription.status === "ended" ? undefined : subscription;
  }

  /** C3. */
  #checkLeaving(
    before: Subscription | undefined,
    { kind, subscription: after }: Extract<Event, { readonly subscription: Subscription }>,
    lines: readonly Line[],
  ): void {
    const charged = lines
      .filter((line) => line.kind === "shortfall")
      .reduce((sum, line) => sum + line.amount, 0n);
    const ends = kind === "subscription.ended" || kind === "subscription.cancelled";
    const goesOn = kind === "subscription.renewed" || kind === "subscription.resumed";
    const leaves = ends || (goesOn && before !== undefined && this.#leaves(before, after.plan));
    const due = leaves && before !== undefined ? this.#left(before) : 0n;
    demand(charged === due, () => `${kind} charges ${charged} of what is left, not ${due}`);
    if (!leaves || before === undefined) return;
    this.#leave(before, charged);
  }

  /** What is heard of it afterwards changes what was due. */
  #leave(before: Subscription, charged: bigint): void {
    const minimum = this.#began;
    if (minimum === null || minimum.onCancel === "waive" || before.status === "trialing") return;
    const isRunning = before.status === "active" && !this.#isClosed(before);
    if (!isRunning && this.#running === undefined) return;
    const { id, period } = before;
    const term = this.#running ?? { subscription: id, minimum, periods: [] };
    if (this.#running === undefined) this.#terms.push(term);
    term.left = { start: period.start, end: isRunning ? period.end : null };
    this.#add(`shortfall_left ${id} ${period.start}`, charged);
  }

  /** C4. Where the plan itself goes on with another one, nobody leaves it. */
  #leaves(before: Subscription, to: Plan): boolean {
    const { plan, next } = before;
    const isAsked = next !== null || textOf(this.#began) !== textOf(plan.minimum);
    if (!isAsked || textOf(this.#began) === textOf(to.minimum)) return false;
    const term = this.#running;
    const periods = (term?.minimum.minimums.length ?? 0) - (term?.periods.length ?? 0);
    const isAlike = textOf(plan.cadence) === textOf(to.cadence);
    const minimums = to.minimum?.minimums ?? [];
    const promised = sum(isAlike ? minimums.slice(0, periods) : minimums);
    const isKept = textOf(plan.drawdown) === textOf(to.drawdown);
    const prepaid = isKept ? 0n : (to.drawdown?.terms[0]?.price ?? 0n);
    return promised + prepaid < this.#left(before);
  }

  #left(before: Subscription): bigint {
    const minimum = this.#began;
    if (minimum === null || minimum.onCancel === "waive" || before.status === "trialing") return 0n;
    const isRunning = before.status === "active" && !this.#isClosed(before);
    const term = this.#running;
    if (!isRunning && term === undefined) return 0n;
    const closed = term?.periods.length ?? 0;
    const usage = isRunning ? this.#usageOf(before.id, before.period.end) : 0n;
    const left = minimum.minimums.slice(closed);
    if (minimum.trueUp === "term") {
      const used = term === undefined ? 0n : this.#usedIn(term);
      return atLeastNothing(sum(minimum.minimums) - atLeastNothing(used + usage));
    }
    const [now = 0n, ...later] = left;
    return isRunning ? atLeastNothing(now - atLeastNothing(usage)) + sum(later) : sum(left);
  }

  /** C2. */
  #check(): void {
    for (const term of this.#terms) {
      const { subscription, minimum, periods } = term;
      this.#checkRest(term);
      const carried: Carried[] = [];
      for (const [index, { start, end }] of periods.entries()) {
        const isLast = index === minimum.minimums.length - 1;
        const usage = this.#usageOf(subscription, end);
        const lacking =
          minimum.trueUp === "period"
            ? (minimum.minimums[index] ?? 0n) - atLeastNothing(usage)
            : isLast
              ? sum(minimum.minimums) - atLeastNothing(this.#usedIn(term))
              : 0n;
        const covered = minimum.trueUp === "period" ? cover(carried, index, -lacking) : 0n;
        carried.push({ left: lacking, until: index + (minimum.rolloverPeriods ?? 0) });
        const charged = this.#charged.get(`${subscription} ${start}`) ?? 0n;
        demand(
          charged === atLeastNothing(lacking) - covered,
          () =>
            `${charged} are charged on top of the usage to ${end}, it lacks ${lacking} and ${covered} are covered`,
        );
      }
    }
  }

  #checkRest(term: Term): void {
    const { subscription, minimum, periods, left } = term;
    if (left === undefined) return;
    const usage = left.end === null ? 0n : this.#usageOf(subscription, left.end);
    const [now = 0n, ...later] = minimum.minimums.slice(periods.length);
    const lacking =
      minimum.trueUp === "term"
        ? atLeastNothing(sum(minimum.minimums) - atLeastNothing(this.#usedIn(term) + usage))
        : atLeastNothing(now - atLeastNothing(usage)) + sum(later);
    const charged = this.#charged.get(`shortfall_left ${subscription} ${left.start}`) ?? 0n;
    demand(
      charged === lacking,
      () => `${charged} are charged for the rest of a term that lacks ${lacking}`,
    );
  }

  #usedIn = ({ subscription, periods }: Term): bigint =>
    sum(periods.map(({ end }) => this.#usageOf(subscription, end)));
}

const startsPeriod = [
  "subscription.started",
  "subscription.renewed",
  "subscription.resumed",
] as const;

interface Carried {
  left: bigint;
  readonly until: number;
}

/** C6. */
function cover(carried: readonly Carried[], index: number, above: bigint): bigint {
  let covered = 0n;
  for (const one of carried.filter(({ left, until }) => left > 0n && until >= index)) {
    const open = atLeastNothing(above - covered);
    const part = one.left < open ? one.left : open;
    one.left -= part;
    covered += part;
  }
  return covered;
}

const atLeastNothing = (amount: bigint): bigint => (amount > 0n ? amount : 0n);

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n);
