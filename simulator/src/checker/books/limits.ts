/**
 * Owns what limits allow, from the events' counts alone: what each window has used of a cap, be it of so many credits or a percent of the
 * pool, and of a ceiling on what is taken past the pool (RULES 3, 4; docs/decisions/0039).
 */
import {
  type Count,
  type Event,
  type Limit,
  type LimitRule,
  type Path,
  type RateCharge,
  type Rejection,
  instant,
} from "@cistern/kernel";
import { utcCalendar } from "../../world/utc-calendar.ts";
import { type Books, demand } from "./accounts.ts";
import type { Pool } from "./records.ts";
import type { Reserved } from "./plans.ts";
import { Rates } from "./rates.ts";
import { Requests } from "./requests.ts";
import { type Met, type Standing, StandingLimits } from "./standing-limits.ts";

/** What a rule counts: all of a call, or what of it is taken past the pool. */
type Counted = "cap" | "overage";

/** An approval, as far as limits go. */
interface Approval {
  readonly at: number;
  readonly credits: bigint;
  readonly overage: bigint;
  readonly counts: readonly Count[];
  readonly pastPool?: readonly Count[];
  readonly rates: readonly RateCharge[];
}

/** Mutable: one for each timeline. */
export class Limits {
  readonly #books: Books;
  readonly #standing = new StandingLimits();
  readonly #rates = new Rates();
  /** By counter: use by the start of its window (or bucket). */
  readonly #used = new Map<string, Map<number, { credits: bigint; end: number }>>();
  /** Which limit at which node a counter stands for. */
  readonly #nodes = new Map<string, string>();
  readonly #counters = new Map<string, string>();
  /** By limit and epoch: until when the pool of its window counts, and what was consumed of it before. */
  readonly #bases = new Map<string, { readonly end: number; readonly consumed: bigint }>();
  readonly requests = new Requests();

  constructor(books: Books) {
    this.#books = books;
  }

