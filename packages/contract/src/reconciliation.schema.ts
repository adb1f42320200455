import { Type } from "typebox";
import {
  CallerIdSchema,
  CreditsTotalSchema,
  InstantSchema,
  MeterSchema,
  ModelSchema,
  SettlementIdSchema,
  UsageSchema,
  instant,
  oneOf,
  strictObject,
} from "./formats.schema.ts";
import { limits } from "./limits.ts";
import type { TracesRequest } from "./reconciliation.ts";

const count = Type.Integer({ minimum: 0 });

export const TracesRequestSchema = Type.Unsafe<TracesRequest>({
  title: "TracesRequest",
  type: "object",
  additionalProperties: true,
  description: "An ExportTraceServiceRequest of OTLP, as JSON or as protobuf.",
  examples: [{ resourceSpans: [] }],
});

export const TracesTakenSchema = strictObject(
  {
    partialSuccess: Type.Optional(
      strictObject({
        rejectedSpans: count,
        errorMessage: Type.String({ description: "Why; with none rejected it is a warning." }),
      }),
    ),
  },
  {
    title: "TracesTaken",
    description: "An ExportTraceServiceResponse of OTLP.",
    examples: [{}, { partialSuccess: { rejectedSpans: 1, errorMessage: "…" } }],
  },
);

export const ReconciliationRowSchema = strictObject(
  {
    kind: oneOf(["different", "unsettled", "unmeasured", "unnamed", "unobserved"], {
      description:
        "`different`: another usage of one answer; `unsettled`: observed, and settled by nobody; `unmeasured`: the observation tells no usage; `unnamed`: it names no answer; `unobserved`: settled, and seen by nobody.",
    }),
    at: InstantSchema,
    response: Type.Optional(Type.String({ description: "The provider's own id of the answer." })),
    member: Type.Optional(Type.String()),
    meter: Type.Optional(MeterSchema),
    model: Type.Optional(ModelSchema),
    operation: Type.Optional(Type.String({ description: "Of the span, such as `chat`." })),
    traceId: Type.Optional(Type.String()),
    spanId: Type.Optional(Type.String()),
    observed: Type.Optional(UsageSchema),
    settled: Type.Optional(UsageSchema),
    credits: Type.Optional(CreditsTotalSchema),
    settlements: Type.Optional(Type.Array(SettlementIdSchema)),
    estimated: Type.Optional(
      Type.Boolean({ description: "Some of it was reckoned by the caller." }),
    ),
  },
  { title: "ReconciliationRow" },
);

export const ReconciliationSchema = strictObject(
  {
    from: InstantSchema,
    to: InstantSchema,
    observed: count,
    settled: count,
    settledUnnamed: count,
    equal: count,
    different: count,
    unsettled: count,
    unmeasured: count,
    unnamed: count,
    unobserved: count,
    data: Type.Array(ReconciliationRowSchema),
    nextCursor: Type.Optional(Type.String()),
  },
  { title: "Reconciliation" },
);

export const ReconciliationQuerySchema = strictObject({
  from: instant("From this instant on."),
  to: instant("Before this instant; at most 92 days later."),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.reportRowsMax })),
  cursor: Type.Optional(CallerIdSchema),
});
