/** Owns whose seat a member spends on: the rung `seat_required`, and how many seats may be assigned. */
import type { Member, Path } from "../members/member.ts";
import type { Rejection } from "../rejections.ts";
import type { State } from "../state/state.ts";
import type { SeatTerms } from "../subscriptions/plan.ts";
import type { Subscription } from "../subscriptions/subscription.ts";

/** Why a member may not spend without a seat; undefined where it may. A guest counts as a person. */
export function seatMissing(
  { subscriptions, members, seats: { seats } }: State,
  { member, sponsors }: Path,
): Rejection | undefined {
  const plan = subscriptions.live.row?.plan;
  if (plan === undefined || plan.seats === null || !plan.seats.isRequired) return undefined;
  const kind = members.members.get(member)?.kind ?? "person";
  const on = takesSeat(plan.seats, kind) ? [member] : sponsors;
  if (on.some((one) => seats.get(one) !== undefined)) return undefined;
  return { code: "seat_required", member, plan: plan.name };
}

/** Whether members of a kind take seats of their own. */
export const takesSeat = ({ counts = persons }: SeatTerms, kind: Member["kind"]): boolean =>
  counts.includes(kind);

const persons: readonly Member["kind"][] = ["person"];

/** The most that may be assigned: what is paid for, and will be in the next period that is planned (T1). */
export const assignable = ({ seats, next }: Subscription): number =>
  next === null || next.plan.seats === null ? seats : Math.min(seats, next.seats);
