// Owns: which operations share a request. B1: nothing waits for a timer: what is asked in one turn of the event loop leaves at
// its end, and while all requests are under way the next batch forms. B2: operations leave in the order in which they were asked.
// B3: one caller giving up disturbs no other. B4: count and bytes of a batch stay within the server's bounds.
import type { Operation, OperationResult } from "@cistern/contract";
import { TransportFault } from "./transport.ts";

/** An operation with its JSON, which is written once. */
export interface Parcel {
  readonly operation: Operation;
  readonly json: string;
}

/** Sends one request with these parcels and answers each, in order. */
export type SendParcels = (
  parcels: readonly Parcel[],
  signal: AbortSignal,
) => Promise<readonly OperationResult[]>;

/** The bounds of a coalescer. */
export interface CoalescerBounds {
  readonly requestsInFlightMax: number;
  readonly queueMax: number;
  readonly batchOperationsMax: number;
  readonly bodyBytesMax: number;
}

interface Waiting extends Parcel {
  readonly bytes: number;
  readonly resolve: (result: OperationResult) => void;
  readonly reject: (reason: unknown) => void;
  isGivenUp: boolean;
  giveUp: () => void;
}

/** Bytes of `{"operations":[]}` and of the comma behind each. */
const frameBytes = 18;

const encoder = new TextEncoder();

/** Collects operations into requests. */
export class Coalescer {
  readonly #send: SendParcels;
  readonly #bounds: CoalescerBounds;
  #waiting: Waiting[] = [];
  #requestsInFlight = 0;
  #isFlushDue = false;

  constructor(send: SendParcels, bounds: CoalescerBounds) {
    this.#send = send;
    this.#bounds = bounds;
  }

  /** Takes an operation; rejects with the signal's reason as soon as it is aborted. */
  submit(operation: Operation, signal: AbortSignal): Promise<OperationResult> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      if (this.#waiting.length >= this.#bounds.queueMax) {
        const message = `${this.#bounds.queueMax} operations are waiting already; ask for less at once.`;
        reject(new TransportFault("queue_full", message));
        return;
      }
      const json = JSON.stringify(operation);
      const waiting: Waiting = {
        operation,
        json,
        bytes: encoder.encode(json).length + 1,
        isGivenUp: false,
        giveUp: () => {},
        resolve: (result) => {
          signal.removeEventListener("abort", onAbort);
          resolve(result);
        },
        reject: (reason) => {
          signal.removeEventListener("abort", onAbort);
          reject(reason);
        },
      };
      const onAbort = () => {
        waiting.isGivenUp = true;
        reject(signal.reason);
        waiting.giveUp();
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(waiting);
      this.#scheduleFlush();
    });
  }

  #scheduleFlush(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    queueMicrotask(() => {
      this.#isFlushDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#requestsInFlight < this.#bounds.requestsInFlightMax) {
      const batch = this.#takeBatch();
      if (batch.length === 0) return;
      this.#requestsInFlight += 1;
      void this.#deliver(batch).finally(() => {
        this.#requestsInFlight -= 1;
        this.#scheduleFlush();
      });
    }
  }

  #takeBatch(): Waiting[] {
    const wanted = this.#waiting.filter((waiting) => !waiting.isGivenUp);
    let bytes = frameBytes;
    let count = 0;
    for (const waiting of wanted) {
      bytes += waiting.bytes;
      if (count > 0 && bytes > this.#bounds.bodyBytesMax) break;
      count += 1;
      if (count === this.#bounds.batchOperationsMax) break;
    }
    this.#waiting = wanted.slice(count);
    return wanted.slice(0, count);
  }

  async #deliver(batch: readonly Waiting[]): Promise<void> {
    const request = new AbortController();
    let listening = batch.length;
    for (const waiting of batch)
      waiting.giveUp = () => {
        listening -= 1;
        if (listening === 0) request.abort();
      };
    try {
      const results = await this.#send(batch, request.signal);
      batch.forEach((waiting, index) => {
        const result = results[index];
        if (result !== undefined) waiting.resolve(result);
        else waiting.reject(missingAnswer(batch.length, results.length));
      });
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }
}

function missingAnswer(asked: number, answered: number): TransportFault {
  const message = `The batch had ${asked} operations and got ${answered} answers.`;
  return new TransportFault("unexpected_answer", message);
}
