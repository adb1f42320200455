/**
 * Owns how a settlement is undone (RULES 13): outstanding debt first, then what was billed, then lots last consumed first. Credits of a lot that
 * expired come back as a new lot with that leg's money; those of a revoked lot count as revoked, without money.
 */
import { unitsOnLines } from "../allowances/lines.ts";
import { unitsRefunded } from "../allowances/settle.ts";
import { type Credits, credits, least, money, noCredits, noMoney } from "../amount.ts";
import { unbill } from "../billed/bill.ts";
import type { BilledUsage } from "../billed/terms.ts";
import { type Decision, accept, reject } from "../decision.ts";
import { corrections, countable } from "../holds/counted.ts";
import type { Charge, Hold } from "../holds/hold.ts";
import { pastSaid } from "../holds/past.ts";
import { type Instant, after } from "../instant.ts";
import { linesMade } from "../invoices/gather.ts";
import { Draft } from "../pool/draft.ts";
import { plainFinance, taxLeft } from "../pool/finance.ts";
import { type Lot, invoicedAs, newLot } from "../pool/lot.ts";
import { half } from "../rounding.ts";
import { goOnIn } from "../runs/counting.ts";
import { type State, workspaceOf } from "../state/state.ts";
import { withClawedBack } from "../subscriptions/clawed-back.ts";

/** Undoes a settlement, in part or whole (null: all that is left). */
export interface Refund {
  readonly kind: "refund";
  readonly refund: string;
  readonly of: string;
  readonly credits: Credits | null;
  readonly reason: string | null;
  readonly recalled: Hold | null;
}

/** A lot made for credits whose own lot is over lives at least this long. */
const newLotLifeMs = 30 * 24 * 60 * 60 * 1_000;

/** Returns credits of a settlement or debit to where they came from; never more than was charged. */
export function refund(state: State, command: Refund, at: Instant): Decision {
  if (workspaceOf(state) === undefined) return reject({ code: "unknown_workspace" });
  const known = state.holds.holds.get(command.of);
  const hold = known ?? command.recalled ?? undefined;
  if (hold === undefined) return reject({ code: "unknown_hold", hold: command.of });
  if (command.credits === 0n)
    return reject({
      code: "invalid_request",
      field: "credits",
      reason: "A refund returns more than 0 credits.",
    });
  const left = credits(hold.charged - hold.refunded - beyondBill(state, hold));
  const asked = command.credits ?? left;
  // What is refunded whole gives back what it used of allowances, also where it cost no credits.
  const units = asked === left ? unitsRefunded(state, hold) : [];
  if (asked > left || (asked === 0n && units.length === 0))
    return reject({ code: "refund_exceeds_charge", of: hold.id, left });
  const draft = new Draft(state.pool);
  const debt = least(asked, state.pool.debts.get(hold.id)?.credits ?? noCredits);
  if (debt > 0n) draft.owe(hold.id, -debt);
  const billed = takeOffBill(state, hold, credits(asked - debt));
  const amount = credits(asked - debt + (billed?.credits ?? 0n));
  const undone = undo(draft, hold, { amount, refund: command.refund, at });
  draft.payDebts();
  const refundedInTotal = credits(hold.refunded + asked);
  const target = countable(hold.status, { charged: hold.charged, refunded: refundedInTotal }, hold);
  return accept({
    kind: "usage.refunded",
    at,
    refund: command.refund,
    of: hold.id,
    path: hold.path,
    meter: hold.meter,
    model: hold.model,
    project: hold.project,
    attributes: hold.attributes,
    credits: asked,
    reason: command.reason,
    debt,
    ...(billed === undefined ? {} : { billed }),
    ...undone,
    counts: corrections(state.limits, hold.counted, target, at),
    ...pastSaid(
      state.limits,
      hold,
      {
        status: hold.status,
        charged: (billed?.credits ?? 0n) - debt,
        overage: hold.overage,
      },
      at,
    ),
    ...goOnIn(state.runs, hold, { status: hold.status, target }),
    ...unitsOnLines(state, units, { at, billed }),
    refundedInTotal,
    recalled: known === undefined ? hold : null,
    ...withClawedBack(state.invoices, draft.finish(), linesMade(state.invoices, billed?.accrual)),
  });
}

