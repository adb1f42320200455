import { Type } from "typebox";
import {
  CreditsSchema,
  InstantSchema,
  MoneySchema,
  oneOf,
  strictObject,
} from "./formats.schema.ts";
import { limits } from "./limits.ts";
import { UnitPriceSchema } from "./unit-price.schema.ts";

const namePattern: string = "^[a-z][a-z0-9_-]{0,63}$";
const meterPattern: string = "^(\\*|[a-z][a-z0-9_-]{0,63})$";
const bucketPattern: string = "^[a-z][a-z0-9_]{0,63}$";
const decimalPattern: string = "^[0-9]{1,12}(\\.[0-9]{1,12})?$";
const attributeCharactersMax = 64;
const rowsMax = 1_000;

/** Without halves of pairs, which have no UTF-8 and so no hash. */
const text = (maxLength: number) =>
  Type.String({ minLength: 1, maxLength, pattern: "^\\P{Surrogate}*$" });
const DecimalSchema = Type.String({
  pattern: decimalPattern,
  description: 'a decimal as text, with up to 12 digits on either side of the point, such as "2.5"',
});
const PricesSchema = Type.Optional(
  Type.Record(Type.String({ pattern: bucketPattern }), DecimalSchema, {
    additionalProperties: false,
    minProperties: 1,
    maxProperties: limits.usageBucketsMax,
  }),
);

export const NegotiatedRowSchema = strictObject(
  {
    meter: Type.String({ pattern: namePattern }),
    model: Type.Optional(text(limits.meterCharactersMax)),
    attributes: Type.Optional(
      Type.Record(text(attributeCharactersMax), text(limits.attributesBytesMax), {
        additionalProperties: false,
        minProperties: 1,
        maxProperties: 16,
      }),
    ),
    perMillion: PricesSchema,
    perThousand: PricesSchema,
    perUnit: PricesSchema,
    minimum: Type.Optional(CreditsSchema),
    rounding: Type.Optional(oneOf(["half", "up", "down"])),
  },
  {
    title: "NegotiatedRow",
    description:
      "A row of the rate card that one customer has: it wins over all rows of the card. Prices in credits, as in a catalog.",
    examples: [{ meter: "chat", model: "gpt-5*", perMillion: { input_text: "100" } }],
  },
);

const pricesBy = (pattern: string) =>
  Type.Optional(
    Type.Record(Type.String({ pattern }), UnitPriceSchema, {
      additionalProperties: false,
      minProperties: 1,
    }),
  );

export const NegotiatedPricesSchema = strictObject(
  {
    base: Type.Optional(MoneySchema),
    seat: Type.Optional(MoneySchema),
    usage: pricesBy(meterPattern),
    overage: Type.Optional(UnitPriceSchema),
    outcomes: pricesBy(namePattern),
    rates: Type.Optional(
      strictObject(
        {
          multiplier: Type.Optional(DecimalSchema),
          rows: Type.Optional(Type.Array(NegotiatedRowSchema, { minItems: 1, maxItems: rowsMax })),
        },
        { minProperties: 1 },
      ),
    ),
    from: Type.Optional(InstantSchema),
    until: Type.Optional(InstantSchema),
  },
  {
    title: "NegotiatedPrices",
    minProperties: 1,
    description:
      "Prices of one customer over the plan's version; what is left out is as listed. They go by periods: those with `from` begin with the first period that begins then or later, and the first one that begins at `until` or later goes by the list, or by what is negotiated from then on.",
    examples: [
      {
        seat: { amount: "1500", currency: "USD" },
        overage: "0.008",
        rates: { multiplier: "0.9" },
        until: "2027-11-01T00:00:00Z",
      },
    ],
  },
);
