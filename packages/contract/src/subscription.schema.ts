import { Type } from "typebox";
import {
  CreditsTotalSchema,
  CurrencySchema,
  InstantSchema,
  instant,
  oneOf,
  PositionSchema,
  strictObject,
} from "./formats.schema.ts";
import { limits } from "./limits.ts";
import { NegotiatedPricesSchema } from "./negotiated-prices.schema.ts";

const planPattern: string = "^[a-z][a-z0-9_-]{0,63}$";
const PlanNameSchema = Type.String({
  pattern: planPattern,
  description: "The name of a plan of the catalog.",
  examples: ["team"],
});
const SeatsSchema = Type.Integer({ minimum: 0, maximum: limits.seatsMax });
const ChangeSchema = oneOf(["now", "period_end"], {
  description:
    "When. Left out: at once what costs as much or more, and the rest at the end of the period.",
});

export const SubscriptionRequestSchema = strictObject(
  {
    plan: Type.Optional(PlanNameSchema),
    seats: Type.Optional(SeatsSchema),
    change: Type.Optional(ChangeSchema),
    effectiveAt: Type.Optional(
      instant(
        "The end of the period that runs: the change waits for it. Any other instant is refused: a plan changes now or then, and never in the past.",
      ),
    ),
    repin: Type.Optional(
      Type.Boolean({
        description:
          "Pin the newest version of the plan that the workspace is on already. Without `plan` all that is planned stays: seats, prices that were negotiated, another plan; one of the same name is pinned anew with it.",
      }),
    ),
    negotiated: Type.Optional(
      Type.Union([
        NegotiatedPricesSchema,
        Type.Array(NegotiatedPricesSchema, { minItems: 1, maxItems: limits.negotiatedSpansMax }),
        Type.Null(),
      ]),
    ),
  },
  {
    title: "SubscriptionRequest",
    minProperties: 1,
    examples: [{ plan: "team", seats: 5 }],
  },
);

export const SeatsRequestSchema = strictObject(
  { seats: SeatsSchema, change: Type.Optional(ChangeSchema) },
  { title: "SeatsRequest", examples: [{ seats: 8 }] },
);

export const SignedMoneySchema = strictObject(
  {
    amount: Type.String({
      pattern: "^-?(0|[1-9][0-9]*)$",
      description: "Minor units; below zero where something is given back.",
      examples: ["-6667"],
    }),
    currency: CurrencySchema,
  },
  { title: "SignedMoney", description: "Integer minor units of one currency, with a sign." },
);

const WholeNumberSchema = Type.String({ pattern: "^-?(0|[1-9][0-9]*)$" });
const QuantitySchema = Type.String({
  pattern: "^-?(0|[1-9][0-9]*)(\\.[0-9]{1,6})?$",
  description: "Seats, things, (usage) credits, or units of an allowance.",
});

export const InvoiceLineSchema = strictObject(
  {
    id: Type.String(),
    kind: oneOf([
      "base_fee",
      "seats",
      "reserved_capacity",
      "unused_time",
      "remaining_time",
      "used_credits",
      "usage",
      "overage",
      "shortfall",
      "shortfall_used",
      "prepayment",
      "allowance",
      "past_allowance",
      "outcome",
      "outcome_reversed",
      "purchase",
      "other",
    ]),
    about: Type.String({ description: "The plan, meter or outcome that it is for." }),
    from: InstantSchema,
    to: InstantSchema,
    quantity: QuantitySchema,
    unit: Type.String({
      description: "What the quantity counts.",
      examples: ["credits", "seats", "months", "calls"],
    }),
    negotiated: Type.Optional(
      Type.Literal(true, { description: "The price is not that of the list." }),
    ),
    unitPrice: Type.Optional(SignedMoneySchema),
    list: Type.Optional(SignedMoneySchema),
    fraction: Type.Optional(
      strictObject(
        { part: WholeNumberSchema, whole: WholeNumberSchema },
        { description: "Of a period, in milliseconds or in days." },
      ),
    ),
    amount: SignedMoneySchema,
  },
  { title: "InvoiceLine", description: "One line of an invoice, rounded once." },
);

