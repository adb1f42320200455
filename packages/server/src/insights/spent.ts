import type { Event, Instant } from "@cistern/kernel";

/** Usage as events tell it: who, what, and when. */
export interface Spent {
  readonly member: string;
  readonly sponsor: string | null;
  readonly credits: bigint;
  readonly model: string | null;
  readonly network: string | null;
  readonly at: Instant;
}

const dayMs = 24 * 60 * 60 * 1_000;
const microPerCredit = 1_000_000;

/** What an event says was used; undefined of all that is no use, or was told more than a day late. */
export function spentIn(event: Event): Spent | undefined {
  if (event.kind !== "hold.settled" && event.kind !== "usage.debited") return undefined;
  if (event.charged <= 0n) return undefined;
  if (event.kind === "usage.debited" && event.occurredAt < event.at - dayMs) return undefined;
  return {
    member: event.path.member,
    sponsor: event.path.sponsors[0] ?? null,
    credits: event.charged,
    model: event.model,
    network: event.attributes?.["network"] ?? null,
    at: event.at,
  };
}

/** Every spender whose row an event may change. */
export function spendersIn(event: Event): readonly string[] {
  if (event.kind === "hold.expired") return event.holds.map(({ member }) => member);
  if (event.kind === "member.deactivated")
    return [event.member.id, ...(event.keys ?? []).map(({ member }) => member.id)];
  if (event.kind === "member.updated") return [event.member.id];
  if (event.kind === "alert.raised" || event.kind === "alert.reviewed")
    return [event.alert.subject.id];
  if (event.kind === "member_terms.updated") return [event.terms.member];
  if (!("path" in event)) return [];
  return [event.path.member, ...event.path.sponsors.slice(0, 1)];
}

/** Credits as a number, for statistics. */
export const asAmount = (credits: bigint): number => Number(credits) / microPerCredit;
