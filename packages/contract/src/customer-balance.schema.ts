import { Type } from "typebox";
import {
  InstantSchema,
  MoneySchema,
  NoteSchema,
  PayoutIdSchema,
  PositionSchema,
  strictObject,
} from "./formats.schema.ts";

const eur = (amount: string) => ({ amount, currency: "EUR" });

export const CustomerBalanceAmountsSchema = strictObject(
  { owed: MoneySchema, free: MoneySchema, waiting: MoneySchema },
  {
    title: "CustomerBalanceAmounts",
    description:
      "What the vendor owes the customer: `free` pays invoices or is paid out; `waiting` is on lines whose invoice is not issued yet, without its tax.",
  },
);

export const CustomerBalanceSchema = strictObject(
  { ...CustomerBalanceAmountsSchema.properties, asOf: InstantSchema, at: PositionSchema },
  {
    title: "CustomerBalance",
    examples: [
      {
        owed: eur("17850"),
        free: eur("17850"),
        waiting: eur("0"),
        asOf: "2026-11-30T12:00:00Z",
        at: { seq: 12, index: 0 },
      },
    ],
  },
);

export const PayoutRequestSchema = strictObject(
  {
    amount: Type.Optional(MoneySchema),
    reference: Type.Optional(NoteSchema),
    occurredAt: Type.Optional(InstantSchema),
  },
  {
    title: "PayoutRequest",
    description: "All that is free, where no amount is said.",
    examples: [{ amount: eur("5000"), reference: "transfer 4712" }, {}],
  },
);

export const PayoutSchema = strictObject(
  {
    id: PayoutIdSchema,
    amount: MoneySchema,
    reference: Type.Optional(NoteSchema),
    occurredAt: InstantSchema,
    free: MoneySchema,
    at: PositionSchema,
  },
  {
    title: "Payout",
    examples: [
      {
        id: "pyo_01jd8z6s8y0a2e5g7j9m1p3r5t",
        amount: eur("5000"),
        reference: "transfer 4712",
        occurredAt: "2026-11-30T12:00:00Z",
        free: eur("12850"),
        at: { seq: 13, index: 0 },
      },
    ],
  },
);
