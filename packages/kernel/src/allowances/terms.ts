/** Owns what a plan includes of a meter beside credits (docs/decisions/0023): API calls, tokens, stored GiB. */
import type { Instant } from "../instant.ts";
import type { Accrual } from "../invoices/line.ts";

/** Units of one bucket of a meter that cost no credits. */
export interface AllowanceTerms {
  readonly meter: string;
  readonly bucket: string;
  /** Units in each span; of a level: what may be there all the time. */
  readonly included: bigint;
  readonly per: "plan" | "seat";
  /** What comes past it: the credits of the rate card, or a refusal. */
  readonly beyond: "credits" | "refuse";
  readonly isLevel?: true;
}

/** What a span includes on the terms as they stand, seats and prorated changes counted in. */
export interface IncludedUnits extends Omit<AllowanceTerms, "per"> {
  /** Units; of a level: units times milliseconds. */
  readonly included: bigint;
}

/** What has become of an allowance in one span: a period, or a grant of one whose credits come more often. */
export interface AllowanceCount extends IncludedUnits {
  readonly id: string;
  readonly subscription: string;
  readonly start: Instant;
  /** Earlier than the span's where the allowance ended in the middle of it. */
  readonly end: Instant;
  readonly used: bigint;
  /** Set aside for calls in flight. */
  readonly held: bigint;
  /** Used past it, for credits. */
  readonly over: bigint;
}

/** What an event does to one count. */
export interface AllowanceMove {
  readonly count: string;
  readonly bucket: string;
  /** They are units times milliseconds. */
  readonly isLevel?: true;
  /** Set aside on top; below zero: no longer. */
  readonly held: bigint;
  /** Used on top; below zero: taken back. */
  readonly used: bigint;
  readonly over: bigint;
  /** What it adds to lines, where those of its time have been drafted. */
  readonly lines?: readonly Accrual[];
}

/** What a hold or debit has of one count. */
export type AllowancePart = Omit<AllowanceMove, "lines">;

/** By bucket, what of a usage costs no credits: units, of a level times milliseconds. */
export type FreeUnits = Readonly<Record<string, bigint>>;
