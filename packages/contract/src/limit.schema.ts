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

export const LimitWindowSchema = Type.Union(
  [
    oneOf(["hour", "day", "week", "month"]),
    strictObject({ rolling: DurationSchema }),
    strictObject({ onFirstUse: DurationSchema }),
  ],
  {
    title: "LimitWindow",
    description: "A calendar window of the workspace's zone, a rolling one, or one per first use.",
    examples: ["month", { rolling: "PT5H" }, { onFirstUse: "PT5H" }],
  },
);

export const CapSchema = strictObject(
  {
    credits: Type.Union([CreditsSchema, Type.Null()], {
      description: "`null` is no limit: it replaces the default of each member.",
    }),
    window: LimitWindowSchema,
  },
  { title: "Cap", examples: [{ credits: "2000", window: "month" }] },
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
    strictObject({ id: CallerIdSchema, scope: LimitScopeSchema, rate: RateSchema }),
  ],
  { title: "PlanLimit" },
);

export const LimitPageSchema = pageOf(LimitSchema, "LimitPage");

export const LimitRemovedSchema = strictObject(
  { id: CallerIdSchema, removed: Type.Literal(true), at: PositionSchema },
  { title: "LimitRemoved" },
);
