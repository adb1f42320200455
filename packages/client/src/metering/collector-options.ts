// Owns: what is set for a collector, and what it tells beside its calls.
import type { Cistern, Deferred } from "../cistern.ts";
import type { Estimator } from "../estimates/estimator.ts";
import type { MeteredKind } from "./metered-request.ts";
import type { ScopeSource } from "./scope.ts";

/** What went wrong beside a call that itself went on. */
export interface CollectorFault {
  /** The end of a call could not be told: its hold expires, unless somebody settles it. */
  readonly kind: "unsettled";
  readonly hold: string;
  readonly error: unknown;
}

/** How calls are metered. */
export interface CollectorOptions {
  readonly cistern: Cistern<Deferred>;
  readonly scope: ScopeSource;
  /** Names of the catalog's meters where they differ from `chat`, `embedding`, `image`, `speech`, `transcription`, `video`, `rerank`, `tool`. */
  readonly meters?: Partial<Readonly<Record<MeteredKind, string>>>;
  /** Default `heuristic`. */
  readonly estimator?: Estimator;
  /** Tokens of output to hold for a call that names no bound, until 20 calls of its meter were learned from; default 4,096. */
  readonly outputTokensDefault?: number;
  /** How long a call may take before its hold expires; default `PT15M`. A later end is charged all the same. */
  readonly ttl?: string;
  /** How long a call waits for its hold; default: as long as the client waits for any answer. */
  readonly decisionTimeoutMs?: number;
  /**
   * By whose price a call is charged that another model answered than was asked for. `asked`, the default: the name that was held for, which may be an
   * alias or a deployment that only the provider knows. `answered`: the one that answered, for routers that fall back; a name without a row of the
   * rate card is then charged what the hold has left, `unrated`.
   */
  readonly chargeBy?: "asked" | "answered";
  /** Default: a warning on the console. */
  readonly onFault?: (fault: CollectorFault) => void;
}
