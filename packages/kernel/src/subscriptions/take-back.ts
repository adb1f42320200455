/**
 * Owns what a change gives back (FINANCE, E12; RULES 15): time that was paid for, less what the credits are worth that were
 * granted for it and are gone. Where these carry no money of their own (ratable), their worth stands in for their cost (`charge.ts`, G2).
 * Credits that another lot took over count there alone, with what they are worth.
 *
 * B1 credits are taken from available ones of the plan's own lots alone, the latest lot first, and never below zero. B2 what is
 * given back is the prorated difference less R1(cost * missing / granted) of these lots, and never below 0. B3 what is left
 * deferred, of access and lots together, is shared anew; the lots' series run anew from there (RULES 14). B4 where more is given
 * back than is deferred (days count as earned when they begin, and credits that were used may have paid for seats), the rest is
 * revenue that is taken back: nothing is deferred below 0. B5 what is missing and held is claimed: it is taken when it returns, and
 * credited then. Access and lots are shared as if it had been taken already, and what will be credited for it waits on its lots.
 */
import {
  type Credits,
  type Money,
  beyond,
  credits,
  least,
  minus,
  money,
  noCredits,
  total,
} from "../amount.ts";
import type { Calendar, Instant } from "../instant.ts";
import { type Clawback, claimedOf, creditedAt } from "../pool/clawback.ts";
import { type Lot, deferred, movedWorth, worthOf } from "../pool/lot.ts";
import { modify } from "../revenue/allocate.ts";
import { half, split } from "../rounding.ts";
import type { State } from "../state/state.ts";
import type { Change, Terms } from "./change.ts";
import { type LineDraft, accessValue, creditsValue } from "./charge.ts";
import { promised } from "./grant-series.ts";
import { liveLots } from "../pool/slice.ts";
import { deferredAt } from "./recognise.ts";
import type { Subscription } from "./subscription.ts";

/** What becomes of one lot of the plan. */
export interface RebasedLot {
  readonly lot: Lot;
  /** Taken back. */
  readonly credits: Credits;
  /** What it defers afterwards. */
  readonly left: Money;
}

/** What a change takes and gives back. */
export interface TakenBack {
  readonly lots: readonly RebasedLot[];
  /** To the customer; below zero: from it, where the change costs something all the same. */
  readonly back: Money;
  /** Of that, revenue that is taken back (B4). */
  readonly unearned: Money;
  /** Added to what access defers; below zero where it is taken from it. */
  readonly access: Money;
  /** Of that, money of grants that were still to come. */
  readonly toCome: Money;
  /** For the credits that the change adds. */
  readonly added: Money;
  /** What credits that are gone are worth, as a line; none where nothing is missing. */
  readonly lines: readonly LineDraft[];
  /** What it takes later, of what is held; left out where nothing is. */
  readonly clawback?: Clawback;
}

/** Works it out; nothing is changed. */
export function takeBack(
  state: State,
  before: Subscription,
  to: Terms,
  { net, fewer, more, fraction, at, calendar }: Change & { at: Instant; calendar: Calendar },
): TakenBack {
  const lots = liveLots(state.pool, before.lots);
  const taken = takeFrom(lots, fewer);
  const missing = minus(fewer, credits(taken.reduce((sum, one) => sum + one.credits, 0n)));
  const worth = net < 0n ? goneWorth(lots, missing, -net) : 0n;
  const held = heldBack(state, lots, missing);
  const claim = claimOf(state, before, lots, { at, missing, owed: total(held), net });
  const later = claim === undefined ? 0n : creditedAt(claim, claim.owed) - creditedAt(claim, 0n);
  const part = (value: bigint): bigint => half(value * fraction.part, fraction.whole);
  const access = part(accessValue(to.plan, to.seats));
  // Credits that were still to come are no more: their money is shared with the rest.
  const toCome = promised(before.grants);
  const parts = [
    ...taken.map(({ lot, credits: amount }, index) => ({
      key: lot.id,
      deferred: deferred(lot),
      // Shared as if what is held and claimed were gone already: its own money waits with it, apart.
      ssp: valueOf(before, to, credits(lot.available - amount + lot.held - (held[index] ?? 0n))),
    })),
    { key: "added", deferred: 0n, ssp: creditsValue(to.plan, more) },
  ];
  const isWorthless = access === 0n && parts.every(({ ssp }) => ssp === 0n);
  const accessBefore = deferredAt(before, at, calendar) + toCome;
  const whole = parts.reduce((sum, one) => sum + one.deferred, accessBefore);
  const lacking = (price: bigint): bigint => (whole + price < 0n ? -(whole + price) : 0n);
  const unearned = lacking(net + worth);
  const shared = net + worth - later;
  const waiting = later + unearned - lacking(shared);
  const waits = claim === undefined ? [] : split(waiting, held);
  const [toAccess, ...toParts] = modify("prospective", shared + lacking(shared), [
    {
      key: "access",
      deferred: accessBefore,
      ssp: isWorthless ? 1n : access,
      addedSsp: 0n,
    },
    ...parts.map((one) => ({ ...one, addedSsp: 0n })),
  ]);
  return {
    lots: taken.map((one, index) => ({
      ...one,
      left: money((toParts[index]?.deferred ?? 0n) + (waits[index] ?? 0n)),
    })),
    ...(claim === undefined ? {} : { clawback: claim }),
    back: money(-(net + worth)),
    unearned: money(unearned),
    access: money(toAccess?.change ?? 0n),
    toCome,
    added: money(toParts.at(-1)?.deferred ?? 0n),
    lines: worth === 0n ? [] : [usedLine(before, lots, { missing, worth, at })],
  };
}