/** Billed in a period of which the bill is no longer known: that is for a credit note of its invoice. */
const beyondBill = (state: State, { billed }: Hold): bigint =>
  billed === undefined || state.billed.totals.get(billed.key) !== undefined
    ? 0n
    : billed.credits - billed.refunded;

/** What was billed comes off the bill, in the open period; an issued invoice never changes. */
function takeOffBill(state: State, { billed }: Hold, wanted: Credits): BilledUsage | undefined {
  if (billed === undefined) return undefined;
  const part = least(wanted, credits(billed.credits - billed.refunded));
  return part === 0n ? undefined : unbill(state, billed.key, part);
}

function undo(
  draft: Draft,
  hold: Hold,
  { amount, refund: id, at }: { amount: Credits; refund: string; at: Instant },
): { charges: readonly { index: number; lot: string; credits: Credits }[]; lots: readonly Lot[] } {
  const charges: { index: number; lot: string; credits: Credits }[] = [];
  const lots: Lot[] = [];
  let left: bigint = amount;
  for (let index = hold.charges.length - 1; index >= 0 && left > 0n; index -= 1) {
    const charge = hold.charges[index];
    if (charge === undefined) break;
    const part = least(credits(charge.credits - charge.refunded), credits(left));
    if (part === 0n) continue;
    left -= part;
    charges.push({ index, lot: charge.lot, credits: part });
    const name = `grt_${id.slice(4)}${lots.length || ""}`;
    const kept = draft.clawBack(hold, charge.lot, "consumed", part);
    if (kept === 0n) continue;
    const made = putBack(draft, charge, { part: kept, id: name, at, before: lots });
    if (made !== undefined) lots.push(made);
  }
  return { charges, lots };
}

function putBack(
  draft: Draft,
  charge: Charge,
  { part, id, at, before }: { part: Credits; id: string; at: Instant; before: readonly Lot[] },
): Lot | undefined {
  const lot = draft.lot(charge.lot);
  switch (lot.phase) {
    case "pending":
    case "live":
      draft.move(lot.id, "consumed", "available", draft.payRevoke(lot.id, "consumed", part));
      return undefined;
    case "revoked":
      draft.move(lot.id, "consumed", "revoked", part, { carried: noMoney });
      return undefined;
    case "expired": {
      const granted = draft.payRevoke(lot.id, "consumed", part);
      if (granted === 0n) return undefined;
      const upTo = (refunded: bigint): bigint => half(charge.money * refunded, charge.credits);
      const whole = charge.refunded + part;
      const carried = money(upTo(whole) - upTo(whole - granted));
      draft.move(lot.id, "consumed", "moved", granted, { carried });
      const siblings = before.filter((one) => one.finance?.origin === lot.id);
      const moved = siblings.reduce<bigint>((sum, one) => sum + one.cost, lot.posted.moved);
      const tax = money(taxLeft(lot, moved) - taxLeft(lot, moved + carried));
      const made = replacement(lot, { id, granted, cost: carried, tax, at });
      draft.put(made);
      return made;
    }
  }
}

const replacement = (
  lot: Lot,
  {
    id,
    granted,
    cost,
    tax,
    at,
  }: { id: string; granted: Credits; cost: Lot["cost"]; tax: Lot["cost"]; at: Instant },
): Lot =>
  newLot({
    id,
    source: "adjustment",
    priority: lot.priority,
    granted,
    cost,
    grantedAt: at,
    effectiveAt: at,
    expiresAt: after(at, newLotLifeMs),
    appliesTo: lot.appliesTo,
    reference: lot.id,
    ...invoicedAs(lot),
    // What nobody paid for is not paid back either; what a bank takes back it takes here too.
    finance: {
      ...plainFinance,
      tax,
      isUnpaid: lot.finance?.isUnpaid ?? false,
      escheats: lot.finance?.escheats ?? false,
      origin: lot.id,
    },
  });
