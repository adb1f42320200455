/** Owns the form of what a catalog says of arriving events and spans. */
import { limits, oneOf, strictObject } from "@cistern/contract";
import { type Static, Type } from "typebox";

const namePattern: string = "^[a-z][a-z0-9_-]{0,63}$";
const bucketPattern: string = "^[a-z][a-z0-9_]{0,63}$";
/** Without dots in a name: none of the fields that producers send has one. */
const fieldPattern: string = "^(\\$\\.)?[A-Za-z0-9_@-]{1,64}(\\.[A-Za-z0-9_@-]{1,64}){0,7}$";
const attributePattern: string = `^[A-Za-z0-9_.:@-]{1,${limits.callerIdCharactersMax}}$`;
const attributesMax = 16;
const operationPattern: string = "^[a-z][a-z0-9_.-]{0,63}$";

const MeterNameSchema = Type.String({ pattern: namePattern });
const FieldSchema = Type.String({
  pattern: fieldPattern,
  description: 'a field of the event\'s data, such as "tokens" or "usage.tokens"',
});
const OptionalField = Type.Optional(FieldSchema);
const some = { additionalProperties: false, minProperties: 1 };

/** What a bucket takes of an event. */
const QuantitySchema = Type.Union([
  FieldSchema,
  Type.Integer({ minimum: 1, maximum: limits.usageQuantityMax }),
  strictObject({
    field: FieldSchema,
    where: Type.Record(FieldSchema, Type.String({ maxLength: limits.meterCharactersMax }), {
      ...some,
      maxProperties: attributesMax,
    }),
  }),
]);

const EventRuleSchema = strictObject({
  meter: MeterNameSchema,
  usage: Type.Record(Type.String({ pattern: bucketPattern }), QuantitySchema, {
    ...some,
    maxProperties: limits.usageBucketsMax,
  }),
  model: OptionalField,
  member: OptionalField,
  run: OptionalField,
  project: OptionalField,
  attributes: Type.Optional(
    Type.Record(Type.String({ pattern: attributePattern }), FieldSchema, {
      ...some,
      maxProperties: attributesMax,
    }),
  ),
});

/** By the type of the event. */
export const EventsSchema = Type.Record(
  Type.String({
    minLength: 1,
    maxLength: limits.eventTextCharactersMax,
    pattern: "^\\P{Surrogate}*$",
  }),
  EventRuleSchema,
  some,
);

export const TracesSchema = strictObject({
  mode: Type.Optional(oneOf(["observe", "debit"])),
  meters: Type.Optional(
    Type.Record(Type.String({ pattern: operationPattern }), MeterNameSchema, some),
  ),
});

/** How events of a type become usage; its form is right. */
export type EventRuleForm = Static<typeof EventRuleSchema>;
/** What spans are for; its form is right. */
export type TracesForm = Static<typeof TracesSchema>;
