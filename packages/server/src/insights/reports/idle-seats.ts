/**
 * Owns which seats nobody uses. A seat is used by its member and by what acts for it without a seat of its own; one that was
 * assigned lately counts from then. What giving all of them up would save goes by the plan: it has a fee a seat and a least number of seats.
 */
import { type Member, type Plan, type Seat, periodPrice } from "@cistern/kernel";

/** A seat without use for so many days. */
export interface IdleSeat {
  readonly member: string;
  readonly since: number;
  /** undefined: not in the time that was looked at. */
  readonly lastUsedAt: number | undefined;
  readonly idleDays: number;
}

/** Idle seats, the longest idle first, and what they cost a period: minor units of the plan's currency. */
export interface IdleSeats {
  readonly seats: readonly IdleSeat[];
  readonly fee: bigint;
  /** What a period costs less with so many seats fewer. */
  readonly saving: bigint;
}

const dayMs = 24 * 60 * 60 * 1_000;

/** Everybody whose use is use of a seat: its member, and all that it sponsors which has none. */
export function usersOfSeats(
  seats: readonly Seat[],
  sponsored: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, string> {
  const holders = new Set(seats.map(({ member }) => member));
  const seatOf = new Map<string, string>();
  for (const holder of holders) {
    const waiting = [holder];
    for (let user = waiting.pop(); user !== undefined; user = waiting.pop()) {
      seatOf.set(user, holder);
      for (const other of sponsored.get(user) ?? [])
        if (!holders.has(other) && !seatOf.has(other)) waiting.push(other);
    }
  }
  return seatOf;
}

/** Seats that were not used for `days` days before `now`. `lastUsed`: by the member of the seat. */
export function idleSeats(
  plan: Plan,
  paid: number,
  seats: readonly Seat[],
  asked: {
    readonly lastUsed: ReadonlyMap<Member["id"], number>;
    readonly now: number;
    readonly days: number;
  },
): IdleSeats {
  const idle = seats
    .map(({ member, since }) => {
      const lastUsedAt = asked.lastUsed.get(member);
      const from = Math.max(since, lastUsedAt ?? since);
      return { member, since, lastUsedAt, idleDays: Math.floor((asked.now - from) / dayMs) };
    })
    .filter(({ idleDays }) => idleDays >= asked.days)
    .toSorted((a, b) => b.idleDays - a.idleDays || (a.member < b.member ? -1 : 1));
  const least = Math.max(plan.seats?.minimum ?? 0, paid - idle.length);
  return {
    seats: idle,
    fee: plan.seats?.fee.amount ?? 0n,
    saving: periodPrice(plan, paid) - periodPrice(plan, Math.min(paid, least)),
  };
}
