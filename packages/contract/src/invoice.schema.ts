import { Type } from "typebox";
import {
  InvoicePartySchema,
  IssuerPartySchema,
  PurchaseOrderSchema,
  TaxRateSchema,
  TermsSchema,
} from "./billing-profile.schema.ts";
import { CustomerBalanceAmountsSchema } from "./customer-balance.schema.ts";
import {
  CreditsTotalSchema,
  CurrencySchema,
  InstantSchema,
  MoneySchema,
  NoteSchema,
  PositionSchema,
  instant,
  oneOf,
  strictObject,
} from "./formats.schema.ts";
import { limits } from "./limits.ts";
import { PageQuerySchema, pageOf } from "./page.schema.ts";
import { InvoiceLineSchema, SignedMoneySchema } from "./subscription.schema.ts";

const InvoiceStatusSchema = oneOf(["draft", "finalized", "paid", "void", "uncollectible"], {
  description: "A draft is not issued yet; of an `uncollectible` one what was due is given up.",
});
const InvoiceIdSchema = Type.String({
  pattern: "^inv_[0-9A-Za-z]{1,60}$",
  description: "The invoice's id.",
});
export const ExplainedLineSchema = strictObject(
  {
    ...InvoiceLineSchema.properties,
    description: Type.String({ description: "For people." }),
    arithmetic: Type.String({
      description: "How the amount comes about.",
      examples: ["1 x 250.00 x 20 d of 30 d"],
    }),
    unitPriceDecimal: Type.Optional(
      Type.String({
        description: "What one unit costs, exactly; left out where that is not one price.",
        examples: ["0.0123"],
      }),
    ),
  },
  { title: "ExplainedLine" },
);

export const CreditsDrawnSchema = strictObject(
  {
    meter: Type.Optional(Type.String()),
    calls: Type.Integer({ minimum: 0 }),
    credits: CreditsTotalSchema,
    worth: SignedMoneySchema,
  },
  {
    title: "CreditsDrawn",
    description:
      "Credits drawn from the pool since the invoice before: paid for already, at what they are worth by their lots.",
  },
);

export const InvoicePaymentSchema = strictObject(
  {
    id: Type.String({ description: "The payment's id." }),
    at: InstantSchema,
    amount: MoneySchema,
    fee: MoneySchema,
    excess: Type.Optional(MoneySchema),
    reference: Type.Optional(Type.String()),
  },
  { title: "InvoicePayment" },
);

export const BalancePaymentSchema = strictObject(
  { at: InstantSchema, amount: MoneySchema },
  {
    title: "BalancePayment",
    description: "What the customer's balance paid since the issue; in `balanceApplied` already.",
  },
);

export const CreditNoteSchema = strictObject(
  {
    id: Type.String({ description: "The credit note's id." }),
    number: Type.String({ description: "In a series of its own." }),
    at: InstantSchema,
    amount: MoneySchema,
    tax: SignedMoneySchema,
    reason: Type.Optional(Type.String()),
  },
  { title: "CreditNote" },
);

export const CreditNotePaperSchema = strictObject(
  {
    id: Type.String({ description: "The credit note's id." }),
    number: Type.String({ description: "In a series of its own.", examples: ["CN-000001"] }),
    issuedAt: InstantSchema,
    invoice: strictObject(
      { id: InvoiceIdSchema, number: Type.String(), issuedAt: InstantSchema },
      { description: "The invoice that it refers to." },
    ),
    purchaseOrder: Type.Optional(PurchaseOrderSchema),
    currency: CurrencySchema,
    timeZone: Type.String(),
    issuer: InvoicePartySchema,
    customer: Type.Optional(InvoicePartySchema),
    taxRate: Type.Optional(TaxRateSchema),
    reason: Type.Optional(Type.String()),
    lines: Type.Array(strictObject({ description: Type.String(), amount: SignedMoneySchema }), {
      description: "Without tax.",
    }),
    subtotal: SignedMoneySchema,
    tax: SignedMoneySchema,
    total: MoneySchema,
  },
  { title: "CreditNotePaper", description: "What of which invoice is taken back, and why." },
);

export const InvoiceWarningSchema = strictObject(
  {
    code: oneOf(["tax_unknown", "issuer_missing", "customer_missing"], {
      description:
        "`tax_unknown` keeps a draft from being issued; the others are missing from the paper.",
    }),
    message: Type.String(),
  },
  { title: "InvoiceWarning" },
);

const WarningsSchema = Type.Array(InvoiceWarningSchema, {
  description:
    "Of a draft: what stands in its way, or what it would lack; of a purchase: what its paper lacks.",
});

const InterimSchema = Type.Optional(
  Type.Literal(true, {
    description: "Asked for before its period was over, so that another one follows.",
  }),
);

const identity = {
  id: InvoiceIdSchema,
  status: InvoiceStatusSchema,
  number: Type.Optional(
    Type.String({ description: "Sequential by issuer.", examples: ["INV-000001"] }),
  ),
  subscription: Type.Optional(
    Type.String({ description: "The subscription's id; left out of a purchase." }),
  ),
  topUp: Type.Optional(
    Type.String({ description: "Of a purchase: what was bought; it was paid as it was issued." }),
  ),
  interim: InterimSchema,
  purchaseOrder: Type.Optional(PurchaseOrderSchema),
  draftedAt: InstantSchema,
  finalizesAt: Type.Optional(instant("When a draft is issued by itself.")),
  issuedAt: Type.Optional(InstantSchema),
  dueAt: Type.Optional(InstantSchema),
};

