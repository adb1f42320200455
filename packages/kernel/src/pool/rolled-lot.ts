import { type Credits, type Money, money } from "../amount.ts";
import type { Instant } from "../instant.ts";
import { type Lot, type Transfer, invoicedAs, newLot } from "./lot.ts";

/** A lot of credits that go on from another one when its period is over (FINANCE, E10). */
export const rolledLot = (
  from: Lot,
  made: {
    readonly id: string;
    readonly granted: Credits;
    readonly cost: Money;
    readonly since: Instant;
    readonly expiresAt: Instant;
  },
): Lot =>
  newLot({
    id: made.id,
    source: "rollover",
    priority: from.priority,
    granted: made.granted,
    cost: made.cost,
    grantedAt: made.since,
    effectiveAt: made.since,
    expiresAt: made.expiresAt,
    appliesTo: from.appliesTo,
    reference: from.id,
    ...invoicedAs(from),
  });

/** Money that went on with the credits of a lot. */
export const moneyMoved = (transfers: readonly Transfer[], lot: string): Money =>
  money(
    transfers
      .filter((one) => one.lot === lot && one.to === "moved")
      .reduce((sum, one) => sum + one.money, 0n),
  );
