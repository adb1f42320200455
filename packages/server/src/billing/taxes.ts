/**
 * Owns the port to whoever knows the tax of an invoice: the billing profile, unless the host gives somebody else.
 *
 * R1 the kernel gets a rate as data: what is asked here is fixed with the invoice before it is issued (`profiles.ts`, P1), and never asked
 * again. R2 who does not know, or fails, keeps the invoice a draft; nothing is issued with a guess. R3 tax is of what is charged: what
 * lots cost, and so what credits are worth, is without it.
 */
import { inspect } from "node:util";
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
 * limit of its own, and answers the same question the same. What rejects, or answers none of these, is `unknown`, and asked again later.
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
    return readAnswer(await taxes.rateOf(question));
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return { kind: "unknown", reason: `Its tax could not be asked for: ${cause}` };
  }
}

/** Whoever is asked may be written without types: what is none of the answers is no tax of 0 (R2). */
function readAnswer(answer: unknown): TaxAnswer {
  if (typeof answer === "object" && answer !== null && "kind" in answer) {
    if (answer.kind === "none") return { kind: "none" };
    if (answer.kind === "rate") return readRate(answer);
    if (answer.kind === "unknown" && "reason" in answer && typeof answer.reason === "string")
      return { kind: "unknown", reason: answer.reason };
  }
  const reason = `What was answered for its tax is no answer: ${inspect(answer, printedShort)}.`;
  return { kind: "unknown", reason };
}

function readRate(answer: object): TaxAnswer {
  const basisPoints = "basisPoints" in answer ? answer.basisPoints : undefined;
  const note = "note" in answer ? answer.note : undefined;
  if (isBasisPoints(basisPoints) && isNote(note)) return { kind: "rate", basisPoints, note };
  const reason = `The rate that was given for it is none: ${inspect(basisPoints)} basis points, ${inspect(note)}.`;
  return { kind: "unknown", reason };
}

const printedShort = { depth: 1, breakLength: Infinity, maxArrayLength: 5, maxStringLength: 100 };

const bpsMax = 10_000;

const isBasisPoints = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= bpsMax;

const isNote = (value: unknown): value is string =>
  typeof value === "string" && value.length > 0 && value.length <= limits.callerIdCharactersMax;

/** A profile with the tax that was answered in the place of its own. */
export function withTax<Profile extends BillingProfile>(
  profile: Profile,
  answer: Exclude<TaxAnswer, { readonly kind: "unknown" }>,
): Omit<Profile, "tax"> & Pick<BillingProfile, "tax"> {
  const { tax: _own, ...rest } = profile;
  if (answer.kind === "none") return rest;
  return { ...rest, tax: { basisPoints: answer.basisPoints, name: answer.note } };
}
