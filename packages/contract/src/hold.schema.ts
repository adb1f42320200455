import { Type } from "typebox";
import {
  AttributesSchema,
  CallerIdSchema,
  CreditsSchema,
  CreditsTotalSchema,
  DurationSchema,
  GrantIdSchema,
  HoldIdSchema,
  InstantSchema,
  MeterSchema,
  ModelSchema,
  oneOf,
  PositionSchema,
  ResponseIdSchema,
  strictObject,
  UsageSchema,
} from "./formats.schema.ts";
import { DrawnSharesSchema } from "./fairness.schema.ts";
import { limits } from "./limits.ts";
import { ProblemSchema } from "./problem.schema.ts";
import { SignedMoneySchema } from "./subscription.schema.ts";

export const LotShareSchema = strictObject(
  { grant: GrantIdSchema, credits: CreditsTotalSchema },
  { title: "LotShare" },
);

/** Lots in burn order. */
export const UnitShareSchema = strictObject(
  { bucket: Type.String(), units: CreditsTotalSchema },
  {
    title: "UnitShare",
    description:
      "Units of a bucket that an allowance of the plan gives, or gets back: they cost no credits. Of a level: times hours.",
    examples: [{ bucket: "calls", units: "20" }],
  },
);

export const UnitSharesSchema = Type.Array(UnitShareSchema);

export const LotSharesSchema = Type.Array(LotShareSchema, {
  description: "Credits per lot, in burn order.",
});

export const PoolBalanceSchema = strictObject(
  { available: CreditsTotalSchema, held: CreditsTotalSchema },
  { title: "PoolBalance", description: "The pool after this." },
);

export const RateRowSchema = strictObject(
  {
    card: Type.String(),
    row: Type.String(),
    negotiated: Type.Optional(
      Type.Literal(true, { description: "The price was negotiated with this customer over it." }),
    ),
  },
  { title: "RateRow", description: "The row of the rate card that priced the usage." },
);

/** What a hold and a debit say about the call. */
export const callFields = {
  member: CallerIdSchema,
  credits: Type.Optional(CreditsSchema),
  meter: Type.Optional(MeterSchema),
  model: Type.Optional(ModelSchema),
};

/** How it is known what a call used; it changes no charge. */
export const provenanceFields = {
  estimated: Type.Optional(
    Type.Boolean({
      description:
        "The caller reckoned the usage: the provider did not tell it, as of a stream that was cut off. It changes no charge.",
    }),
  ),
  response: Type.Optional(ResponseIdSchema),
};

/** What a hold and a debit may add for attribution. */
export const attributionFields = {
  run: Type.Optional(CallerIdSchema),
  project: Type.Optional(CallerIdSchema),
  attributes: Type.Optional(AttributesSchema),
};

const PartSchema = Type.Integer({
  minimum: 1,
  maximum: limits.holdPartsMax,
  description: "1, 2, …: tells increments apart where no Idempotency-Key is sent.",
});

const holdId = "hld_01jd8z4q6w8y0c3e5g7j9m1p3r";
const lots = [{ grant: "grt_01jd8z3m5v7x9b2c4f6h8k0n2q", credits: "75" }];

export const HoldRequestSchema = strictObject(
  {
    ...callFields,
    estimate: Type.Optional(UsageSchema),
    ttl: Type.Optional(DurationSchema),
    toolCall: Type.Optional(
      Type.Boolean({ description: "It calls a tool, which `maxToolCalls` of its run counts." }),
    ),
    action: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: limits.actionCharactersMax,
        description:
          "What the call does, the same for the same action: `maxSameAction` of its run counts how often it was approved. A hash of it is all that is kept.",
      }),
    ),
    ...attributionFields,
  },
  {
    title: "HoldRequest",
    description: "Either `credits`, or a `meter` with an `estimate` that the rate card prices.",
    oneOf: [{ required: ["credits"] }, { required: ["meter", "estimate"] }],
    examples: [
      {
        member: "ana",
        meter: "chat",
        model: "gpt-5",
        estimate: { input_text: 1200, output_text: 800 },
        ttl: "PT5M",
        project: "spring",
        attributes: { feature: "draft" },
      },
      { member: "ana", credits: "75" },
    ],
  },
);

const BucketsSchema = Type.Array(Type.String(), {
  description:
    "The buckets that the price of this call knows: usage of it is told in these. Left out where the hold is in credits, and of an extension.",
  examples: [["input_text", "output_text"]],
});

export const HoldSchema = strictObject(
  {
    id: HoldIdSchema,
    status: oneOf(["open", "settled", "released", "expired"]),
    member: CallerIdSchema,
    credits: CreditsTotalSchema,
    overage: Type.Optional(CreditsTotalSchema),
    openedAt: Type.Optional(InstantSchema),
    expiresAt: InstantSchema,
    lots: LotSharesSchema,
    allowance: Type.Optional(UnitSharesSchema),
    drawn: Type.Optional(DrawnSharesSchema),
    groups: Type.Optional(Type.Array(CallerIdSchema)),
    run: Type.Optional(CallerIdSchema),
    project: Type.Optional(CallerIdSchema),
    meter: Type.Optional(MeterSchema),
    model: Type.Optional(ModelSchema),
    rate: Type.Optional(RateRowSchema),
    buckets: Type.Optional(BucketsSchema),
    attributes: Type.Optional(AttributesSchema),
    charged: Type.Optional(CreditsTotalSchema),
    refunded: Type.Optional(CreditsTotalSchema),
    balance: PoolBalanceSchema,
    at: PositionSchema,
  },
  {
    title: "Hold",
    examples: [
      {
        id: holdId,
        status: "open",
        member: "ana",
        credits: "75",
        expiresAt: "2026-11-30T12:05:00Z",
        lots,
        balance: { available: "425", held: "75" },
        at: { seq: 7, index: 3 },
      },
    ],
  },
);

