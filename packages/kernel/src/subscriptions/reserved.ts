/**
 * Owns what reserved capacity of a plan brings: a rate that is guaranteed (`limits/reserve.ts`), and a share of the credits that come
 * with the plan, which is set aside for one group.
 *
 * A1 what is set aside is a lot of its own that is restricted to the group (RULES 33): nobody else can use it, whatever they do. A2 its
 * cost is shared with the rest by R3. A3 the rate is there in periods that are paid for: a trial and a pause have none.
 */
import { type Credits, credits, least, minus, money, noCredits, noMoney } from "../amount.ts";
import { type Reserve, reserveId } from "../limits/reserve.ts";
import { type Lot, worthOn } from "../pool/lot.ts";
import { split } from "../rounding.ts";
import type { State } from "../state/state.ts";
import type { Plan } from "./plan.ts";
import type { Subscription } from "./subscription.ts";

/** What is reserved now; undefined where nothing is. */
export const reserveNow = ({ subscriptions }: State): Reserve | undefined =>
  reserveOf(subscriptions.live.row);

/** What a subscription has reserved (A3). Another version begins with all of its rate. */
export function reserveOf(subscription: Subscription | undefined): Reserve | undefined {
  if (subscription?.status !== "active") return undefined;
  const { reserved, version } = subscription.plan;
  if (reserved === undefined) return undefined;
  return { key: `${reserveId}@${version}`, group: reserved.group, rule: reserved.rate };
}

/** A lot of a plan: as it is, or the share of it that is set aside and the rest. */
export function setAside(whole: Lot, { reserved }: Plan): readonly Lot[] {
  if (reserved === undefined || reserved.group === null) return [whole];
  const { worth: all = noMoney, ...lot } = whole;
  const share = shareOf(lot.granted, reserved.shareBps);
  const rest = minus(lot.granted, share);
  if (share === noCredits) return [whole];
  const [cost = 0n, left = 0n] = split(lot.cost, [share, rest]);
  const [worth = 0n, worthLeft = 0n] = split(all, [share, rest]);
  const appliesTo = { groups: [reserved.group] };
  const apart = { ...lot, id: `${lot.id}s`, appliesTo, granted: share, available: share };
  const own: Lot = { ...apart, cost: money(cost), ...worthOn(money(worth)) };
  if (rest === noCredits) return [own];
  const others = { ...lot, granted: rest, available: rest };
  return [own, { ...others, cost: money(left), ...worthOn(money(worthLeft)) }];
}

const shareOf = (amount: Credits, shareBps: number): Credits =>
  least(credits((amount * BigInt(shareBps)) / 10_000n), amount);
