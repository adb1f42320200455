/**
 * Owns on which terms a workspace was when, and what follows from time alone: the shares of base fee, seats and reserved capacity
 * in revenue of access, and what the vendor's platform cost.
 *
 * T1 access that is recognised is of the plans and fees of the time since the last recognition, in proportion to what each cost
 * in that time (R3). T2 what a platform costs runs by the millisecond through its period; of a span it is the difference of R1
 * at its ends, so that spans add up.
 */
import { type Event, type Plan, type Subscription, half, split } from "@cistern/kernel";
import { lengthOf } from "../days.ts";

/** A time on one plan with one number of seats, within one period. */
interface Stretch {
  readonly plan: Plan;
  readonly seats: number;
  readonly isTrial: boolean;
  readonly from: number;
  readonly to: number;
  /** The period; of a trial, one of the plan's that began with it. */
  readonly start: number;
  readonly lengthMs: number;
}

/** What a fee's part of something is. */
export interface FeeShare {
  readonly plan: string;
  readonly component: "base_fee" | "seat_fees" | "reserved_capacity";
  readonly amount: bigint;
}

/** Reads the terms of one workspace, event by event. Mutable. */
export class Terms {
  readonly #from: (zone: string) => number;
  readonly #to: (zone: string) => number;
  /** By plan, of those that say what their platform costs. */
  readonly platform = new Map<string, Record<"base_fee" | "seat_fees", bigint>>();
  #current: Subscription | undefined;
  #since = 0;
  #plan = "";
  #weights = new Map<string, FeeShare>();

  /** `from` and `to`: the span whose platform cost is asked, as instants of a zone. */
  constructor(from: (zone: string) => number, to: (zone: string) => number) {
    this.#from = from;
    this.#to = to;
  }

  /** The plan that the workspace is on, or was on last; empty before the first. */
  get plan(): string {
    return this.#plan;
  }

  /** Whether that plan pays for outcomes. */
  get hasOutcomes(): boolean {
    return (this.#current?.plan.outcomes.length ?? 0) > 0;
  }

  /** Takes the terms that an event leaves. */
  note(event: Event): void {
    if (!("subscription" in event)) return;
    const { subscription: after, at } = event;
    this.#pass(at);
    // Revenue of one that ended is recognised while the next one lives.
    if (event.kind === "subscription.recognised" && this.#current?.id !== after.id) return;
    const isSamePeriod = this.#current?.period.start === after.period.start;
    const isLive = after.status === "active" || after.status === "trialing";
    this.#current = isLive ? after : undefined;
    this.#since = isSamePeriod ? at : after.period.start;
    if (isLive) this.#plan = after.plan.name;
  }

  /** T1: the shares of access that is recognised now. */
  recognised(amount: bigint): readonly FeeShare[] {
    const shares = [...this.#weights.values()].filter((share) => share.amount > 0n);
    this.#weights = new Map();
    if (shares.length === 0) return [{ plan: this.#plan, component: "base_fee", amount }];
    const parts = split(
      amount,
      shares.map((share) => share.amount),
    );
    return shares.map((share, index) => ({ ...share, amount: parts[index] ?? 0n }));
  }

  /** Nothing more comes: the period that is running is taken to its end. */
  finish(): void {
    if (this.#current !== undefined) this.#pass(this.#current.period.end);
  }

  #pass(at: number): void {
    const { period, plan, seats, status, timeZone } = this.#current ?? {};
    if (period === undefined || plan === undefined || timeZone === undefined) return;
    const isTrial = status === "trialing";
    const stretch = {
      plan,
      seats: seats ?? 0,
      isTrial,
      from: this.#since,
      to: Math.min(at, period.end),
      start: period.start,
      lengthMs: isTrial
        ? lengthOf(plan.cadence, period.start, timeZone)
        : period.end - period.start,
    };
    if (stretch.to <= stretch.from) return;
    this.#since = stretch.to;
    this.#weigh(stretch);
    this.#cost(stretch, this.#from(timeZone), this.#to(timeZone));
  }

  #weigh({ plan, seats, isTrial, from, to, lengthMs }: Stretch): void {
    if (isTrial) return;
    const weigh = (component: FeeShare["component"], fee: bigint): void => {
      const key = `${component} ${plan.name}`;
      const before = this.#weights.get(key)?.amount ?? 0n;
      const amount = before + (fee * BigInt(to - from) * weightScale) / BigInt(lengthMs);
      this.#weights.set(key, { plan: plan.name, component, amount });
    };
    weigh("base_fee", plan.base?.amount ?? 0n);
    weigh("seat_fees", (plan.seats?.fee.amount ?? 0n) * BigInt(seats));
    weigh("reserved_capacity", plan.reserved?.fee.amount ?? 0n);
  }

  /** T2. */
  #cost(stretch: Stretch, spanFrom: number, spanTo: number): void {
    const { plan, seats, start, lengthMs } = stretch;
    const [from, to] = [Math.max(stretch.from, spanFrom), Math.min(stretch.to, spanTo)];
    if (to <= from) return;
    const { platformCost } = plan;
    if (platformCost === undefined) return;
    const by = (at: number, amount: bigint): bigint =>
      half(amount * BigInt(at - start), BigInt(lengthMs));
    const within = (amount: bigint): bigint => by(to, amount) - by(from, amount);
    const sums = this.platform.get(plan.name) ?? { base_fee: 0n, seat_fees: 0n };
    sums.base_fee += within(platformCost.perPeriod);
    sums.seat_fees += within(platformCost.perSeat * BigInt(seats));
    this.platform.set(plan.name, sums);
  }
}

/** Of weights: what is rounded off is far less than any amount of money. */
const weightScale = 1_000_000_000n;
