import type { Usage } from "./usage.ts";

/** Spans as OTLP has them in JSON (`ExportTraceServiceRequest`); what has no meaning here is let be. */
export interface TracesRequest {
  readonly resourceSpans?: readonly unknown[];
}

/** What became of spans (`ExportTraceServiceResponse`). Without `partialSuccess` all is well. */
export interface TracesTaken {
  readonly partialSuccess?: {
    readonly rejectedSpans: number;
    /** Why; with none rejected it is a warning. */
    readonly errorMessage: string;
  };
}

/**
 * What a comparison finds.
 * - `different`: observed and settled tell another usage of one answer.
 * - `unsettled`: it was observed, and nobody settled it.
 * - `unmeasured`: the observation tells no usage, such as of a stream that was given up; what was settled stands.
 * - `unnamed`: the observation names no answer, so that it is not known whether it was settled.
 * - `unobserved`: it was settled, and nobody saw it.
 */
export type ReconciliationKind =
  | "different"
  | "unsettled"
  | "unmeasured"
  | "unnamed"
  | "unobserved";

/** One call of which observation and settlement do not say the same. */
export interface ReconciliationRow {
  readonly kind: ReconciliationKind;
  readonly at: string;
  /** The provider's own id of the answer. */
  readonly response?: string;
  readonly member?: string;
  readonly meter?: string;
  readonly model?: string;
  /** Of the span, such as `chat`. */
  readonly operation?: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly observed?: Usage;
  readonly settled?: Usage;
  /** Credits of what was settled. */
  readonly credits?: string;
  /** The holds and debits that were settled. */
  readonly settlements?: readonly string[];
  /** Some of it was reckoned by the caller. */
  readonly estimated?: boolean;
}

/** What was observed of a workspace in a span of time, beside what was settled. */
export interface Reconciliation {
  readonly from: string;
  readonly to: string;
  readonly observed: number;
  /** Settlements of a model that name the provider's answer; those that name none cannot be compared. */
  readonly settled: number;
  readonly settledUnnamed: number;
  readonly equal: number;
  readonly different: number;
  readonly unsettled: number;
  readonly unmeasured: number;
  readonly unnamed: number;
  readonly unobserved: number;
  /** All but what is equal, by time. */
  readonly data: readonly ReconciliationRow[];
  readonly nextCursor?: string;
}

/** Of which time, half-open. */
export interface ReconciliationQuery {
  readonly from: string;
  readonly to: string;
  readonly limit?: number;
  readonly cursor?: string;
}
