import { Type } from "typebox";
import { strictObject } from "./formats.schema.ts";
import { limits } from "./limits.ts";

const printedText = (charactersMax: number, description: string) =>
  Type.String({ minLength: 1, maxLength: charactersMax, description });

const partyFields = {
  name: printedText(limits.nameCharactersMax, "The legal name."),
  address: Type.Optional(printedText(limits.noteCharactersMax, "As it is printed.")),
  taxId: Type.Optional(printedText(limits.callerIdCharactersMax, "Such as a VAT number.")),
};

export const InvoicePartySchema = strictObject(partyFields, {
  title: "InvoiceParty",
  description: "A party to an invoice. It stands outside the journal and can be erased.",
  examples: [{ name: "Acme GmbH", address: "Hauptstr. 1\n10115 Berlin", taxId: "DE123456789" }],
});

const prefixPattern: string = "^[A-Za-z0-9/_.-]{0,16}$";
const PrefixSchema = Type.String({
  pattern: prefixPattern,
  description: "What numbers begin with: at most 16 of A-Z a-z 0-9 / _ . -",
});

/** Nobody may be set yet: then the name is empty. */
export const IssuerPartySchema = strictObject(
  {
    ...partyFields,
    name: Type.String({ description: "The legal name; empty while none is set." }),
  },
  { title: "InvoiceIssuer" },
);

export const IssuerSchema = strictObject(
  {
    ...IssuerPartySchema.properties,
    invoicePrefix: PrefixSchema,
    creditNotePrefix: PrefixSchema,
  },
  { title: "Issuer", description: "Who sends invoices." },
);

export const IssuerRequestSchema = strictObject(
  {
    ...partyFields,
    invoicePrefix: Type.Optional(PrefixSchema),
    creditNotePrefix: Type.Optional(PrefixSchema),
  },
  {
    title: "IssuerRequest",
    examples: [
      {
        name: "Vendor Ltd",
        address: "1 High Street\nLondon",
        taxId: "GB987654321",
        invoicePrefix: "V-",
      },
    ],
  },
);

export const TaxRateSchema = strictObject(
  {
    basisPoints: Type.Integer({
      minimum: 0,
      maximum: 10_000,
      description: "Of the subtotal; 1900 is 19 %.",
    }),
    name: printedText(limits.callerIdCharactersMax, "As it is printed."),
  },
  { title: "TaxRate", examples: [{ basisPoints: 1900, name: "VAT 19 %" }] },
);

const termsDaysMax = 365;
export const TermsSchema = Type.Integer({
  minimum: 0,
  maximum: termsDaysMax,
  description: "Days to pay.",
});
export const PurchaseOrderSchema = printedText(
  limits.callerIdCharactersMax,
  "The customer's own word for the order.",
);

export const BillingProfileSchema = strictObject(
  {
    customer: Type.Optional(InvoicePartySchema),
    tax: Type.Optional(TaxRateSchema),
    termsDays: TermsSchema,
    purchaseOrder: Type.Optional(PurchaseOrderSchema),
  },
  { title: "BillingProfile", description: "What a workspace's next invoices are made with." },
);

export const BillingProfileRequestSchema = strictObject(
  {
    customer: Type.Optional(InvoicePartySchema),
    tax: Type.Optional(TaxRateSchema),
    termsDays: Type.Optional(TermsSchema),
    purchaseOrder: Type.Optional(PurchaseOrderSchema),
  },
  {
    title: "BillingProfileRequest",
    description: "What is left out is unset; terms are 30 days then.",
    examples: [
      {
        customer: { name: "Acme GmbH", address: "Hauptstr. 1\n10115 Berlin", taxId: "DE123456789" },
        tax: { basisPoints: 1900, name: "VAT 19 %" },
        termsDays: 14,
        purchaseOrder: "PO 7",
      },
    ],
  },
);
