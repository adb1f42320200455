/** The oracle's limits: a list of uses, added up whenever somebody asks. */
import type { Calendar, Limit, LimitRule } from "@cistern/kernel";
import { instant } from "@cistern/kernel";
import { sum } from "./ledger.ts";

type CapRule = Exclude<LimitRule, { kind: "rate" }>;
type RateRule = Extract<LimitRule, { kind: "rate" }>;

export interface OracleLimit extends Limit {
  /** The same id set again after another rule is another limit. */
  readonly era: number;
}

/** A limit at a node: `node` is the member, group or workspace that it counts for. */
export interface Applied {
  readonly limit: OracleLimit;
  readonly node: string;
}

/** Credits counted by one parcel of one hold, in one window. */
export interface Counted {
  readonly era: number;
  readonly node: string;
  readonly start: number;
  readonly end: number;
  credits: bigint;
}

/** Requests or credits that a rate let through. */
interface Passed {
  readonly era: number;
  readonly node: string;
  readonly at: number;
  readonly units: bigint;
}

export class Limits {
  readonly all: OracleLimit[] = [];
  readonly counted: Counted[] = [];
  readonly passed: Passed[] = [];
  /** Windows that a first use opened. */
  readonly opened: Counted[] = [];
  /** By era: since when the pool of a percent is counted, and what was consumed by then. */
  readonly bases = new Map<number, { readonly end: number; readonly consumed: bigint }>();
  #era = 0;
  readonly #pool: () => { readonly inPool: bigint; readonly consumed: bigint };
  readonly #calendar: Calendar;
  readonly #zone: string;

  constructor(
    calendar: Calendar,
    zone: string,
    pool: () => { readonly inPool: bigint; readonly consumed: bigint },
  ) {
    this.#pool = pool;
    this.#calendar = calendar;
    this.#zone = zone;
  }

