import { Type, type TObject, type TProperties, type TSchemaOptions } from "typebox";
import { creditsPattern, creditsTotalPattern, positiveCreditsPattern } from "./credits.ts";
import { durationPattern } from "./duration.ts";
import { instantPattern } from "./instant.ts";
import { limits } from "./limits.ts";
import { currencyPattern, moneyAmountPattern } from "./money.ts";
import { cursorPattern } from "./position.ts";

/** An object that refuses unknown fields: every object of the contract is one. */
export function strictObject<Properties extends TProperties>(
  properties: Properties,
  options: TSchemaOptions = {},
): TObject<Properties> {
  return Type.Object(properties, { ...options, additionalProperties: false });
}

/** A text out of a closed list. */
export function oneOf<Values extends string[]>(
  values: readonly [...Values],
  options: TSchemaOptions = {},
) {
  return Type.Enum(values, { type: "string", ...options });
}

/** Credits that a caller sends, zero included. */
export const CreditsSchema = Type.String({
  pattern: creditsPattern,
  description:
    "Credits of 0 or more as a decimal with at most 12 digits before the point and 6 after.",
  examples: ["75"],
});

/** Credits that a caller sends where zero is refused. */
export const PositiveCreditsSchema = Type.String({
  pattern: positiveCreditsPattern,
  description: "Credits above zero, with at most 12 digits before the point and 6 after.",
  examples: ["10000"],
});

/** Credits in an answer. */
export const CreditsTotalSchema = Type.String({
  pattern: creditsTotalPattern,
  description: "Credits as a decimal.",
  examples: ["425"],
});

/** Credits or minor units in a posting. */
export const SignedAmountSchema = Type.String({
  pattern: "^-?(0|[1-9][0-9]*)(\\.[0-9]{1,6})?$",
  description: "An amount with its sign; the amounts of one entry sum to zero per commodity.",
  examples: ["-60"],
});

export const CurrencySchema = Type.String({
  pattern: currencyPattern,
  description: "Currency code (ISO 4217).",
  examples: ["EUR"],
});

export const MoneySchema = strictObject(
  {
    amount: Type.String({
      pattern: moneyAmountPattern,
      description: "Minor units.",
      examples: ["10000"],
    }),
    currency: CurrencySchema,
  },
  { title: "Money", description: "Integer minor units of one currency." },
);

const instantForm = "An instant in UTC (RFC 3339), such as 2026-11-30T12:00:00Z.";

/** With what it is of: a refusal shows the description, and so says the form too. */
export const instant = (description?: string) =>
  Type.String({
    pattern: instantPattern,
    description: description === undefined ? instantForm : `${description} ${instantForm}`,
    examples: ["2026-11-30T12:00:00Z"],
  });

export const InstantSchema = instant();

export const DurationSchema = Type.String({
  pattern: durationPattern,
  description: "A duration of weeks, days, hours, minutes or seconds (ISO 8601).",
  examples: ["PT5M"],
});

const idCharacters = `[A-Za-z0-9_.:@-]{1,${limits.callerIdCharactersMax}}`;

/** An id that the caller chooses: workspaces, members, groups, limits, runs, projects. */
export const CallerIdSchema = Type.String({
  pattern: `^${idCharacters}$`,
  description: "Your id: 1 to 64 of A-Z a-z 0-9 _ . : @ -",
  examples: ["acme"],
});

export const CustomerIdSchema = Type.String({
  pattern: `^${idCharacters}$`,
  description: "Your id of the end customer, never a name: the journal keeps it for ever.",
  examples: ["cus_9"],
});

/** An id that Cistern made; sorts by time. */
export function ourId(prefix: string, what: string) {
  return Type.String({ pattern: `^${prefix}_[0-9A-Za-z]{26}$`, description: `The ${what}'s id.` });
}

/** Grants that others made (a subscription, a refund) bear their id and a number. */
export const GrantIdSchema = Type.String({
  pattern: "^grt_[0-9A-Za-z]{26,48}$",
  description: "The grant's id.",
});
/** What the provider of a model calls its answer. */
export const ResponseIdSchema = Type.String({
  pattern: `^[ -~]{1,${limits.responseCharactersMax}}$`,
  description:
    "The provider's own id of the answer: 1 to 128 printable ASCII characters. What was observed elsewhere is matched by it.",
  examples: ["chatcmpl-9q2"],
});

export const HoldIdSchema = ourId("hld", "hold");
export const DebitIdSchema = ourId("dbt", "debit");
export const RefundIdSchema = ourId("rfd", "refund");
export const RepaymentIdSchema = ourId("rpy", "repayment");
export const ChargebackIdSchema = ourId("cbk", "chargeback");
export const PayoutIdSchema = ourId("pyo", "payout");
export const KeyIdSchema = ourId("key", "API key");

/** The id of a settlement: a hold's or a debit's. Whether it exists is the workspace's to say (404). */
export const SettlementIdSchema = Type.String({
  pattern: `^(hld|dbt)_[0-9A-Za-z]{1,${limits.callerIdCharactersMax - 4}}$`,
  description: "A hold or a debit.",
});

/** The `Idempotency-Key` header. */
export const IdempotencyKeySchema = Type.String({
  pattern: "^[!-~]([ -~]{0,253}[!-~])?$",
  description: "1 to 255 printable ASCII characters. The same key and body get the first answer.",
  examples: ["order-42"],
});

export const NameSchema = Type.String({
  minLength: 1,
  maxLength: limits.nameCharactersMax,
  description: "A name for people. It stands outside the journal and can be erased.",
});

export const NoteSchema = Type.String({ minLength: 1, maxLength: limits.noteCharactersMax });

export const MeterSchema = Type.String({
  minLength: 1,
  maxLength: limits.meterCharactersMax,
  description: "The kind of usage, as the rate card names it.",
  examples: ["chat"],
});

export const ModelSchema = Type.String({
  minLength: 1,
  maxLength: limits.meterCharactersMax,
  description: "The model, as the rate card names it.",
  examples: ["gpt-5"],
});

const bucketPattern: string = "^[a-z][a-z0-9_]{0,63}$";

/** Quantities per usage bucket. */
export const UsageSchema = Type.Record(
  Type.String({ pattern: bucketPattern }),
  Type.Integer({ minimum: 0, maximum: limits.usageQuantityMax }),
  {
    additionalProperties: false,
    maxProperties: limits.usageBucketsMax,
    title: "Usage",
    description: "Quantities per bucket; the buckets exclude each other.",
    examples: [{ input_text: 1180, output_text: 512 }],
  },
);

const attributePattern: string = `^${idCharacters}$`;

/** The caller's own attributes; their size in bytes is checked by `attributesFit`. */
export const AttributesSchema = Type.Record(
  Type.String({ pattern: attributePattern }),
  Type.String(),
  {
    additionalProperties: false,
    title: "Attributes",
    description: "Your own text attributes, at most 1 KiB as JSON; they come back in usage rows.",
    examples: [{ feature: "draft" }],
  },
);

export const PositionSchema = strictObject(
  { seq: Type.Integer({ minimum: 0 }), index: Type.Integer({ minimum: 0 }) },
  {
    title: "Position",
    description: "The answer's place in the workspace's journal.",
    examples: [{ seq: 7, index: 3 }],
  },
);

/** A cursor of the events feed. */
export const CursorSchema = Type.String({ pattern: cursorPattern, examples: ["7.3.1f3a90bc"] });
