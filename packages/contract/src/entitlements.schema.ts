import { Type } from "typebox";
import {
  CallerIdSchema,
  CreditsTotalSchema,
  InstantSchema,
  oneOf,
  PositionSchema,
  strictObject,
} from "./formats.schema.ts";
import { PlanLimitSchema, RateSchema } from "./limit.schema.ts";
import { SignedMoneySchema } from "./subscription.schema.ts";

const CountSchema = Type.Integer({ minimum: 0 });
const NamesSchema = Type.Array(Type.String());
const PatternsSchema = Type.Array(Type.String(), {
  description: "Names, and patterns in which `*` stands for any characters. Left out: all.",
});

export const MeterAllowanceSchema = strictObject(
  {
    meter: Type.Optional(Type.String()),
    bucket: Type.Optional(
      Type.String({ description: "What the numbers count. Left out: credits." }),
    ),
    perHour: Type.Optional(
      Type.Literal(true, { description: "The numbers count the bucket times hours: a level." }),
    ),
    included: CreditsTotalSchema,
    used: CreditsTotalSchema,
    held: CreditsTotalSchema,
    left: CreditsTotalSchema,
    past: CreditsTotalSchema,
    beyond: oneOf(["bill", "credits", "refuse"], { description: "What comes past it." }),
    resetsAt: Type.Optional(InstantSchema),
  },
  {
    title: "MeterAllowance",
    description:
      "Usage that is free up to so much of a period, beside the pool: units of a bucket, or credits (a first step of a price at 0).",
  },
);

export const EntitlementsSchema = strictObject(
  {
    plan: Type.Optional(Type.String()),
    planVersion: Type.Optional(Type.String()),
    features: NamesSchema,
    meters: Type.Optional(PatternsSchema),
    models: Type.Optional(PatternsSchema),
    includedCredits: strictObject(
      { included: CreditsTotalSchema, used: CreditsTotalSchema },
      { description: "Credits that came with the period, and what of them is used or held." },
    ),
    allowances: Type.Array(MeterAllowanceSchema),
    seats: Type.Optional(strictObject({ paid: CountSchema, assigned: CountSchema })),
    reservedCapacity: Type.Optional(
      strictObject(
        {
          rate: RateSchema,
          left: CreditsTotalSchema,
          group: Type.Optional(Type.String()),
          share: Type.Optional(Type.String({ description: "Percent of the plan's credits." })),
        },
        {
          description:
            "A guaranteed rate, and how many requests or credits of it are left now; calls within it are refused by no rate of the workspace.",
        },
      ),
    ),
    limits: Type.Optional(
      Type.Array(PlanLimitSchema, {
        description: "Limits that come with the plan, whatever the workspace's own say.",
      }),
    ),
    spend: strictObject(
      { cap: Type.Optional(SignedMoneySchema), billed: SignedMoneySchema },
      { description: "Money of usage in this period that no lot paid." },
    ),
    at: PositionSchema,
  },
  {
    title: "Entitlements",
    examples: [
      {
        plan: "team",
        planVersion: "team@0f3a9c51b2d4e687",
        features: ["sso"],
        models: ["gpt-5*"],
        includedCredits: { included: "10000", used: "2500" },
        allowances: [
          {
            meter: "api",
            bucket: "calls",
            included: "10000",
            used: "400",
            held: "20",
            left: "9580",
            past: "0",
            beyond: "refuse",
            resetsAt: "2026-12-01T00:00:00Z",
          },
        ],
        seats: { paid: 5, assigned: 3 },
        spend: {
          cap: { amount: "80000", currency: "USD" },
          billed: { amount: "1250", currency: "USD" },
        },
        at: { seq: 9, index: 0 },
      },
    ],
  },
);

export const EntitlementQuerySchema = strictObject({
  kind: Type.Optional(
    oneOf(["feature", "meter", "model"], {
      description: "What the name is of. Left out: a feature, else a meter, else a model.",
    }),
  ),
  member: Type.Optional(CallerIdSchema),
});

export const EntitlementSchema = strictObject(
  {
    feature: Type.String(),
    included: Type.Boolean(),
    plan: Type.Optional(Type.String()),
    policy: Type.Optional(
      Type.String({ description: "The policy of acceptable use that closes it." }),
    ),
    at: PositionSchema,
  },
  {
    title: "Entitlement",
    examples: [{ feature: "sso", included: true, plan: "team", at: { seq: 9, index: 0 } }],
  },
);
