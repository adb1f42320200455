import { Type } from "typebox";
import {
  AttributesSchema,
  CallerIdSchema,
  CreditsTotalSchema,
  CurrencySchema,
  instant,
  InstantSchema,
  MeterSchema,
  ModelSchema,
  PositionSchema,
  ResponseIdSchema,
  SettlementIdSchema,
  strictObject,
  UsageSchema,
} from "./formats.schema.ts";
import { OutcomeSchema, provenanceFields, RateRowSchema } from "./hold.schema.ts";
import { PageQuerySchema, pageOf } from "./page.schema.ts";
import { SignedMoneySchema } from "./subscription.schema.ts";

export const VendorCostSchema = strictObject(
  {
    amount: Type.String({
      pattern: "^-?(0|[1-9][0-9]*)(\\.[0-9]{1,9})?$",
      description: "Minor units, with up to nine digits after the point.",
      examples: ["0.0375"],
    }),
    currency: CurrencySchema,
  },
  {
    title: "VendorCost",
    description:
      "What the call cost the vendor, where the catalog says so; only for keys that are not bound to a workspace.",
  },
);

export const UsageRowSchema = strictObject(
  {
    id: SettlementIdSchema,
    occurredAt: InstantSchema,
    member: CallerIdSchema,
    groups: Type.Array(CallerIdSchema),
    run: Type.Optional(CallerIdSchema),
    project: Type.Optional(CallerIdSchema),
    meter: Type.Optional(MeterSchema),
    model: Type.Optional(ModelSchema),
    usage: Type.Optional(UsageSchema),
    from: Type.Optional(InstantSchema),
    to: Type.Optional(InstantSchema),
    credits: CreditsTotalSchema,
    allowance: Type.Optional(
      Type.Record(Type.String(), CreditsTotalSchema, {
        additionalProperties: false,
        description:
          "Of the usage, by bucket, what an allowance took: it cost no credits. Of a level: times hours.",
      }),
    ),
    arithmetic: Type.Optional(
      Type.String({
        description: "How the credits come about.",
        examples: ["1,180 input_text x 0.01 + 512 output_text x 0.03 = 27.16"],
      }),
    ),
    drawn: Type.Optional(CreditsTotalSchema),
    worth: Type.Optional(SignedMoneySchema),
    paidLater: Type.Optional(
      strictObject(
        { credits: CreditsTotalSchema, worth: SignedMoneySchema },
        { description: "Of what it came to owe, what lots paid since." },
      ),
    ),
    billed: Type.Optional(
      strictObject(
        { credits: CreditsTotalSchema, amount: SignedMoneySchema, line: Type.String() },
        { description: "What no lot paid and stands on a line of an invoice." },
      ),
    ),
    refunded: Type.Optional(CreditsTotalSchema),
    refundedWorth: Type.Optional(SignedMoneySchema),
    rate: Type.Optional(RateRowSchema),
    unrated: Type.Optional(Type.Boolean()),
    late: Type.Optional(Type.Boolean()),
    outcome: Type.Optional(OutcomeSchema),
    ...provenanceFields,
    attributes: Type.Optional(AttributesSchema),
    cost: Type.Optional(VendorCostSchema),
    position: PositionSchema,
  },
  {
    title: "UsageRow",
    examples: [
      {
        id: "hld_01jd8z4q6w8y0c3e5g7j9m1p3r",
        occurredAt: "2026-11-30T12:00:00Z",
        member: "ana",
        groups: ["growth"],
        project: "spring",
        meter: "chat",
        model: "gpt-5",
        usage: { input_text: 1180, output_text: 512 },
        credits: "27.16",
        arithmetic: "1,180 input_text x 0.01 + 512 output_text x 0.03 = 27.16",
        drawn: "27.16",
        worth: { amount: "27", currency: "EUR" },
        rate: { card: "standard@0123456789abcdef", row: "chat/gpt-5" },
        attributes: { feature: "draft" },
        position: { seq: 8, index: 0 },
      },
    ],
  },
);

export const UsagePageSchema = pageOf(UsageRowSchema, "UsagePage");

/** The half-open span of time that rows are narrowed to. */
export const spanFields = {
  from: Type.Optional(instant("From this instant on.")),
  to: Type.Optional(instant("Before this instant.")),
};

export const UsageQuerySchema = strictObject({
  ...PageQuerySchema.properties,
  ...spanFields,
  member: Type.Optional(CallerIdSchema),
  group: Type.Optional(CallerIdSchema),
  project: Type.Optional(CallerIdSchema),
  meter: Type.Optional(MeterSchema),
  model: Type.Optional(ModelSchema),
  response: Type.Optional(ResponseIdSchema),
});
