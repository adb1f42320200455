/** Owns what facts of every subject have in common. */
import type { Credits } from "./amount.ts";
import type { Instant } from "./instant.ts";
import type { Lot, Transfer } from "./pool/lot.ts";

/** The pool after an event. Restricted lots stand apart, since not every usage may burn them. */
export interface Balance {
  readonly available: Credits;
  readonly held: Credits;
  readonly restrictedAvailable: Credits;
  readonly restrictedHeld: Credits;
  readonly consumed: Credits;
  readonly debt: Credits;
}

/** What every fact says. */
export interface Fact<Kind extends string> {
  readonly kind: Kind;
  readonly at: Instant;
  /** When it counts in the books, where that is before `at` (RULES 16). Left out: at `at`. */
  readonly postedAt?: Instant;
}

/** Facts that may move credits. */
export interface PoolFact<Kind extends string> extends Fact<Kind> {
  readonly transfers: readonly Transfer[];
  readonly balance: Balance;
  /** Lots made, before the transfers, of credits that returned to a lot which owes them to a rollover; left out where none are. */
  readonly made?: readonly Lot[];
}
