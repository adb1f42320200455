/**
 * Owns what of unused credits goes on into the next period (FINANCE, E10; RULES 10), how many there are, and how long they live there.
 */
import { type Credits, beyond, credits, least, minus, noCredits, total } from "../amount.ts";
import type { Calendar, Instant } from "../instant.ts";
import { claimedOn } from "../pool/clawback.ts";
import { Draft } from "../pool/draft.ts";
import type { Lot } from "../pool/lot.ts";
import { moneyMoved, rolledLot } from "../pool/rolled-lot.ts";
import { liveLots } from "../pool/slice.ts";
import { half } from "../rounding.ts";
import type { State } from "../state/state.ts";
import { isPrepaid, isTermOver } from "./drawdown.ts";
import type { CreditsRolledOver } from "./events.ts";
import { grantEndAfter } from "./grant-series.ts";
import { indexed } from "./lot-ids.ts";
import { periodAt } from "./period.ts";
import type { Rollover } from "./plan.ts";
import type { Subscription } from "./subscription.ts";

/** Credits that roll at the end of a period: those that it included, or what was prepaid for the term that ends with it. */
export interface Rolling {
  readonly of: "included" | "prepaid";
  readonly rollover: Rollover;
  readonly lots: readonly string[];
  /** That there were at first. */
  readonly whole: Credits;
  /** The subscription, once they have rolled. */
  readonly after: Subscription;
}

/** What rolls before the lots of the period, or of a grant within it, expire: one after the other, until nothing does. */
export function rollsNext(
  subscription: Subscription,
  { isPeriodOver }: { readonly isPeriodOver: boolean },
): Rolling | undefined {
  if (subscription.status !== "active") return undefined;
  if (!isPeriodOver) return includedRolling(subscription);
  if (subscription.atEnd !== "renew") return undefined;
  return includedRolling(subscription) ?? prepaidRolling(subscription);
}

function includedRolling(subscription: Subscription): Rolling | undefined {
  const { plan, isRolled, lots, included: whole } = subscription;
  const rollover = plan.included?.rollover ?? null;
  if (rollover === null || isRolled) return undefined;
  return { of: "included", rollover, lots, whole, after: { ...subscription, isRolled: true } };
}

function prepaidRolling(subscription: Subscription): Rolling | undefined {
  const { plan, drawdown } = subscription;
  const rollover = plan.drawdown?.rollover ?? null;
  if (rollover === null || drawdown === undefined) return undefined;
  if (drawdown.isRolled || !isTermOver(subscription)) return undefined;
  const after = { ...subscription, drawdown: { ...drawdown, isRolled: true } };
  return { of: "prepaid", rollover, lots: drawdown.lots, whole: drawdown.credits, after };
}

/** What goes on into the next period; all else of these lots expires in the same event, so that R3 splits their money. */
export function rollOver(
  state: State,
  subscription: Subscription,
  { rolling, at, calendar }: { rolling: Rolling; at: Instant; calendar: Calendar },
): CreditsRolledOver {
  const { rollover } = rolling;
  const open = liveLots(state.pool, rolling.lots);
  const before = lotsRolledBefore(state, subscription, { of: rolling.of, at });
  const quota = rolloverQuota(rollover, rolling.whole, before);
  const parts = rolloverParts(open, quota);
  const leave = (draft: Draft): void => {
    for (const lot of open) {
      const rolled = parts.find((part) => part.lot === lot)?.credits;
      if (rolled !== undefined) draft.move(lot.id, "available", "moved", rolled);
      draft.put({ ...draft.lot(lot.id), phase: "expired" });
      draft.move(lot.id, "available", "expired", draft.lot(lot.id).available);
    }
  };
  // Drafted twice: what moves must be priced before the lots that take it over can be made.
  const priced = new Draft(state.pool);
  leave(priced);
  const { transfers } = priced.finish();
  const tag = rolling.of === "prepaid" ? "d" : "";
  const expiresAt = rolledUntil(subscription, rolling, calendar);
  const lots = parts.map(({ lot, credits: granted }, index) =>
    rolledLot(lot, {
      id: `grt_${subscription.id.slice(4)}${indexed(subscription.begun)}${tag}r${index + 1}`,
      granted,
      cost: moneyMoved(transfers, lot.id),
      since: at,
      expiresAt,
    }),
  );
  const draft = new Draft(state.pool);
  leave(draft);
  for (const lot of lots) draft.put(lot);
  draft.payDebts();
  return {
    kind: "credits.rolled_over",
    at,
    subscription: rolling.after,
    from: open.map(({ id }) => id),
    ...owedTo(state, open, {
      quota: minus(quota, total(parts.map((part) => part.credits))),
      expiresAt,
    }),
    lots,
    ...draft.finish(),
  };
}

/** When what rolls is over: so many periods later, or grants where credits come more often. */
function rolledUntil(
  { anchor, plan, timeZone, period, grants }: Subscription,
  { of, rollover: { periods } }: Rolling,
  calendar: Calendar,
): Instant {
  const every = plan.included?.every ?? null;
  if (of === "prepaid" || grants === null || every === null)
    return periodAt(period.index + periods, { anchor, cadence: plan.cadence, timeZone }, calendar)
      .end;
  return grantEndAfter({ anchor, plan, timeZone, period, grants }, { every, periods }, calendar);
}

/** Lots of credits that rolled at the end of earlier periods, and are not over now. */
const lotsRolledBefore = (
  { pool }: State,
  { id }: Subscription,
  { of, at }: { of: Rolling["of"]; at: Instant },
): readonly Lot[] =>
  [...pool.lots.values()].filter(
    (lot) =>
      lot.source === "rollover" &&
      lot.phase === "live" &&
      isPrepaid(lot) === (of === "prepaid") &&
      lot.id.startsWith(`grt_${id.slice(4)}`) &&
      (lot.expiresAt === null || lot.expiresAt > at),
  );

/** What calls in flight hold rolls when it returns, as far as the quota goes (RULES 9). */
function owedTo(
  { pool }: State,
  lots: readonly Lot[],
  { quota, expiresAt }: { quota: Credits; expiresAt: Instant },
): Pick<CreditsRolledOver, "owed"> {
  let left = quota;
  const owed = lots.flatMap((lot) => {
    const part = least(beyond(lot.held, claimedOn(pool.clawbacks.values(), lot)), left);
    left = minus(left, part);
    return part === 0n ? [] : [{ lot: lot.id, rollover: { quota: part, expiresAt, made: 0 } }];
  });
  return owed.length === 0 ? {} : { owed };
}

/** The most that may roll, of a period that included so many credits, beside what had rolled before. */
function rolloverQuota(
  { shareBps, amountMax, balanceMax }: Rollover,
  included: Credits,
  rolledBefore: readonly Lot[],
): Credits {
  const share = credits(half(included * BigInt(shareBps), 10_000n));
  const before = rolledBefore.reduce((sum, lot) => sum + lot.available + lot.held, 0n);
  const room = balanceMax === null || balanceMax > before ? (balanceMax ?? share) - before : 0n;
  const bounds = [share, amountMax ?? share, balanceMax === null ? share : credits(room)];
  return bounds.reduce(least);
}

/** Takes the quota from lots in their order. */
function rolloverParts(
  lots: readonly Lot[],
  quota: Credits,
): readonly { readonly lot: Lot; readonly credits: Credits }[] {
  let left = quota;
  return lots.flatMap((lot) => {
    const part = least(lot.available, left);
    left = credits(left - part);
    return part === noCredits ? [] : [{ lot, credits: part }];
  });
}
