import { Type } from "typebox";
import {
  CallerIdSchema,
  CreditsSchema,
  DurationSchema,
  oneOf,
  PositionSchema,
  PositiveCreditsSchema,
  strictObject,
} from "./formats.schema.ts";
import { pageOf } from "./page.schema.ts";
import { limits } from "./limits.ts";
import { percentPattern } from "./percent.ts";

export const LimitScopeSchema = Type.Union(
  [
    strictObject({ kind: Type.Literal("workspace") }),
    strictObject({ kind: Type.Literal("group"), id: CallerIdSchema }),
    strictObject({ kind: Type.Literal("member"), id: CallerIdSchema }),
    strictObject({ kind: Type.Literal("eachMember") }),
  ],
  {
    title: "LimitScope",
    description: "`eachMember` is the default for every member, known or not.",
    examples: [{ kind: "member", id: "ana" }],
  },
);

const CalendarWindowSchema = oneOf(["hour", "day", "week", "month"]);

export const LimitWindowSchema = Type.Union(
  [
    CalendarWindowSchema,
    strictObject({ rolling: DurationSchema }),
    strictObject({ onFirstUse: DurationSchema }),
  ],
  {
    title: "LimitWindow",
    description: "A calendar window of the workspace's zone, a rolling one, or one per first use.",
    examples: ["month", { rolling: "PT5H" }, { onFirstUse: "PT5H" }],
  },
);

export const CapSchema = Type.Union(
  [
    strictObject({
      credits: Type.Union([CreditsSchema, Type.Null()], {
        description: "`null` is no limit: it replaces the default of each member.",
      }),
      window: LimitWindowSchema,
    }),
    strictObject({
      percent: Type.String({
        pattern: percentPattern,
        description:
          "Of the pool of the window: what unrestricted grants had available or held when it was first counted in, with what came since. 0 to 100, at most two decimals.",
      }),
      window: CalendarWindowSchema,
    }),
  ],
  {
    title: "Cap",
    examples: [
      { credits: "2000", window: "month" },
      { percent: "10", window: "month" },
    ],
  },
);

export const OverageCeilingSchema = strictObject(
  {
    credits: Type.Union([CreditsSchema, Type.Null()], {
      description:
        "What may be taken past the pool, owed or billed. `null` is no ceiling: it replaces the default of each member.",
    }),
    window: CalendarWindowSchema,
  },
  { title: "OverageCeiling", examples: [{ credits: "50", window: "month" }] },
);

const RequestsSchema = Type.Integer({ minimum: 1, maximum: limits.rateRequestsMax });

export const RateSchema = Type.Union(
  [
    strictObject({
      credits: PositiveCreditsSchema,
      per: DurationSchema,
      burst: Type.Optional(PositiveCreditsSchema),
    }),
    strictObject({
      requests: RequestsSchema,
      per: DurationSchema,
      burst: Type.Optional(RequestsSchema),
    }),
  ],
  {
    title: "Rate",
    description: "So many credits or requests per duration, above 0; `burst` may come at once.",
    examples: [{ requests: 60, per: "PT1M", burst: 100 }],
  },
);

const example = {
  scope: { kind: "member", id: "ana" },
  cap: { credits: "2000", window: "month" },
};

export const LimitRequestSchema = Type.Union(
  [
    strictObject({ scope: LimitScopeSchema, cap: CapSchema }),
    strictObject({ scope: LimitScopeSchema, overage: OverageCeilingSchema }),
    strictObject({ scope: LimitScopeSchema, rate: RateSchema }),
  ],
  { title: "LimitRequest", examples: [example] },
);

const plan = Type.Optional(
  Type.String({
    description: "The plan that it comes with, which alone changes it. Left out: it is your own.",
  }),
);

export const LimitSchema = Type.Union(
  [
    strictObject({
      id: CallerIdSchema,
      scope: LimitScopeSchema,
      cap: CapSchema,
      plan,
      at: PositionSchema,
    }),
    strictObject({
      id: CallerIdSchema,
      scope: LimitScopeSchema,
      overage: OverageCeilingSchema,
      plan,
      at: PositionSchema,
    }),
    strictObject({
      id: CallerIdSchema,
      scope: LimitScopeSchema,
      rate: RateSchema,
      plan,
      at: PositionSchema,
    }),
  ],
  { title: "Limit", examples: [{ id: "ana-monthly", ...example, at: { seq: 4, index: 0 } }] },
);

export const PlanLimitSchema = Type.Union(
  [
    strictObject({ id: CallerIdSchema, scope: LimitScopeSchema, cap: CapSchema }),
    strictObject({ id: CallerIdSchema, scope: LimitScopeSchema, overage: OverageCeilingSchema }),
    strictObject({ id: CallerIdSchema, scope: LimitScopeSchema, rate: RateSchema }),
  ],
  { title: "PlanLimit" },
);

export const LimitPageSchema = pageOf(LimitSchema, "LimitPage");

export const LimitRemovedSchema = strictObject(
  { id: CallerIdSchema, removed: Type.Literal(true), at: PositionSchema },
  { title: "LimitRemoved" },
);

const many = { maxItems: limits.limitsAtOnceMax };

export const LimitsRequestSchema = strictObject(
  {
    limits: Type.Optional(Type.Array(PlanLimitSchema, many)),
    remove: Type.Optional(Type.Array(CallerIdSchema, many)),
  },
  {
    title: "LimitsRequest",
    description: "Limits to set, with their ids, and limits to remove: all, or none.",
    examples: [{ limits: [{ id: "ana-monthly", ...example }], remove: ["old"] }],
  },
);

const changed = { limits: Type.Array(PlanLimitSchema), removed: Type.Array(CallerIdSchema) };

export const LimitsChangedSchema = strictObject(
  { ...changed, at: PositionSchema },
  { title: "LimitsChanged" },
);

export const SplitRequestSchema = strictObject(
  {
    name: CallerIdSchema,
    among: Type.Union([
      strictObject({ kind: Type.Literal("workspace") }),
      strictObject({ kind: Type.Literal("group"), id: CallerIdSchema }),
    ]),
    credits: CreditsSchema,
    window: LimitWindowSchema,
  },
  {
    title: "SplitRequest",
    description:
      "Each member that is there now gets an equal part as a cap `name:member`. Agents and keys spend their sponsor's.",
    examples: [
      {
        name: "fair",
        among: { kind: "group", id: "growth" },
        credits: "1000",
        window: "month",
      },
    ],
  },
);

export const SplitPreviewSchema = strictObject(changed, { title: "SplitPreview" });
