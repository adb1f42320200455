import {
  type Credits,
  type Money,
  beyond,
  credits,
  creditsMax,
  least,
  minus,
  money,
  noCredits,
  noMoney,
  plus,
} from "../amount.ts";
import { datedBack } from "../closing/slice.ts";
import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import { claimedOn } from "../pool/clawback.ts";
import { Draft } from "../pool/draft.ts";
import type { Payment } from "../pool/events.ts";
import { plainFinance } from "../pool/finance.ts";
import {
  type GrantSource,
  type Lot,
  type Restriction,
  afterTransfer,
  newLot,
} from "../pool/lot.ts";
import { cardInForce } from "../rating/card-in-force.ts";
import { hasMeter } from "../rating/rate-card.ts";
import type { Rejection } from "../rejections.ts";
import { allocate } from "../revenue/allocate.ts";
import { isBreakage } from "../revenue/breakage.ts";
import { type State, workspaceOf } from "../state/state.ts";
import { feeAbove } from "./invoice.ts";
import { notAShare, stateTakes } from "./lot-money.ts";

/** Credits that come with a purchase, as a lot of their own. */
export interface Bonus {
  readonly grant: string;
  readonly credits: Credits;
  /** What the bonus would cost alone, beside the `cost` of the grant; null shares the cost by credits. */
  readonly ssp: Money | null;
}

/** Adds credits. */
export interface Grant {
  readonly kind: "grant";
  readonly grant: string;
  readonly credits: Credits;
  readonly source: GrantSource;
  readonly cost: Money;
  /** null: the workspace's. */
  readonly currency: string | null;
  readonly priority: number;
  /** null: now. */
  readonly effectiveAt: Instant | null;
  readonly expiresAt: Instant | null;
  readonly appliesTo: Restriction | null;
  readonly reference: string | null;
  /** A second lot that comes with a purchase and takes its share of the cost. */
  readonly bonus?: Bonus;
  /** Left out: invoiced, without tax. */
  readonly payment?: Payment;
  /** Basis points expected never to be used; left out: none recognised before the lot ends. */
  readonly breakage?: number;
  /** What expires of it is owed to the state; left out: it is breakage. */
  readonly escheats?: boolean;
}

/** Takes credits back; null: all that is left, and the lot is over. */
export interface Revoke {
  readonly kind: "revoke";
  readonly grant: string;
  readonly credits: Credits | null;
}

/** Adds a lot; what it makes available pays debts first (RULES 12). */
export function grant(state: State, command: Grant, at: Instant, around: Surroundings): Decision {
  const { currency } = workspaceOf(state) ?? { currency: "" };
  if (command.currency !== null && command.currency !== currency)
    return reject({ code: "currency_mismatch", given: command.currency, expected: currency });
  if (command.credits === 0n)
    return reject({
      code: "invalid_request",
      field: "credits",
      reason: "A grant adds more than 0 credits.",
    });
  const bonusCredits = command.bonus?.credits ?? noCredits;
  if (state.pool.totals.granted + command.credits + bonusCredits > creditsMax)
    return reject({
      code: "invalid_request",
      field: "credits",
      reason: "A workspace is granted at most 10^12 credits in all.",
    });
  if (command.cost < 0n)
    return reject({
      code: "invalid_request",
      field: "cost",
      reason: "A grant's cost is not negative.",
    });
  const unsellable = refuseSale(command);
  if (unsellable !== undefined) return reject(unsellable);
  const effectiveAt = command.effectiveAt ?? at;
  if (command.expiresAt !== null && command.expiresAt <= (effectiveAt > at ? effectiveAt : at))
    return reject({
      code: "invalid_request",
      field: "expiresAt",
      reason: "A grant expires after it is effective, and in the future.",
    });
  const { createdAt } = workspaceOf(state) ?? { createdAt: at };
  const dated = datedBack(state.closing, { effectiveAt, createdAt, at });
  if (dated.kind === "closed") return reject(dated.rejection);
  const card = cardInForce(state, around);
  const meter = command.appliesTo?.meters?.find((id) => !hasMeter(card, id));
  if (meter !== undefined) return reject({ code: "unknown_meter", meter });
  const group = command.appliesTo?.groups?.find((id) => state.members.groups.get(id) === undefined);
  if (group !== undefined) return reject({ code: "unknown_group", group });
  const { lot, bonus } = sold(command, invoiced(command, lotOf(command, at, effectiveAt)));
  const draft = new Draft(state.pool);
  draft.put(lot);
  if (bonus !== undefined) draft.put(bonus);
  if (lot.phase === "live") draft.payDebts();
  const { payment } = command;
  const { transfers, balance } = draft.finish();
  // What pays debt recognises revenue, and that is done now (RULES 12).
  const isDatedBack = dated.postedAt !== undefined && transfers.length === 0;
  return accept({
    kind: "credits.granted",
    at,
    ...(isDatedBack ? { postedAt: dated.postedAt } : {}),
    lot,
    ...(bonus === undefined ? {} : { bonus }),
    ...(payment === undefined ? {} : { payment }),
    transfers,
    balance,
  });
}

