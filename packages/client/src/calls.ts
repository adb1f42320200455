import type { Operation, OperationMethod } from "@cistern/contract";
import type { CallOptions, ChangeOptions, WaitOptions } from "./call-options.ts";
import type { Download } from "./download.ts";
import type { Environment } from "./environment.ts";

/** What the parts of the client call with; `path` is whole, with ids made safe. */
export interface Calls {
  read<Answer>(path: string, query?: object, options?: WaitOptions): Promise<Answer>;
  /** Changes something, under the caller's key or a fresh one. */
  change<Answer>(
    method: OperationMethod,
    path: string,
    body?: object,
    options?: ChangeOptions,
  ): Promise<Answer>;
  /** Sends what takes no key: it only asks, or what it did is its own proof. */
  ask<Answer>(path: string, body: object, options?: CallOptions): Promise<Answer>;
  download(path: string, query: object, options?: CallOptions): Promise<Download>;
}

/** Whoever calls an engine until there is an answer. */
export interface Asker {
  change<Answer>(operation: Operation, options?: CallOptions): Promise<Answer>;
  read<Answer>(path: string, query?: object, options?: WaitOptions): Promise<Answer>;
  download(path: string, query: object, options?: CallOptions): Promise<Download>;
}

/** Calls through an asker. */
export function callsOn(asker: Asker, environment: Pick<Environment, "newKey">): Calls {
  return {
    read: async (path, query = {}, options = {}) => await asker.read(path, query, options),
    change: async (method, path, body, options = {}) => {
      const idempotencyKey = options.idempotencyKey ?? environment.newKey();
      const said = body === undefined ? {} : { body };
      return await asker.change({ method, path, idempotencyKey, ...said }, options);
    },
    ask: async (path, body, options = {}) =>
      await asker.change({ method: "POST", path, body }, options),
    download: async (path, query, options = {}) => await asker.download(path, query, options),
  };
}

/** A path inside a workspace, of these parts. */
export type Within = (...parts: readonly string[]) => string;
