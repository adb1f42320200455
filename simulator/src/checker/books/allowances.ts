/**
 * Owns what a plan includes of meters beside credits, by events alone and apart from the kernel (docs/decisions/0023).
 *
 * Checked: a span includes what the plan says, times seats, and by the fraction of what is left of it where something changes (A1); a
 * call takes what is there, and no more, so that nothing is given twice (A2); what was set aside comes back with the end of its hold,
 * and what was used with a refund of all of it (A3); an invoice says what was used (A4).
 *
 * Mutable: one a timeline.
 */
import type {
  AllowanceMove,
  AllowanceTerms,
  Event,
  HoldOpened,
  HoldSettled,
  Line,
  Subscription,
  UsageDebited,
} from "@cistern/kernel";
import { demand } from "./accounts.ts";
import type { HoldRecord } from "./records.ts";

/** One allowance in one span. */
interface Count {
  readonly subscription: string;
  readonly meter: string;
  readonly bucket: string;
  readonly isLevel: boolean;
  readonly start: number;
  end: number;
  included: bigint;
  used: bigint;
  held: bigint;
  over: bigint;
  /** It is on an invoice, or on a draft of one. */
  isOnInvoice: boolean;
}

/** What a call has of one. */
interface Part {
  readonly name: string;
  readonly bucket: string;
  held: bigint;
  used: bigint;
  over: bigint;
}

type Change = Omit<Part, "bucket">;

/** See the file head. */
export class Allowances {
  readonly #counts = new Map<string, Count>();
  readonly #parts = new Map<string, Part[]>();
  /** What the running span includes, by meter and bucket. */
  #included = new Map<string, bigint>();
  #live: Subscription | undefined;

