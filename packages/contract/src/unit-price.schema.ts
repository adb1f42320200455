import { Type } from "typebox";
import { oneOf, strictObject } from "./formats.schema.ts";
import { limits } from "./limits.ts";

const pricePattern: string = "^[0-9]{1,12}(\\.[0-9]{1,8})?$";
const tiersMax = 32;

export const PriceSchema = Type.String({
  pattern: pricePattern,
  description: 'money of 0 or more as a decimal in text, such as "0.99"',
});
const PerSchema = Type.Integer({ minimum: 1, maximum: limits.outcomeQuantityMax });

/** A price by quantity, in a catalog and where one is negotiated. */
export const UnitPriceSchema = Type.Union(
  [
    PriceSchema,
    strictObject({
      kind: oneOf(["graduated", "volume"]),
      per: Type.Optional(PerSchema),
      tiers: Type.Array(
        strictObject({
          upTo: Type.Optional(PerSchema),
          price: PriceSchema,
          flat: Type.Optional(PriceSchema),
        }),
        { minItems: 1, maxItems: tiersMax },
      ),
    }),
    strictObject({ kind: Type.Literal("package"), per: PerSchema, price: PriceSchema }),
  ],
  {
    description:
      'a price as text, such as "0.99", or an object of the kind graduated, volume or package',
  },
);
