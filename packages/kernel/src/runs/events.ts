/** Owns the facts of runs. Each carries the run as it is after it. */
import type { Credits } from "../amount.ts";
import type { Fact } from "../fact.ts";
import type { Member } from "../members/member.ts";
import type { Run } from "./run.ts";

/** An envelope is there. */
export interface RunOpened extends Fact<"run.opened"> {
  readonly run: Run;
  /** Set when its member was seen for the first time. */
  readonly guest: Member | null;
}

/** Bounds were raised, or a pause was ended. */
export interface RunRaised extends Fact<"run.raised"> {
  readonly run: Run;
  /** Actions count from nothing again. */
  readonly restarts: boolean;
  /** What is left of what it prepaid; left out where it prepaid nothing. */
  readonly left?: Credits;
}

/** A bound of the run refused a call: nothing is approved in it until somebody raises it. */
export interface RunPaused extends Fact<"run.paused"> {
  readonly run: Run;
}

/** No more is approved in it; its open holds settle or expire, and its purse expires now. */
export interface RunClosed extends Fact<"run.closed"> {
  readonly run: Run;
}

/** Runs in which nothing happened for long enough, at most 512 in one event (RULES 11). */
export interface RunsExpired extends Fact<"run.expired"> {
  readonly runs: readonly Run[];
}
