/** Owns the form of a catalog: what a validator can say of it, piece by piece. */
import {
  CreditsSchema,
  CurrencySchema,
  limits,
  oneOf,
  schemaFaults,
  strictObject,
} from "@cistern/contract";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { type OutcomeForm, OutcomeSchema } from "./outcome-form.ts";
import { type PackForm, PackSchema } from "./pack-form.ts";
import { type PlanForm, PlanSchema } from "./plan-form.ts";
import type { CatalogProblem, Meter } from "./catalog.ts";

const namePattern: string = "^[a-z][a-z0-9_-]{0,63}$";
const bucketPattern: string = "^[a-z][a-z0-9_]{0,63}$";
const decimalPattern: string = "^[0-9]{1,12}(\\.[0-9]{1,12})?$";
const rowsMax = 10_000;
const tiersMax = 16;
const attributeCharactersMax = 64;

/** Without halves of pairs, which have no UTF-8 and so no hash. */
const text = (maxLength: number) =>
  Type.String({ minLength: 1, maxLength, pattern: "^\\P{Surrogate}*$" });

const NameSchema = Type.String({ pattern: namePattern });
const BucketSchema = Type.String({ pattern: bucketPattern });
const DecimalSchema = Type.String({
  pattern: decimalPattern,
  description: 'a decimal as text, with up to 12 digits on either side of the point, such as "2.5"',
});
const BucketsSchema = Type.Array(BucketSchema, {
  minItems: 1,
  maxItems: limits.usageBucketsMax,
  uniqueItems: true,
});
const PricesSchema = Type.Optional(
  Type.Record(BucketSchema, DecimalSchema, {
    additionalProperties: false,
    minProperties: 1,
    maxProperties: limits.usageBucketsMax,
  }),
);
const prices = { perMillion: PricesSchema, perThousand: PricesSchema, perUnit: PricesSchema };
const ContextSchema = Type.Optional(
  strictObject({
    buckets: BucketsSchema,
    tiers: Type.Array(
      strictObject({
        above: Type.Integer({ minimum: 0, maximum: limits.usageQuantityMax }),
        ...prices,
      }),
      { minItems: 1, maxItems: tiersMax },
    ),
  }),
);
const CostSchema = strictObject({ currency: CurrencySchema, ...prices, context: ContextSchema });
const MultiplierSchema = Type.Optional(DecimalSchema);

const rule = Type.Optional(oneOf(["usage", "nothing", "estimate"]));
const MeterSchema = strictObject({
  kind: Type.Optional(Type.Literal("level")),
  buckets: BucketsSchema,
  outcomes: Type.Optional(
    strictObject({
      delivered: rule,
      partial: rule,
      failed: rule,
      cancelled: rule,
      unmeasured: Type.Optional(oneOf(["nothing", "estimate"])),
    }),
  ),
});
const RowSchema = strictObject({
  meter: NameSchema,
  model: Type.Optional(text(limits.meterCharactersMax)),
  attributes: Type.Optional(
    Type.Record(text(attributeCharactersMax), text(limits.attributesBytesMax), {
      minProperties: 1,
      maxProperties: 16,
    }),
  ),
  ...prices,
  minimum: Type.Optional(CreditsSchema),
  rounding: Type.Optional(oneOf(["half", "up", "down"])),
  multiplier: MultiplierSchema,
  context: ContextSchema,
  cost: Type.Optional(CostSchema),
});
const RateCardSchema = strictObject({
  multiplier: MultiplierSchema,
  rows: Type.Array(RowSchema, { minItems: 1, maxItems: rowsMax }),
});
const some = { additionalProperties: false, minProperties: 1 };
const CatalogSchema = strictObject({
  meters: Type.Record(NameSchema, MeterSchema, some),
  rateCards: Type.Record(NameSchema, RateCardSchema, some),
  outcomes: Type.Optional(Type.Record(NameSchema, OutcomeSchema, some)),
  plans: Type.Optional(Type.Record(NameSchema, PlanSchema, some)),
  packs: Type.Optional(Type.Record(NameSchema, PackSchema, some)),
  books: Type.Optional(strictObject({ modelCost: Type.Optional(Type.Boolean()) })),
});

/** Prices of a row, or of a tier. */
export type PricesForm = Pick<RowForm, "perMillion" | "perThousand" | "perUnit">;
/** Prices by the length of the context, of a row or of its cost. */
export type ContextForm = NonNullable<RowForm["context"]>;
/** A row's cost to the vendor. */
export type CostForm = NonNullable<RowForm["cost"]>;
/** A row whose form is right. */
export type RowForm = Static<typeof RowSchema>;

const catalog = Compile(CatalogSchema);
const plan = Compile(PlanSchema);
const pack = Compile(PackSchema);
const outcome = Compile(OutcomeSchema);
const meter = Compile(MeterSchema);
const row = Compile(RowSchema);
const multiplier = Compile(DecimalSchema);

/** All that is wrong with the form of a catalog, each with its place. */
export function formProblems(value: unknown): CatalogProblem[] {
  if (catalog.Check(value)) return [];
  return schemaFaults(catalog, value, Number.MAX_SAFE_INTEGER).map(
    ({ instancePath, message, params }) => ({
      path: instancePath,
      message: `${message}${"additionalProperties" in params ? `: ${String(params.additionalProperties)}` : ""}`,
    }),
  );
}

/** By name; null for a meter whose form is not right. */
export function metersOf(value: unknown): ReadonlyMap<string, Meter | null> {
  return new Map(
    membersOf(value, "meters").map(([name, one]) => [name, meter.Check(one) ? one : null]),
  );
}

/** The plans whose form is right, by name. */
export function plansOf(value: unknown): readonly (readonly [name: string, plan: PlanForm])[] {
  return membersOf(value, "plans").filter((one): one is [string, PlanForm] => plan.Check(one[1]));
}

/** Names of all plans, whatever their form. */
export const planNamesOf = (value: unknown): ReadonlySet<string> =>
  new Set(membersOf(value, "plans").map(([name]) => name));

/** By name; null for a pack whose form is not right. */
export function packsOf(
  value: unknown,
): readonly (readonly [name: string, pack: PackForm | null])[] {
  return membersOf(value, "packs").map(([name, one]) => [name, pack.Check(one) ? one : null]);
}

/** The outcomes whose form is right, by their type. */
export function outcomesOf(value: unknown): ReadonlyMap<string, OutcomeForm> {
  return new Map(
    membersOf(value, "outcomes").filter((one): one is [string, OutcomeForm] =>
      outcome.Check(one[1]),
    ),
  );
}

/** The rate cards as far as their form is right, by name, each row with its number. */
export function rateCardsOf(value: unknown): (readonly [
  name: string,
  card: {
    readonly multiplier: string | undefined;
    readonly rows: readonly (readonly [index: number, row: RowForm])[];
  },
])[] {
  return membersOf(value, "rateCards").map(([name, card]) => {
    const said = memberOf(card, "multiplier");
    const rows = memberOf(card, "rows");
    return [
      name,
      {
        multiplier: multiplier.Check(said) ? said : undefined,
        rows: (Array.isArray(rows) ? [...rows.entries()] : []).filter(
          (one): one is [number, RowForm] => row.Check(one[1]),
        ),
      },
    ];
  });
}

/** Whether costs of calls are kept out of the books. */
export const isCostOffBooksIn = (value: unknown): boolean =>
  memberOf(memberOf(value, "books"), "modelCost") === false;

const membersOf = (value: unknown, name: string): [string, unknown][] => {
  const member = memberOf(value, name);
  return typeof member === "object" && member !== null ? Object.entries(member) : [];
};

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
