/**
 * Owns the way from the client's own interface to the operations of a node in this process. What passes is JSON as over HTTP, so that the same
 * code means the same, and nobody holds a piece of the engine's state.
 */
import type { Transport } from "@cistern/client";
import type { OperationResult } from "@cistern/contract";
import { type Operations, type PathCall, createOperations, resultOf } from "./api/index.ts";
import type { StoredKey } from "./identity/index.ts";
import type { Node, NodeLogEntry } from "./open-node.ts";

/** Calls to a node in this process. */
export interface NodeCalls {
  readonly call: (sent: PathCall, signal?: AbortSignal) => Promise<OperationResult>;
  /** Reads a path as a file: the body is the client's `Download`. */
  readonly file: (path: string, signal: AbortSignal) => Promise<OperationResult>;
}

/** Whoever embeds the engine may do everything: there is nobody to keep out of one's own process. */
export const host: StoredKey = {
  id: `key_${"0".repeat(26)}`,
  prefix: "embedded",
  name: "embedded",
  scopes: new Set(["admin"]),
  workspace: undefined,
  member: undefined,
  createdAt: 0,
  revokedAt: undefined,
};

/** Calls to the operations of a node in this process, by method and path. */
export function callsTo({ parts }: Node, log: (entry: NodeLogEntry) => void): NodeCalls {
  return callsOn(
    createOperations(parts, (cause, operation) =>
      log({ level: "error", code: "call_failed", message: `${operation} met a fault.`, cause }),
    ),
  );
}

/** Calls to operations that are there. */
export function callsOn({ dispatch, file }: Pick<Operations, "dispatch" | "file">): NodeCalls {
  return {
    async call(sent, signal) {
      signal?.throwIfAborted();
      const answer = dispatch({ ...asJson(sent), signal }, host).then((given) =>
        asJson(resultOf(given)),
      );
      return await (signal === undefined ? answer : unlessAborted(answer, signal));
    },
    async file(path, signal) {
      signal.throwIfAborted();
      const given = await unlessAborted(file(path, host), signal);
      if (given.kind === "refused") return asJson(resultOf(given));
      const { kind: _, ...download } = given;
      return { status: 200, body: download };
    },
  };
}

/** The client's way to those operations. */
export const transportOf = ({ call, file }: NodeCalls): Transport => ({
  send: (operation, signal) => call(operation, signal),
  read: (path, signal) => call({ method: "GET", path }, signal),
  download: (path, signal) => file(path, signal),
});

/** What would arrive at the other end of a wire. */
function asJson<T>(value: T): T {
  const copy: T = JSON.parse(JSON.stringify(value));
  return copy;
}

async function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([answer, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
