import { type Debit, type Refund, printCredits, printInstant } from "@cistern/contract";
import type { Position, UsageDebited, UsageRefunded } from "@cistern/kernel";
import { drawnPart } from "./fairness.ts";
import { provenanceBody } from "./provenance.ts";
import { unitShares } from "./units.ts";
import { billedPart, lotShares, poolBalanceOf, rateOf } from "./pool.ts";

/** What a debit charged. */
export function debitBody(event: UsageDebited, at: Position): Debit {
  return {
    id: event.debit,
    member: event.path.member,
    charged: printCredits(event.charged),
    occurredAt: printInstant(event.occurredAt),
    ...(event.over === undefined
      ? {}
      : { from: printInstant(event.over.start), to: printInstant(event.over.end) }),
    ...(event.fresh === undefined
      ? {}
      : {
          chargedFor: event.fresh.map(({ start, end }) => ({
            from: printInstant(start),
            to: printInstant(end),
          })),
        }),
    lots: lotShares(event.charges),
    ...unitShares(event.units, "used"),
    ...drawnPart(event.drawn),
    ...(event.debt === 0n ? {} : { debt: printCredits(event.debt) }),
    ...billedPart(event),
    ...(event.loss === undefined ? {} : { loss: printCredits(event.loss) }),
    ...(event.isUnrated ? { unrated: true } : {}),
    ...provenanceBody(event),
    ...(event.price === null ? {} : { rate: rateOf(event.price) }),
    balance: poolBalanceOf(event.balance),
    at,
  };
}

/** What a refund returned: to the lots of the charge, or to the new lots that stand for those that are over. */
export function refundBody(event: UsageRefunded, at: Position): Refund {
  return {
    id: event.refund,
    of: event.of,
    credits: printCredits(event.credits),
    ...(event.refundedInTotal === event.credits
      ? {}
      : { refundedInTotal: printCredits(event.refundedInTotal) }),
    lots: lotShares(event.charges),
    ...unitShares(event.units, "used"),
    ...(event.debt === 0n ? {} : { debt: printCredits(event.debt) }),
    ...billedPart(event),
    ...(event.reason === null ? {} : { reason: event.reason }),
    balance: poolBalanceOf(event.balance),
    at,
  };
}
