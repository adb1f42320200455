/** Owns the form of billable outcomes and of prices by quantity in a catalog. */
import { type UnitPriceSchema, strictObject } from "@cistern/contract";
import { type Static, Type } from "typebox";

const namePattern: string = "^[a-z][a-z0-9_-]{0,63}$";
const durationPattern: string = "^P(?:[0-9]{1,4}D|T[0-9]{1,5}[HMS])$";
const sharePattern: string = "^(100|[1-9][0-9]?(\\.[0-9]{1,2})?|0\\.(0[1-9]|[1-9][0-9]?))$";
const reviewMax = 1_000;

const NameSchema = Type.String({ pattern: namePattern });
const DurationSchema = Type.Optional(Type.String({ pattern: durationPattern }));
const ShareSchema = Type.String({
  pattern: sharePattern,
  description: 'a share above 0 and up to 100 percent as text, such as "50"',
});
const ReviewSchema = Type.Optional(Type.Integer({ minimum: 2, maximum: reviewMax }));
const common = {
  parts: Type.Optional(
    Type.Record(NameSchema, ShareSchema, { additionalProperties: false, minProperties: 1 }),
  ),
  reopenWindow: DurationSchema,
  expected: Type.Optional(ShareSchema),
};

/** An outcome as it is defined. */
export const OutcomeSchema = Type.Union([
  strictObject({
    kind: Type.Literal("quantity"),
    ...common,
    confirmation: Type.Optional(Type.Boolean()),
  }),
  strictObject({
    kind: Type.Literal("conversation"),
    ...common,
    linkWindow: DurationSchema,
    maturity: Type.Optional(strictObject({ chat: DurationSchema, ticket: DurationSchema })),
    review: Type.Optional(strictObject({ topics: ReviewSchema, conversations: ReviewSchema })),
  }),
]);

/** An outcome whose form is right. */
export type OutcomeForm = Static<typeof OutcomeSchema>;
/** A price whose form is right. */
export type UnitPriceForm = Static<typeof UnitPriceSchema>;
