export { createEngine } from "./create-engine.ts";
export type { Engine, FeedCursor, FeedEvent, FeedPage } from "./engine.ts";
export { EngineFault, type EngineFaultCode } from "./engine-fault.ts";
export { engineLimitsDefault } from "./engine-limits.ts";
export { Gate } from "./gate.ts";
export type {
  EngineClock,
  EngineLimits,
  EngineLogCode,
  EngineLogEntry,
  EngineObserver,
  EngineOptions,
  Mentions,
  TailLost,
} from "./engine-options.ts";
export type { EngineStats } from "./engine-stats.ts";
export type {
  Accepted,
  Answer,
  EngineRequest,
  KeyReused,
  Read,
  ReadAnswer,
  Rejected,
} from "./request.ts";
export { kernelRules, type Rules } from "./rules.ts";
export { stateHash } from "./snapshots/state-hash.ts";
