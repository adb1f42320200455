import type { Event, Hold, Instant, Position, Rejection, State } from "@cistern/kernel";
import type { Answer, EngineRequest, ReadAnswer } from "./request.ts";

/** What was decided for a command, before the journal proves it. */
export type Verdict =
  /** The event at `index` of the batch. */
  | { readonly kind: "accepted"; readonly index: number; readonly event: Event }
  | {
      readonly kind: "rejected";
      readonly rejection: Rejection;
      readonly at: Position;
      readonly decidedAt: Instant;
    }
  /** An earlier request with this key was accepted; `isSame` says whether its body was this one. */
  | { readonly kind: "prior"; readonly position: Position; readonly isSame: boolean };

/** A hold that was read from the journal again (RULES 25); `isStale` when something happened to it since. */
export interface Recalled {
  readonly holdId: string;
  hold: Hold | undefined;
  isStale: boolean;
}

/** A command in a queue. Mutable: its lane notes here what was decided, and decides again when the batch was undone. */
export interface CommandEntry {
  readonly kind: "command";
  readonly request: EngineRequest;
  /** After this instant it is shed instead of decided. */
  readonly shedAt: number;
  readonly settle: (answer: Answer) => void;
  readonly fail: (fault: unknown) => void;
  verdict: Verdict | undefined;
  recalled: Recalled | undefined;
}

/** A question in a queue. It is asked when its turn comes, again when the batch was undone, and answered once proven. */
export interface ReadEntry {
  readonly kind: "read";
  readonly shedAt: number;
  /** Asks the question of this state. */
  ask(state: State, at: Instant, position: Position): void;
  /** Gives the last answer out. */
  settle(): void;
  fail(fault: unknown): void;
}

/** A request in a workspace's queue. */
export type Entry = CommandEntry | ReadEntry;

/** A question as an entry; what the question throws, its asker gets. */
export function readEntry<T>(
  question: (state: State, at: Instant) => T,
  options: {
    shedAt: number;
    settle: (answer: ReadAnswer<T>) => void;
    fail: (fault: unknown) => void;
  },
): ReadEntry {
  let settle = (): void => {};
  return {
    kind: "read",
    shedAt: options.shedAt,
    ask(state, at, position) {
      if (position.seq === 0) {
        settle = () => options.settle({ kind: "unknown_workspace" });
        return;
      }
      try {
        const value = question(state, at);
        settle = () => options.settle({ kind: "read", value, at: position, asOf: at });
      } catch (error) {
        settle = () => options.fail(error);
      }
    },
    settle: () => settle(),
    fail: options.fail,
  };
}
