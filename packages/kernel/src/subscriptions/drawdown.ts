/**
 * Owns what is prepaid and drawn down (FINANCE, E15c): a term is bought when it begins, as one lot at the price that was paid, and
 * usage burns it like any other lot, before anything is overage.
 *
 * D1 a term is bought once: it has so many periods, and the period after its last one buys the next. D2 what was bought is never given
 * back nor taken by a change or an end of the subscription: the lot lives until its term is over. D3 a pause keeps a term open: the
 * lot has no end meanwhile, and after it so many periods as the term has left.
 */
import { type Credits, type Money, least, money, noCredits, noMoney } from "../amount.ts";
import type { ProlongedLot, SubscriptionFact } from "./events.ts";
import type { Calendar, Instant } from "../instant.ts";
import { nextInvoiceId } from "../invoices/gather.ts";
import { type Lot, newLot } from "../pool/lot.ts";
import type { State } from "../state/state.ts";
import type { LineDraft } from "./charge.ts";
import { isSameCommitment } from "./committed.ts";
import { periodAt } from "./period.ts";
import type { Drawdown, DrawdownTerm, Plan } from "./plan.ts";
import { indexed, roomFor } from "./lot-ids.ts";
import { setAside } from "./reserved.ts";
import type { DrawdownStanding, Subscription } from "./subscription.ts";

/** What a period that begins does about what is prepaid. */
export interface DrawdownBegun {
  readonly lines: readonly LineDraft[];
  readonly lots: readonly Lot[];
  /** What a term that begins costs. */
  readonly price: Money;
  /** Of that, what no lot carries since the workspace has no room for credits: it is for access. */
  readonly unplaced: Money;
  readonly standing: DrawdownStanding | undefined;
  readonly prolonged: readonly ProlongedLot[];
}

const nothing: DrawdownBegun = {
  lines: [],
  lots: [],
  price: noMoney,
  unplaced: noMoney,
  standing: undefined,
  prolonged: [],
};

/** Buys the next term, or goes on with the one that runs. `from` is as it goes into its period; `granted` comes beside it. */
export function beginDrawdown(
  state: State,
  from: Subscription,
  { at, calendar, granted }: { at: Instant; calendar: Calendar; granted: Credits },
): DrawdownBegun {
  const { plan, period, drawdown: before } = from;
  const terms = plan.drawdown;
  if (terms === undefined) return nothing;
  const isRunning = before !== undefined && before.begun < terms.periods;
  const begun = isRunning ? before.begun + 1 : 1;
  const last = period.index + terms.periods - begun;
  const expiresAt = periodAt(last, { ...from, cadence: plan.cadence }, calendar).end;
  if (isRunning)
    return {
      ...nothing,
      standing: { ...before, begun },
      prolonged: prolong(state, before.lots, expiresAt),
    };
  const term = before === undefined ? 0 : before.term + 1;
  const bought = termOf(terms, term);
  const room = roomFor(state.pool.totals.granted + granted);
  const lot = boughtLot(from, {
    ...bought,
    credits: least(bought.credits, room),
    at,
    expiresAt,
    invoice: nextInvoiceId(state.invoices, from),
  });
  const lots = lot.granted === noCredits ? [] : setAside(lot, plan);
  return {
    lines: [prepayment(from, bought, expiresAt)],
    lots,
    price: bought.price,
    unplaced: lots.length === 0 ? bought.price : noMoney,
    standing: {
      term,
      begun,
      credits: bought.credits,
      lots: lots.map(({ id }) => id),
      isRolled: false,
    },
    prolonged: [],
  };
}

/** The amounts of a term; after the last one they stay. */
function termOf({ terms }: Drawdown, term: number): DrawdownTerm {
  const last = terms.at(-1);
  return terms[term] ?? last ?? { price: noMoney, list: noMoney, credits: noCredits };
}

/** What the next period would cost for what is prepaid, if it went on with a plan. */
export function nextPrepayment(before: Subscription, plan: Plan): Money {
  if (plan.drawdown === undefined) return noMoney;
  const { drawdown } = before;
  const isKept = drawdown !== undefined && isSameCommitment(before.plan, plan);
  if (isKept && !isTermOver(before)) return noMoney;
  return termOf(plan.drawdown, isKept ? drawdown.term + 1 : 0).price;
}

/** Whether the period that runs is the last of its term. */
export const isTermOver = ({ plan, drawdown }: Subscription): boolean =>
  drawdown !== undefined && drawdown.begun >= (plan.drawdown?.periods ?? 0);

/** D3: lots of a term that goes on after a pause have no end until then. */
export const keepOpen = (state: State, { drawdown }: Subscription): readonly ProlongedLot[] =>
  prolong(state, drawdown?.lots ?? [], null);

/** D3, of a subscription that ends in its pause: as if it had been resumed and gone on to the end of the term. */
export function endOpen(
  state: State,
  { plan, timeZone, drawdown }: Subscription,
  at: Instant,
  calendar: Calendar,
): readonly ProlongedLot[] {
  if (drawdown === undefined) return [];
  const left = (plan.drawdown?.periods ?? 0) - drawdown.begun;
  return prolong(state, drawdown.lots, calendar.boundary(at, plan.cadence, left, timeZone));
}

/** As an event says it. */
export const prolonging = (
  prolonged: readonly ProlongedLot[],
): Pick<SubscriptionFact<never>, "prolonged"> => (prolonged.length === 0 ? {} : { prolonged });

function prolong(
  { pool }: State,
  lots: readonly string[],
  expiresAt: Instant | null,
): readonly ProlongedLot[] {
  return lots.flatMap((id) => {
    const lot = pool.lots.get(id);
    return lot?.phase === "live" && lot.expiresAt !== expiresAt ? [{ lot: id, expiresAt }] : [];
  });
}

/** Ids of such lots have a letter behind the number, which those of included credits have not. */
const boughtLot = (
  { id, plan, begun }: Subscription,
  made: { price: Money; credits: Credits; at: Instant; expiresAt: Instant; invoice: string },
): Lot =>
  newLot({
    id: `grt_${id.slice(4)}${indexed(begun)}d`,
    source: "plan",
    priority: plan.drawdown?.priority ?? 0,
    granted: made.credits,
    cost: made.price,
    grantedAt: made.at,
    effectiveAt: made.at,
    expiresAt: made.expiresAt,
    reference: id,
    ...(made.price === 0n ? {} : { invoiced: { invoice: made.invoice } }),
  });

/** Whether a lot of a subscription was prepaid, or rolled on from one that was. */
export const isPrepaid = ({ id }: Lot): boolean => /[0-9]ds?(?:r[0-9]+)?(?:h[0-9]+)?$/u.test(id);

const prepayment = (
  { plan, period }: Subscription,
  { price, list, credits }: DrawdownTerm,
  to: Instant,
): LineDraft => ({
  kind: "prepayment",
  about: plan.name,
  from: period.start,
  to,
  quantity: credits,
  unitPrice: null,
  list,
  fraction: null,
  amount: money(price),
  account: "Receivable",
  key: null,
});
