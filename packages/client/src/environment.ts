/** What the client takes from outside: the network, time, chance. Defaults stand in `defaults.ts`; tests and other runtimes bring their own. */
export interface Environment {
  readonly fetch: Fetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** RFC 3339 in UTC. */
  readonly printInstant: (at: number) => string;
  /** Runs the task once after the delay; the answer calls it off. A background timer does not keep the process alive. */
  readonly setTimer: (delayMs: number, task: () => void, isBackground: boolean) => () => void;
  /** A number from 0 up to, not including, 1. */
  readonly random: () => number;
  /** A fresh idempotency key. */
  readonly newKey: () => string;
  /** Tells the operator of what nobody else is told. */
  readonly warn: (message: string, cause: unknown) => void;
}

/** The part of `fetch` that is used. */
export type Fetch = (url: string, request: FetchRequest) => Promise<FetchResponse>;

/** What is sent. */
export interface FetchRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** What came back. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
  arrayBuffer(): Promise<ArrayBuffer>;
}
