/** Owns the form of plans in a catalog. */
import {
  CapSchema,
  CreditsSchema,
  LimitScopeSchema,
  PriceSchema,
  RateSchema,
  UnitPriceSchema,
  limits,
  oneOf,
  strictObject,
} from "@cistern/contract";
import { fairnessPresets } from "@cistern/kernel";
import { type Static, type TSchema, Type } from "typebox";

const moneyPattern: string = "^[0-9]{1,12}(\\.[0-9]{1,4})?$";
export const MoneySchema = Type.String({
  pattern: moneyPattern,
  description: 'money of 0 or more as a decimal in text, such as "20.00"',
});
const typePattern: string = "^[a-z][a-z0-9_-]{0,63}$";
const meterPattern: string = "^(\\*|[a-z][a-z0-9_-]{0,63})$";
const percentPattern: string = "^(100|[0-9]{1,2}(\\.[0-9]{1,2})?)$";
export const PercentSchema = Type.String({
  pattern: percentPattern,
  description: 'a share of 0 to 100 percent as text, with at most 2 decimals, such as "50"',
});
const unusedFields = {
  breakage: Type.Optional(PercentSchema),
  escheat: Type.Optional(Type.Boolean()),
};
const fee = { fee: MoneySchema, value: Type.Optional(MoneySchema) };
const SeatsSchema = Type.Integer({ minimum: 0, maximum: limits.seatsMax });
const countMax = 120;
const periodsMax = 120;
const trialDaysMax = 366;
const featurePattern: string = "^[a-z0-9][a-z0-9_.:-]{0,63}$";
const meterListPattern: string = "^[a-z*][a-z0-9_*-]{0,63}$";
/** Anything that a model may be called, without halves of pairs, which have no UTF-8. */
const modelListPattern: string = "^\\P{Surrogate}{1,128}$";
const listedMax = 256;
const named = <One extends TSchema>(one: One) =>
  Type.Array(one, { minItems: 1, maxItems: listedMax, uniqueItems: true });
const groupPattern: string = "^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$";
const packsMax = 100;
const limitsMax = 64;
const durationPattern: string = "^P(?:[0-9]{1,4}D|T[0-9]{1,5}[HMS])$";

const PrioritySchema = Type.Integer({ minimum: 0, maximum: 1_000 });
const RolloverSchema = strictObject({
  percent: Type.Optional(PercentSchema),
  amount: Type.Optional(CreditsSchema),
  balance: Type.Optional(CreditsSchema),
  periods: Type.Optional(Type.Integer({ minimum: 1, maximum: periodsMax })),
});
const PrepaidSchema = strictObject({
  terms: Type.Array(strictObject({ price: MoneySchema, list: MoneySchema }), {
    minItems: 1,
    maxItems: countMax,
  }),
  creditPrice: PriceSchema,
  periods: Type.Optional(Type.Integer({ minimum: 1, maximum: countMax })),
  priority: Type.Optional(PrioritySchema),
  rollover: Type.Optional(RolloverSchema),
  ...unusedFields,
});

const ReservedSchema = strictObject({
  ...fee,
  rate: RateSchema,
  group: Type.Optional(Type.String({ pattern: groupPattern })),
  share: Type.Optional(PercentSchema),
});

/** A cap or a rate; of one object, so that a fault is told where it is. */
const LimitSchema = strictObject({
  scope: LimitScopeSchema,
  cap: Type.Optional(CapSchema),
  rate: Type.Optional(RateSchema),
});

const bucketPattern: string = "^[a-z][a-z0-9_]{0,63}$";
const unitsPattern: string = "^[1-9][0-9]{0,14}$";
const AllowanceSchema = strictObject({
  included: Type.String({
    pattern: unitsPattern,
    description: 'a whole number of units as text, such as "10000"',
  }),
  per: Type.Optional(oneOf(["plan", "seat"])),
  beyond: Type.Optional(oneOf(["credits", "refuse"])),
});

