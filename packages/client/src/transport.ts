import type { Operation, OperationResult } from "@cistern/contract";

/**
 * The way to an engine: over HTTP, or in process. It answers with whatever status the engine gives, and throws a
 * `TransportFault` where there is none. An aborted call rejects at once with the signal's reason; its effect is unknown.
 */
export interface Transport {
  /** Sends one operation. How many of them share a request is the transport's own business. */
  send(operation: Operation, signal: AbortSignal): Promise<OperationResult>;
  /** Reads a path, query included. `waitMs`: so long the server was asked to wait with its answer. */
  read(path: string, signal: AbortSignal, waitMs?: number): Promise<OperationResult>;
  /** Reads a path, query included, that is answered with a file: then the body is a `Download`. */
  download(path: string, signal: AbortSignal): Promise<OperationResult>;
}

/** No answer came. The effect is unknown unless the operation never left (`queue_full`). */
export class TransportFault extends Error {
  readonly reason: "unreachable" | "timeout" | "unexpected_answer" | "queue_full";

  constructor(reason: TransportFault["reason"], message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = "TransportFault";
    this.reason = reason;
  }
}
