/**
 * Owns the port to whoever knows the tax of an invoice: the billing profile, unless the host gives somebody else.
 *
 * R1 the kernel gets a rate as data: what is asked here is fixed with the invoice before it is issued (`profiles.ts`, P1), and never asked
 * again. R2 who does not know, or fails, keeps the invoice a draft; nothing is issued with a guess. R3 tax is of what is charged: what
 * lots cost, and so what credits are worth, is without it.
 */
import { type BillingProfile, type InvoiceLine, type Money, limits } from "@cistern/contract";

/** An invoice before it is issued. */
export interface TaxQuestion {
  readonly workspaceId: string;
  /** The draft's id; left out of what is on no draft yet. */
  readonly invoice?: string;
  /** The customer, with address and tax id, and the rate that the profile gives. */
  readonly profile: BillingProfile;
  /** ISO 4217. */
  readonly currency: string;
  /** Without tax; below zero of what is given back. */
  readonly subtotal: Money;
  readonly lines: readonly (Pick<InvoiceLine, "kind" | "about"> & { readonly amount: Money })[];
}

/** `none`: no tax, and no word of it. `rate`: of the whole subtotal, also 0 with a note. `unknown`: it stays a draft, and says why. */
export type TaxAnswer =
  | { readonly kind: "none" }
  | {
      readonly kind: "rate";
      /** 1900 is 19 %; 0 to 10,000. */
      readonly basisPoints: number;
      /** As it is printed: `VAT 19 %`, `Reverse charge`. */
      readonly note: string;
    }
  | { readonly kind: "unknown"; readonly reason: string };

/**
 * Who knows taxes. It is asked when an invoice is to be issued, by itself or by command, and whenever a draft is shown: it keeps to a time
 * limit of its own, and answers the same question the same. What rejects is `unknown`, and asked again later.
 *
 * @example
 * const taxes: Taxes = {
 *   rateOf: async ({ profile: { customer } }) =>
 *     customer?.taxId?.startsWith("DE") ? { kind: "rate", basisPoints: 1900, note: "VAT 19 %" } : { kind: "unknown", reason: "No tax id." },
 * };
 */
export interface Taxes {
  rateOf(question: TaxQuestion): Promise<TaxAnswer>;
}

/** The rate that the billing profile gives; without one no tax. */
export const profileTaxes: Taxes = {
  async rateOf({ profile: { tax } }) {
    return tax === undefined
      ? { kind: "none" }
      : { kind: "rate", basisPoints: tax.basisPoints, note: tax.name };
  },
};

/** Asks, and takes what fails, or makes no sense, for unknown (R2). */
export async function askTaxes(taxes: Taxes, question: TaxQuestion): Promise<TaxAnswer> {
  try {
    const answer = await taxes.rateOf(question);
    if (answer.kind !== "rate" || isRate(answer)) return answer;
    const reason = `The rate that was given for it is none: ${answer.basisPoints} basis points, "${answer.note}".`;
    return { kind: "unknown", reason };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return { kind: "unknown", reason: `Its tax could not be asked for: ${cause}` };
  }
}

const bpsMax = 10_000;

const isRate = ({ basisPoints, note }: Extract<TaxAnswer, { readonly kind: "rate" }>): boolean =>
  Number.isInteger(basisPoints) &&
  basisPoints >= 0 &&
  basisPoints <= bpsMax &&
  note.length > 0 &&
  note.length <= limits.callerIdCharactersMax;

/** A profile with the tax that was answered in the place of its own. */
export function withTax<Profile extends BillingProfile>(
  profile: Profile,
  answer: Exclude<TaxAnswer, { readonly kind: "unknown" }>,
): Omit<Profile, "tax"> & Pick<BillingProfile, "tax"> {
  const { tax: _own, ...rest } = profile;
  if (answer.kind === "none") return rest;
  return { ...rest, tax: { basisPoints: answer.basisPoints, name: answer.note } };
}
