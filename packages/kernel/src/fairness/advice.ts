import type { Credits } from "../amount.ts";
import type { Instant, Interval } from "../instant.ts";
import type { FairnessPreset } from "./setting.ts";

/** Calls, and the credits that they asked for. */
export interface AskedFor {
  readonly calls: number;
  readonly credits: Credits;
}

/** What one preset would have done with the demand of a period. */
export interface PresetOutcome {
  readonly preset: FairnessPreset;
  readonly asked: AskedFor;
  /** Refused by the pool, or by how it is shared. */
  readonly denied: AskedFor;
  /** The same of members who asked for at most their fair share. */
  readonly fair: { readonly asked: AskedFor; readonly denied: AskedFor };
  readonly used: Credits;
  /** In the pool when the period ended. */
  readonly left: Credits;
}

/** What the replay of a period that is over speaks for. */
export interface PresetAdvice {
  readonly period: Interval;
  /** The replay ended here, since the period has more facts than are replayed; null where it has all of it. */
  readonly cutAt: Instant | null;
  readonly inForce: FairnessPreset;
  readonly preset: FairnessPreset;
  /** One for each preset. */
  readonly outcomes: readonly PresetOutcome[];
}