export const OutcomeSchema = oneOf(["delivered", "partial", "failed", "cancelled"], {
  description:
    "How the call ended: whole, cut off after some output, before any output, or stopped by whoever asked.",
});

export const SettleRequestSchema = strictObject(
  {
    credits: Type.Optional(CreditsSchema),
    usage: Type.Optional(UsageSchema),
    model: Type.Optional(ModelSchema),
    outcome: Type.Optional(OutcomeSchema),
    ...provenanceFields,
    final: Type.Optional(
      Type.Boolean({ description: "Default true; false is an increment of a stream or an agent." }),
    ),
    part: Type.Optional(PartSchema),
  },
  {
    title: "SettleRequest",
    description:
      "What the call really used: either `credits` or `usage`; where nobody knows, its `outcome` alone. `credits` are charged as they are said; all else by the meter's rule for the outcome: a call that failed is free and one of unknown usage costs what its hold has left, unless the catalog says otherwise. An increment (`final: false`) has no outcome yet. A call that another `model` answered is charged by its row of the same version of the rate card.",
    oneOf: [
      { required: ["credits"] },
      { required: ["usage"] },
      {
        required: ["outcome"],
        not: { anyOf: [{ required: ["credits"] }, { required: ["usage"] }] },
      },
    ],
    examples: [
      { credits: "60" },
      { usage: { input_text: 1180, output_text: 512 }, final: true },
      {
        usage: { input_text: 1180, output_text: 96 },
        outcome: "partial",
        estimated: true,
        response: "chatcmpl-9q2",
      },
      { outcome: "failed" },
    ],
  },
);

export const SettlementSchema = strictObject(
  {
    id: HoldIdSchema,
    status: oneOf(["open", "settled"]),
    charged: CreditsTotalSchema,
    chargedInTotal: Type.Optional(CreditsTotalSchema),
    returned: CreditsTotalSchema,
    lots: LotSharesSchema,
    allowance: Type.Optional(UnitSharesSchema),
    drawn: Type.Optional(DrawnSharesSchema),
    debt: Type.Optional(CreditsTotalSchema),
    billed: Type.Optional(CreditsTotalSchema),
    shortfall: Type.Optional(SignedMoneySchema),
    loss: Type.Optional(CreditsTotalSchema),
    late: Type.Optional(Type.Boolean()),
    unrated: Type.Optional(
      Type.Boolean({
        description:
          "The usage was not rated, so what the hold had left was charged: the hold was made in credits, or the usage, or the model that answered, has no price.",
      }),
    ),
    model: Type.Optional(ModelSchema),
    outcome: Type.Optional(OutcomeSchema),
    ...provenanceFields,
    rate: Type.Optional(RateRowSchema),
    balance: PoolBalanceSchema,
    at: PositionSchema,
  },
  {
    title: "Settlement",
    examples: [
      {
        id: holdId,
        status: "settled",
        charged: "60",
        returned: "15",
        lots: [{ grant: "grt_01jd8z3m5v7x9b2c4f6h8k0n2q", credits: "60" }],
        balance: { available: "440", held: "0" },
        at: { seq: 8, index: 0 },
      },
    ],
  },
);

export const ExtendRequestSchema = strictObject(
  {
    credits: Type.Optional(CreditsSchema),
    estimate: Type.Optional(UsageSchema),
    ttl: Type.Optional(DurationSchema),
    part: Type.Optional(PartSchema),
  },
  {
    title: "ExtendRequest",
    description:
      "More credits, more time counted from now, or both. Credits are said as an increment, or by an `estimate` of the whole call, parts that were settled included: the hold is raised to what that costs by the price that it fixed.",
    anyOf: [{ required: ["credits"] }, { required: ["estimate"] }, { required: ["ttl"] }],
    not: { required: ["credits", "estimate"] },
    examples: [
      { credits: "50", ttl: "PT5M", part: 1 },
      { estimate: { input_text: 1200, output_text: 1536 } },
    ],
  },
);

export const ReleaseRequestSchema = strictObject({}, { title: "ReleaseRequest", examples: [{}] });

export const ReleaseSchema = strictObject(
  {
    id: HoldIdSchema,
    status: Type.Literal("released"),
    returned: CreditsTotalSchema,
    balance: PoolBalanceSchema,
    at: PositionSchema,
  },
  { title: "Release" },
);

export const QuoteSchema = Type.Union(
  [
    strictObject({
      credits: CreditsTotalSchema,
      allowance: Type.Optional(UnitSharesSchema),
      drawn: Type.Optional(DrawnSharesSchema),
      allowed: Type.Literal(true),
    }),
    strictObject({
      credits: CreditsTotalSchema,
      allowed: Type.Literal(false),
      problem: ProblemSchema,
    }),
  ],
  { title: "Quote", examples: [{ credits: "12.5", allowed: true }] },
);
