/**
 * Owns that what is due happens though nobody calls and nothing is in memory: expiries, renewals, maturities, all that the kernel
 * has happen by itself, and that prices have moved on.
 *
 * K1 a workspace is looked for every 15 seconds, so that what is due in it has happened within 30 on a node that keeps up. K2 of one that has nothing due nothing is read. K3 one that
 * cannot be woken is tried again, later each time, and keeps no other waiting.
 */
import { type DueWork, createDueWork } from "./due-work.ts";

/** What the waker stands on. */
export interface WakerOptions {
  /** Those that there is something for at an instant, or may be, in order after one of them. */
  readonly workspaces: (page: {
    readonly at: number;
    readonly after: string;
    readonly limit: number;
  }) => Promise<readonly string[]>;
  /** Told when the last of them was woken, or is to be tried again; where one could be neither it is not. */
  readonly done?: () => Promise<void>;
  /** Has all happen that is due in a workspace, and notes when something is due next. */
  readonly wake: (workspaceId: string) => Promise<unknown>;
  readonly clock: {
    now(): number;
    after(ms: number, callBack: () => void): () => void;
  };
  readonly log: (entry: WakerLogEntry) => void;
  /** From sweep to sweep, and at once; left out: as K1 asks for. */
  readonly sweepMs?: number;
  readonly togetherMax?: number;
}

/** What an operator is told. */
export interface WakerLogEntry {
  readonly level: "warn";
  readonly code: "workspace_not_woken" | "due_unread";
  readonly message: string;
  readonly workspaceId?: string;
  readonly cause?: unknown;
}

/** Wakes workspaces until it is stopped. */
export interface Waker {
  start(): void;
  /** Ends what it has begun and begins no more. */
  stop(): Promise<void>;
}

/** Half of what K1 promises: waking takes time too. */
const sweepMsDefault = 15_000;
const sweepPage = 500;
const togetherDefault = 16;
const retryMsMin = 1_000;

/**
 * See the file head.
 *
 * @example createWaker({ workspaces, wake, clock, log }).start()
 */
export function createWaker({
  workspaces,
  done,
  wake,
  clock,
  log,
  sweepMs = sweepMsDefault,
  togetherMax = togetherDefault,
}: WakerOptions): Waker {
  /** On the list, to be tried again. */
  const failing = new Set<string>();
  const failed = (workspaceId: string, cause: unknown): void => {
    const message = `What is due in ${workspaceId} could not happen; it is tried again.`;
    log({ level: "warn", code: "workspace_not_woken", workspaceId, message, cause });
  };
  let isOneDropped = false;
  const wakeOne = async (workspaceId: string): Promise<void> => {
    try {
      await wake(workspaceId);
    } catch (cause) {
      failed(workspaceId, cause);
      if (work.isFull) {
        isOneDropped = true;
        return;
      }
      failing.add(workspaceId);
      work.add(workspaceId, clock.now() + retryMsMin);
    }
  };
  const sweep = async (): Promise<void> => {
    const at = clock.now();
    isOneDropped = false;
    for (let after = "", isLast = false; !isLast;) {
      const page = await workspaces({ at, after, limit: sweepPage });
      const fresh = page.filter((workspaceId) => !failing.has(workspaceId));
      await work.each(fresh, wakeOne);
      if (work.isStopping) return;
      after = page.at(-1) ?? after;
      isLast = page.length < sweepPage;
    }
    if (!isOneDropped) await done?.();
  };
  const work: DueWork<string> = createDueWork<string>({
    clock,
    togetherMax,
    retryMsMin,
    sweepMs,
    nameOf: (workspaceId) => workspaceId,
    sweep,
    sweepFailed: (cause) => {
      const message =
        "Workspaces in which something is due could not be read; they are looked for again.";
      log({ level: "warn", code: "due_unread", message, cause });
    },
    attempt: async (workspaceId) => {
      await wake(workspaceId);
      failing.delete(workspaceId);
      return undefined;
    },
    attemptFailed: failed,
  });
  return { start: () => work.start(), stop: () => work.stop() };
}
