/** Entry of the part: usage that arrives in the words of others. */
export { type Headers, isBinary, structuredOf } from "./binary-mode.ts";
export { type EventFault, isFault, isFields, namesOf, readEvent } from "./cloud-event.ts";
export { type ArrivedCall, type Intake, callOfEvent } from "./event-call.ts";
export type { EventRule, Quantity } from "./event-rule.ts";
export { foldUsage } from "./fold-usage.ts";
export { ingestMigrations } from "./migrations.ts";
export {
  type Observation,
  observe,
  tellsUsage,
  toolOperation,
  workspaceSaid,
} from "./observation.ts";
export { type KeptObservation, type Observations, createObservations } from "./observations.ts";
export {
  type Chargeable,
  type SettledNear,
  type Uncharged,
  oneCallMsMax,
} from "./observed-charges.ts";
export { type ArrivedSpan, type SpanLinks, createSpanLinks } from "./span-links.ts";
export { type SpanIds, placeOf } from "./span-tree.ts";
export { MalformedMessage, decodeTraces, encodeStatus, encodeTaken } from "./otlp-messages.ts";
export type { TraceRules } from "./trace-rules.ts";
export { type BadSpan, type ReceivedSpan, isBad, readSpans } from "./received-span.ts";
export { type Finding, atOf, reconcile } from "./reconciliation.ts";
export {
  type HistoryFormat,
  type HistoryRow,
  type HistorySource,
  type RefusedRow,
  type TimeUnit,
  HistoryFault,
} from "./import/history.ts";
export { type ReadHistoryOptions, readHistory } from "./import/read-history.ts";
export { type StagedHistory, stageHistory } from "./import/staged-history.ts";
export { bookHistory, rowKey } from "./import/book-history.ts";
export { type Booked, type Undecided, BookingFault } from "./import/booking.ts";
