/**
 * Owns revenue of access that was paid in advance: day by day, posted at the end of each calendar month (FINANCE, E9.1).
 *
 * N1 what is recognised of a part is R1(total * days gone / its days): so the last month closes it.
 */
import { type Money, money, noMoney } from "../amount.ts";
import { type Calendar, type Instant, instant } from "../instant.ts";
import { half } from "../rounding.ts";
import type { AccessPart, Subscription } from "./subscription.ts";

/** What a part has earned by an instant. */
export function earnedBy(
  { total, start, end }: Pick<AccessPart, "total" | "start" | "end">,
  at: Instant,
  { calendar, timeZone }: { calendar: Calendar; timeZone: string },
): Money {
  if (at >= end) return total;
  if (at <= start) return noMoney;
  const day = (one: Instant): bigint => BigInt(calendar.dayNumber(one, timeZone));
  const whole = day(end) - day(start);
  // What begins and ends on one day is earned with that day.
  if (whole === 0n) return noMoney;
  return money(half(total * (day(at) - day(start)), whole));
}

/** Recognises what is earned by the month's end that is due. */
export function recognise(
  subscription: Subscription,
  at: Instant,
  calendar: Calendar,
): { readonly subscription: Subscription; readonly amount: Money } {
  const { timeZone } = subscription;
  let amount = 0n;
  const access: AccessPart[] = [];
  for (const part of subscription.access) {
    const recognised = earnedBy(part, at, { calendar, timeZone });
    amount += recognised - part.recognised;
    if (recognised !== part.total) access.push({ ...part, recognised });
  }
  const recognisesAt = access.length === 0 ? null : monthEnd(at, timeZone, calendar);
  return { subscription: { ...subscription, access, recognisesAt }, amount: money(amount) };
}

/** The subscription with access that is paid from now on. Parts of the same days are one. */
export function withAccess(
  subscription: Subscription,
  { total, start, end }: Pick<AccessPart, "total" | "start" | "end">,
  calendar: Calendar,
): Subscription {
  if (total === 0n) return subscription;
  const { timeZone } = subscription;
  const day = (one: Instant): number => calendar.dayNumber(one, timeZone);
  const same = subscription.access.find(
    (part) => part.end === end && part.recognised === 0n && day(part.start) === day(start),
  );
  const merged = { total: money(total + (same?.total ?? 0n)), recognised: noMoney, start, end };
  const access = [...subscription.access.filter((part) => part !== same), merged];
  return {
    ...subscription,
    access,
    recognisesAt: subscription.recognisesAt ?? monthEnd(start, timeZone, calendar),
  };
}

/** What was paid and is not earned yet. */
export const deferredAccess = (access: readonly AccessPart[]): bigint =>
  access.reduce((sum, { total, recognised }) => sum + total - recognised, 0n);

const monthEnd = (at: Instant, timeZone: string, calendar: Calendar): Instant =>
  instant(calendar.window("month", at, timeZone).end);