  note(event: Event): void {
    this.requests.note(event, (limit) => this.#standing.get(limit)?.limit.rule);
    this.#standing.note(event);
  }

  /** An approval: every cap on its path counts it once and has room for it; every rate takes it. */
  approve(
    event: Approval,
    path: Path,
    asked: { readonly requests: bigint; readonly reserved: Reserved | undefined },
  ): void {
    const met = this.#standing.on(path);
    const { at, credits, counts, overage, pastPool = [] } = event;
    this.#approveCounts("cap", { at, credits, counts }, met);
    this.#approveCounts("overage", { at, credits: overage, counts: pastPool }, met);
    this.#rates.check(event, { met, path, ...asked });
    this.add([...counts, ...pastPool]);
  }

  /** A call of a prepaid run: what it takes was counted with its purse, and only requests are asked. */
  approvePrepaid(
    event: Approval,
    path: Path,
    asked: { readonly requests: bigint; readonly reserved: Reserved | undefined },
  ): void {
    const { counts, pastPool = [] } = event;
    demand(counts.length + pastPool.length === 0, () => "what was prepaid counts once more");
    this.#rates.check({ ...event, credits: 0n }, { met: this.#standing.on(path), path, ...asked });
  }

  /** Usage after the fact: counted where its window is open, refused by none. */
  report(
    { counts, pastPool = [] }: Pick<Approval, "counts" | "pastPool">,
    path: Path,
    usage: { readonly at: number; readonly now: number; readonly credits: bigint; past: bigint },
  ): void {
    const met = this.#standing.on(path);
    for (const count of counts) this.#checkReported(met, count, usage);
    for (const count of pastPool)
      this.#checkReported(met, count, { ...usage, credits: usage.past });
    const open = met.filter(({ standing: { limit } }) => {
      if (countedUnder(limit.rule) !== "overage" || limit.rule.kind !== "overage") return false;
      return usage.now < windowOf(limit.rule.window.unit, usage.at).end;
    });
    demand(
      open.length === pastPool.length,
      () => `${open.length} ceilings are on the path, ${pastPool.length} count it`,
    );
    this.add([...counts, ...pastPool]);
  }

  /** Where a limit sits, while it stands. */
  scopeOf(id: string): Limit["scope"] | undefined {
    return this.#standing.get(id)?.limit.scope;
  }

  /** Use that windows gain or lose. */
  add(counts: readonly Count[]): void {
    for (const { counter, start, end, credits, basis } of counts) {
      if (basis !== undefined) this.#bases.set(this.#ruleOf(counter), { end, consumed: basis });
      const windows =
        this.#used.get(counter) ?? new Map<number, { credits: bigint; end: number }>();
      this.#used.set(counter, windows);
      const used = (windows.get(start)?.credits ?? 0n) + credits;
      demand(used >= 0n, () => `K14 counter ${counter} falls below zero`);
      windows.set(start, { credits: used, end });
    }
  }

  /** Whether a window that something was counted in still takes corrections. */
  isOpen({ counter, limit, end }: Pick<Count, "counter" | "limit" | "end">, at: number): boolean {
    const epoch = this.#standing.get(limit)?.epoch;
    return at < end && this.#nodes.get(counter)?.startsWith(`${limit} ${epoch} `) === true;
  }

  /** The caps that an event has just reached, in the order of its counts. */
  reachedBy(
    { counts, pastPool = [] }: Pick<Approval, "counts" | "pastPool">,
    at: number,
  ): { limit: string; used: bigint; cap: bigint }[] {
    return [...counts, ...pastPool].flatMap((count) => {
      const standing = this.#standing.get(count.limit);
      if (count.credits <= 0n || standing === undefined) return [];
      const { rule } = standing.limit;
      if (countedUnder(rule) === undefined) return [];
      const used = this.#usedAt(count.counter, rule, count.start, at);
      const { start } = count;
      const base = this.#baseOf(standing, this.#books.atStart, at);
      const { cap, lent } = this.requests.capOf(count.counter, base, { at, start, rule });
      const took = (count.lent ?? []).reduce((sum, one) => sum + one.credits, 0n);
      const before = above(cap, used - count.credits) + lent + took;
      return before > 0n && above(cap, used) + lent === 0n
        ? [{ limit: count.limit, used, cap }]
        : [];
    });
  }

  /** A refusal by a limit: there is less left than was asked for, and how much is as it says. */
  judge(refused: Extract<Rejection, { code: "limit_reached" }>, at: number): void {
    const { scope, requested, cap, used, isOverage = false } = refused;
    const id = scope.limit ?? "";
    const standing = this.#standing.get(id);
    demand(standing !== undefined, () => `limit ${id} refuses and does not stand`);
    const { rule } = standing.limit;
    const isOfKind = countedUnder(rule) === (isOverage ? "overage" : "cap");
    demand(isOfKind, () => `limit ${id} refuses what it does not count`);
    const node = scope.kind === "workspace" ? "" : scope.id;
    const counter = this.#counters.get(`${id} ${standing.epoch} ${node}`);
    const start = this.#startAt(counter, rule, at);
    const own = counter === undefined ? 0n : this.#usedAt(counter, rule, start, at);
    demand(own === used, () => `${used} are used of limit ${id}, not ${own}`);
    // What was raised where nothing was counted yet is known by a counter that has no name.
    if (counter === undefined && this.requests.hasRaised(id)) return;
    const base = this.#baseOf(standing, this.#books.shared(), at);
    const now = this.requests.capOf(counter ?? "", base, { at, start, rule });
    demand(now.cap === cap, () => `the cap of limit ${id} is ${now.cap}, not ${cap}`);
    const left = above(cap, used) + now.lent;
    demand(requested > left, () => `limit ${id} has ${left} left and refuses ${requested}`);
    demand(refused.available === left, () => `limit ${id} has ${left} left`);
  }

  /** Each cap counts an approval once; one of nothing opens no window. */
  #approveCounts(
    kind: Counted,
    { at, credits, counts }: Pick<Approval, "at" | "credits" | "counts">,
    met: readonly Met[],
  ): void {
    const caps = met.filter(({ standing: { limit } }) => countedUnder(limit.rule) === kind);
    const isEach = credits > 0n || kind === "overage";
    if (isEach)
      demand(
        caps.length === counts.length,
        () => `${caps.length} of ${kind} are on the path, ${counts.length} count it`,
      );
    for (const [index, count] of counts.entries()) {
      const cap = isEach ? caps[index] : this.#metBy(caps, count);
      demand(cap?.standing.limit.id === count.limit, () => `cap ${count.limit} is not on the path`);
      demand(count.credits === credits, () => `${count.limit} counts ${count.credits}`);
      this.#checkCap(cap, count, at);
    }
  }

