/**
 * Owns what a cap in percent is a percent of: B, the pool of its window (docs/decisions/0039).
 *
 * B1 B is what unrestricted lots have available or held now, and what was consumed of them since the window was first counted in:
 * so what the pool had then, with what came since and without what was lost. Use moves credits inside it and never changes it.
 * A refund of usage from before the window comes back into the pool, and into B with the next window.
 * B2 the cap is floor(B x bps / 10,000), worked out anew whenever it is asked for: a grant raises it at once.
 */
import { type Credits, credits } from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { Totals } from "../pool/slice.ts";
import type { Basis, PercentRule } from "./limit.ts";

/** A pool with its sums. */
export interface Summed {
  readonly totals: Readonly<Totals>;
}

/** The cap in credits at an instant. */
export function percentOf(
  { percentBps }: PercentRule,
  { totals }: Summed,
  basis: Basis | undefined,
  at: Instant,
): Credits {
  const inPool = totals.available + totals.held - totals.restrictedHeld;
  const used = isRunning(basis, at) ? consumedOf(totals) - basis.consumed : 0n;
  // Refunds of usage from before the window are in the pool again, or (of a lot that was revoked) in none.
  const base = inPool + used > 0n ? inPool + used : 0n;
  return credits((base * BigInt(percentBps)) / 10_000n);
}

/** What a count begins the pool of its window with; undefined: it has begun. */
export const newBasis = (
  { totals }: Summed,
  basis: Basis | undefined,
  at: Instant,
): Credits | undefined => (isRunning(basis, at) ? undefined : credits(consumedOf(totals)));

const isRunning = (basis: Basis | undefined, at: Instant): basis is Basis =>
  basis !== undefined && at < basis.end;

const consumedOf = ({ consumed, restrictedConsumed }: Readonly<Totals>): bigint =>
  consumed - restrictedConsumed;
