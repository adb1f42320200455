/**
 * Owns what an event makes of a hold, as a pure function of the hold and the event: `apply` uses it on the table, and
 * `recall` on a hold that memory no longer has.
 */
import { credits, minus, noCredits, plus, total } from "../amount.ts";
import type { BilledUsage } from "../billed/terms.ts";
import { partsAfter } from "../allowances/settle.ts";
import type { AllowanceMove } from "../allowances/terms.ts";
import { assert } from "../bug.ts";
import type { Event } from "../events.ts";
import { joinedDrawn } from "../fairness/drawn.ts";
import type {
  ExpiredHold,
  HoldExtended,
  HoldOpened,
  HoldReleased,
  HoldSettled,
  UsageDebited,
  UsageRefunded,
} from "./events.ts";
import type { Instant } from "../instant.ts";
import type { Transfer } from "../pool/lot.ts";
import { addUsage } from "../rating/tariff.ts";
import { noCharges, withCharge } from "./charges.ts";
import { countable, recount } from "./counted.ts";
import type { Closing, Counted, Hold, Position, PurseMove } from "./hold.ts";
import { pastAfter, pastWith } from "./past.ts";
import { joined, withMove } from "./purse.ts";

/** A hold as its opening left it. */
export const opened = (event: HoldOpened): Hold => ({
  id: event.hold,
  kind: event.opens === undefined ? "hold" : "purse",
  status: "open",
  path: event.path,
  meter: event.meter,
  model: event.model,
  project: event.project,
  price: event.price,
  attributes: event.attributes,
  authorized: event.credits,
  legs: event.legs,
  overage: event.overage,
  charged: noCredits,
  charges: noCharges,
  refunded: noCredits,
  owed: noCredits,
  loss: noCredits,
  usage: null,
  counted: [countedBy(event)],
  openedAt: event.at,
  expiresAt: event.expiresAt,
  endedAt: null,
  touchedAt: event.at,
  closing: null,
  ...(event.runs === undefined ? {} : { runs: event.runs }),
  ...(event.billing === undefined ? {} : { billing: event.billing }),
  ...partsAfter(undefined, event.units),
  ...joinedDrawn(undefined, event.drawn),
  ...pastWith(undefined, event),
  ...(event.fromPurse === undefined
    ? {}
    : withMove({ counted: [], overage: noCredits }, event.fromPurse)),
});

/** A debit: settled from the start. */
export const debited = (event: UsageDebited): Hold => ({
  id: event.debit,
  kind: "debit",
  status: "settled",
  path: event.path,
  meter: event.meter,
  model: event.model,
  project: event.project,
  ...(event.runs === undefined ? {} : { runs: event.runs }),
  price: event.price,
  attributes: event.attributes,
  authorized: event.charged,
  legs: [],
  overage: noCredits,
  charged: event.charged,
  charges: event.charges,
  refunded: noCredits,
  owed: event.debt,
  ...billedOf(undefined, event.billed),
  ...(event.over === undefined ? {} : { times: event.fresh ?? [event.over] }),
  ...partsAfter(undefined, event.units),
  ...joinedDrawn(undefined, event.drawn),
  loss: noCredits,
  usage: event.usage,
  counted: event.counted,
  ...pastOfDebit(event),
  openedAt: event.at,
  expiresAt: event.at,
  endedAt: event.at,
  touchedAt: event.at,
  closing: null,
});

/** A hold with more credits, more time, or both. */
export const extended = (hold: Hold, event: HoldExtended): Hold => ({
  ...hold,
  authorized: plus(hold.authorized, event.credits),
  legs: event.legs.length === 0 ? hold.legs : joined(hold.legs, event.legs),
  overage: plus(hold.overage, event.overage),
  ...(event.billing === undefined ? {} : { billing: event.billing }),
  expiresAt: event.expiresAt,
  ...(event.fromPurse === undefined
    ? {
        ...joinedDrawn(hold.drawn, event.drawn),
        counted: event.credits === 0n ? hold.counted : [...hold.counted, countedBy(event)],
        ...(event.credits === 0n ? {} : pastWith(hold, event)),
      }
    : withMove(hold, event.fromPurse)),
  touchedAt: event.at,
});

