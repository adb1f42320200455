/** The oracle's reading of money that is given back, taken or estimated anew. */
import type { Command } from "@cistern/kernel";
import { type Ledger, type OracleLot, round, share, sum } from "./ledger.ts";
import { type Verdict, accepted, no } from "./verdict.ts";

type Of<Kind extends Command["kind"]> = Extract<Command, { readonly kind: Kind }>;

/** A grant's lot, and that of its bonus. */
export function addSold(
  ledger: Ledger,
  lot: Parameters<Ledger["add"]>[0],
  { bonus, payment, breakage, escheats = false }: Of<"grant">,
): void {
  const tax = payment?.tax ?? 0n;
  const weights =
    bonus === undefined
      ? [1n, 0n]
      : bonus.ssp === null
        ? [lot.granted, bonus.credits]
        : [lot.cost, bonus.ssp];
  const costs = share(lot.cost, weights);
  const taxes = share(tax, weights);
  const estimate = breakage === undefined ? null : BigInt(breakage);
  const isUnpaid = payment?.kind === "compensation";
  const made = ledger.add({ ...lot, cost: costs[0] ?? 0n });
  Object.assign(made, {
    tax: taxes[0],
    breakage: estimate,
    isUnpaid,
    escheats,
    bonus: bonus?.grant ?? null,
  });
  if (bonus === undefined) return;
  const extra = ledger.add({
    ...lot,
    id: bonus.grant,
    granted: bonus.credits,
    cost: costs[1] ?? 0n,
  });
  Object.assign(extra, { tax: taxes[1], breakage: estimate });
}

const isOver = ({ phase }: OracleLot): boolean => phase === "expired" || phase === "revoked";

/** What was paid for a lot and neither went back nor elsewhere; goodwill may have come before the state took the rest. */
function leftOf(lot: OracleLot): bigint {
  const back = lot.repaid + lot.goodwill + lot.disputed;
  const left = lot.cost - lot.money.moved - lot.unclaimed - back;
  return lot.isUnpaid || left < 0n ? 0n : left;
}

export function repay(ledger: Ledger, { grant, credits, goodwill }: Of<"repay">): Verdict {
  const lot = ledger.lots.find((one) => one.id === grant);
  if (lot === undefined) return no("unknown_grant");
  if (credits === 0n || goodwill === 0n) return no("invalid_request");
  const unused = isOver(lot) ? 0n : lot.parts.available;
  const asked = goodwill === null ? (credits ?? unused) : 0n;
  if (asked > unused) return no("revoke_exceeds_grant", { left: unused });
  const gone = lot.granted - lot.parts.available - lot.parts.held;
  const before = sum(Object.values(lot.money));
  const own =
    asked === 0n || lot.cost === 0n
      ? 0n
      : ledger.postedAt(lot, gone + asked, lot.parts.consumed) - before;
  const left = leftOf(lot);
  const back = own + (goodwill ?? 0n);
  if (left === 0n || back > left || (asked === 0n && goodwill === null))
    return no("repayment_exceeds_payment", { left });
  ledger.move(lot, ["available", "revoked"], asked);
  lot.goodwill += goodwill ?? 0n;
  lot.repaid += own;
  if (goodwill === null) lot.taxBack = taxAt(lot, lot.repaid);
  return accepted;
}

export function chargeBack(ledger: Ledger, { grant }: Of<"chargeBack">): Verdict {
  const lot = ledger.lots.find((one) => one.id === grant);
  if (lot === undefined) return no("unknown_grant");
  const sold = [lot];
  for (const one of sold)
    sold.push(
      ...ledger.lots.filter(
        (other) => !sold.includes(other) && (other.id === one.bonus || other.origin === one.id),
      ),
    );
  if (sold.every((one) => leftOf(one) === 0n)) return no("repayment_exceeds_payment", { left: 0n });
  for (const one of sold) {
    one.disputed += leftOf(one);
    one.taxBack = taxAt(one, one.repaid + one.goodwill + one.disputed);
    end(ledger, one);
  }
  return accepted;
}

export function escheat(ledger: Ledger, { grant }: Of<"escheat">): Verdict {
  const lot = ledger.lots.find((one) => one.id === grant);
  if (lot === undefined) return no("unknown_grant");
  if (isOver(lot)) return no("grant_over");
  lot.isStates = true;
  end(ledger, lot);
  return accepted;
}

export function reviseBreakage(ledger: Ledger, command: Of<"reviseBreakage">): Verdict {
  const lot = ledger.lots.find((one) => one.id === command.grant);
  if (lot === undefined) return no("unknown_grant");
  if (isOver(lot)) return no("grant_over");
  if (command.breakage !== null && lot.escheats) return no("invalid_request");
  lot.breakage = command.breakage === null ? null : BigInt(command.breakage);
  const gone = lot.granted - lot.parts.available - lot.parts.held;
  const posted = sum(Object.values(lot.money));
  lot.money.consumed += ledger.postedAt(lot, gone, lot.parts.consumed) - posted;
  return accepted;
}

function end(ledger: Ledger, lot: OracleLot): void {
  if (isOver(lot)) return;
  lot.phase = "revoked";
  lot.owed = 0n;
  ledger.move(lot, ["available", "revoked"], lot.parts.available);
}

/** Of the tax of a lot, what goes along when money moves to another lot, as the last of so much that has moved. */
export const taxAlong = (lot: OracleLot, moving: bigint, moved: bigint): bigint => {
  const stays = (gone: bigint): bigint =>
    lot.tax === 0n || lot.cost === 0n ? lot.tax : round(lot.tax * (lot.cost - gone), lot.cost);
  return stays(moved - moving) - stays(moved);
};

const taxAt = (lot: OracleLot, returned: bigint): bigint =>
  lot.tax === 0n || lot.cost === 0n ? lot.tax : round(lot.tax * returned, lot.cost);
