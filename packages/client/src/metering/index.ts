export { createCollector } from "./collector.ts";
export type {
  AuthorizedCollector,
  Collector,
  CollectorFault,
  CollectorOptions,
} from "./collector.ts";
export type { CallPreview } from "./held-call.ts";
export { meter } from "./meter.ts";
export type { MeterOptions, Work } from "./meter.ts";
export type { MeteredKind, MeteredRequest } from "./metered-request.ts";
export { MeteredCall } from "./metered-call.ts";
export { endingOf, nothingSeen } from "./ending.ts";
export type { Ending, Evidence, Stop } from "./ending.ts";
export { exchange, jsonBody } from "./exchange.ts";
export type { Outgoing, Send } from "./exchange.ts";
export { UnknownScope } from "./scope.ts";
export type { CallScope, ScopeSource } from "./scope.ts";
export { ceiling, exact, heuristic } from "../estimates/estimator.ts";
export type { Estimator } from "../estimates/estimator.ts";
export type { MeterStatistics } from "../estimates/learned.ts";
export { dialectOf } from "../providers/index.ts";
export type { Dialect } from "../providers/index.ts";
export { formBody } from "../providers/form.ts";