  put(limit: Limit): void {
    const index = this.all.findIndex((one) => one.id === limit.id);
    const before = this.all[index];
    if (before === undefined) {
      this.all.push({ ...limit, era: (this.#era += 1) });
      return;
    }
    const isOther =
      JSON.stringify(before.scope) !== JSON.stringify(limit.scope) ||
      countsBy(before.rule) !== countsBy(limit.rule);
    this.all[index] = { ...limit, era: isOther ? (this.#era += 1) : before.era };
  }

  remove(id: string): boolean {
    const index = this.all.findIndex((one) => one.id === id);
    if (index >= 0) this.all.splice(index, 1);
    return index >= 0;
  }

  /** RULES 3: the member and its sponsors, each with its own limits or what it inherits; all groups; the workspace. */
  on(
    path: { members: readonly string[]; groups: readonly string[] },
    workspace: string,
  ): Applied[][] {
    const byId = this.all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const members = path.members.map((node) => {
      const own = byId.filter(({ scope }) => scope.kind === "member" && scope.id === node);
      const inherited = byId.filter(
        ({ scope, rule }) =>
          scope.kind === "eachMember" && !own.some((one) => replaces(one.rule) === replaces(rule)),
      );
      return [...own, ...inherited].map((limit) => ({ limit, node: `member ${node}` }));
    });
    const groups = path.groups.map((node) =>
      byId
        .filter(({ scope }) => scope.kind === "group" && scope.id === node)
        .map((limit) => ({ limit, node: `group ${node}` })),
    );
    const whole = byId
      .filter(({ scope }) => scope.kind === "workspace")
      .map((limit) => ({ limit, node: `workspace ${workspace}` }));
    return [...members, ...groups, whole];
  }

  /** A cap in credits; of a percent, of what is in the pool and what was used of it since its window was first counted in. */
  credits({ rule, era }: OracleLimit, at: number): bigint | null {
    const own = cap(rule);
    if (!("percentBps" in own)) return own.credits;
    const { inPool, consumed } = this.#pool();
    const basis = this.bases.get(era);
    const since = basis === undefined || at >= basis.end ? 0n : consumed - basis.consumed;
    const base = inPool + since < 0n ? 0n : inPool + since;
    return (base * BigInt(own.percentBps)) / 10_000n;
  }

  /** Where nothing of the window was counted before. */
  begin({ rule, era }: OracleLimit, end: number, now: number): void {
    const basis = this.bases.get(era);
    if (!("percentBps" in rule) || (basis !== undefined && now < basis.end)) return;
    this.bases.set(era, { end, consumed: this.#pool().consumed });
  }

  /** Uses that count at `at`. */
  counting({ limit, node }: Applied, at: number): Counted[] {
    return this.counted.filter(
      (one) => one.era === limit.era && one.node === node && one.start <= at && at < one.end,
    );
  }

  used(applied: Applied, at: number): bigint {
    return sum(this.counting(applied, at).map((one) => one.credits));
  }

  /** The window of an instant; undefined where no first use has opened one. */
  window({ limit, node }: Applied, at: number): { start: number; end: number } | undefined {
    const { window } = cap(limit.rule);
    switch (window.kind) {
      case "calendar":
        return this.#calendar.window(window.unit, instant(at), this.#zone);
      case "rolling": {
        const bucket = Math.ceil(window.durationMs / 60);
        const start = Math.floor(at / bucket) * bucket;
        return { start, end: start + 60 * bucket };
      }
      case "onFirstUse":
        return this.opened.find(
          (one) => one.era === limit.era && one.node === node && one.start <= at && at < one.end,
        );
    }
  }

  /** The window that an approval of `credits` counts in; it may open it. */
  windowFor(
    applied: Applied,
    at: number,
    credits: bigint,
  ): { start: number; end: number } | undefined {
    const found = this.window(applied, at);
    const { window } = cap(applied.limit.rule);
    if (found !== undefined || credits === 0n || window.kind !== "onFirstUse") return found;
    const { era } = applied.limit;
    const made = { era, node: applied.node, start: at, end: at + window.durationMs, credits: 0n };
    this.opened.push(made);
    return made;
  }

  /** When `requested` would fit under a cap if nobody else used it: the first end of a use after which it does. */
  freesAt(applied: Applied, at: number, requested: bigint): number | null {
    if ("percentBps" in applied.limit.rule) {
      const end = this.window(applied, at)?.end ?? Infinity;
      return requested <= (this.credits(applied.limit, end) ?? 0n) ? end : null;
    }
    const credits = this.credits(applied.limit, at);
    if (credits === null || requested > credits) return null;
    const now = this.counting(applied, at);
    const ends = [...new Set(now.filter((one) => one.credits !== 0n).map((one) => one.end))];
    for (const end of ends.toSorted((a, b) => a - b)) {
      const left = sum(now.filter((one) => one.end > end).map((one) => one.credits));
      if (left + requested <= credits) return end;
    }
    return null;
  }

  /** Units in the bucket of a rate at `at`, times `perMs` (so that it is an integer): it drains by `quantity` a millisecond. */
  level({ limit, node }: Applied, at: number): bigint {
    const { quantity, perMs } = rate(limit.rule);
    let level = 0n;
    let last = 0;
    for (const one of this.passed.filter((pass) => pass.era === limit.era && pass.node === node)) {
      level = drained(level, BigInt(one.at - last) * quantity) + one.units * BigInt(perMs);
      last = one.at;
    }
    return drained(level, BigInt(at - last) * quantity);
  }
}

export const isCap = ({ limit }: Applied): boolean =>
  limit.rule.kind === "cap" && ("percentBps" in limit.rule || limit.rule.credits !== null);

export const isCeiling = ({ limit: { rule } }: Applied): boolean =>
  rule.kind === "overage" && rule.credits !== null;

export function cap(rule: LimitRule): CapRule {
  if (rule.kind === "rate") throw new Error("the oracle takes a rate for a cap");
  return rule;
}

export function rate(rule: LimitRule): RateRule {
  if (rule.kind !== "rate") throw new Error("the oracle takes a cap for a rate");
  return rule;
}

const drained = (level: bigint, by: bigint): bigint => (level > by ? level - by : 0n);

/** A member's own limit of the same name stands for what it would inherit. */
const replaces = (rule: LimitRule): string =>
  rule.kind !== "rate"
    ? `${rule.kind} ${JSON.stringify(rule.window)}`
    : `rate ${rule.unit} ${rule.perMs}`;

/** A rule of another name counts from nothing. */
const countsBy = (rule: LimitRule): string =>
  rule.kind !== "rate" ? replaces(rule) : `${replaces(rule)} ${rule.quantity}`;
