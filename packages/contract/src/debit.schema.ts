import { Type } from "typebox";
import {
  CallerIdSchema,
  CreditsTotalSchema,
  DebitIdSchema,
  InstantSchema,
  NoteSchema,
  PositionSchema,
  PositiveCreditsSchema,
  RefundIdSchema,
  SettlementIdSchema,
  strictObject,
  UsageSchema,
} from "./formats.schema.ts";
import { DrawnSharesSchema } from "./fairness.schema.ts";
import { SignedMoneySchema } from "./subscription.schema.ts";
import {
  attributionFields,
  callFields,
  LotSharesSchema,
  UnitSharesSchema,
  PoolBalanceSchema,
  provenanceFields,
  RateRowSchema,
} from "./hold.schema.ts";

/** While a level was there. */
const levelFields = { from: Type.Optional(InstantSchema), to: Type.Optional(InstantSchema) };

export const DebitRequestSchema = strictObject(
  {
    ...callFields,
    usage: Type.Optional(UsageSchema),
    occurredAt: Type.Optional(InstantSchema),
    ...levelFields,
    ...provenanceFields,
    ...attributionFields,
  },
  {
    title: "DebitRequest",
    description:
      "Usage that already happened: either `credits`, or a `meter` with its `usage`. Of a meter that measures a level (such as GiB stored) the `usage` that was there `from` one instant `to` another.",
    oneOf: [{ required: ["credits"] }, { required: ["meter", "usage"] }],
    dependentRequired: { from: ["to", "usage"], to: ["from", "usage"] },
    examples: [
      { member: "ana", credits: "3.5", occurredAt: "2026-11-30T12:00:00Z" },
      {
        member: "ana",
        meter: "storage",
        usage: { stored_gib: 12 },
        from: "2026-11-30T11:00:00Z",
        to: "2026-11-30T12:00:00Z",
      },
    ],
  },
);

const debitId = "dbt_01jd8z5r7x9z1d4f6h8k0n2q4s";
const grant = "grt_01jd8z3m5v7x9b2c4f6h8k0n2q";

export const DebitSchema = strictObject(
  {
    id: DebitIdSchema,
    member: CallerIdSchema,
    charged: CreditsTotalSchema,
    occurredAt: InstantSchema,
    ...levelFields,
    chargedFor: Type.Optional(
      Type.Array(strictObject({ from: InstantSchema, to: InstantSchema }), {
        description:
          "Of a level that was told before for a part of its time: the rest, which alone is charged.",
      }),
    ),
    lots: LotSharesSchema,
    allowance: Type.Optional(UnitSharesSchema),
    drawn: Type.Optional(DrawnSharesSchema),
    debt: Type.Optional(CreditsTotalSchema),
    billed: Type.Optional(CreditsTotalSchema),
    loss: Type.Optional(CreditsTotalSchema),
    shortfall: Type.Optional(SignedMoneySchema),
    unrated: Type.Optional(Type.Boolean()),
    ...provenanceFields,
    rate: Type.Optional(RateRowSchema),
    balance: PoolBalanceSchema,
    at: PositionSchema,
  },
  {
    title: "Debit",
    examples: [
      {
        id: debitId,
        member: "ana",
        charged: "3.5",
        occurredAt: "2026-11-30T12:00:00Z",
        lots: [{ grant, credits: "3.5" }],
        balance: { available: "436.5", held: "0" },
        at: { seq: 9, index: 0 },
      },
    ],
  },
);

export const RefundRequestSchema = strictObject(
  {
    of: SettlementIdSchema,
    credits: Type.Optional(PositiveCreditsSchema),
    reason: Type.Optional(NoteSchema),
  },
  {
    title: "RefundRequest",
    description: "Credits left out: all that is left.",
    examples: [{ of: debitId, credits: "2", reason: "failed" }],
  },
);

export const RefundSchema = strictObject(
  {
    id: RefundIdSchema,
    of: SettlementIdSchema,
    credits: CreditsTotalSchema,
    refundedInTotal: Type.Optional(CreditsTotalSchema),
    lots: LotSharesSchema,
    allowance: Type.Optional(UnitSharesSchema),
    debt: Type.Optional(CreditsTotalSchema),
    billed: Type.Optional(CreditsTotalSchema),
    shortfall: Type.Optional(SignedMoneySchema),
    reason: Type.Optional(NoteSchema),
    balance: PoolBalanceSchema,
    at: PositionSchema,
  },
  {
    title: "Refund",
    examples: [
      {
        id: "rfd_01jd8z6s8y0a2e5g7j9m1p3r5t",
        of: debitId,
        credits: "2",
        lots: [{ grant, credits: "2" }],
        reason: "failed",
        balance: { available: "438.5", held: "0" },
        at: { seq: 10, index: 0 },
      },
    ],
  },
);