  /** Takes an event that the rest of the books has taken. */
  note(event: Event): void {
    if (!("subscription" in event) || event.kind === "subscription.recognised") return;
    const { subscription, at } = event;
    const before = this.#live?.id === subscription.id ? this.#live : undefined;
    this.#live = subscription.status === "ended" ? undefined : subscription;
    const { allowances = [] } = subscription.plan;
    if (allowances.length === 0 && this.#counts.size === 0) return;
    if ("invoice" in event) this.#checkLines(before, event.lines, event.invoice !== null);
    const runs = subscription.status === "active" || subscription.status === "trialing";
    const isNew = before === undefined || spanOf(before).start !== spanOf(subscription).start;
    if (runs && event.kind !== "commitment.trued_up")
      this.#included = isNew ? wholeOf(subscription) : this.#changed(before, subscription, at);
    this.#enter(runs ? subscription : undefined, subscription.id, at);
  }

  /** A1. */
  #changed(before: Subscription, after: Subscription, at: number): Map<string, bigint> {
    const span = spanOf(before);
    const { part, whole } = leftOf(before, span, at);
    const then = wholeOf({ ...after, period: before.period, grants: before.grants });
    const was = wholeOf(before);
    return new Map(
      [...then].map(([name, units]) => {
        const difference = units - (was.get(name) ?? 0n);
        const sum = (this.#included.get(name) ?? 0n) + nearest(difference * part, whole);
        return [name, sum > 0n ? sum : 0n];
      }),
    );
  }

  #enter(running: Subscription | undefined, id: string, at: number): void {
    const open = new Set<string>();
    for (const terms of running?.plan.allowances ?? []) {
      if (running === undefined) continue;
      const { start, end } = spanOf(running);
      const name = nameOf(running, terms);
      open.add(name);
      const included = this.#included.get(termOf(terms)) ?? 0n;
      const known = this.#counts.get(name);
      if (known === undefined)
        this.#counts.set(name, {
          subscription: id,
          meter: terms.meter,
          bucket: terms.bucket,
          isLevel: terms.isLevel === true,
          start,
          end,
          included,
          used: 0n,
          held: 0n,
          over: 0n,
          isOnInvoice: false,
        });
      else Object.assign(known, { end, included });
    }
    for (const [name, count] of this.#counts)
      if (count.subscription === id && count.end > at && !open.has(name)) count.end = at;
  }

  /** A2. */
  open({ hold, meter, estimate, units, at }: HoldOpened): void {
    const live = this.#live;
    const terms = (live?.plan.allowances ?? []).filter((one) => one.meter === meter);
    const changes: Change[] = [];
    const parts: Part[] = [];
    for (const one of terms) {
      const count = live === undefined ? undefined : this.#counts.get(nameOf(live, one));
      const runs = live?.status === "active" || live?.status === "trialing";
      const isOpen = count !== undefined && runs && at < count.end;
      const asked = BigInt(estimate?.[one.bucket] ?? 0);
      const left = isOpen ? restOf(count) : 0n;
      const isRefused = one.beyond === "refuse" && (estimate === null || asked > left);
      demand(!isRefused, () => `${hold} asks for ${asked} ${one.bucket}, ${left} are left`);
      if (!isOpen || live === undefined || estimate === null) continue;
      const part = { name: nameOf(live, one), held: least(asked, left), used: 0n, over: 0n };
      changes.push(part);
      parts.push({ ...part, bucket: one.bucket });
    }
    this.#move(hold, changes, units, true);
    if (parts.length > 0) this.#parts.set(hold, parts);
  }

  /** A2, A3. Gives the units that cost nothing, by bucket. */
  settle(hold: HoldRecord, event: HoldSettled): ReadonlyMap<string, bigint> {
    const parts = this.#parts.get(hold.id) ?? [];
    // A settlement that says neither usage nor credits takes what its hold has.
    const rest = hold.authorized > hold.charged ? hold.authorized - hold.charged : 0n;
    const isUnmeasured =
      event.usage === null &&
      event.isFinal &&
      event.charged + event.loss === rest &&
      (event.units ?? []).some(({ used }) => used > 0n);
    const changes = parts.map(({ name, bucket, held }): Change => {
      const count = this.#counts.get(name);
      const room = held + (count === undefined ? 0n : restOf(count));
      const isFree = event.outcome === "failed" || event.usage === null;
      const asked = isUnmeasured ? held : isFree ? 0n : BigInt(event.usage?.[bucket] ?? 0);
      const used = least(asked, room);
      return { name, held: -(event.isFinal ? held : least(used, held)), used, over: asked - used };
    });
    this.#move(hold.id, changes, event.units, false);
    return new Map(changes.map(({ used }, index) => [parts[index]?.bucket ?? "", used]));
  }

  /** A3. */
  giveBack(hold: string, units: readonly AllowanceMove[] | undefined): void {
    const parts = this.#parts.get(hold) ?? [];
    const changes = parts.map(({ name, held }) => ({ name, held: -held, used: 0n, over: 0n }));
    this.#move(hold, changes, units, false);
  }

  /** A3. */
  refund(hold: string, units: readonly AllowanceMove[] | undefined, isWhole: boolean): void {
    const parts = isWhole ? (this.#parts.get(hold) ?? []) : [];
    const back = parts.map(({ name, used, over }) => ({
      name,
      held: 0n,
      used: -used,
      over: -over,
    }));
    this.#move(hold, back, units, false);
  }

  /** A2, in the spans in which it happened; of a level for the times that are new. Gives the units that cost nothing. */
  debit(event: UsageDebited): ReadonlyMap<string, bigint> {
    const { debit, meter, usage, occurredAt, over, fresh } = event;
    const when = over ?? { start: occurredAt, end: occurredAt + 1 };
    const free = new Map<string, bigint>();
    const parts: Part[] = [];
    const inTime = [...this.#counts].filter(
      ([, one]) => one.meter === meter && one.start < when.end && when.start < one.end,
    );
    for (const [name, count] of inTime.toSorted(([, a], [, b]) => a.start - b.start)) {
      if (usage === null || count.isLevel !== (over !== undefined)) continue;
      const times = over === undefined ? [] : (fresh ?? [over]);
      const ms = times.reduce(
        (sum, { start, end }) =>
          sum + Math.max(0, Math.min(end, count.end) - Math.max(start, count.start)),
        0,
      );
      const asked = BigInt(usage[count.bucket] ?? 0) * (count.isLevel ? BigInt(ms) : 1n);
      const used = least(asked, restOf(count));
      free.set(count.bucket, (free.get(count.bucket) ?? 0n) + used);
      if (asked > 0n)
        parts.push({ name, bucket: count.bucket, held: 0n, used, over: asked - used });
    }
    this.#move(debit, parts, event.units, true);
    if (parts.length > 0) this.#parts.set(debit, parts);
    return free;
  }

  /** What an event does to counts is what the rules lead to. `isNew`: the call begins with it, and moves of nothing are said too. */
  #move(
    id: string,
    changes: readonly Change[],
    units: readonly AllowanceMove[] = [],
    isNew: boolean,
  ): void {
    const due = changes.filter(
      ({ held, used, over }) => isNew || held !== 0n || used !== 0n || over !== 0n,
    );
    demand(due.length === units.length, () => `${id} moves ${units.length}, not ${due.length}`);
    for (const [index, change] of due.entries()) {
      const move = units[index];
      const count = this.#counts.get(change.name);
      if (move === undefined || count === undefined) continue;
      const { held, used, over } = change;
      const isIt =
        move.count === change.name &&
        move.held === held &&
        move.used === used &&
        move.over === over;
      demand(isIt, () => `${id} takes ${told(move)} of ${move.count}, not ${told(change)}`);
      count.held += held;
      count.used += used;
      count.over += over;
      const isWithin = held + used <= 0n || count.held + count.used <= count.included;
      demand(isWithin, () => `${change.name} has ${count.used + count.held} of ${count.included}`);
      checkAdded(count, move);
      const part = isNew
        ? undefined
        : this.#parts.get(id)?.find(({ name }) => name === change.name);
      if (part === undefined) continue;
      part.held += held;
      part.used += used;
      part.over += over;
    }
  }

  /** A4: with the invoice of a period comes all that was used in it. */
  #checkLines(before: Subscription | undefined, lines: readonly Line[], isInvoiced: boolean): void {
    const said = lines.filter(({ kind }) => kind === "allowance" || kind === "past_allowance");
    const isOver = before?.status === "active" && isInvoiced;
    const due = [...this.#counts.values()]
      .filter((one) => isOver && one.subscription === before.id && one.start >= before.period.start)
      .flatMap((one) => {
        one.isOnInvoice = true;
        return [
          ...(one.used === 0n ? [] : [`${one.used} of ${one.bucket} of ${one.start} for nothing`]),
          ...(one.over === 0n ? [] : [`${one.over} of ${one.bucket} of ${one.start} past it`]),
        ];
      });
    const told = said.map(
      ({ kind, quantity, unit, from }) =>
        `${quantity} of ${unit?.bucket} of ${from} ${kind === "allowance" ? "for nothing" : "past it"}`,
    );
    demand(
      told.toSorted().join() === due.toSorted().join(),
      () => `an invoice says ${told.join()} of allowances, not ${due.join()}`,
    );
  }
}

