import { type Balance, limits, printCredits, printInstant } from "@cistern/contract";
import type { Instant, Balance as KernelBalance, Lot, Position } from "@cistern/kernel";
import { balanceLot } from "./grant.ts";

/** The pool at an instant. `lots`: those that still have credits, in burn order; only the first are listed. */
export function balanceBody(
  { balance, lots }: { readonly balance: KernelBalance; readonly lots: readonly Lot[] },
  asOf: Instant,
  at: Position,
): Balance {
  const leftOut = lots.length - limits.balanceLotsMax;
  const restricted = balance.restrictedAvailable + balance.restrictedHeld;
  return {
    available: printCredits(balance.available),
    held: printCredits(balance.held),
    consumed: printCredits(balance.consumed),
    debt: printCredits(balance.debt),
    ...(restricted === 0n
      ? {}
      : {
          restricted: {
            available: printCredits(balance.restrictedAvailable),
            held: printCredits(balance.restrictedHeld),
          },
        }),
    lots: lots.slice(0, limits.balanceLotsMax).map(balanceLot),
    ...(leftOut > 0 ? { lotsLeftOut: leftOut } : {}),
    asOf: printInstant(asOf),
    at,
  };
}
