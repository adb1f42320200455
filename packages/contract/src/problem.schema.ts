import { Type } from "typebox";
import {
  CallerIdSchema,
  CreditsTotalSchema,
  InstantSchema,
  oneOf,
  PositionSchema,
  strictObject,
} from "./formats.schema.ts";
import { NextStepsSchema, ShareFiguresSchema } from "./fairness.schema.ts";
import { PolicyRefusalSchema } from "./policy.schema.ts";
import type { ProblemCode } from "./problem.ts";
import { problemCodes } from "./problem.ts";

export const BindingScopeSchema = strictObject(
  {
    kind: oneOf(["workspace", "group", "member", "run"]),
    id: CallerIdSchema,
    limit: Type.Optional(CallerIdSchema),
    inherited: Type.Optional(
      Type.Boolean({ description: "The limit is the one set for each member." }),
    ),
  },
  {
    title: "BindingScope",
    description: "The node that binds, and the limit on it; without a limit it is the pool itself.",
    examples: [{ kind: "member", id: "ana", limit: "ana-monthly" }],
  },
);

const ProblemCodeSchema = Type.Unsafe<ProblemCode>(
  Type.String({ enum: [...problemCodes], description: "What programs branch on." }),
);

export const ProblemSchema = strictObject(
  {
    type: Type.String({ examples: ["/problems/pool_exhausted"] }),
    title: Type.String({ examples: ["The pool has too few credits"] }),
    status: Type.Integer({ examples: [402] }),
    code: ProblemCodeSchema,
    detail: Type.String({
      description: "The fact with its values, and the next step.",
      examples: ["The hold asks for 75 credits; 50 are available."],
    }),
    scope: Type.Optional(BindingScopeSchema),
    requested: Type.Optional(CreditsTotalSchema),
    available: Type.Optional(CreditsTotalSchema),
    missing: Type.Optional(CreditsTotalSchema),
    unit: Type.Optional(
      Type.String({
        description:
          "What the three count where it is not credits: requests, or a bucket of a meter.",
      }),
    ),
    maxNow: Type.Optional(CreditsTotalSchema),
    figures: Type.Optional(ShareFiguresSchema),
    next: Type.Optional(NextStepsSchema),
    retryAt: Type.Optional(InstantSchema),
    decidedAt: Type.Optional(InstantSchema),
    at: Type.Optional(PositionSchema),
    violations: Type.Optional(
      Type.Array(
        strictObject({
          pointer: Type.String({ description: "JSON pointer into the request." }),
          detail: Type.String(),
        }),
      ),
    ),
    buckets: Type.Optional(
      Type.Array(Type.String(), {
        description: "The buckets that the price of the meter knows, where usage has others.",
      }),
    ),
    policy: Type.Optional(PolicyRefusalSchema),
    docs: Type.Optional(Type.String({ description: "Where the code is explained." })),
  },
  {
    title: "Problem",
    description: "A refusal (RFC 9457).",
    examples: [
      {
        type: "/problems/pool_exhausted",
        title: "The pool has too few credits",
        status: 402,
        code: "pool_exhausted",
        detail: "The hold asks for 75 credits; 50 are available.",
        scope: { kind: "workspace", id: "acme" },
        requested: "75",
        available: "50",
        missing: "25",
      },
    ],
  },
);