/** What is heard of late comes on the invoice on which the rest is. */
function checkAdded(count: Count, { count: id, used, over, lines = [] }: AllowanceMove): void {
  if (lines.length === 0 && !count.isOnInvoice) return;
  for (const [kind, units] of [
    ["allowance", used],
    ["past_allowance", over],
  ] as const) {
    const sum = lines
      .filter((one) => one.kind === kind)
      .reduce((all, one) => all + one.quantity, 0n);
    demand(sum === units, () => `${units} more of ${id} come to ${sum} on its line`);
  }
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

const told = ({ held, used, over }: Pick<Change, "held" | "used" | "over">): string =>
  `${held} held, ${used} used, ${over} past it`;

const restOf = ({ included, used, held }: Count): bigint =>
  included > used + held ? included - used - held : 0n;

/** The running grant, or the period. */
function spanOf({ period, grants }: Subscription): {
  readonly start: number;
  readonly end: number;
} {
  if (grants === null) return period;
  return { start: grants.since, end: grants.ends[0] ?? period.end };
}

const termOf = ({ meter, bucket, isLevel }: AllowanceTerms): string =>
  `${meter} ${bucket}${isLevel === true ? " level" : ""}`;

const nameOf = (subscription: Subscription, terms: AllowanceTerms): string =>
  `${subscription.id} ${spanOf(subscription).start} ${termOf(terms)}`;

/** Units of a whole span, by meter and bucket; a level may be there all the time. */
function wholeOf(subscription: Subscription): Map<string, bigint> {
  const { plan, seats } = subscription;
  const { start, end } = spanOf(subscription);
  return new Map(
    (plan.allowances ?? []).map((terms) => {
      const units = terms.included * (terms.per === "seat" ? BigInt(seats) : 1n);
      return [termOf(terms), terms.isLevel === true ? units * BigInt(end - start) : units];
    }),
  );
}

function leftOf(
  { plan }: Subscription,
  { start, end }: { readonly start: number; readonly end: number },
  at: number,
): { readonly part: bigint; readonly whole: bigint } {
  if (plan.proration === "none") return { part: 0n, whole: 1n };
  if (plan.proration === "second") return { part: BigInt(end - at), whole: BigInt(end - start) };
  const day = (ms: number): bigint => BigInt(Math.floor(ms / 86_400_000));
  const whole = day(end) - day(start);
  return whole === 0n ? { part: 1n, whole: 1n } : { part: day(end) - day(at), whole };
}

/** Half away from zero. */
function nearest(numerator: bigint, denominator: bigint): bigint {
  const size = numerator < 0n ? -numerator : numerator;
  const whole = (2n * size + denominator) / (2n * denominator);
  return numerator < 0n ? -whole : whole;
}