export const PlanSchema = strictObject({
  currency: Type.String({ pattern: "^[A-Z]{3}$" }),
  every: Type.Optional(
    Type.Union(
      [
        oneOf(["month", "year"]),
        strictObject({
          unit: oneOf(["day", "week", "month", "year"]),
          count: Type.Integer({ minimum: 1, maximum: countMax }),
        }),
      ],
      { description: '"month", "year", or such as { unit: "week", count: 2 }' },
    ),
  ),
  base: Type.Optional(strictObject(fee)),
  seats: Type.Optional(
    strictObject({
      ...fee,
      minimum: Type.Optional(SeatsSchema),
      maximum: Type.Optional(SeatsSchema),
      required: Type.Optional(Type.Boolean()),
      counts: Type.Optional(named(oneOf(["person", "agent", "key"]))),
      autoAdd: Type.Optional(Type.Boolean()),
    }),
  ),
  included: Type.Optional(
    strictObject({
      credits: CreditsSchema,
      per: Type.Optional(oneOf(["plan", "seat"])),
      every: Type.Optional(oneOf(["period", "month"])),
      value: Type.Optional(MoneySchema),
      recognition: Type.Optional(oneOf(["consumption", "ratable"])),
      priority: Type.Optional(PrioritySchema),
      rollover: Type.Optional(RolloverSchema),
      ...unusedFields,
    }),
  ),
  outcomes: Type.Optional(
    Type.Record(Type.String({ pattern: typePattern }), UnitPriceSchema, {
      additionalProperties: false,
      minProperties: 1,
    }),
  ),
  usage: Type.Optional(
    Type.Record(Type.String({ pattern: meterPattern }), UnitPriceSchema, {
      additionalProperties: false,
      minProperties: 1,
    }),
  ),
  overage: Type.Optional(
    Type.Union(
      [
        strictObject({ kind: Type.Literal("deny") }),
        strictObject({ kind: Type.Literal("debt"), limit: CreditsSchema }),
        strictObject({ kind: Type.Literal("bill"), price: UnitPriceSchema }),
      ],
      { description: 'such as { kind: "deny" }; the kinds are deny, debt and bill' },
    ),
  ),
  allowances: Type.Optional(
    Type.Record(
      Type.String({ pattern: typePattern }),
      Type.Record(Type.String({ pattern: bucketPattern }), AllowanceSchema, {
        additionalProperties: false,
        minProperties: 1,
      }),
      { additionalProperties: false, minProperties: 1 },
    ),
  ),
  limits: Type.Optional(
    Type.Record(Type.String({ pattern: typePattern }), LimitSchema, {
      additionalProperties: false,
      minProperties: 1,
      maxProperties: limitsMax,
    }),
  ),
  features: Type.Optional(named(Type.String({ pattern: featurePattern }))),
  meters: Type.Optional(named(Type.String({ pattern: meterListPattern }))),
  models: Type.Optional(named(Type.String({ pattern: modelListPattern }))),
  rateCard: Type.Optional(
    Type.Union(
      [
        Type.String({ pattern: typePattern }),
        strictObject({
          name: Type.Optional(Type.String({ pattern: typePattern })),
          pin: Type.Boolean(),
        }),
      ],
      { description: 'the name of a rate card, or such as { name: "gold", pin: true }' },
    ),
  ),
  spendCap: Type.Optional(MoneySchema),
  minimum: Type.Optional(
    strictObject({
      amounts: Type.Array(MoneySchema, { minItems: 1, maxItems: countMax }),
      trueUp: Type.Optional(oneOf(["period", "term"])),
      rollover: Type.Optional(
        strictObject({
          periods: Type.Optional(Type.Integer({ minimum: 1, maximum: periodsMax })),
        }),
      ),
      onCancel: Type.Optional(oneOf(["charge", "waive"])),
    }),
  ),
  prepaid: Type.Optional(PrepaidSchema),
  reservedCapacity: Type.Optional(ReservedSchema),
  proration: Type.Optional(oneOf(["second", "day", "none"])),
  grantStep: Type.Optional(CreditsSchema),
  trialDays: Type.Optional(Type.Integer({ minimum: 0, maximum: trialDaysMax })),
  modification: Type.Optional(oneOf(["separate", "prospective"])),
  topUps: Type.Optional(
    Type.Array(Type.String({ pattern: typePattern }), { maxItems: packsMax, uniqueItems: true }),
  ),
  fairness: Type.Optional(oneOf(fairnessPresets)),
  platformCost: Type.Optional(
    strictObject({ perPeriod: Type.Optional(MoneySchema), perSeat: Type.Optional(MoneySchema) }),
  ),
  followedBy: Type.Optional(
    strictObject({
      plan: Type.String({ pattern: typePattern }),
      after: Type.Integer({ minimum: 1, maximum: periodsMax }),
    }),
  ),
  finalizeAfter: Type.Optional(Type.String({ pattern: durationPattern })),
});

/** What is reserved in a plan, whose form is right. */
export type ReservedForm = Static<typeof ReservedSchema>;
/** What is prepaid of a plan, whose form is right. */
export type PrepaidForm = Static<typeof PrepaidSchema>;
/** A limit of a plan, whose form is right. */
export type LimitForm = Static<typeof LimitSchema>;
/** A plan whose form is right. */
export type PlanForm = Static<typeof PlanSchema>;
