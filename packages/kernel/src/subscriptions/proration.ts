/**
 * Owns what a part of a period is worth (FINANCE, section 6): one fraction, of the whole period, for money and for credits.
 *
 * P1 the fraction is time left by time of the period, in milliseconds or in calendar days; where a plan prorates nothing, a
 * change costs and gives nothing before the next period. P2 one rounding a line.
 */
import { type Credits, type Money, credits, money } from "../amount.ts";
import type { Calendar, Instant } from "../instant.ts";
import type { Fraction } from "../invoices/line.ts";
import { half } from "../rounding.ts";
import type { Subscription } from "./subscription.ts";

/** What is left of the period at an instant of it. */
export function timeLeft(
  { plan, period, timeZone }: Pick<Subscription, "plan" | "period" | "timeZone">,
  at: Instant,
  calendar: Calendar,
): Fraction {
  const { start, end } = period;
  switch (plan.proration) {
    case "second":
      return { part: BigInt(end - at), whole: BigInt(end - start) };
    case "day": {
      const day = (instant: Instant): bigint => BigInt(calendar.dayNumber(instant, timeZone));
      const whole = day(end) - day(start);
      return whole === 0n ? { part: 1n, whole: 1n } : { part: day(end) - day(at), whole };
    }
    case "none":
      return { part: 0n, whole: 1n };
  }
}

/** The time of the grant that is running: the period, unless the plan grants more often. */
export const grantSpan = ({
  plan,
  timeZone,
  period,
  grants,
}: Subscription): Pick<Subscription, "plan" | "period" | "timeZone"> =>
  grants === null
    ? { plan, timeZone, period }
    : {
        plan,
        timeZone,
        period: { index: period.index, start: grants.since, end: grants.ends[0] ?? period.end },
      };

/** R1 of that part of an amount. */
export const proratedMoney = (amount: Money, { part, whole }: Fraction): Money =>
  money(half(amount * part, whole));

/** R1 of that part, in whole steps. */
export const proratedCredits = (
  amount: Credits,
  { part, whole }: Fraction,
  step: Credits,
): Credits => credits(half(amount * part, whole * step) * step);
