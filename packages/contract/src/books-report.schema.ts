import { Type, type TSchema } from "typebox";
import { MonthSchema } from "./closing.schema.ts";
import { CallerIdSchema, CurrencySchema, oneOf, strictObject } from "./formats.schema.ts";

const AmountSchema = Type.String({
  pattern: "^-?[0-9]+([.][0-9]+)?$",
  description: "An exact decimal, in the digits of its currency; credits have six.",
  examples: ["1250.00"],
});
const queryFields = {
  month: MonthSchema,
  workspace: Type.Optional(CallerIdSchema),
  format: Type.Optional(
    oneOf(["json", "csv"], { description: "`csv` for a table, as `Accept: text/csv`." }),
  ),
};

export const ReportQuerySchema = strictObject(queryFields);
export const BreakageQuerySchema = strictObject({
  ...queryFields,
  expectedBps: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 10_000,
      description:
        "What was expected to go unused of lots that carry no estimate of their own, in hundredths of a percent; default 0.",
    }),
  ),
});

function reportOf<Row extends TSchema>(row: Row, title: string) {
  const status = oneOf(["closed", "provisional"], {
    description:
      "`provisional` while a workspace that it is about has not closed the month: what it says may change.",
  });
  return strictObject({ month: MonthSchema, status, data: Type.Array(row) }, { title });
}

export const TrialBalanceRowSchema = strictObject(
  {
    account: Type.String({
      description:
        "Its name in the chart of accounts; `total` in the last rows, which sum up each commodity.",
    }),
    commodity: Type.String({ description: "`CREDIT`, or a currency." }),
    opening: AmountSchema,
    debit: AmountSchema,
    credit: AmountSchema,
    closing: AmountSchema,
  },
  { title: "TrialBalanceRow" },
);

export const TrialBalanceReportSchema = reportOf(TrialBalanceRowSchema, "TrialBalanceReport");

export const RollForwardRowSchema = strictObject(
  {
    workspace: CallerIdSchema,
    currency: CurrencySchema,
    opening: AmountSchema,
    billed: AmountSchema,
    recognised: AmountSchema,
    refunded: AmountSchema,
    moved: AmountSchema,
    closing: AmountSchema,
  },
  { title: "RollForwardRow" },
);

export const RollForwardReportSchema = reportOf(RollForwardRowSchema, "RollForwardReport");

export const RevenueRowSchema = strictObject(
  {
    kind: Type.String(),
    currency: CurrencySchema,
    amount: AmountSchema,
  },
  { title: "RevenueRow" },
);

export const RevenueReportSchema = reportOf(RevenueRowSchema, "RevenueReport");

export const UnbilledRowSchema = strictObject(
  {
    workspace: CallerIdSchema,
    currency: CurrencySchema,
    opening: AmountSchema,
    accrued: AmountSchema,
    billed: AmountSchema,
    closing: AmountSchema,
  },
  { title: "UnbilledRow" },
);

export const UnbilledReportSchema = reportOf(UnbilledRowSchema, "UnbilledReport");

export const CreditsOutstandingRowSchema = strictObject(
  {
    workspace: CallerIdSchema,
    grant: Type.String(),
    since: Type.String({ description: "The day of its first posting." }),
    ageDays: Type.Integer({ description: "Days from then to the end of the month." }),
    credits: AmountSchema,
    currency: Type.String({ description: "Empty where the lot has no cost." }),
    deferred: AmountSchema,
  },
  { title: "CreditsOutstandingRow" },
);

export const CreditsOutstandingReportSchema = reportOf(
  CreditsOutstandingRowSchema,
  "CreditsOutstandingReport",
);

export const BreakageRowSchema = strictObject(
  {
    currency: CurrencySchema,
    span: oneOf(["month", "to_date"], { description: "The month, or all until its end." }),
    recognised: AmountSchema,
    breakage: AmountSchema,
    estimated: AmountSchema,
    difference: AmountSchema,
  },
  { title: "BreakageRow" },
);

export const BreakageReportSchema = reportOf(BreakageRowSchema, "BreakageReport");

const DaySchema = Type.String({
  pattern: "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
  description: "A day of the workspace's zone.",
  examples: ["2026-10-31"],
});
const DimensionSchema = oneOf(["member", "group", "project", "meter", "key"], {
  description:
    "Of a member's groups its home counts, else the first on the path of the call. `key` is a member that is a key.",
});

export const CostAllocationQuerySchema = strictObject({
  from: DaySchema,
  to: DaySchema,
  by: DimensionSchema,
  format: queryFields.format,
});

export const CostAllocationRowSchema = strictObject(
  {
    of: Type.String({ description: "Empty for uses that have none, and for what nobody used." }),
    currency: CurrencySchema,
    credits: AmountSchema,
    lots: AmountSchema,
    billed: AmountSchema,
    unusedCredits: AmountSchema,
    unused: AmountSchema,
    total: AmountSchema,
  },
  { title: "CostAllocationRow" },
);

export const CostAllocationSchema = strictObject(
  {
    from: DaySchema,
    to: DaySchema,
    by: DimensionSchema,
    data: Type.Array(CostAllocationRowSchema),
  },
  { title: "CostAllocation" },
);

export const MarginQuerySchema = strictObject({
  month: Type.Optional(MonthSchema),
  from: Type.Optional(DaySchema),
  to: Type.Optional(DaySchema),
  workspace: queryFields.workspace,
  format: queryFields.format,
});

export const MarginRowSchema = strictObject(
  {
    workspace: Type.String({ description: "Empty in the total of all." }),
    plan: Type.String({ description: "Empty in totals, and without a subscription." }),
    component: oneOf(
      [
        "base_fee",
        "seat_fees",
        "reserved_capacity",
        "credits",
        "packs",
        "usage",
        "overage",
        "outcomes",
        "commitments",
        "breakage",
        "given_back",
        "uncharged",
        "total",
      ],
      {
        description:
          "`credits` are those of plans and gifts, `packs` those that were bought. `given_back` is what refunds, chargebacks and compensation took. `uncharged` are calls that nobody paid for. `total` is of the workspace, or of all.",
      },
    ),
    currency: CurrencySchema,
    revenue: AmountSchema,
    vendorCost: AmountSchema,
    platformCost: Type.String({
      pattern: "^(-?[0-9]+([.][0-9]+)?)?$",
      description: "Of fees, and of totals; empty where no plan says it.",
      examples: ["4.50", ""],
    }),
    margin: AmountSchema,
    marginPercent: Type.String({
      pattern: "^(-?[0-9]+[.][0-9])?$",
      description: "Of the revenue; empty where there is none.",
      examples: ["87.5", ""],
    }),
  },
  { title: "MarginRow" },
);

export const MarginReportSchema = strictObject(
  { from: DaySchema, to: DaySchema, data: Type.Array(MarginRowSchema) },
  { title: "MarginReport" },
);
