/** Owns the shapes of what the checker knows of a pool: lots, holds and debts as plain records. */
import type { Instant, Interval, LotPart, Money, Restriction, Transfer } from "@cistern/kernel";
import type { Billable } from "./billable.ts";

/** A lot. */
export interface LotRecord {
  readonly id: string;
  readonly granted: bigint;
  readonly cost: Money;
  readonly priority: number;
  readonly grantedAt: number;
  readonly effectiveAt: number;
  /** A pause keeps lots open that were prepaid for a term. */
  expiresAt: number | null;
  readonly appliesTo: Restriction | null;
  phase: "pending" | "live" | "expired" | "revoked";
  readonly parts: Record<LotPart, bigint>;
  /** Money recognised so far. */
  recognised: bigint;
  /** Of a partial revoke, still to be taken from what returns. */
  owedRevoke: bigint;
  /** Of what is held: goes on into the next period when it returns. */
  owedRollover: bigint;
  /** Basis points that are expected to break; null for no estimate. */
  breakage: bigint | null;
  /** By this very event. */
  isRevised: boolean;
  readonly isUnpaid: boolean;
  /** What expires of it is owed to the state. */
  readonly isStates: boolean;
  /** Went back to who paid, without tax. */
  givenBack: bigint;
  /** Went to another lot, or to the state. */
  elsewhere: bigint;
  /** As a priced change left it (RULES 14): from there on its series runs anew. */
  base:
    | { left: bigint; gone: bigint; deferred: bigint; used: bigint; consumed: bigint }
    | undefined;
  /** Money recognised with what was consumed. */
  used: bigint;
  /** Who takes the money of what returns, once the lot was taken. */
  fate: Transfer["into"];
}

/** Credits that a settlement took from a lot. */
export interface ChargeRecord {
  readonly lot: string;
  credits: bigint;
  refunded: bigint;
}

/** A hold, or a debit. */
export interface HoldRecord {
  readonly id: string;
  readonly isDebit: boolean;
  /** What level it told of, and for which times it is charged. */
  readonly level?: { readonly key: string; readonly times: readonly Interval[] } | undefined;
  status: "open" | "settled" | "released" | "expired";
  readonly usage: UsageOf;
  authorized: bigint;
  legs: { lot: string; credits: bigint }[];
  overage: bigint;
  /** Where `overage` would be billed, once it was let past the pool so. */
  pin?: Billable | undefined;
  /** Of what was charged, billed in money. */
  billed?: { readonly on: Billable; readonly credits: bigint; readonly refunded: bigint };
  charged: bigint;
  /** What its usage costs so far, before rounding; undefined once some of it had no price. */
  exact: bigint | undefined;
  /** What it cost the vendor so far, exactly; undefined once that is not known. */
  exactVendor: bigint | undefined;
  refunded: bigint;
  /** All that it was charged was refunded, be it nothing. */
  isUndone: boolean;
  owed: bigint;
  readonly charges: ChargeRecord[];
  /** What is left of a prepaid run. */
  readonly isPurse: boolean;
  /** Of a call that was prepaid: its purse, and since when its credits are pinned. */
  purse?: string;
  pinnedSince?: number;
  readonly openedAt: number;
  endedAt: number | null;
  expiresAt: number;
  /** Authorizations that counted: the opening and each extension. */
  authorizations: number;
  /** What it counts in windows, net of corrections. */
  readonly counted: CountedRecord[];
  /** What it took past the pool so far, owed or billed, and what of that it counts under ceilings. */
  past: bigint;
  readonly countedPast: CountedRecord[];
}

/** What a hold counts in one window. */
export interface CountedRecord {
  readonly counter: string;
  readonly limit: string;
  readonly start: number;
  readonly end: Instant;
  net: bigint;
}

/** Whose usage, of what. */
export interface UsageOf {
  readonly member: string;
  readonly groups: readonly string[];
  readonly meter: string | null;
}

/** A debt; in the order of the list oldest first. */
export interface DebtRecord {
  readonly of: string;
  readonly since: number;
  credits: bigint;
}

/** The pool: credits that no restriction binds. */
export interface Pool {
  /** Available or held. */
  readonly left: bigint;
  readonly consumed: bigint;
}

/** One movement that the rules lead to. */
export type Move = Pick<Transfer, "lot" | "from" | "to"> & {
  readonly credits: bigint;
  readonly debt?: string;
};
