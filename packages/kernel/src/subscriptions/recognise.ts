/**
 * Owns revenue of access that was paid in advance: day by day, posted at the end of each calendar month (FINANCE, E9.1).
 *
 * N1 what is recognised of a part is that of its days gone (`revenue/ratable.ts`): so the last month closes it.
 */
import { type Money, money, noMoney } from "../amount.ts";
import { type Calendar, type Instant, instant } from "../instant.ts";
import { recognisedAfter } from "../revenue/ratable.ts";
import type { AccessPart, Subscription } from "./subscription.ts";

/** What a part has earned by an instant. */
function earnedBy(
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
  return money(recognisedAfter({ total, whole }, day(at) - day(start)));
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

/** What was paid for access and is not earned by an instant, whatever of it was posted yet. */
export const deferredAt = (
  { access, timeZone }: Subscription,
  at: Instant,
  calendar: Calendar,
): bigint =>
  access.reduce((sum, part) => sum + part.total - earnedBy(part, at, { calendar, timeZone }), 0n);

/** The subscription with its access changed by an amount from an instant on: what was earned before stays where it was. */
export function withAccessFrom(
  subscription: Subscription,
  change: Money,
  { at, calendar }: { at: Instant; calendar: Calendar },
): Subscription {
  const { timeZone, period } = subscription;
  if (change >= 0n)
    return withAccess(subscription, { total: change, start: at, end: period.end }, calendar);
  const left = money(deferredAt(subscription, at, calendar) + change);
  const earned = subscription.access
    .map((part) => ({ ...part, total: earnedBy(part, at, { calendar, timeZone }), end: at }))
    .filter(({ total, recognised }) => total !== recognised);
  const rest = { total: left, start: at, end: period.end };
  return withAccess({ ...subscription, access: earned }, rest, calendar);
}

const monthEnd = (at: Instant, timeZone: string, calendar: Calendar): Instant =>
  instant(calendar.window("month", at, timeZone).end);
