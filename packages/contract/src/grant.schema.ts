import { Type } from "typebox";
import {
  CallerIdSchema,
  CreditsTotalSchema,
  GrantIdSchema,
  InstantSchema,
  MeterSchema,
  MoneySchema,
  NoteSchema,
  oneOf,
  PositionSchema,
  PositiveCreditsSchema,
  strictObject,
} from "./formats.schema.ts";
import { pageOf } from "./page.schema.ts";
import { limits } from "./limits.ts";

const names = { minItems: 1, maxItems: limits.restrictionNamesMax, uniqueItems: true };

export const GrantSourceSchema = oneOf(["purchase", "plan", "promotion", "adjustment", "rollover"]);

export const PrioritySchema = Type.Integer({
  minimum: 0,
  maximum: 1000,
  description: "Lower burns first; default 50.",
});

export const AppliesToSchema = strictObject(
  {
    meters: Type.Optional(Type.Array(MeterSchema, names)),
    groups: Type.Optional(Type.Array(CallerIdSchema, names)),
    members: Type.Optional(Type.Array(CallerIdSchema, names)),
  },
  {
    title: "AppliesTo",
    description: "What the grant is restricted to: all that are given must match.",
    minProperties: 1,
    examples: [{ meters: ["image"], groups: ["design"] }],
  },
);

const example = {
  credits: "10000",
  source: "purchase",
  cost: { amount: "10000", currency: "EUR" },
  priority: 50,
  effectiveAt: "2026-11-01T00:00:00Z",
  expiresAt: "2027-11-01T00:00:00Z",
  appliesTo: { meters: ["image"], groups: ["design"] },
  reference: "order 42",
};

export const BreakageBpsSchema = Type.Integer({
  minimum: 0,
  maximum: 9_999,
  description: "Basis points expected never to be used.",
  examples: [1_000],
});

export const GrantPaymentSchema = oneOf(["invoiced", "received", "compensation"]);

export const GrantBonusSchema = strictObject(
  { credits: PositiveCreditsSchema, ssp: Type.Optional(MoneySchema) },
  {
    title: "GrantBonus",
    description: "Credits that come with a purchase, as a grant of their own; they share its cost.",
    examples: [{ credits: "2000" }],
  },
);

export const GrantRequestSchema = strictObject(
  {
    credits: PositiveCreditsSchema,
    source: GrantSourceSchema,
    cost: Type.Optional(MoneySchema),
    priority: Type.Optional(PrioritySchema),
    effectiveAt: Type.Optional(InstantSchema),
    expiresAt: Type.Optional(InstantSchema),
    appliesTo: Type.Optional(AppliesToSchema),
    reference: Type.Optional(NoteSchema),
    bonus: Type.Optional(GrantBonusSchema),
    payment: Type.Optional(GrantPaymentSchema),
    tax: Type.Optional(MoneySchema),
    fee: Type.Optional(MoneySchema),
    breakageBps: Type.Optional(BreakageBpsSchema),
    escheats: Type.Optional(Type.Boolean()),
  },
  {
    title: "GrantRequest",
    examples: [
      { credits: "10000", source: "purchase" },
      example,
      {
        credits: "10000",
        source: "purchase",
        cost: { amount: "10000", currency: "EUR" },
        bonus: { credits: "2000" },
        payment: "received",
        tax: { amount: "825", currency: "EUR" },
        fee: { amount: "344", currency: "EUR" },
      },
    ],
  },
);

/** Where the credits of a lot are; `available + held + consumed + expired + revoked + moved` is what was granted. */
export const lotCounters = {
  available: CreditsTotalSchema,
  held: CreditsTotalSchema,
  consumed: CreditsTotalSchema,
  expired: CreditsTotalSchema,
  revoked: CreditsTotalSchema,
  moved: CreditsTotalSchema,
};

export const GrantSchema = strictObject(
  {
    id: GrantIdSchema,
    credits: CreditsTotalSchema,
    ...lotCounters,
    source: GrantSourceSchema,
    cost: MoneySchema,
    priority: PrioritySchema,
    effectiveAt: InstantSchema,
    expiresAt: Type.Optional(InstantSchema),
    appliesTo: Type.Optional(AppliesToSchema),
    reference: Type.Optional(NoteSchema),
    bonus: Type.Optional(GrantIdSchema),
    tax: Type.Optional(MoneySchema),
    breakageBps: Type.Optional(BreakageBpsSchema),
    escheats: Type.Optional(Type.Boolean()),
    givenBack: Type.Optional(MoneySchema),
    at: PositionSchema,
  },
  {
    title: "Grant",
    examples: [
      {
        id: "grt_01jd8z3m5v7x9b2c4f6h8k0n2q",
        ...example,
        available: "10000",
        held: "0",
        consumed: "0",
        expired: "0",
        revoked: "0",
        moved: "0",
        at: { seq: 2, index: 0 },
      },
    ],
  },
);

export const GrantPageSchema = pageOf(GrantSchema, "GrantPage");

export const RevokeRequestSchema = strictObject(
  { credits: Type.Optional(PositiveCreditsSchema) },
  {
    title: "RevokeRequest",
    description: "Left out: all that is left.",
    examples: [{ credits: "500" }],
  },
);
