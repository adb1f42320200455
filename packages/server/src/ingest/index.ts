/** Entry of the part: usage that arrives in the words of others. */
export { type Headers, isBinary, structuredOf } from "./binary-mode.ts";
export { type EventFault, isFault, namesOf, readEvent } from "./cloud-event.ts";
export { type ArrivedCall, type Intake, callOfEvent } from "./event-call.ts";
export type { EventRule, Quantity } from "./event-rule.ts";
export { foldUsage } from "./fold-usage.ts";
export { ingestMigrations } from "./migrations.ts";
export { type Observation, observe, placeOf, toolOperation } from "./observation.ts";
export { type KeptObservation, type Observations, createObservations } from "./observations.ts";
export { MalformedMessage, decodeTraces, encodeStatus, encodeTaken } from "./otlp-messages.ts";
export type { TraceRules } from "./trace-rules.ts";
export { type BadSpan, isBad, readSpans } from "./received-span.ts";
export { type Finding, atOf, reconcile } from "./reconciliation.ts";
