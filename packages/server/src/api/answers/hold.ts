/** Owns what is told of holds. Each answer is a function of its event alone, so that a replayed key gets the same one. */
import {
  type Hold,
  type Release,
  type Settlement,
  printCredits,
  printInstant,
} from "@cistern/contract";
import {
  type Balance,
  type HoldExtended,
  type HoldOpened,
  type HoldReleased,
  type HoldSettled,
  type Hold as KernelHold,
  type Position,
  bucketsOf,
} from "@cistern/kernel";
import { drawnPart } from "./fairness.ts";
import { provenanceBody } from "./provenance.ts";
import { unitShares } from "./units.ts";
import { billedPart, lotShares, poolBalanceOf, rateOf } from "./pool.ts";

/** A hold just opened. */
export function openedBody(
  event: HoldOpened,
  at: Position,
): Hold & { readonly status: "open"; readonly openedAt: string } {
  const { groups } = event.path;
  return {
    id: event.hold,
    status: "open",
    member: event.path.member,
    credits: printCredits(event.credits),
    ...(event.overage === 0n ? {} : { overage: printCredits(event.overage) }),
    openedAt: printInstant(event.at),
    expiresAt: printInstant(event.expiresAt),
    lots: lotShares(event.legs),
    ...unitShares(event.units, "held"),
    ...drawnPart(event.drawn ?? event.fromPurse?.drawn?.call),
    ...(groups.length === 0 ? {} : { groups }),
    ...attribution(event),
    balance: poolBalanceOf(event.balance),
    at,
  };
}

/** A hold after it was extended: all that it has set aside. */
export function extendedBody(
  event: HoldExtended,
  at: Position,
): Hold & { readonly status: "open" } {
  const { credits, legs, overage } = event.whole;
  return {
    id: event.hold,
    status: "open",
    member: event.path.member,
    credits: printCredits(credits),
    ...(overage === 0n ? {} : { overage: printCredits(overage) }),
    expiresAt: printInstant(event.expiresAt),
    lots: lotShares(legs),
    ...drawnPart(event.drawn),
    balance: poolBalanceOf(event.balance),
    at,
  };
}

/** A hold as it stands: what is set aside still, and what it was charged so far. */
export function holdBody(hold: KernelHold, balance: Balance, at: Position): Hold {
  const { groups } = hold.path;
  return {
    id: hold.id,
    status: hold.status,
    member: hold.path.member,
    credits: printCredits(hold.authorized),
    ...(hold.overage === 0n ? {} : { overage: printCredits(hold.overage) }),
    openedAt: printInstant(hold.openedAt),
    expiresAt: printInstant(hold.expiresAt),
    lots: hold.status === "open" ? lotShares(hold.legs) : lotShares(hold.charges),
    ...unitShares(hold.units, hold.status === "open" ? "held" : "used"),
    ...drawnPart(hold.drawn),
    ...(groups.length === 0 ? {} : { groups }),
    ...attribution(hold),
    charged: printCredits(hold.charged),
    ...(hold.refunded === 0n ? {} : { refunded: printCredits(hold.refunded) }),
    balance: poolBalanceOf(balance),
    at,
  };
}

/** What a settle charged and gave back. */
export function settlementBody(event: HoldSettled, at: Position): Settlement {
  return {
    id: event.hold,
    status: event.isFinal ? "settled" : "open",
    charged: printCredits(event.charged),
    ...(event.isFinal && event.chargedInTotal === event.charged
      ? {}
      : { chargedInTotal: printCredits(event.chargedInTotal) }),
    returned: printCredits(event.returned),
    lots: lotShares(event.charges),
    ...unitShares(event.units, "used"),
    ...drawnPart(event.drawn),
    ...(event.debt === 0n ? {} : { debt: printCredits(event.debt) }),
    ...billedPart(event),
    ...(event.loss === 0n ? {} : { loss: printCredits(event.loss) }),
    ...(event.isLate ? { late: true } : {}),
    ...(event.isUnrated ? { unrated: true } : {}),
    ...(event.heldModel === undefined || event.model === null ? {} : { model: event.model }),
    ...(event.outcome == null ? {} : { outcome: event.outcome }),
    ...provenanceBody(event),
    ...(event.price === null ? {} : { rate: rateOf(event.price) }),
    balance: poolBalanceOf(event.balance),
    at,
  };
}

/** What a release gave back. */
export function releaseBody(event: HoldReleased, at: Position): Release {
  return {
    id: event.hold,
    status: "released",
    returned: printCredits(event.returned),
    balance: poolBalanceOf(event.balance),
    at,
  };
}

function attribution(call: HoldOpened | KernelHold) {
  const { project, meter, model, price, attributes, runs } = call;
  const [run] = runs ?? [];
  return {
    ...(run === undefined ? {} : { run: run.id }),
    ...(project === null ? {} : { project }),
    ...(meter === null ? {} : { meter }),
    ...(model === null ? {} : { model }),
    ...(price === null ? {} : { rate: rateOf(price), buckets: bucketsOf(price) }),
    ...(attributes === null ? {} : { attributes }),
  };
}
