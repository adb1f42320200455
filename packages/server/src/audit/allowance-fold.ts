/**
 * Owns the auditor's own account of allowances (L1, L2 of the kernel).
 *
 * V10 a span begins with what the plan includes of it, by its seats. V11 what a call sets aside or uses on top fits in what is left. V12 units
 * that were set aside come back once, by the hold that took them, and what a hold used is what its settlements said.
 */
import type { AllowanceMove, Event, State, Subscription } from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";

interface Count {
  included: bigint;
  used: bigint;
  held: bigint;
  over: bigint;
}

/** What each hold or debit has of each count. */
interface Taken {
  held: bigint;
  used: bigint;
  over: bigint;
}

const begins: ReadonlySet<Event["kind"]> = new Set([
  "subscription.started",
  "subscription.renewed",
  "subscription.granted",
  "subscription.resumed",
]);

/** Allowances of one workspace, as the journal has told of them. Mutable. */
export class AllowanceFold {
  readonly #counts = new Map<string, Count>();
  readonly #taken = new Map<string, Map<string, Taken>>();

  fold(event: Event): void {
    if ("subscription" in event) this.#follow(event.subscription, begins.has(event.kind));
    if (event.kind === "hold.expired")
      for (const one of event.holds) {
        this.#move(one.hold, one.units);
        this.#ended(one.hold);
      }
    if (event.kind === "usage.refunded") return this.#move(event.of, event.units);
    if (event.kind === "usage.debited") {
      this.#move(event.debit, event.units);
      return this.#ended(event.debit);
    }
    if (event.kind === "hold.opened") return this.#move(event.hold, event.units);
    if (event.kind === "hold.settled") {
      this.#measured(event.hold, event);
      return event.isFinal ? this.#ended(event.hold) : undefined;
    }
    if (event.kind === "hold.released") {
      this.#move(event.hold, event.units);
      return this.#ended(event.hold);
    }
    return undefined;
  }

  /** The kernel has the same, of what it still knows. */
  compare({ allowances }: State): void {
    for (const { id, included, used, held, over } of allowances.counts.values()) {
      const own = this.#counts.get(id);
      expect(own !== undefined, "K6 the kernel knows the same allowances", () => id);
      expectEqual(included, own.included, `K6 what ${id} includes`);
      expectEqual(used, own.used, `K6 used of ${id}`);
      expectEqual(held, own.held, `K6 held of ${id}`);
      expectEqual(over, own.over, `K6 used past ${id}`);
    }
    for (const [id, { held }] of this.#counts)
      expect(
        held === 0n || allowances.counts.get(id) !== undefined,
        "K6 the kernel knows what is held",
        () => id,
      );
  }

  #follow(subscription: Subscription, isBegun: boolean): void {
    const {
      id: subscriptionId,
      plan,
      seats,
      period,
      grants,
      status,
      allowances = [],
    } = subscription;
    if (status !== "active" && status !== "trialing") return;
    const start = grants?.since ?? period.start;
    const end = grants?.ends[0] ?? period.end;
    if (isBegun)
      expect(
        allowances.length === (plan.allowances ?? []).length,
        "V10 a span has the allowances of its plan",
        () => subscriptionId,
      );
    for (const { meter, bucket, isLevel, included } of allowances) {
      const id = `${subscriptionId} ${start} ${meter} ${bucket}${isLevel === true ? " level" : ""}`;
      const terms = plan.allowances?.find((one) => one.meter === meter && one.bucket === bucket);
      if (isBegun && terms !== undefined) {
        const times = terms.per === "seat" ? BigInt(seats) : 1n;
        const time = isLevel === true ? BigInt(end - start) : 1n;
        expectEqual(included, terms.included * times * time, `V10 ${id} begins whole`);
      }
      const before = this.#counts.get(id) ?? { included, used: 0n, held: 0n, over: 0n };
      this.#counts.set(id, { ...before, included });
    }
  }

  #measured(
    hold: string,
    {
      units: moves = [],
      usage,
      outcome,
    }: Pick<Extract<Event, { readonly kind: "hold.settled" }>, "units" | "usage" | "outcome">,
  ): void {
    this.#move(hold, moves);
    // Whoever knows no usage, or a rule for the outcome, decides without it.
    if (usage === null || outcome != null) return;
    for (const { bucket, used, over } of moves)
      expectEqual(used + over, BigInt(usage[bucket] ?? 0), `V12 ${hold} used what it says`);
  }

  #move(of: string, moves: readonly AllowanceMove[] = []): void {
    for (const { count: id, held, used, over } of moves) {
      const count = this.#counts.get(id);
      expect(count !== undefined, "units are taken of an allowance that there is", () => id);
      count.held += held;
      count.used += used;
      count.over += over;
      expect(
        held + used <= 0n || count.held + count.used <= count.included,
        "V11 what is taken of an allowance fits in it",
        () => `${of}: ${count.held} held and ${count.used} used of ${count.included}`,
      );
      const taken = this.#taken.get(of) ?? new Map<string, Taken>();
      const before = taken.get(id) ?? { held: 0n, used: 0n, over: 0n };
      const after = {
        held: before.held + held,
        used: before.used + used,
        over: before.over + over,
      };
      expect(
        after.held >= 0n && after.used >= 0n && after.over >= 0n,
        "V12 units come back once, by the call that took them",
        () => `${of}: ${after.held} held and ${after.used} used`,
      );
      this.#taken.set(of, taken.set(id, after));
    }
  }

  #ended(of: string): void {
    for (const [id, { held }] of this.#taken.get(of) ?? [])
      expectEqual(held, 0n, `V12 ${of} has ended and holds nothing of ${id}`);
  }
}
