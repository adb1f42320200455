/**
 * Owns the count of refusals by member, hour and code (RULES 27): kept in memory and added to a side table now and then. Best
 * effort on purpose: a refusal is no fact, and losing a count on a crash loses nothing that anybody is owed.
 */
import type { Command, Instant, Rejection } from "@cistern/kernel";
import type { Pool } from "pg";
import { bigintArray, int64Array, textArray } from "../database/index.ts";
import type { EngineClock } from "../engine/index.ts";
import { refuseSql } from "./statements.ts";

/** Counts refusals, and writes them every few seconds. */
export interface RefusalCounts {
  refused(refusal: {
    readonly workspaceId: string;
    readonly command: Command;
    readonly rejection: Rejection;
    readonly at: Instant;
  }): void;
  /** Writes what is counted. */
  flush(): Promise<void>;
}

interface Count {
  readonly workspaceId: string;
  readonly member: string;
  readonly hourMs: number;
  readonly code: string;
  refused: number;
  credits: bigint;
}

const flushMs = 2_000;
const countsMax = 10_000;
const hourMs = 3_600_000;
/** The most that the table's column holds; see `refuseSql`. */
const creditsSumMax = 9_223_372_036_854_775_807n;

/** See the file head. */
export function createRefusalCounts(options: {
  readonly pool: Pool;
  readonly clock: EngineClock;
  readonly onFault: (error: unknown) => void;
}): RefusalCounts {
  const counts = new Map<string, Count>();
  let isPlanned = false;

  async function flush(): Promise<void> {
    if (counts.size === 0) return;
    const taken = [...counts.values()];
    counts.clear();
    try {
      await options.pool.query({ name: "refuse", text: refuseSql, values: parameters(taken) });
    } catch (error) {
      options.onFault(error);
    }
  }

  return {
    flush,
    refused({ workspaceId, command, rejection, at }) {
      if (rejection.code === "unknown_workspace" || !isUsage(command)) return;
      const hour = at - (at % hourMs);
      const key = [workspaceId, command.member, hour, rejection.code].join(" ");
      const known = counts.get(key);
      if (known === undefined && counts.size >= countsMax) return;
      const count = known ?? {
        workspaceId,
        member: command.member,
        hourMs: hour,
        code: rejection.code,
        refused: 0,
        credits: 0n,
      };
      count.refused += 1;
      count.credits = least(count.credits + creditsAsked(rejection), creditsSumMax);
      counts.set(key, count);
      if (isPlanned) return;
      isPlanned = true;
      options.clock.after(flushMs, () => {
        isPlanned = false;
        void flush();
      });
    },
  };
}

/** What a member is refused is usage: what is typed wrong about a member, or asked for beside, is none. */
const isUsage = (
  command: Command,
): command is Extract<Command, { readonly kind: "openHold" | "debit" }> =>
  command.kind === "openHold" || command.kind === "debit";

/** What was asked for in vain, where that is credits: units of an allowance, requests and calls of a run are none. */
function creditsAsked(rejection: Rejection): bigint {
  if (!("requested" in rejection)) return 0n;
  const { code, requested } = rejection;
  if (code === "rate_limited" || code === "allowance_held" || code === "allowance_exhausted")
    return 0n;
  return code === "run_limit_reached" && rejection.bound !== "limit" ? 0n : requested;
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

const parameters = (counts: readonly Count[]): unknown[] => [
  textArray(counts.map((one) => one.workspaceId)),
  textArray(counts.map((one) => one.member)),
  bigintArray(counts.map((one) => one.hourMs)),
  textArray(counts.map((one) => one.code)),
  bigintArray(counts.map((one) => one.refused)),
  int64Array(counts.map((one) => one.credits)),
];
