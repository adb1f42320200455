/**
 * Owns what limits allow, from the events' counts alone: which ones a path meets, what each window has used, and how full
 * each rate is, as a leaking bucket.
 */
import type {
  Count,
  Event,
  Limit,
  LimitRule,
  Path,
  RateCharge,
  Subscription,
} from "@cistern/kernel";
import { utcCalendar } from "../../world/utc-calendar.ts";
import { instant, reserveId } from "@cistern/kernel";
import { demand } from "./accounts.ts";
import type { Reserved } from "./plans.ts";
import { Requests } from "./requests.ts";

interface Standing {
  readonly limit: Limit;
  /** Counts from nothing when a rule of another kind takes its place. */
  readonly epoch: number;
}

interface Bucket {
  /** Units in it, times `perMs`. */
  fill: bigint;
  atMs: number;
}

/** A limit at a node, with the name that the checker gives its counter. */
interface Met {
  readonly standing: Standing;
  readonly node: string;
}

/** Mutable: one for each timeline. */
export class Limits {
  readonly #limits = new Map<string, Standing>();
  /** By counter: use by the start of its window (or bucket). */
  readonly #used = new Map<string, Map<number, { credits: bigint; end: number }>>();
  /** Which limit at which node a counter stands for. */
  readonly #nodes = new Map<string, string>();
  readonly #counters = new Map<string, string>();
  readonly #rates = new Map<string, Bucket>();
  readonly requests = new Requests();
  #epochs = 0;

  /** Those of the plan, by whose events they change. */
  #plan = "";

