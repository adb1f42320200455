/**
 * Owns where invoices are printed: on one thread of its own, which is started by the first that is to be printed.
 *
 * T1 so many wait at most; more are not taken. T2 a thread that breaks takes the invoices that it had with it, and the next one
 * starts another.
 */
import { Worker } from "node:worker_threads";
import type { CreditNotePaper, CreditWords, Invoice } from "@cistern/contract";

/** What can be printed. */
export type Paper =
  | { readonly kind: "invoice"; readonly invoice: Invoice; readonly credits: CreditWords }
  | { readonly kind: "credit_note"; readonly creditNote: CreditNotePaper };

/** Prints invoices and credit notes as PDF. */
export interface Printer {
  /** The bytes; undefined where too many wait (T1). Rejects where it could not be printed. */
  pdf(paper: Paper): Promise<Uint8Array | undefined>;
  /** Ends the thread. */
  stop(): Promise<void>;
}

const waitingMax = 32;
const memoryMb = 256;

interface Waiting {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (fault: Error) => void;
}

type Printed = { readonly id: number } & (
  | { readonly bytes: Uint8Array }
  | { readonly fault: string }
);

/** See the file head. */
export function createPrinter(): Printer {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let sent = 0;

  /** A thread that has nothing to do keeps no process alive. */
  const rest = (one: Worker): void => {
    if (waiting.size === 0) one.unref();
  };

  const begin = (): Worker => {
    // Beside this file, by whatever name: it is compiled or not as this one is.
    const file = `./print-worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`;
    const begun = new Worker(new URL(file, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    begun.on("message", (printed: Printed) => {
      const one = waiting.get(printed.id);
      waiting.delete(printed.id);
      rest(begun);
      if ("bytes" in printed) one?.resolve(printed.bytes);
      else one?.reject(new Error(`The invoice could not be printed: ${printed.fault}`));
    });
    const end = (cause?: unknown): void => {
      if (worker === begun) worker = undefined;
      for (const { reject } of waiting.values())
        reject(new Error("The thread that prints invoices broke.", { cause }));
      waiting.clear();
    };
    begun.on("error", end);
    begun.on("exit", () => end());
    rest(begun);
    return begun;
  };

  return {
    async pdf(paper) {
      if (waiting.size >= waitingMax) return undefined;
      worker ??= begin();
      worker.ref();
      const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
      sent += 1;
      waiting.set(sent, { resolve, reject });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have none
      worker.postMessage({ id: sent, paper });
      return await promise;
    },
    async stop() {
      await worker?.terminate();
    },
  };
}