/** A hold after a settlement, in part or whole. */
export function settled(before: Hold, event: HoldSettled, position: Position): Hold {
  const { fromPurse, toPurse } = event;
  const given = fromPurse === undefined ? before : { ...before, ...withMove(before, fromPurse) };
  const hold = { ...given, ...drawnStill(given, toPurse) };
  const isOver = event.isFinal;
  const charged = plus(hold.charged, event.charged);
  assert(
    charged === event.chargedInTotal,
    `K13 hold ${hold.id} is charged what its settlements say`,
  );
  return recounted({
    ...hold,
    status: isOver ? "settled" : "open",
    legs: event.legs,
    overage: event.overage,
    charged,
    charges:
      hold.charges.length === 0 ? event.charges : event.charges.reduce(withCharge, hold.charges),
    owed: plus(hold.owed, event.debt),
    ...billedOf(hold.billed, event.billed),
    ...partsAfter(hold.units, event.units),
    ...pastAfter(hold, {
      status: isOver ? "settled" : "open",
      charged: event.debt + (event.billed?.credits ?? 0n),
      overage: event.overage,
    }),
    ...joinedDrawn(hold.drawn, event.drawn),
    loss: plus(hold.loss, event.loss),
    usage: usageOf(hold, event),
    endedAt: isOver ? event.at : null,
    touchedAt: event.at,
    closing: isOver ? closingOf("settle", position, event.fingerprint) : null,
  });
}

function ended(
  hold: Hold,
  status: "released" | "expired",
  {
    at,
    closing,
    units,
    toPurse,
  }: {
    at: Instant;
    closing: Closing | null;
    units: readonly AllowanceMove[] | undefined;
    toPurse: PurseMove | undefined;
  },
): Hold {
  return recounted({
    ...hold,
    ...drawnStill(hold, toPurse),
    ...partsAfter(hold.units, units),
    ...pastAfter(hold, { status, charged: 0n, overage: noCredits }),
    status,
    legs: status === "expired" ? hold.legs : [],
    overage: noCredits,
    endedAt: at,
    touchedAt: at,
    closing,
  });
}

/** A hold that its caller gave up. */
export const released = (hold: Hold, event: HoldReleased, position: Position): Hold => {
  const closing = closingOf("release", position, event.fingerprint);
  return ended(hold, "released", { ...event, closing, units: event.units, toPurse: event.toPurse });
};

/** A hold that ran out of time; it keeps what it returned in its legs. */
export const expired = (hold: Hold, { expiredAt, units, toPurse }: ExpiredHold): Hold =>
  ended(hold, "expired", { at: expiredAt, closing: null, units, toPurse });

/** A settlement after a refund. */
export function refunded(hold: Hold, event: UsageRefunded): Hold {
  const charges = hold.charges.map((charge, index) => {
    const back = event.charges.filter((one) => one.index === index);
    if (back.length === 0) return charge;
    return {
      ...charge,
      refunded: credits(charge.refunded + total(back.map((one) => one.credits))),
    };
  });
  const refundedInTotal = plus(hold.refunded, event.credits);
  assert(
    refundedInTotal === event.refundedInTotal,
    `K13 hold ${hold.id} is refunded what its refunds say`,
  );
  assert(refundedInTotal <= hold.charged, `K13 refunds of ${hold.id} stay within its charge`);
  const owed = minus(hold.owed, event.debt);
  return recounted({
    ...hold,
    charges,
    refunded: refundedInTotal,
    owed,
    ...billedOf(hold.billed, event.billed),
    ...partsAfter(hold.units, event.units),
    ...pastAfter(hold, {
      status: hold.status,
      charged: (event.billed?.credits ?? 0n) - event.debt,
      overage: hold.overage,
    }),
    touchedAt: event.at,
  });
}

