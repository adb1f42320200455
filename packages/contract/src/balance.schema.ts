import { Type } from "typebox";
import {
  CallerIdSchema,
  CreditsTotalSchema,
  GrantIdSchema,
  instant,
  InstantSchema,
  oneOf,
  PositionSchema,
  strictObject,
  MoneySchema,
} from "./formats.schema.ts";
import { MemberShareSchema } from "./fairness.schema.ts";
import { AppliesToSchema, GrantSourceSchema, lotCounters, PrioritySchema } from "./grant.schema.ts";
import { LimitWindowSchema } from "./limit.schema.ts";
import { limits } from "./limits.ts";
import { PolicyStandingSchema } from "./policy.schema.ts";
import { BindingScopeSchema } from "./problem.schema.ts";
import { SignedMoneySchema } from "./subscription.schema.ts";

export const BalanceLotSchema = strictObject(
  {
    id: GrantIdSchema,
    source: GrantSourceSchema,
    priority: PrioritySchema,
    granted: CreditsTotalSchema,
    ...lotCounters,
    effectiveAt: InstantSchema,
    expiresAt: Type.Optional(InstantSchema),
    appliesTo: Type.Optional(AppliesToSchema),
  },
  { title: "BalanceLot" },
);

export const BalanceSchema = strictObject(
  {
    available: CreditsTotalSchema,
    held: CreditsTotalSchema,
    consumed: CreditsTotalSchema,
    debt: CreditsTotalSchema,
    restricted: Type.Optional(
      strictObject(
        { available: CreditsTotalSchema, held: CreditsTotalSchema },
        { description: "Credits of restricted grants, which are not in the figures above." },
      ),
    ),
    lots: Type.Array(BalanceLotSchema, {
      description: `Lots with credits available or held, in burn order; at most ${limits.balanceLotsMax}.`,
    }),
    lotsLeftOut: Type.Optional(Type.Integer({ minimum: 1 })),
    asOf: InstantSchema,
    at: PositionSchema,
  },
  {
    title: "Balance",
    examples: [
      {
        available: "425",
        held: "75",
        consumed: "0",
        debt: "0",
        lots: [
          {
            id: "grt_01jd8z3m5v7x9b2c4f6h8k0n2q",
            source: "purchase",
            priority: 50,
            granted: "500",
            available: "425",
            held: "75",
            consumed: "0",
            expired: "0",
            revoked: "0",
            moved: "0",
            effectiveAt: "2026-11-01T00:00:00Z",
          },
        ],
        asOf: "2026-11-30T12:00:00Z",
        at: { seq: 7, index: 3 },
      },
    ],
  },
);

export const BalanceQuerySchema = strictObject({
  at: Type.Optional(instant("An instant of the past; left out, now.")),
});

export const AllowanceQuerySchema = strictObject({
  run: Type.Optional(CallerIdSchema),
});

export const AllowanceLimitSchema = strictObject(
  {
    id: CallerIdSchema,
    scope: BindingScopeSchema,
    counts: Type.Optional(Type.Literal("overage")),
    used: Type.Optional(CreditsTotalSchema),
    cap: Type.Optional(Type.Union([CreditsTotalSchema, Type.Null()])),
    lent: Type.Optional(CreditsTotalSchema),
    window: Type.Optional(LimitWindowSchema),
    rate: Type.Optional(
      strictObject({
        unit: oneOf(["credits", "requests"]),
        remaining: CreditsTotalSchema,
      }),
    ),
    resetsAt: Type.Optional(InstantSchema),
  },
  { title: "AllowanceLimit" },
);

const binding = { kind: "member", id: "ana", limit: "ana-monthly" };

export const AllowanceSchema = strictObject(
  {
    remaining: CreditsTotalSchema,
    binding: strictObject({
      scope: BindingScopeSchema,
      reason: oneOf([
        "pool",
        "fairness",
        "spend_cap",
        "cap",
        "overage",
        "rate",
        "run",
        "status",
        "policy",
      ]),
      policy: Type.Optional(CallerIdSchema),
      retryAt: Type.Optional(InstantSchema),
    }),
    limits: Type.Array(AllowanceLimitSchema),
    policies: Type.Optional(Type.Array(PolicyStandingSchema)),
    share: Type.Optional(MemberShareSchema),
    overage: Type.Optional(
      strictObject(
        {
          spendCap: Type.Optional(MoneySchema),
          billed: MoneySchema,
          inFlight: SignedMoneySchema,
          left: Type.Optional(MoneySchema),
          credits: Type.Optional(CreditsTotalSchema),
        },
        {
          title: "BillableOverage",
          description:
            "What may be billed past the pool in this period; `remaining` counts its `credits`, which are of a call of no meter. Without a spend cap there is no bound.",
        },
      ),
    ),
  },
  {
    title: "Allowance",
    examples: [
      {
        remaining: "925",
        binding: { scope: binding, reason: "cap" },
        limits: [
          {
            id: "ana-monthly",
            scope: binding,
            used: "1075",
            cap: "2000",
            window: "month",
            resetsAt: "2026-12-01T00:00:00Z",
          },
        ],
      },
    ],
  },
);
