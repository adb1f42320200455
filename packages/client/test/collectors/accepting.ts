// A Cistern in process that approves everything and remembers how each hold ended: for tests that make thousands of calls.
import assert from "node:assert/strict";
import { cisternOver } from "@cistern/client";
import { type Collector, type CollectorOptions, createCollector } from "@cistern/client/metering";
import type { Operation, OperationResult } from "@cistern/contract";

/** How a hold ended. */
export interface End {
  readonly verb: "settle" | "release";
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Accepting {
  readonly credits: Collector;
  /** How each hold ended, in the order in which the holds were made. */
  readonly ends: () => Promise<readonly End[]>;
}

/** @param buckets what every price knows; undefined: it does not say */
export function accepting(
  options: Partial<CollectorOptions> = {},
  buckets?: readonly string[],
): Accepting {
  const ends: (End | undefined)[] = [];
  const send = async (operation: Operation): Promise<OperationResult> => {
    await Promise.resolve();
    const [, id, verb] = /\/holds\/hld_(\d+)\/(settle|release)$/.exec(operation.path) ?? [];
    const balance = { available: "0", held: "0" };
    const at = { seq: 1, index: 0 };
    if (verb !== "settle" && verb !== "release") {
      const made = `hld_${String(ends.push(undefined) - 1).padStart(26, "0")}`;
      const answer = {
        id: made,
        status: "open",
        member: "ana",
        credits: "10",
        lots: [],
        balance,
        at,
      };
      const expiresAt = "2030-01-01T00:00:00Z";
      return {
        status: 201,
        body: { ...answer, expiresAt, ...(buckets === undefined ? {} : { buckets }) },
      };
    }
    assert.equal(ends[Number(id)], undefined, `hold ${id} ends twice`);
    const body =
      typeof operation.body === "object" && operation.body !== null ? operation.body : {};
    ends[Number(id)] = { verb, body: { ...body } };
    const status = verb === "settle" ? "settled" : "released";
    return {
      status: 200,
      body: { id, status, charged: "1", returned: "0", lots: [], balance, at },
    };
  };
  const nothing = async (): Promise<OperationResult> => await Promise.reject(new Error("unasked"));
  const cistern = cisternOver({ transport: { send, read: nothing, download: nothing } });
  const scope = { workspace: "acme", member: "ana" };
  const credits = createCollector({ cistern, scope, ...options });
  return {
    credits,
    ends: async () => {
      await credits.idle();
      return ends.map((end, at) => end ?? assert.fail(`hold ${at} has no end`));
    },
  };
}
