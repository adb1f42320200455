import { type BalanceLot, type Grant, printCredits, printInstant } from "@cistern/contract";
import {
  type Lot,
  type LotFinance,
  type Position,
  type Transfer,
  afterTransfer,
  givenBack,
} from "@cistern/kernel";

/** A grant as it is told. The lot knows no currency: it is the workspace's. */
export function grantBody(lot: Lot, currency: string, at: Position): Grant {
  return {
    id: lot.id,
    credits: printCredits(lot.granted),
    ...counters(lot),
    source: lot.source,
    cost: { amount: lot.cost.toString(), currency },
    priority: lot.priority,
    effectiveAt: printInstant(lot.effectiveAt),
    ...(lot.expiresAt === null ? {} : { expiresAt: printInstant(lot.expiresAt) }),
    ...(lot.appliesTo === null ? {} : { appliesTo: lot.appliesTo }),
    ...(lot.reference === null ? {} : { reference: lot.reference }),
    ...(lot.finance === undefined ? {} : particulars(lot.finance, currency)),
    at,
  };
}

/** What is particular about its money, where it is so. */
function particulars(finance: LotFinance, currency: string): Partial<Grant> {
  const { bonus, tax, breakage, escheats } = finance;
  const back = givenBack(finance);
  return {
    ...(bonus === null ? {} : { bonus }),
    ...(tax === 0n ? {} : { tax: { amount: tax.toString(), currency } }),
    ...(breakage === null ? {} : { breakageBps: breakage }),
    ...(escheats ? { escheats } : {}),
    ...(back === 0n ? {} : { givenBack: { amount: back.toString(), currency } }),
  };
}

/** A lot in a balance. */
export function balanceLot(lot: Lot): BalanceLot {
  return {
    id: lot.id,
    source: lot.source,
    priority: lot.priority,
    granted: printCredits(lot.granted),
    ...counters(lot),
    effectiveAt: printInstant(lot.effectiveAt),
    ...(lot.expiresAt === null ? {} : { expiresAt: printInstant(lot.expiresAt) }),
    ...(lot.appliesTo === null ? {} : { appliesTo: lot.appliesTo }),
  };
}

/** A new lot after the transfers of the event that brought it: debt was paid from it at once. */
export function lotAfter(lot: Lot, transfers: readonly Transfer[]): Lot {
  return transfers.filter((one) => one.lot === lot.id).reduce(afterTransfer, lot);
}

function counters(lot: Lot) {
  return {
    available: printCredits(lot.available),
    held: printCredits(lot.held),
    consumed: printCredits(lot.consumed),
    expired: printCredits(lot.expired),
    revoked: printCredits(lot.revoked),
    moved: printCredits(lot.moved),
  };
}
