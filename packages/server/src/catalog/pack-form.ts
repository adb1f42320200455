/** Owns the form of packs in a catalog. */
import { CreditsSchema, CurrencySchema, strictObject } from "@cistern/contract";
import { type Static, Type } from "typebox";
import { MoneySchema, PercentSchema } from "./plan-form.ts";

const lifePattern: string = "^P(?:[1-9][0-9]{0,2})[DWMY]$";

export const PackSchema = strictObject({
  currency: CurrencySchema,
  price: MoneySchema,
  credits: CreditsSchema,
  bonus: Type.Optional(CreditsSchema),
  expiresAfter: Type.Optional(
    Type.String({
      pattern: lifePattern,
      description: 'days, weeks, months or years, such as "P12M"',
    }),
  ),
  priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000 })),
  breakage: Type.Optional(PercentSchema),
  escheat: Type.Optional(Type.Boolean()),
});

/** A pack whose form is right. */
export type PackForm = Static<typeof PackSchema>;
