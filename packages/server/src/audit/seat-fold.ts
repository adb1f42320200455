/**
 * Owns the audit of seats (T1 to T3 of the kernel): who has one, by what the events said, is never more than what is paid for, and is who
 * the kernel says.
 */
import type { Event, State, Subscription } from "@cistern/kernel";
import { expect } from "./fault.ts";

/** Who has a seat, as the events said. Mutable. */
export class SeatFold {
  readonly #seated = new Set<string>();
  #live: Subscription | undefined;

  fold(event: Event): void {
    if (event.kind === "member.deactivated" || event.kind === "member.updated") {
      const ends = event.kind === "member.deactivated";
      for (const { member, freesSeat = false } of [event, ...(ends ? (event.keys ?? []) : [])]) {
        const has = this.#seated.has(member.id);
        const isRight = ends ? freesSeat === has : !freesSeat || has;
        expect(isRight, "T2 a seat is of an active member", () => member.id);
        if (freesSeat) this.#seated.delete(member.id);
      }
    }
    if (event.kind === "seat.assigned") this.#seated.add(event.seat.member);
    if (event.kind === "seat.released")
      expect(
        this.#seated.delete(event.seat.member),
        "T2 a seat is taken back from who has it",
        () => event.seat.member,
      );
    if ("subscription" in event) this.#follow(event.subscription);
    if ("seatFor" in event && event.seatFor !== undefined) this.#seated.add(event.seatFor);
    if ("seat" in event)
      expect(
        event.assigned === this.#seated.size,
        "T1 the event says how many are assigned",
        () => `${event.assigned} of ${this.#seated.size}`,
      );
    const most = Math.min(this.#live?.seats ?? 0, this.#planned() ?? Infinity);
    expect(
      this.#seated.size <= most,
      "T1 no more seats are assigned than are paid for",
      () => `${this.#seated.size} of ${most}`,
    );
  }

  /** The kernel has the same. */
  compare({ seats: { seats } }: State): void {
    const said = [...seats.values()].map(({ member }) => member).toSorted();
    expect(
      said.join() === [...this.#seated].toSorted().join(),
      "K6 the kernel knows the same seats",
      () => said.join(),
    );
  }

  #planned(): number | undefined {
    const next = this.#live?.next ?? null;
    return next === null || next.plan.seats === null ? undefined : next.seats;
  }

  /** T3; of one that ended before, revenue is still to come. */
  #follow(after: Subscription): void {
    const isLive = this.#live?.id === after.id;
    if (after.status === "ended" && !isLive) return;
    if (after.status === "ended" || after.plan.seats === null) this.#seated.clear();
    this.#live = after.status === "ended" ? undefined : after;
  }
}
