/** Owns the form of a catalog: what a validator can say of it, and what of it can be read whatever else is wrong. */
import {
  CreditsSchema,
  CurrencySchema,
  faultText,
  limits,
  oneOf,
  schemaFaults,
  strictObject,
} from "@cistern/contract";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import type { CatalogProblem } from "./catalog.ts";
import { EventsSchema, TracesSchema } from "./intake-form.ts";
import { Doubts, mend } from "./mend-form.ts";
import { OutcomeSchema } from "./outcome-form.ts";
import { PackSchema } from "./pack-form.ts";
import { PlanSchema } from "./plan-form.ts";

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
  description:
    'a decimal of 0 or more as text, with up to 12 digits on either side of the point, such as "2.5"',
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
/** The word for one, and for several; anything that fits on a line, and turns no other text of it round. */
const wordCharactersMax = 32;
const noWord = "\\p{Surrogate}\\p{Cc}\\p{Bidi_Control}";
const wordPattern: string = `^[^${noWord}]*[^${noWord}\\s][^${noWord}]*$`;
const WordSchema = Type.String({
  maxLength: wordCharactersMax,
  pattern: wordPattern,
  description: 'a word on one line, such as "token"',
});
const CreditNamingSchema = strictObject({
  name: Type.Optional(strictObject({ singular: WordSchema, plural: WordSchema })),
  decimals: Type.Optional(Type.Integer({ minimum: 0, maximum: 6 })),
});
const some = { additionalProperties: false, minProperties: 1 };
const CatalogSchema = strictObject({
  credits: Type.Optional(CreditNamingSchema),
  meters: Type.Record(NameSchema, MeterSchema, some),
  rateCards: Type.Record(NameSchema, RateCardSchema, some),
  outcomes: Type.Optional(Type.Record(NameSchema, OutcomeSchema, some)),
  plans: Type.Optional(Type.Record(NameSchema, PlanSchema, some)),
  packs: Type.Optional(Type.Record(NameSchema, PackSchema, some)),
  events: Type.Optional(EventsSchema),
  traces: Type.Optional(TracesSchema),
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

/** A catalog whose form is right. */
export type CatalogForm = Static<typeof CatalogSchema>;

const catalog = Compile(CatalogSchema);

/** A catalog as far as its form is right: `form` has all that is, in its place. */
export interface ReadForm {
  /** undefined: nothing of it is a catalog. */
  readonly form: CatalogForm | undefined;
  /** Where `form` has what nobody wrote. */
  readonly doubts: Doubts;
  /** All that is wrong with the form, each with its place. */
  readonly problems: readonly CatalogProblem[];
}

/** Reads the form, and tells all that is wrong with it. */
export function readForm(value: unknown): ReadForm {
  const doubts = new Doubts();
  if (catalog.Check(value)) return { form: value, doubts, problems: [] };
  const mended = mend(CatalogSchema, value, doubts);
  return {
    form: catalog.Check(mended) ? mended : undefined,
    doubts,
    problems: formProblems(value),
  };
}

function formProblems(value: unknown): CatalogProblem[] {
  return schemaFaults(catalog, value, Number.MAX_SAFE_INTEGER).map((fault) => {
    const told = faultText(CatalogSchema, fault);
    const written = fault.keyword === "pattern" ? writtenAt(value, fault.instancePath) : undefined;
    return {
      path: fault.instancePath,
      message: written === undefined ? told : `is ${written}, which ${told}`,
    };
  });
}

const writtenCharactersMax = 64;

/** The text that stands at a place, where it is short. */
function writtenAt(value: unknown, instancePath: string): string | undefined {
  let part = value;
  for (const step of instancePath.split("/").slice(1)) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    part = typeof part === "object" && part !== null ? Reflect.get(part, name) : undefined;
  }
  return typeof part === "string" && part.length <= writtenCharactersMax
    ? JSON.stringify(part)
    : undefined;
}