const PeriodSchema = strictObject(
  { start: InstantSchema, end: InstantSchema },
  { title: "BillingPeriod", description: "Half-open: the end is the next period's start." },
);

const SubscriptionIdSchema = Type.String({ pattern: "^sub_[0-9A-Za-z]{26}$" });

const UnitsSchema = Type.String({
  pattern: "^(0|[1-9][0-9]*)(\\.[0-9]{1,6})?$",
  description: "Units of a bucket; of a level: times hours.",
  examples: ["10000"],
});

export const IncludedUnitsSchema = strictObject(
  { meter: Type.String(), bucket: Type.String(), included: UnitsSchema },
  {
    title: "IncludedUnits",
    description:
      "Units that cost no credits in this span, seats and prorated changes counted in; of a level: times hours.",
    examples: [{ meter: "api", bucket: "calls", included: "10000" }],
  },
);

export const SubscriptionSchema = strictObject(
  {
    id: SubscriptionIdSchema,
    plan: PlanNameSchema,
    planVersion: Type.String({ description: "The version that was pinned." }),
    negotiated: Type.Optional(NegotiatedPricesSchema),
    negotiatedLater: Type.Optional(Type.Array(NegotiatedPricesSchema)),
    status: oneOf(["trialing", "active", "paused", "ended"]),
    seats: SeatsSchema,
    startedAt: InstantSchema,
    period: PeriodSchema,
    atEnd: oneOf(["renew", "pause", "end"], { description: "What the end of the period brings." }),
    next: Type.Optional(
      strictObject(
        { plan: PlanNameSchema, planVersion: Type.String(), seats: SeatsSchema },
        { description: "What the next period begins with, where that is something else." },
      ),
    ),
    followedBy: Type.Optional(
      strictObject(
        {
          plan: PlanNameSchema,
          planVersion: Type.String(),
          after: Type.Integer({ minimum: 0, description: "Whole periods yet to begin before it." }),
        },
        { description: "The plan that follows this one." },
      ),
    ),
    includedCredits: CreditsTotalSchema,
    prepaid: Type.Optional(
      strictObject(
        {
          term: Type.Integer({ minimum: 1 }),
          periodsLeft: Type.Integer({ minimum: 0 }),
          credits: CreditsTotalSchema,
        },
        { description: "The term of what is prepaid that runs, and the credits bought for it." },
      ),
    ),
    shortfallKept: Type.Optional(SignedMoneySchema),
    allowances: Type.Optional(Type.Array(IncludedUnitsSchema)),
    at: PositionSchema,
  },
  {
    title: "Subscription",
    examples: [
      {
        id: "sub_01jd8z3m5v7x9b2c4f6h8k0n2q",
        plan: "team",
        planVersion: "team@0f3a9c51b2d4e687",
        status: "active",
        seats: 5,
        startedAt: "2026-11-01T00:00:00Z",
        period: { start: "2026-11-01T00:00:00Z", end: "2026-12-01T00:00:00Z" },
        atEnd: "renew",
        includedCredits: "10000",
        at: { seq: 3, index: 0 },
      },
    ],
  },
);

export const SubscriptionChangeSchema = strictObject(
  {
    subscription: SubscriptionSchema,
    lines: Type.Array(InvoiceLineSchema),
    amount: SignedMoneySchema,
    credits: CreditsTotalSchema,
    creditsTaken: Type.Optional(CreditsTotalSchema),
    trialUsed: Type.Optional(Type.Literal(true)),
    heldCredits: Type.Optional(
      strictObject(
        { credits: CreditsTotalSchema, upTo: SignedMoneySchema },
        {
          description:
            "Credits that calls in flight hold: they are taken when they return, and up to this is credited then.",
        },
      ),
    ),
  },
  {
    title: "SubscriptionChange",
    description: "What a change comes to: the same in a preview as in the act.",
  },
);

export const CancelRequestSchema = strictObject(
  {
    when: Type.Optional(
      oneOf(["now", "period_end"], {
        description: "`period_end` (default); `now` gives the rest of the period back.",
      }),
    ),
  },
  { title: "CancelRequest", examples: [{}, { when: "now" }] },
);

/** The body of a call that says all with its address. */
export const NothingSchema = strictObject({}, { title: "Nothing" });
