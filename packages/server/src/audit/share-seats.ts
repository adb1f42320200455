/**
 * Owns who sits where in the shares of a pool, as the events said (FAIRNESS 1.10, RULES 3 and 32): a paid seat, or without seats in the
 * plan each registered person, weighs 1000; what acts for a member divides its weight with it; all others share the guests' seat.
 *
 * Mutable.
 */
import type { Event, Member, MemberTerms, Subscription } from "@cistern/kernel";
import type { SeatPlan } from "./share-node.ts";

/** Thousandths of one seat. */
const oneSeat = 1_000n;
export const guests = "guests";

const guestSeat: SeatPlan = {
  id: guests,
  parent: "workspace",
  weight: oneSeat,
  guarantee: 0n,
  reach: oneSeat,
};

/** See the file head. */
export class ShareSeats {
  readonly #members = new Map<string, Member>();
  /** Who has ever acted for somebody. */
  readonly #acting = new Map<string, Set<string>>();
  readonly #seats = new Set<string>();
  readonly #terms = new Map<string, MemberTerms>();
  /** What is guaranteed to groups, by node. */
  readonly #ofGroups = new Map<string, bigint>();
  #live: Subscription | undefined;

  get live(): Subscription | undefined {
    return this.#live;
  }

  /** Takes what an event says of members, seats and plans. */
  note(event: Event): void {
    if (event.kind === "member.updated" || event.kind === "member.deactivated") {
      const keys = event.kind === "member.deactivated" ? (event.keys ?? []) : [];
      for (const { member, freesSeat } of [event, ...keys]) {
        this.#meet(member);
        if (freesSeat === true) this.#seats.delete(member.id);
      }
    }
    if ("guest" in event && event.guest !== null) this.#meet(event.guest);
    if (event.kind === "member_terms.updated") this.#terms.set(event.terms.member, event.terms);
    if (event.kind === "group_terms.updated")
      this.#ofGroups.set(`group:${event.terms.group}`, event.terms.guarantee);
    if (event.kind === "seat.assigned") this.#seats.add(event.seat.member);
    if (event.kind === "seat.released") this.#seats.delete(event.seat.member);
    if ("subscription" in event) this.#follow(event.subscription);
    if ("seatFor" in event && event.seatFor !== undefined) this.#seats.add(event.seatFor);
  }

  #meet(member: Member): void {
    this.#members.set(member.id, member);
    if (member.sponsor === null) return;
    const others = this.#acting.get(member.sponsor);
    if (others === undefined) this.#acting.set(member.sponsor, new Set([member.id]));
    else others.add(member.id);
  }

  /** Of one that ended before, revenue is still to come. */
  #follow(after: Subscription): void {
    const isLive = this.#live?.id === after.id;
    if (after.status === "ended" && !isLive) return;
    if (after.status === "ended" || after.plan.seats === null) this.#seats.clear();
    this.#live = after.status === "ended" ? undefined : after;
  }

  member(id: string): Member | undefined {
    return this.#members.get(id);
  }

  /** Who has a seat of its own. */
  isSeated(id: string): boolean {
    const member = this.#members.get(id);
    if (member === undefined || member.status === "inactive" || member.isGuest) return false;
    return (this.#live?.plan.seats ?? null) === null
      ? member.kind === "person"
      : this.#seats.has(id);
  }

  get seated(): readonly string[] {
    return [...this.#members.keys()].filter((id) => this.isSeated(id));
  }

  reachOf(id: string): bigint {
    return BigInt(this.#terms.get(id)?.reach ?? 1_000);
  }

  /** The seat of one member, with all that act for it. */
  plansOf(id: string, parent = this.parentOf(id), weight = oneSeat): readonly SeatPlan[] {
    const guarantee = this.#terms.get(id)?.guarantee ?? 0n;
    const own: SeatPlan = {
      id: `member:${id}`,
      parent,
      weight,
      guarantee,
      reach: this.reachOf(id),
    };
    // Nobody is left without weight.
    const acting = this.#actingFor(id).slice(0, Number(weight) - 1);
    if (acting.length === 0) return [own];
    const heads = BigInt(acting.length + 1);
    const weights = [id, ...acting].map(
      (_, index) => weight / heads + (BigInt(index) < weight % heads ? 1n : 0n),
    );
    const itself: SeatPlan = {
      id: `own:${id}`,
      parent: own.id,
      weight: weights[0] ?? 0n,
      guarantee: 0n,
      reach: oneSeat,
    };
    const others = acting.flatMap((one, index) =>
      this.plansOf(one, own.id, weights[index + 1] ?? 0n),
    );
    return [own, itself, ...others];
  }

  parentOf(id: string): string {
    const home = this.#members.get(id)?.home ?? null;
    return home === null ? "workspace" : `group:${home}`;
  }

  #actingFor(id: string): readonly string[] {
    return [...(this.#acting.get(id) ?? [])]
      .flatMap((one) => this.#members.get(one) ?? [])
      .filter((one) => one.sponsor === id && one.status === "active" && !this.isSeated(one.id))
      .map((one) => one.id)
      .toSorted();
  }

  /** All who are there. `isGuestThere`: a guest comes along just now. */
  plans(isGuestThere: boolean): readonly SeatPlan[] {
    const { seated } = this;
    const groups = new Map<string, bigint>();
    for (const id of seated) {
      const parent = this.parentOf(id);
      if (parent !== "workspace") groups.set(parent, (groups.get(parent) ?? 0n) + oneSeat);
    }
    const nodes = [...groups].map(([id, weight]) => {
      const guarantee = this.#ofGroups.get(id) ?? 0n;
      return { ...guestSeat, id, weight, guarantee };
    });
    const hasGuests = isGuestThere || [...this.#members.keys()].some((id) => this.#isGuest(id));
    return [
      ...nodes,
      ...seated.flatMap((id) => this.plansOf(id)),
      ...(hasGuests ? [guestSeat] : []),
    ];
  }

  /** The seat of who comes in the middle of a period: what acts for it shares that until the next. */
  newcomer(id: string): SeatPlan {
    const [own = guestSeat] = this.plansOf(id);
    return { ...own, guarantee: 0n };
  }

  get guestSeat(): SeatPlan {
    return guestSeat;
  }

  /** Active, and neither it nor anybody it acts for has a seat. */
  #isGuest(id: string): boolean {
    if (this.#members.get(id)?.status !== "active") return false;
    return !this.chainOf(id).some((one) => this.isSeated(one));
  }

  /** A member, and those that it acts for. */
  chainOf(id: string): readonly string[] {
    const chain: string[] = [];
    for (let one: string | null = id; one !== null && !chain.includes(one);) {
      chain.push(one);
      one = this.#members.get(one)?.sponsor ?? null;
    }
    return chain;
  }
}

/** Whose place an event may change. */
export function movedBy(event: Event): readonly string[] {
  if (event.kind === "member.updated") return [event.member.id];
  if (event.kind === "member.deactivated")
    return [event.member.id, ...(event.keys ?? []).map(({ member }) => member.id)];
  if (event.kind === "seat.assigned" || event.kind === "seat.released") return [event.seat.member];
  return "seatFor" in event && event.seatFor !== undefined ? [event.seatFor] : [];
}
