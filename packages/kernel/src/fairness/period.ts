/** Owns the period over which a pool is shared, as the state keeps it. */
import type { Instant } from "../instant.ts";
import type { SharingOpened } from "./events.ts";

/**
 * A period. Shares are laid out with the first call that draws on them, or when the tick is over in which somebody was there first: so
 * who is registered with a new plan has its whole share, in whatever order that is done (docs/decisions/0037).
 */
export interface SharingPeriod extends SharingOpened {
  /** Counts the workspace's periods, from 1. */
  readonly number: number;
  /** The first tick in which somebody was there; null: nobody yet. */
  readonly since: number | null;
  readonly isLaid: boolean;
  /** Seats that were added in it and that nobody has taken, with the credits that came with them; null: none. */
  readonly bought: { readonly seats: number; readonly credits: bigint } | null;
}

/** Credits of added seats that nobody has taken: they wait in the pot, and are no part of what somebody shares who joins. */
export const waitingIn = ({ bought }: SharingPeriod): bigint => bought?.credits ?? 0n;

/** Whether usage of an instant counts in the period that runs; what is older stays outside of it (RULES 29). */
export const isOfPeriod = (
  {
    fairness: {
      current: { period },
    },
  }: { readonly fairness: { readonly current: { readonly period: SharingPeriod | undefined } } },
  occurredAt: Instant,
): boolean => period !== undefined && occurredAt >= period.start;
