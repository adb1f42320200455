/**
 * The port of sinks: where a vendor's own systems take events from Cistern. `file`, `stdout` and `nats` implement it.
 *
 * S1 `write` resolves when all of the events are durable there, and only then does the cursor move. S2 after a fault all of them
 * are written again: each arrives at least once, always under the same id, by which whoever reads drops what it has seen.
 * S3 events of one workspace are there in the journal's order, if the second coming of an id is dropped.
 */
import type { CloudEvent } from "@cistern/contract";

/** See the file head. Calls for different workspaces may come at once; those of one workspace come one after the other. */
export interface Sink {
  /** What its cursors are kept under: a sink of another name is begun anew. */
  readonly name: string;
  /** So many at a call; left out: 256. */
  readonly batchEventsMax?: number;
  /** Rejects with `SinkFault`: the same events come again later. `signal`: nobody waits any more, what is not begun may be left. */
  write(events: readonly CloudEvent[], signal?: AbortSignal): Promise<void>;
  /** Lets go of what is open. Nothing is written after it. */
  close(): Promise<void>;
}

/** What a fault keeps: all that is for this sink, or these events alone, while it takes others. */
export type FaultOf = "sink" | "events";

/** A sink that cannot take events now. The message names the sink, and what keeps it. */
export class SinkFault extends Error {
  override readonly name = "SinkFault";
  readonly of: FaultOf;

  constructor(message: string, { of = "sink", ...options }: ErrorOptions & { of?: FaultOf } = {}) {
    super(message, options);
    this.of = of;
  }
}

/** Why something failed, as a text. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
