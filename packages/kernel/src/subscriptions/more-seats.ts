/** Owns seats that are added where credits come by the month of a longer period: some now, and more with each grant to come. */
import { credits, money, noMoney } from "../amount.ts";
import type { SubscriptionChanged } from "./events.ts";
import type { Calendar, Instant } from "../instant.ts";
import { numbered } from "../invoices/gather.ts";
import { worthOn } from "../pool/lot.ts";
import type { State } from "../state/state.ts";
import { half } from "../rounding.ts";
import { grantAll } from "./begin-period.ts";
import { booking, changeAt, sharesOf, worthOfMore } from "./change.ts";
import { type Changed, addedLot, changed, nothingTaken } from "./change-now.ts";
import { includedCredits, isRatable } from "./charge.ts";
import { grantsToCome } from "./grant-series.ts";
import type { PeriodGrants, Subscription } from "./subscription.ts";

/** Adds seats to a period whose credits come in several grants. */
export function addSeats(
  state: State,
  before: Subscription & { readonly grants: PeriodGrants },
  { to, next }: Changed,
  now: { readonly at: Instant; readonly calendar: Calendar },
): SubscriptionChanged {
  const { grants } = before;
  const each = includedCredits(to.plan, to.seats);
  const added = credits(each - before.included);
  const ofGrant = changeAt(before, to, now);
  const { more } = ofGrant;
  const all = credits(more + added * BigInt(grantsToCome(grants)));
  const change = { ...ofGrant, more: all };
  const shares = sharesOf(before, to, { ...change, ...now, takenOver: nothingTaken });
  const cost = money(all === 0n ? 0n : half(shares.lot * more, all));
  const worths = isRatable(to.plan) ? worthOfMore(before, to, { ...change, ...now }) : noMoney;
  const worth = money(all === 0n ? 0n : half(worths * more, all));
  const made = {
    granted: more,
    cost,
    worth,
    ...now,
    to,
    expiresAt: grants.ends[0] ?? before.period.end,
  };
  const lots = more === 0n ? [] : [addedLot(state, before, made)];
  const left = money(grants.left + shares.lot - (more === 0n ? 0n : cost));
  const deferred = shares.access + left - grants.left;
  return {
    kind: "subscription.changed",
    at: now.at,
    subscription: {
      ...changed(before, { to, next }, { lots, access: shares.access, now }),
      grants: { ...grants, each, left, ...worthOn(money((grants.worth ?? 0n) + worths - worth)) },
    },
    lots,
    lines: numbered(state.invoices, change.lines),
    booked: [...booking("Receivable", change.net), ...booking("Deferred:Access", -deferred)],
    invoice: null,
    ...grantAll(state, lots),
  };
}
