import { Samples } from "./samples.ts";
import { type Spender, memberName } from "./spender.ts";

/** One run of authorize + settle pairs. An operation is one authorize or one settle, so a pair counts two. */
export interface PairsRun {
  readonly pairs: number;
  readonly elapsedMs: number;
  readonly operationsPerSecond: number;
  /** Of single operations, in milliseconds. */
  readonly authorizeMs: Float64Array;
  readonly settleMs: Float64Array;
}

export interface PairsOptions {
  readonly spender: Spender;
  readonly callers: number;
  readonly durationMs: number;
  /** Caller `n` spends from workspace `n % length`. */
  readonly workspaceIds: readonly string[];
  /** Prefix of the idempotency keys, unique to this run. */
  readonly run: string;
  /** Members that take turns; left out: each caller is one of the few that every contestant has. */
  readonly members?: number;
}

/**
 * `callers` callers, each waiting for its answer before it asks again. The run ends when the time is up and every pair
 * begun then is answered, so that afterwards no hold is open and the books can be checked.
 */
export async function runPairs(options: PairsOptions): Promise<PairsRun> {
  const authorizes = new Samples();
  const settles = new Samples();
  const begun = performance.now();
  const end = begun + options.durationMs;
  let pairs = 0;
  const call = async (caller: number): Promise<void> => {
    const workspaceId = options.workspaceIds[caller % options.workspaceIds.length] ?? "";
    let before = performance.now();
    for (let turn = 0; before < end; turn += 1) {
      const key = `key_${options.run}_${String(caller).padStart(4, "0")}_${String(turn).padStart(9, "0")}`;
      const memberId =
        options.members === undefined
          ? memberName(caller)
          : `member-${(caller * 7919 + turn * 104_729) % options.members}`;
      const holdId = await options.spender.authorize({ workspaceId, memberId, key });
      const between = performance.now();
      await options.spender.settle(workspaceId, holdId);
      const after = performance.now();
      authorizes.add(between - before);
      settles.add(after - between);
      pairs += 1;
      before = after;
    }
  };
  await Promise.all(Array.from({ length: options.callers }, (_, caller) => call(caller)));
  const elapsedMs = performance.now() - begun;
  return {
    pairs,
    elapsedMs,
    operationsPerSecond: (pairs * 2 * 1000) / elapsedMs,
    authorizeMs: authorizes.values(),
    settleMs: settles.values(),
  };
}
