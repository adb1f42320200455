import { Type } from "typebox";
import {
  ChargebackIdSchema,
  CreditsTotalSchema,
  GrantIdSchema,
  InstantSchema,
  MoneySchema,
  NoteSchema,
  PositionSchema,
  PositiveCreditsSchema,
  RepaymentIdSchema,
  strictObject,
} from "./formats.schema.ts";
import { PoolBalanceSchema } from "./hold.schema.ts";
import { BreakageBpsSchema } from "./grant.schema.ts";

const grant = "grt_01jd8z3m5v7x9b2c4f6h8k0n2q";
const eur = (amount: string) => ({ amount, currency: "EUR" });

export const RepaymentRequestSchema = strictObject(
  {
    credits: Type.Optional(PositiveCreditsSchema),
    goodwill: Type.Optional(MoneySchema),
    occurredAt: Type.Optional(InstantSchema),
    reason: Type.Optional(NoteSchema),
  },
  {
    title: "RepaymentRequest",
    description:
      "For unused credits (all that are available when left out), or goodwill for used ones.",
    examples: [{ credits: "500" }, { goodwill: eur("1000"), reason: "slow in May" }],
  },
);

export const RepaymentSchema = strictObject(
  {
    id: RepaymentIdSchema,
    grant: GrantIdSchema,
    credits: CreditsTotalSchema,
    money: MoneySchema,
    tax: Type.Optional(MoneySchema),
    goodwill: Type.Optional(Type.Boolean()),
    unpaid: Type.Optional(MoneySchema),
    creditNote: Type.Optional(
      Type.String({ description: "The credit note by which it came off an issued invoice." }),
    ),
    occurredAt: InstantSchema,
    reason: Type.Optional(NoteSchema),
    balance: PoolBalanceSchema,
    at: PositionSchema,
  },
  {
    title: "Repayment",
    examples: [
      {
        id: "rpy_01jd8z6s8y0a2e5g7j9m1p3r5t",
        grant,
        credits: "7500",
        money: eur("7500"),
        tax: eur("619"),
        occurredAt: "2026-11-30T12:00:00Z",
        balance: { available: "0", held: "0" },
        at: { seq: 10, index: 0 },
      },
    ],
  },
);

export const ChargebackRequestSchema = strictObject(
  {
    fee: Type.Optional(MoneySchema),
    occurredAt: Type.Optional(InstantSchema),
    reason: Type.Optional(NoteSchema),
  },
  { title: "ChargebackRequest", examples: [{ fee: eur("1500"), reason: "fraudulent" }] },
);

export const ChargebackSchema = strictObject(
  {
    id: ChargebackIdSchema,
    grant: GrantIdSchema,
    grants: Type.Array(GrantIdSchema),
    money: MoneySchema,
    tax: Type.Optional(MoneySchema),
    fee: Type.Optional(MoneySchema),
    creditNote: Type.Optional(
      Type.String({ description: "The credit note on the invoice of the purchase." }),
    ),
    occurredAt: InstantSchema,
    reason: Type.Optional(NoteSchema),
    balance: PoolBalanceSchema,
    at: PositionSchema,
  },
  {
    title: "Chargeback",
    examples: [
      {
        id: "cbk_01jd8z6s8y0a2e5g7j9m1p3r5t",
        grant,
        grants: [grant],
        money: eur("10000"),
        fee: eur("1500"),
        occurredAt: "2026-11-30T12:00:00Z",
        balance: { available: "0", held: "0" },
        at: { seq: 11, index: 0 },
      },
    ],
  },
);

export const BreakageRequestSchema = strictObject(
  { breakageBps: Type.Union([BreakageBpsSchema, Type.Null()]) },
  {
    title: "BreakageRequest",
    description: "What share is expected never to be used; null for no estimate.",
    examples: [{ breakageBps: 500 }, { breakageBps: null }],
  },
);
