import { Type, type TProperties } from "typebox";
import {
  CreditsTotalSchema,
  CurrencySchema,
  InstantSchema,
  oneOf,
  strictObject,
} from "./formats.schema.ts";
import { limits } from "./limits.ts";
import { PageQuerySchema } from "./page.schema.ts";

const DaySchema = Type.String({
  pattern: "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
  description: "A day of the workspace's zone.",
  examples: ["2026-10-31"],
});
const CountSchema = Type.Integer({ minimum: 0 });
const AmountSchema = Type.String({
  pattern: "^-?[0-9]+([.][0-9]+)?$",
  description: "An exact decimal, in the digits of the currency.",
  examples: ["20.00"],
});
const WhySchema = Type.String({ description: "The same numbers in words, with the rule." });
const page = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: limits.reportRowsMax,
      description: `Rows (default ${limits.reportRowsMax}).`,
    }),
  ),
  cursor: PageQuerySchema.properties.cursor,
  format: Type.Optional(
    oneOf(["json", "csv"], { description: "`csv` for a table, as `Accept: text/csv`." }),
  ),
};

export const UseReportQuerySchema = strictObject({ from: DaySchema, to: DaySchema, ...page });
export const IdleSeatsQuerySchema = strictObject({
  days: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 365, description: "Without use for so long. Default 30." }),
  ),
  ...page,
});

function reportOf<Row extends TProperties, Head extends TProperties>(
  title: string,
  head: Head,
  row: ReturnType<typeof strictObject<Row>>,
) {
  return strictObject(
    {
      ...head,
      data: Type.Array(row),
      nextCursor: Type.Optional(Type.String({ description: "Where the next page begins." })),
    },
    { title },
  );
}

export const RefusedByCodeSchema = strictObject(
  { code: Type.String(), times: CountSchema, credits: CreditsTotalSchema },
  { title: "RefusedByCode" },
);

export const PowerUserSchema = strictObject(
  {
    member: Type.String(),
    refused: CountSchema,
    refusedCredits: CreditsTotalSchema,
    refusedByLimits: CreditsTotalSchema,
    refusedByShares: CreditsTotalSchema,
    usedCredits: CreditsTotalSchema,
    activeDays: Type.Integer({ minimum: 0, description: "Days with use or a refusal." }),
    refusedDays: CountSchema,
    daysAtLimit: Type.Integer({ minimum: 0, description: "Days on which a limit refused." }),
    suggestedRaise: Type.String({
      description:
        "Credits a day that would have covered 95 of 100 active days; 0 where none is suggested.",
    }),
    coveredDays: Type.Integer({
      minimum: 0,
      description: "Active days that it would have covered.",
    }),
    codes: Type.Array(RefusedByCodeSchema),
    why: WhySchema,
  },
  { title: "PowerUser" },
);

export const PowerUsersReportSchema = reportOf(
  "PowerUsersReport",
  { from: DaySchema, to: DaySchema },
  PowerUserSchema,
);

export const IdleSeatSchema = strictObject(
  {
    member: Type.String(),
    since: InstantSchema,
    lastUsedAt: Type.Optional(InstantSchema),
    idleDays: CountSchema,
    fee: AmountSchema,
    currency: CurrencySchema,
    why: WhySchema,
  },
  { title: "IdleSeat" },
);

export const IdleSeatsReportSchema = reportOf(
  "IdleSeatsReport",
  {
    days: CountSchema,
    asOf: InstantSchema,
    plan: Type.Optional(Type.String()),
    paid: CountSchema,
    assigned: CountSchema,
    idle: CountSchema,
    saving: AmountSchema,
    currency: CurrencySchema,
  },
  IdleSeatSchema,
);

export const InefficiencyRowSchema = strictObject(
  {
    kind: oneOf(["failed_calls", "retries", "cache_misses", "larger_model"]),
    meter: Type.String(),
    model: Type.String({ description: "Empty where the calls named none, and of retries." }),
    member: Type.String({ description: "Of retries; else empty." }),
    ended: oneOf(["", "failed", "cancelled", "partial", "no_usage", "unrated", "late"], {
      description: "Of failed calls: how they ended.",
    }),
    calls: CountSchema,
    credits: CreditsTotalSchema,
    saves: Type.String({ description: "Credits that could have been saved, at most." }),
    cheaperModel: Type.String(),
    why: WhySchema,
  },
  { title: "InefficiencyRow" },
);

export const InefficiencyReportSchema = reportOf(
  "InefficiencyReport",
  { from: DaySchema, to: DaySchema, calls: CountSchema },
  InefficiencyRowSchema,
);