/** Takes credits back; what is held follows when it returns (RULES 9). */
export function revoke(state: State, command: Revoke, at: Instant): Decision {
  const lot = state.pool.lots.get(command.grant);
  if (lot === undefined) return reject({ code: "unknown_grant", grant: command.grant });
  const isOver = lot.phase === "expired" || lot.phase === "revoked";
  const owed = plus(lot.owedRevoke, claimedOn(state.pool.clawbacks.values(), lot));
  const left = isOver ? noCredits : plus(lot.available, beyond(lot.held, owed));
  const asked = command.credits ?? left;
  if (asked === 0n && command.credits !== null)
    return reject({
      code: "invalid_request",
      field: "credits",
      reason: "A revoke takes more than 0 credits.",
    });
  if (isOver || asked > left) return reject({ code: "revoke_exceeds_grant", grant: lot.id, left });
  const now = least(asked, lot.available);
  const later = minus(asked, now);
  const draft = new Draft(state.pool);
  const isWhole = command.credits === null;
  const marked: Lot = isWhole
    ? { ...lot, phase: "revoked", owedRevoke: noCredits }
    : { ...lot, owedRevoke: credits(lot.owedRevoke + later) };
  draft.put(marked);
  draft.move(lot.id, "available", "revoked", now);
  const { transfers, balance } = draft.finish();
  return accept({
    kind: "credits.revoked",
    at,
    lot: lot.id,
    credits: now,
    owed: later,
    isWhole,
    left: transfers.reduce(afterTransfer, marked),
    transfers,
    balance,
  });
}

/** What no sale can be. */
function refuseSale({ bonus, payment, breakage, escheats, cost }: Grant): Rejection | undefined {
  const invalid = (field: string, reason: string): Rejection => ({
    code: "invalid_request",
    field,
    reason,
  });
  if (bonus?.credits === 0n) return invalid("bonus", "A bonus adds more than 0 credits.");
  if ((bonus?.ssp ?? 0n) < 0n) return invalid("bonus", "A stand-alone price is not negative.");
  if (breakage !== undefined && !isBreakage(breakage)) return notAShare;
  if (breakage !== undefined && escheats === true) return stateTakes;
  if (payment === undefined) return undefined;
  const { kind, tax, fee } = payment;
  if (tax < 0n || fee < 0n) return invalid("tax", "Tax and fee are not negative.");
  if (fee > 0n && kind !== "received")
    return invalid("fee", "A fee is kept of money that was received.");
  if (fee > cost + tax) return feeAbove(cost + tax);
  if (tax > 0n && (kind === "compensation" || cost === 0n))
    return invalid("tax", "Tax is paid on what was sold.");
  if (kind === "compensation" && bonus !== undefined)
    return invalid("bonus", "A bonus comes with what was sold.");
  return undefined;
}

/** What is not said to be paid is owed on an invoice that is not ours. */
const invoiced = ({ payment }: Grant, lot: Lot): Lot =>
  lot.cost > 0n && (payment === undefined || payment.kind === "invoiced")
    ? { ...lot, invoiced: { invoice: null } }
    : lot;

/** The lot of a sale, with its bonus: they share cost (E8) and tax by R3. */
export function sold(
  terms: Pick<Grant, "bonus" | "payment" | "breakage" | "escheats">,
  lot: Lot,
): { readonly lot: Lot; readonly bonus?: Lot } {
  const { bonus, payment, breakage = null, escheats = false } = terms;
  const tax = payment?.tax ?? noMoney;
  const isUnpaid = payment?.kind === "compensation";
  if (bonus === undefined) {
    if (tax === 0n && !isUnpaid && breakage === null && !escheats) return { lot };
    return { lot: { ...lot, finance: { ...plainFinance, tax, isUnpaid, breakage, escheats } } };
  }
  const weights = bonus.ssp === null ? [lot.granted, bonus.credits] : [lot.cost, bonus.ssp];
  const costs = shared(lot.cost, weights);
  const taxes = shared(tax, weights);
  const finance = { ...plainFinance, breakage, escheats };
  return {
    lot: { ...lot, cost: costs[0], finance: { ...finance, tax: taxes[0], bonus: bonus.grant } },
    bonus: {
      ...lot,
      id: bonus.grant,
      granted: bonus.credits,
      available: bonus.credits,
      cost: costs[1],
      finance: { ...finance, tax: taxes[1] },
    },
  };
}

const shared = (whole: Money, weights: readonly bigint[]): readonly [Money, Money] => {
  const [first] = allocate(
    whole,
    weights.map((ssp, index) => ({ key: `${index}`, ssp })),
  );
  const part = money(first?.amount ?? 0n);
  return [part, money(whole - part)];
};

/** A restriction that names nothing restricts nothing. */
const isRestricting = ({ members, groups, meters }: Restriction): boolean =>
  members !== undefined || groups !== undefined || meters !== undefined;

const lotOf = (command: Grant, at: Instant, effectiveAt: Instant): Lot =>
  newLot({
    id: command.grant,
    source: command.source,
    priority: command.priority,
    granted: command.credits,
    cost: command.cost,
    grantedAt: at,
    effectiveAt,
    expiresAt: command.expiresAt,
    appliesTo:
      command.appliesTo !== null && isRestricting(command.appliesTo) ? command.appliesTo : null,
    reference: command.reference,
  });
