import { Type } from "typebox";
import {
  CallerIdSchema,
  GrantIdSchema,
  InstantSchema,
  MoneySchema,
  NoteSchema,
  PositionSchema,
  PositiveCreditsSchema,
  oneOf,
  strictObject,
} from "./formats.schema.ts";
import { limits } from "./limits.ts";
import { pageOf } from "./page.schema.ts";

const packPattern: string = "^[a-z][a-z0-9_-]{0,63}$";
const PackNameSchema = Type.String({
  pattern: packPattern,
  description: "The name of a pack of the catalog.",
  examples: ["small"],
});
const QuantitySchema = Type.Integer({ minimum: 1, maximum: limits.topUpPacksMax });
const idPattern: string = "^top_[0-9A-Za-z]{26,48}$";
const TopUpIdSchema = Type.String({ pattern: idPattern, description: "The top-up's id." });
const PaymentIdSchema = Type.String({
  minLength: 1,
  maxLength: limits.paymentIdCharactersMax,
  pattern: "^[!-~]([ -~]*[!-~])?$",
  description:
    "The payment's id, such as the provider's, or the reference of a bank transfer: printable ASCII, no space at its ends.",
});
const topUp = "top_01jd8z3m5v7x9b2c4f6h8k0n2q";
const usd = (amount: string) => ({ amount, currency: "USD" });

export const TopUpRequestSchema = strictObject(
  {
    pack: PackNameSchema,
    quantity: Type.Optional(QuantitySchema),
    note: Type.Optional(NoteSchema),
  },
  {
    title: "TopUpRequest",
    description: "Packs to buy: credits come when the payment has.",
    examples: [{ pack: "small", quantity: 2 }],
  },
);

export const TopUpSchema = strictObject(
  {
    id: TopUpIdSchema,
    status: oneOf([
      "requested",
      "processing",
      "requires_action",
      "succeeded",
      "failed",
      "charged_back",
    ]),
    automatic: Type.Boolean(),
    pack: PackNameSchema,
    quantity: QuantitySchema,
    credits: PositiveCreditsSchema,
    amount: MoneySchema,
    note: Type.Optional(NoteSchema),
    payment: Type.Optional(PaymentIdSchema),
    action: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
    grants: Type.Optional(Type.Array(GrantIdSchema)),
    requestedAt: InstantSchema,
    invoice: Type.Optional(
      Type.String({
        description: "The invoice of one that was paid: it has a number and is paid.",
      }),
    ),
    resolvedAt: Type.Optional(InstantSchema),
    at: PositionSchema,
  },
  {
    title: "TopUp",
    examples: [
      {
        id: topUp,
        status: "succeeded",
        automatic: false,
        pack: "small",
        quantity: 1,
        credits: "10000",
        amount: usd("10000"),
        payment: "pay_42",
        grants: ["grt_01jd8z3m5v7x9b2c4f6h8k0n2q"],
        requestedAt: "2026-11-27T12:00:00Z",
        resolvedAt: "2026-11-27T12:00:04Z",
        at: { seq: 12, index: 0 },
      },
    ],
  },
);

export const TopUpPageSchema = pageOf(TopUpSchema, "TopUpPage");

export const TopUpPaidSchema = strictObject(
  {
    payment: PaymentIdSchema,
    amount: Type.Optional(MoneySchema),
    tax: Type.Optional(MoneySchema),
    fee: Type.Optional(MoneySchema),
  },
  {
    title: "TopUpPaid",
    description: "Money that came. A payment becomes credits once for ever.",
    examples: [{ payment: "pay_42", amount: usd("10000"), tax: usd("825"), fee: usd("344") }],
  },
);

export const TopUpFailureSchema = strictObject(
  { reason: NoteSchema, payment: Type.Optional(PaymentIdSchema) },
  { title: "TopUpFailure", examples: [{ reason: "card expired" }] },
);

const ruleFields = {
  enabled: Type.Boolean(),
  pack: PackNameSchema,
  threshold: PositiveCreditsSchema,
  target: PositiveCreditsSchema,
  monthlyCeiling: MoneySchema,
};

export const TopUpRuleRequestSchema = strictObject(ruleFields, {
  title: "TopUpRuleRequest",
  description: "Buy packs up to the target when fewer credits than the threshold are left.",
  examples: [
    {
      enabled: true,
      pack: "small",
      threshold: "2000",
      target: "12000",
      monthlyCeiling: usd("50000"),
    },
  ],
});

export const TopUpRuleSchema = strictObject(
  {
    ...ruleFields,
    status: oneOf(["on", "off", "disabled"]),
    failures: Type.Integer({ minimum: 0 }),
    packNotInPlan: Type.Optional(Type.Literal(true)),
    retryAt: Type.Optional(InstantSchema),
    spent: Type.Optional(
      strictObject({ amount: MoneySchema, from: InstantSchema, to: InstantSchema }),
    ),
    pending: Type.Optional(TopUpIdSchema),
    at: PositionSchema,
  },
  {
    title: "TopUpRule",
    examples: [
      {
        enabled: true,
        pack: "small",
        threshold: "2000",
        target: "12000",
        monthlyCeiling: usd("50000"),
        status: "on",
        failures: 0,
        spent: { amount: usd("10000"), from: "2026-11-01T00:00:00Z", to: "2026-12-01T00:00:00Z" },
        at: { seq: 12, index: 0 },
      },
    ],
  },
);

export const TopUpParams = strictObject({ workspace: CallerIdSchema, topUp: CallerIdSchema });