const pastOfDebit = (event: UsageDebited): Pick<Hold, "past"> => {
  if (event.pastPool === undefined) return {};
  const charged = credits(event.debt + (event.billed?.credits ?? 0n));
  return { past: { charged, counted: [{ credits: charged, windows: event.pastPool }] } };
};

/** What is billed with one more settlement, or a refund of it; all parts of a hold are billed on one line. */
function billedOf(before: Hold["billed"], more: BilledUsage | undefined): Pick<Hold, "billed"> {
  if (more === undefined) return before === undefined ? {} : { billed: before };
  const { key } = more.accrual;
  const { credits: billed, refunded: back } = before ?? { credits: noCredits, refunded: noCredits };
  return more.credits >= 0n
    ? { billed: { key, credits: credits(billed + more.credits), refunded: back } }
    : { billed: { key, credits: billed, refunded: credits(back - more.credits) } };
}

/** A settlement whose debt was paid from a lot: the lot counts as its own from now on (RULES 13). */
export const paid = (hold: Hold, transfer: Transfer, at: Instant): Hold => ({
  ...hold,
  charges: withCharge(hold.charges, transfer),
  owed: minus(hold.owed, transfer.credits),
  touchedAt: at,
});

/** What a call has drawn still, when its purse has some of it again. */
const drawnStill = ({ drawn }: Hold, toPurse: PurseMove | undefined): Pick<Hold, "drawn"> => {
  const now = toPurse?.drawn?.call ?? drawn;
  return now === undefined ? {} : { drawn: now };
};

/** The closing that a default key is answered from. */
const closingOf = (
  verb: Closing["verb"],
  position: Position,
  fingerprint: string | null,
): Closing => ({ verb, position, fingerprint });

/** One event's effect on one hold, for `recall`. */
export function evolve(
  hold: Hold | undefined,
  id: string,
  event: Event,
  position: Position,
): Hold | undefined {
  const after = touchedBy(hold, id, event, position);
  if (after === undefined || !("transfers" in event)) return after;
  return event.transfers
    .filter((one) => one.debt === id)
    .reduce((one, transfer) => paid(one, transfer, event.at), after);
}

function touchedBy(
  hold: Hold | undefined,
  id: string,
  event: Event,
  position: Position,
): Hold | undefined {
  if (event.kind === "hold.opened" && event.hold === id) return opened(event);
  if (event.kind === "usage.debited" && event.debit === id) return debited(event);
  if (hold === undefined) return undefined;
  if (event.kind === "hold.extended" && event.hold === id) return extended(hold, event);
  if (event.kind === "hold.settled" && event.hold === id) return settled(hold, event, position);
  if (event.kind === "hold.released" && event.hold === id) return released(hold, event, position);
  if (event.kind === "hold.expired") {
    const one = event.holds.find(({ hold: expiredId }) => expiredId === id);
    return one === undefined ? hold : expired(hold, one);
  }
  if (event.kind === "usage.refunded" && event.of === id) return refunded(hold, event);
  return hold;
}

/** A hold that its maker alone sees, with what it counts now. */
function recounted(hold: { -readonly [Field in keyof Hold]: Hold[Field] }): Hold {
  hold.counted = recount(hold.counted, countable(hold.status, hold, hold));
  return hold;
}

const countedBy = (event: HoldOpened | HoldExtended): Counted => ({
  credits: event.credits,
  windows: event.counts,
});

const usageOf = (hold: Hold, event: HoldSettled): Hold["usage"] =>
  hold.usage === null || event.usage === null
    ? (hold.usage ?? event.usage)
    : addUsage(hold.usage, event.usage);

const stillBilled = ({ billed }: Hold): bigint =>
  billed === undefined ? 0n : billed.credits - billed.refunded;

/** Asserts K13 on a hold that an event has touched. */
export function checkHold(hold: Hold): void {
  const net = hold.charges.reduce((sum, one) => sum + one.credits - one.refunded, 0n);
  assert(
    hold.charged - hold.refunded === net + hold.owed + stillBilled(hold),
    `K13 hold ${hold.id} charged what lots gave and what it owes`,
  );
}