export const InvoiceSummarySchema = strictObject(
  {
    ...identity,
    subtotal: SignedMoneySchema,
    tax: Type.Optional(SignedMoneySchema),
    total: Type.Optional(SignedMoneySchema),
    due: Type.Optional(SignedMoneySchema),
  },
  { title: "InvoiceSummary" },
);

const amounts = {
  subtotal: SignedMoneySchema,
  tax: SignedMoneySchema,
  total: SignedMoneySchema,
  balanceApplied: SignedMoneySchema,
  charged: SignedMoneySchema,
};

export const InvoiceSchema = strictObject(
  {
    ...identity,
    currency: CurrencySchema,
    timeZone: Type.String({ description: "Where its days are counted." }),
    termsDays: TermsSchema,
    issuer: IssuerPartySchema,
    customer: Type.Optional(InvoicePartySchema),
    taxRate: Type.Optional(TaxRateSchema),
    warnings: Type.Optional(WarningsSchema),
    lines: Type.Array(ExplainedLineSchema),
    creditsDrawn: Type.Array(CreditsDrawnSchema),
    creditsReturned: CreditsTotalSchema,
    creditsReturnedWorth: SignedMoneySchema,
    ...amounts,
    paid: SignedMoneySchema,
    credited: SignedMoneySchema,
    due: SignedMoneySchema,
    payments: Type.Array(InvoicePaymentSchema),
    creditNotes: Type.Array(CreditNoteSchema),
    balancePayments: Type.Optional(Type.Array(BalancePaymentSchema)),
    reason: Type.Optional(Type.String({ description: "Why it was voided or given up." })),
  },
  {
    title: "Invoice",
    description: "A draft shows what it would come to if it were issued now.",
  },
);

/** What was done to an invoice, as it is told beside it. */
export const changeParts = {
  payment: strictObject({
    id: Type.String(),
    amount: MoneySchema,
    fee: MoneySchema,
    excess: Type.Optional(MoneySchema),
    reference: Type.Optional(Type.String()),
  }),
  creditNote: strictObject({
    id: Type.String(),
    number: Type.Optional(Type.String()),
    amount: MoneySchema,
    tax: SignedMoneySchema,
    reason: Type.Optional(Type.String()),
  }),
  balancePayment: strictObject({ amount: MoneySchema }),
};

export const InvoiceChangeSchema = strictObject(
  {
    id: InvoiceIdSchema,
    status: InvoiceStatusSchema,
    number: Type.String({ description: "Sequential by issuer." }),
    subscription: Type.String({ description: "The subscription's id." }),
    interim: InterimSchema,
    purchaseOrder: Type.Optional(PurchaseOrderSchema),
    issuedAt: InstantSchema,
    dueAt: InstantSchema,
    ...amounts,
    paid: SignedMoneySchema,
    credited: SignedMoneySchema,
    due: SignedMoneySchema,
    lines: Type.Optional(Type.Array(InvoiceLineSchema)),
    payment: Type.Optional(changeParts.payment),
    creditNote: Type.Optional(changeParts.creditNote),
    balancePayment: Type.Optional(changeParts.balancePayment),
    reason: Type.Optional(Type.String()),
    at: PositionSchema,
  },
  { title: "InvoiceChange", description: "What a call made of an invoice, and what it did." },
);

export const UpcomingInvoiceSchema = strictObject(
  {
    currency: CurrencySchema,
    lines: Type.Array(ExplainedLineSchema),
    ...amounts,
    customerBalance: CustomerBalanceAmountsSchema,
    taxRate: Type.Optional(TaxRateSchema),
    warnings: Type.Optional(WarningsSchema),
    draftsAt: Type.Optional(instant("The end of the period.")),
  },
  { title: "UpcomingInvoice", description: "What is charged and on no invoice yet." },
);

export const InvoicePageSchema = pageOf(InvoiceSummarySchema, "InvoicePage");

export const InvoiceQuerySchema = strictObject({
  ...PageQuerySchema.properties,
  status: Type.Optional(InvoiceStatusSchema),
});

export const InvoiceFormatQuerySchema = strictObject({
  format: Type.Optional(
    oneOf(["json", "csv", "pdf"], { description: "Left out: by `Accept`, else JSON." }),
  ),
});

export const InvoiceReadQuerySchema = strictObject({
  ...InvoiceFormatQuerySchema.properties,
  as: Type.Optional(
    Type.Literal("issued", {
      description:
        "As it was when it was issued, before payments and credit notes. Left out: as it is now.",
    }),
  ),
});

export const PayRequestSchema = strictObject(
  {
    payment: Type.String({
      minLength: 1,
      maxLength: limits.nameCharactersMax,
      description: "The payment's id, such as the bank's: it is booked once for ever.",
    }),
    amount: Type.Optional(MoneySchema),
    fee: Type.Optional(MoneySchema),
    reference: Type.Optional(NoteSchema),
    excessToBalance: Type.Optional(
      Type.Boolean({
        description:
          "What is beyond what is due goes to the customer's balance, and is not refused.",
      }),
    ),
  },
  {
    title: "PayRequest",
    description: "Money that was received; left out, all that is due.",
    examples: [{ payment: "bank-2026-11-30-17", reference: "INV-000001" }],
  },
);

export const CloseInvoiceRequestSchema = strictObject(
  { reason: Type.Optional(NoteSchema) },
  { title: "CloseInvoiceRequest", examples: [{ reason: "issued twice" }] },
);

export const CreditRequestSchema = strictObject(
  { amount: MoneySchema, reason: Type.Optional(NoteSchema) },
  {
    title: "CreditRequest",
    description: "Tax included.",
    examples: [{ amount: { amount: "1190", currency: "EUR" }, reason: "outage" }],
  },
);
