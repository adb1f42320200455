import { withWholeAllowances } from "../allowances/included.ts";
import { money, noMoney } from "../amount.ts";
import type { SubscriptionGranted } from "./events.ts";
import type { Instant } from "../instant.ts";
import { invoicedAs, worthOn } from "../pool/lot.ts";
import type { State } from "../state/state.ts";
import { grantAll, includedLots, lotsWorth } from "./begin-period.ts";
import { grantsToCome, partOf } from "./grant-series.ts";
import type { PeriodGrants, Subscription } from "./subscription.ts";

/** Makes the grant that is due; what the one before it had left has expired. */
export function grantNext(
  state: State,
  subscription: Subscription,
  grants: PeriodGrants,
  at: Instant,
): SubscriptionGranted {
  const begun = subscription.begun + 1;
  const ends = grants.ends.slice(1);
  const lots = includedLots(
    state,
    { ...subscription, begun },
    {
      amount: grants.each,
      cost: partOf(grants.left, grantsToCome(grants)),
      worth: partOf(grants.worth ?? noMoney, grantsToCome(grants)),
      at,
      expiresAt: ends[0] ?? subscription.period.end,
      ...invoicedAs(state.pool.lots.get(subscription.lots[0] ?? "")),
    },
  );
  const { worth: before = noMoney, ...rest } = grants;
  const cost = lots.reduce((sum, lot) => sum + lot.cost, 0n);
  return {
    kind: "subscription.granted",
    at,
    subscription: withWholeAllowances({
      ...subscription,
      begun,
      lots: lots.map(({ id }) => id),
      grants: {
        ...rest,
        ends,
        since: at,
        left: money(grants.left - cost),
        ...worthOn(money(before - lotsWorth(lots))),
      },
      isRolled: false,
    }),
    lots,
    lines: [],
    booked: cost === 0n ? [] : [{ account: "Deferred:Access", amount: money(cost) }],
    invoice: null,
    ...grantAll(state, lots),
  };
}