/** B1. */
function takeFrom(
  lots: readonly Lot[],
  wanted: Credits,
): readonly { readonly lot: Lot; readonly credits: Credits }[] {
  let left = wanted;
  return lots
    .toReversed()
    .map((lot) => {
      const part = least(lot.available, left);
      left = minus(left, part);
      return { lot, credits: part };
    })
    .toReversed();
}

/** B5: of each lot, what is held and would be taken were it not; the latest lot first. */
function heldBack({ pool }: State, lots: readonly Lot[], missing: Credits): readonly Credits[] {
  let left: Credits = missing;
  let earlier: Credits = claimedOf(pool.clawbacks.values(), (id) =>
    lots.find((one) => one.id === id),
  );
  return lots
    .toReversed()
    .map((lot) => {
      const free = beyond(lot.held, lot.owedRevoke);
      const part = least(beyond(free, earlier), left);
      earlier = beyond(earlier, free);
      left = minus(left, part);
      return part;
    })
    .toReversed();
}

function claimOf(
  { pool }: State,
  { id, plan, period }: Subscription,
  lots: readonly Lot[],
  { at, missing, owed, net }: { at: Instant; missing: Credits; owed: Credits; net: Money },
): Clawback | undefined {
  if (owed === 0n) return undefined;
  const stem = `clb_${id.slice(4)}_${at}`;
  let count = 1;
  while (pool.clawbacks.get(`${stem}_${count}`) !== undefined) count += 1;
  return {
    id: `${stem}_${count}`,
    subscription: id,
    plan: plan.name,
    since: period.start,
    at,
    price: money(net < 0n ? -net : 0n),
    ...paidFor(lots),
    lots: lots.map((lot) => lot.id),
    missing,
    owed,
    returned: noCredits,
  };
}

/** B2. */
function goneWorth(lots: readonly Lot[], missing: Credits, most: bigint): bigint {
  const { cost, granted } = paidFor(lots);
  if (missing === noCredits || granted === 0n) return 0n;
  const worth = half(cost * missing, granted);
  return worth < most ? worth : most;
}

/** The credits of these lots and what they are worth, each counted on the lot that has it. */
function paidFor(lots: readonly Lot[]): { readonly cost: Money; readonly granted: Credits } {
  let cost = 0n;
  for (const lot of lots) {
    const stayed = worthOf(lot) - movedWorth(lot);
    // A change may have given a lot more than it cost, and that went along.
    if (stayed > 0n) cost += stayed;
  }
  return { cost: money(cost), granted: total(lots.map((lot) => minus(lot.granted, lot.moved))) };
}

/** By the new plan; one without credits says nothing of those that are left, so by the old one. */
const valueOf = (before: Subscription, to: Terms, amount: Credits): bigint =>
  creditsValue(to.plan.included === null ? before.plan : to.plan, amount);

function usedLine(
  { plan, period }: Subscription,
  lots: readonly Lot[],
  { missing, worth, at }: { missing: Credits; worth: bigint; at: Instant },
): LineDraft {
  const { cost, granted } = paidFor(lots);
  return {
    kind: "used_credits",
    about: plan.name,
    from: period.start,
    to: at,
    quantity: missing,
    unitPrice: null,
    fraction: null,
    basis: { cost, credits: granted },
    amount: money(worth),
    account: "CustomerBalance",
    key: null,
  };
}
