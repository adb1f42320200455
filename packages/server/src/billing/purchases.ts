/**
 * Owns the papers of what was bought: who sends and gets them, and their numbers, in the series of all invoices.
 *
 * S2 its payment made the invoice durable (docs/decisions/0035), so nothing can refuse it any more: it gets its number then, and whoever
 * reads it before gives it one. Both steps are kept by its id, so they are done again at will (S1).
 */
import type { BillingProfile } from "@cistern/contract";
import { type IssuedInvoice, half } from "@cistern/kernel";
import type { Numbers } from "./numbers.ts";
import {
  type IncompleteLogEntry,
  type Particulars,
  type Profiles,
  incomplete,
} from "./profiles.ts";

/** What a purchase is printed with. */
export interface PurchasePaper {
  readonly number: string;
  readonly particulars: Particulars;
}

/** The part of an invoice that its paper needs. */
export type PurchaseInvoice = Pick<IssuedInvoice, "id" | "subtotal" | "tax">;

/** Papers of purchases. Every method rejects with `DatabaseFault`. */
export interface Purchases {
  /** The number, given now where it has none yet. */
  paper(workspaceId: string, invoice: PurchaseInvoice, timeZone: string): Promise<PurchasePaper>;
  /** Numbers of many, by their ids. */
  numbers(
    workspaceId: string,
    invoices: readonly PurchaseInvoice[],
    timeZone: string,
  ): Promise<ReadonlyMap<string, string>>;
}

/** See the file head. */
export function createPurchases({
  numbers,
  profiles,
  log,
}: {
  readonly numbers: Numbers;
  readonly profiles: Profiles;
  readonly log: (entry: IncompleteLogEntry) => void;
}): Purchases {
  const paper = async (
    workspaceId: string,
    invoice: PurchaseInvoice,
    timeZone: string,
  ): Promise<PurchasePaper> => {
    const profile = paidProfile(await profiles.read(workspaceId), invoice);
    const fixed = await profiles.fix(workspaceId, invoice.id, { profile, timeZone });
    const { particulars, isFirst } = fixed;
    const document = { kind: "invoice", workspaceId, document: invoice.id } as const;
    const number = await numbers.of(document, particulars.issuer);
    if (isFirst) for (const entry of incomplete(workspaceId, number, particulars)) log(entry);
    return { number, particulars };
  };
  return {
    paper,
    async numbers(workspaceId, invoices, timeZone) {
      const ids = invoices.map(({ id }) => id);
      const known = new Map(await numbers.known("invoice", workspaceId, ids));
      for (const one of invoices)
        if (!known.has(one.id)) known.set(one.id, (await paper(workspaceId, one, timeZone)).number);
      return known;
    },
  };
}

/** Its tax is what was paid: a rate is named only where it comes to that. It is paid, so there are no terms and nothing is ordered. */
function paidProfile(
  { customer, tax }: BillingProfile,
  { subtotal, tax: paid }: PurchaseInvoice,
): BillingProfile {
  const isOfRate =
    tax !== undefined && paid !== 0n && half(subtotal * BigInt(tax.basisPoints), 10_000n) === paid;
  return {
    termsDays: 0,
    ...(customer === undefined ? {} : { customer }),
    ...(isOfRate ? { tax } : {}),
  };
}