  note(event: Event): void {
    this.requests.note(event, (limit) => this.#limits.get(limit)?.limit.rule);
    if (event.kind === "credit_request.approved" && event.limit !== undefined)
      demand(this.#put(event.limit) === "goes on", () => `an answer begins a limit anew`);
    if ("subscription" in event) this.#notePlan(event.subscription);
    if (event.kind === "limits.updated") {
      for (const { id } of event.removed) this.#limits.delete(id);
      for (const { limit, restarts } of event.limits) this.#noteLimit(limit, restarts);
    }
    if (event.kind === "limit.removed") this.#limits.delete(event.limit.id);
    if (event.kind === "limit.updated") this.#noteLimit(event.limit, event.restarts);
  }

  #noteLimit(limit: Limit, restarts: boolean): void {
    const isRestart = this.#put(limit) === "anew";
    demand(restarts === isRestart, () => `limit ${limit.id} counts anew: ${restarts}`);
    demand(!limit.id.startsWith(ofPlans), () => `the workspace has set ${limit.id} of its plan`);
  }

  /** One that ended before another began has only revenue to come. */
  #notePlan({ id, status, plan }: Subscription): void {
    if (status === "ended" && id !== this.#plan) return;
    this.#plan = id;
    const wanted = status === "ended" ? [] : (plan.limits ?? []);
    for (const known of this.#limits.keys())
      if (known.startsWith(ofPlans) && !wanted.some((one) => one.id === known))
        this.#limits.delete(known);
    for (const limit of wanted) this.#put(limit);
  }

  #put(limit: Limit): "goes on" | "anew" | "begins" {
    const before = this.#limits.get(limit.id);
    const keeps = before !== undefined && isSameCount(before.limit, limit);
    const epoch = keeps ? before.epoch : (this.#epochs += 1);
    this.#limits.set(limit.id, { limit, epoch });
    if (before === undefined) return "begins";
    return keeps ? "goes on" : "anew";
  }

  /** An approval: every cap on its path counts it once and has room for it; every rate takes it. */
  approve(
    event: { readonly at: number; readonly credits: bigint } & {
      readonly counts: readonly Count[];
      readonly rates: readonly RateCharge[];
    },
    path: Path,
    asked: { readonly requests: bigint; readonly reserved: Reserved | undefined },
  ): void {
    const met = this.#on(path);
    const caps = met.filter(({ standing }) => capOf(standing.limit.rule) !== null);
    if (event.credits > 0n)
      demand(
        caps.length === event.counts.length,
        () => `${caps.length} caps are on the path, ${event.counts.length} count it`,
      );
    for (const [index, count] of event.counts.entries()) {
      const cap = event.credits > 0n ? caps[index] : this.#metBy(caps, count);
      demand(cap?.standing.limit.id === count.limit, () => `cap ${count.limit} is not on the path`);
      demand(count.credits === event.credits, () => `${count.limit} counts ${count.credits}`);
      this.#checkCap(cap, count, event.at);
    }
    this.#checkRates(event, { met, path, ...asked });
    this.add(event.counts);
  }

  /** Usage after the fact: counted where its window is open, refused by none. */
  report(
    counts: readonly Count[],
    path: Path,
    usage: { at: number; now: number; credits: bigint },
  ) {
    const met = this.#on(path);
    for (const count of counts) {
      const one = this.#metBy(met, count);
      demand(one !== undefined, () => `cap ${count.limit} is not on the path`);
      this.#checkCounter(one, count);
      demand(count.credits === usage.credits, () => `${count.limit} counts ${count.credits}`);
      const { start, end } = count;
      const isInside = start <= usage.at && usage.at < end && usage.now < end;
      demand(isInside, () => `usage of ${usage.at} is counted in a window from ${start} to ${end}`);
    }
    this.add(counts);
  }

  /** Use that windows gain or lose. */
  add(counts: readonly Count[]): void {
    for (const { counter, start, end, credits } of counts) {
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
    const epoch = this.#limits.get(limit)?.epoch;
    return at < end && this.#nodes.get(counter)?.startsWith(`${limit} ${epoch} `) === true;
  }

  /** The caps that counts of an event have just reached, in their order. */
  reachedBy(counts: readonly Count[], at: number): { limit: string; used: bigint; cap: bigint }[] {
    return counts.flatMap((count) => {
      const rule = this.#limits.get(count.limit)?.limit.rule;
      const base = rule === undefined ? null : capOf(rule);
      if (count.credits <= 0n || rule === undefined || base === null) return [];
      const used = this.#usedAt(count.counter, rule, count.start, at);
      const { start } = count;
      const { cap, lent } = this.requests.capOf(count.counter, base, { at, start, rule });
      const took = (count.lent ?? []).reduce((sum, one) => sum + one.credits, 0n);
      const before = above(cap, used - count.credits) + lent + took;
      return before > 0n && above(cap, used) + lent === 0n
        ? [{ limit: count.limit, used, cap }]
        : [];
    });
  }

  #checkCap(met: Met, count: Count, at: number): void {
    this.#checkCounter(met, count);
    const { rule } = met.standing.limit;
    const base = capOf(rule) ?? 0n;
    checkWindow(rule, count, at);
    const before = this.#usedAt(count.counter, rule, count.start, at);
    const used = before + count.credits;
    const window = { at, start: count.start, rule };
    const { cap } = this.requests.capOf(count.counter, base, window);
    const lent = this.requests.lend(count, at);
    const name = met.standing.limit.id;
    // A call that asks for nothing passes a cap that overruns have passed already.
    demand(
      count.credits - lent <= above(cap, before) || count.credits === 0n,
      () => `K3 cap ${name} of ${cap} has ${used} used after an approval`,
    );
    if (rule.kind !== "cap" || rule.window.kind !== "onFirstUse") return;
    const open = [...(this.#used.get(count.counter) ?? [])].find(
      ([start, { end }]) => start <= at && at < end,
    );
    const isRight = open === undefined ? count.start === at : open[0] === count.start;
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

  #checkRates(
    event: { readonly at: number; readonly credits: bigint; readonly rates: readonly RateCharge[] },
    {
      met,
      path,
      requests,
      reserved,
    }: { met: readonly Met[]; path: Path; requests: bigint; reserved: Reserved | undefined },
  ): void {
    const asked = { requests, credits: event.credits };
    const isCarried = this.#checkReserved(event, { path, asked, reserved });
    // What a plan has reserved stands in for the rates of the workspace, and of the group that it is for.
    const isMet = ({ standing: { limit }, node }: Met): boolean =>
      !isCarried ||
      !(
        limit.scope.kind === "workspace" ||
        (limit.scope.kind === "group" && node === reserved?.group)
      );
    const hit = (["requests", "credits"] as const).flatMap((unit) =>
      met
        .filter(({ standing: { limit } }) => limit.rule.kind === "rate" && limit.rule.unit === unit)
        .filter((one) => asked[unit] > 0n && isMet(one)),
    );
    demand(
      hit.length + (isCarried ? 1 : 0) === event.rates.length,
      () => `${hit.length} rates are on the path, ${event.rates.length} are charged`,
    );
    for (const [index, { standing, node }] of hit.entries()) {
      const charge = event.rates[index];
      const { id, rule } = standing.limit;
      if (rule.kind !== "rate") continue;
      demand(charge?.limit === id, () => `rate ${id} is not charged`);
      const left = this.#pour(`${id} ${standing.epoch} ${node}`, rule, event.at, asked[rule.unit]);
      demand(left >= 0n, () => `rate ${id} lets through more than it may`);
      demand(
        charge.remaining === left,
        () => `rate ${id} has ${left} left, not ${charge.remaining}`,
      );
    }
  }

  /** A call of the group that fits into what a plan has reserved is carried by it, and no other is. */
  #checkReserved(
    event: { readonly at: number; readonly rates: readonly RateCharge[] },
    {
      path,
      asked,
      reserved,
    }: {
      path: Path;
      asked: { readonly requests: bigint; readonly credits: bigint };
      reserved: Reserved | undefined;
    },
  ): boolean {
    const said = event.rates.find(({ limit }) => limit === reserveId);
    const isFor =
      reserved !== undefined && (reserved.group === null || path.groups.includes(reserved.group));
    const units = reserved === undefined ? 0n : asked[reserved.rule.unit];
    if (!isFor || units === 0n) {
      demand(said === undefined, () => "what is reserved carries a call that it is not for");
      return false;
    }
    const name = `reserved ${reserved.epoch}`;
    const before = this.#rates.get(name);
    const left = this.#pour(name, reserved.rule, event.at, units);
    demand((said !== undefined) === left >= 0n, () => `what is reserved has ${left} left`);
    if (said === undefined) {
      if (before === undefined) this.#rates.delete(name);
      else this.#rates.set(name, before);
      return false;
    }
    demand(said.remaining === left, () => `${left} are reserved still, not ${said.remaining}`);
    return true;
  }

  /** Pours units into a bucket that leaks `quantity` per `perMs`; gives the units that still fit, below 0 when it ran over. */
  #pour(
    name: string,
    rule: Extract<LimitRule, { kind: "rate" }>,
    atMs: number,
    units: bigint,
  ): bigint {
    const perMs = BigInt(rule.perMs);
    const bucket = this.#rates.get(name) ?? { fill: 0n, atMs };
    const leaked = BigInt(atMs - bucket.atMs) * rule.quantity;
    const fill = (bucket.fill > leaked ? bucket.fill - leaked : 0n) + units * perMs;
    this.#rates.set(name, { fill, atMs });
    const room = rule.burst * perMs - fill;
    return room < 0n ? -1n : room / perMs;
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

  /** Limits that a path meets, from near to far; a member's own stands for the default of its kind (RULES 3). */
  #on({ member, sponsors, groups }: Path): Met[] {
    const all = [...this.#limits.values()].toSorted((a, b) => (a.limit.id < b.limit.id ? -1 : 1));
    const of = (kind: Limit["scope"]["kind"], id?: string): Standing[] =>
      all.filter(
        ({ limit: { scope } }) =>
          scope.kind === kind && (id === undefined || ("id" in scope && scope.id === id)),
      );
    const met: Met[] = [];
    for (const id of [member, ...sponsors]) {
      const own = of("member", id);
      const inherited = of("eachMember").filter(
        (each) =>
          !own.some(
            (one) =>
              one.limit.id.startsWith(ofPlans) === each.limit.id.startsWith(ofPlans) &&
              isSameKind(one.limit.rule, each.limit.rule),
          ),
      );
      for (const standing of [...own, ...inherited]) met.push({ standing, node: id });
    }
    for (const id of groups)
      for (const standing of of("group", id)) met.push({ standing, node: id });
    for (const standing of of("workspace")) met.push({ standing, node: "" });
    return met;
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

/** What ids of a plan's limits begin with. */
const ofPlans = "plan:";

const capOf = (rule: LimitRule): bigint | null =>
  rule.kind === "cap" && "credits" in rule ? rule.credits : null;

function checkWindow(rule: LimitRule, { start, end, limit }: Count, at: number): void {
  demand(start <= at && at < end, () => `cap ${limit} counts outside of its window`);
  if (rule.kind !== "cap" || rule.window.kind !== "calendar") return;
  const window = utcCalendar.window(rule.window.unit, instant(at), "UTC");
  const isRight = window.start === start && window.end === end;
  demand(isRight, () => `cap ${limit} counts from ${start} to ${end}, not by its calendar`);
}

/** A cap whose window stays, or a rate whose pace stays, at the same node. */
function isSameCount(a: Limit, b: Limit): boolean {
  if (JSON.stringify(a.scope) !== JSON.stringify(b.scope)) return false;
  if (a.rule.kind === "rate" && b.rule.kind === "rate" && a.rule.quantity !== b.rule.quantity)
    return false;
  return isSameKind(a.rule, b.rule);
}

function isSameKind(a: LimitRule, b: LimitRule): boolean {
  if (a.kind === "rate") return b.kind === "rate" && a.unit === b.unit && a.perMs === b.perMs;
  return b.kind === "cap" && JSON.stringify(a.window) === JSON.stringify(b.window);
}
