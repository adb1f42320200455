/** What the generator is asked to do, and what it found. Both travel as JSON between its process and ours. */
export interface Job {
  readonly host: string;
  readonly port: number;
  readonly apiKey: string;
  readonly durationMs: number;
  /** Prefix of the idempotency keys, unique to this run. */
  readonly run: string;
  /** A group of callers for each kind of work, all at once, each caller on a connection of its own. */
  readonly groups: readonly Group[];
}

export interface Group {
  /**
   * `pairs`: a hold, then its settle. `batches`: a batch of 50 holds, then a batch of their settles.
   * `balances`: reads of a workspace's balance.
   */
  readonly work: "pairs" | "batches" | "balances";
  readonly callers: number;
  /** Caller `n` works on workspace `n % length`. */
  readonly workspaceIds: readonly string[];
  /** Members that callers are dealt to; left out: the few that every contestant has. */
  readonly members?: number;
  /** Bodies say credits, or usage that a rate card prices. */
  readonly asks: "credits" | "usage";
  /** `holds`, or the name of another route that takes the same bodies. */
  readonly resource: string;
}

export interface JobResult {
  readonly elapsedMs: number;
  /** Of the generator alone, user and system. */
  readonly cpuMs: number;
  /** Pairs answered in full. */
  readonly pairs: number;
  readonly latencies: readonly Latency[];
}

/** Of one kind of request. */
interface Latency {
  readonly request: RequestKind;
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export type RequestKind = "hold" | "settle" | "batch" | "balance";

/** As many operations stand in one batch of `batches`. */
export const operationsPerBatch = 50;

/** The route that checks what `holds` checks and then does nothing; our server process has it. */
export const emptyResource = "empty";