  #checkReported(
    met: readonly Met[],
    count: Count,
    usage: { readonly at: number; readonly now: number; readonly credits: bigint },
  ): void {
    const one = this.#metBy(met, count);
    demand(one !== undefined, () => `cap ${count.limit} is not on the path`);
    this.#checkCounter(one, count);
    this.#checkBasis(one.standing, count, usage.now);
    demand(count.credits === usage.credits, () => `${count.limit} counts ${count.credits}`);
    const { start, end } = count;
    const isInside = start <= usage.at && usage.at < end && usage.now < end;
    demand(isInside, () => `usage of ${usage.at} is counted in a window from ${start} to ${end}`);
  }

  #checkCap(met: Met, count: Count, at: number): void {
    this.#checkCounter(met, count);
    this.#checkBasis(met.standing, count, at);
    const { rule } = met.standing.limit;
    checkWindow(rule, count, at);
    const before = this.#usedAt(count.counter, rule, count.start, at);
    const used = before + count.credits;
    const base = this.#baseOf(met.standing, this.#books.atStart, at);
    const { cap } = this.requests.capOf(count.counter, base, { at, start: count.start, rule });
    const lent = this.requests.lend(count, at);
    const name = met.standing.limit.id;
    // A call that asks for nothing passes a cap that overruns have passed already.
    demand(
      count.credits - lent <= above(cap, before) || count.credits === 0n,
      () => `K3 cap ${name} of ${cap} has ${used} used after an approval`,
    );
    if (rule.kind !== "cap" || rule.window.kind !== "onFirstUse") return;
    const open = this.#openedBy(count.counter, at);
    const isRight = open === undefined ? count.start === at : open === count.start;
    demand(isRight, () => `cap ${name} counts in a window of ${count.start}, not the open one`);
  }

  /** One limit at one node counts with one counter, until it counts anew. */
  #checkCounter({ standing, node }: Met, { counter }: Count): void {
    const name = `${standing.limit.id} ${standing.epoch} ${node}`;
    const known = this.#nodes.get(counter) ?? name;
    const own = this.#counters.get(name) ?? counter;
    demand(known === name && own === counter, () => `counter ${counter} stands for ${known}`);
    this.#nodes.set(counter, name);
    this.#counters.set(name, counter);
  }

  /** The first count in a window says what of the pool was consumed before, and no other does. */
  #checkBasis(standing: Standing, { basis, limit }: Count, now: number): void {
    const isPercent = "percentBps" in standing.limit.rule;
    const isBegun = now < (this.#bases.get(nameOf(standing))?.end ?? 0);
    const wanted = isPercent && !isBegun ? this.#books.atStart.consumed : undefined;
    demand(basis === wanted, () => `the pool of ${limit} begins with ${basis}, not ${wanted}`);
  }

  /** What a rule allows before anything is raised. */
  #baseOf(standing: Standing, pool: Pool, at: number): bigint {
    const { rule } = standing.limit;
    if (rule.kind === "rate") return 0n;
    if (!("percentBps" in rule)) return rule.credits ?? 0n;
    const known = this.#bases.get(nameOf(standing));
    const used = known !== undefined && at < known.end ? pool.consumed - known.consumed : 0n;
    return (above(pool.left + used, 0n) * BigInt(rule.percentBps)) / 10_000n;
  }

  #ruleOf(counter: string): string {
    return this.#nodes.get(counter)?.split(" ").slice(0, 2).join(" ") ?? "";
  }

  #startAt(counter: string | undefined, rule: LimitRule, at: number): number {
    if (rule.kind === "rate" || rule.window.kind === "rolling") return at;
    if (rule.window.kind === "calendar") return windowOf(rule.window.unit, at).start;
    return (counter === undefined ? undefined : this.#openedBy(counter, at)) ?? at;
  }

  #openedBy(counter: string, at: number): number | undefined {
    return [...(this.#used.get(counter) ?? [])].find(
      ([start, { end }]) => start <= at && at < end,
    )?.[0];
  }

  #usedAt(counter: string, rule: LimitRule, start: number, at: number): bigint {
    const windows = this.#used.get(counter);
    if (windows === undefined) return 0n;
    if (rule.kind !== "cap" || rule.window.kind !== "rolling")
      return windows.get(start)?.credits ?? 0n;
    let sum = 0n;
    for (const { credits, end } of windows.values()) if (end > at) sum += credits;
    return sum;
  }

  /** Which of several limits of one id (a default, at a member and its sponsors) a counter stands for. */
  #metBy(met: readonly Met[], count: Count): Met | undefined {
    const some = met.filter(({ standing }) => standing.limit.id === count.limit);
    return (
      some.find(
        ({ standing, node }) =>
          this.#nodes.get(count.counter) === `${count.limit} ${standing.epoch} ${node}`,
      ) ??
      some.find(({ node }) => count.counter.endsWith(`|${node}`)) ??
      some[0]
    );
  }
}

const above = (a: bigint, b: bigint): bigint => (a > b ? a - b : 0n);

const nameOf = ({ limit, epoch }: Standing): string => `${limit.id} ${epoch}`;

/** undefined: a rate, or no limit. */
const countedUnder = (rule: LimitRule): Counted | undefined =>
  rule.kind === "rate" || ("credits" in rule && rule.credits === null) ? undefined : rule.kind;

const windowOf = (unit: Parameters<typeof utcCalendar.window>[0], at: number) =>
  utcCalendar.window(unit, instant(at), "UTC");

function checkWindow(rule: LimitRule, { start, end, limit }: Count, at: number): void {
  demand(start <= at && at < end, () => `cap ${limit} counts outside of its window`);
  if (rule.kind === "rate" || rule.window.kind !== "calendar") return;
  const window = windowOf(rule.window.unit, at);
  const isRight = window.start === start && window.end === end;
  demand(isRight, () => `cap ${limit} counts from ${start} to ${end}, not by its calendar`);
}
