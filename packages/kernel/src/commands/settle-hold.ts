/** Owns how a hold ends with usage: in part, whole, late, or beyond what it held. Usage is never refused (RULES 1). */
import { unitsOnLines } from "../allowances/lines.ts";
import { type SettledUnits, unitsOfSettle } from "../allowances/settle.ts";
import { type Credits, beyond, creditsMax, minus, noCredits, plus } from "../amount.ts";
import { payableBy } from "../billed/bill.ts";
import { payBeyond } from "../billed/pay-beyond.ts";
import { accruedCost } from "../costs/slice.ts";
import { type Decision, type RateCards, accept, reject } from "../decision.ts";
import { drawnAnyway, takenFrom } from "../fairness/call.ts";
import { corrections, countable, setAside } from "../holds/counted.ts";
import type { Hold, Leg, PurseMove } from "../holds/hold.ts";
import { pastSaid } from "../holds/past.ts";
import { purseWithout, stillCounted, withMove } from "../holds/purse.ts";
import type { Instant } from "../instant.ts";
import { linesMade } from "../invoices/gather.ts";
import { reachedBy } from "../limits/reached.ts";
import {
  chargesOf,
  consumeAvailable,
  consumeLegs,
  consumeReturned,
  lossBeyond,
  noLegs,
} from "../pool/consume.ts";
import { isTooMuchDebt, tooMuchDebt } from "../pool/debt.ts";
import { Draft } from "../pool/draft.ts";
import type { UsageScope } from "../pool/usage-scope.ts";
import { type SaidProvenance, provenanceOf } from "../rating/provenance.ts";
import { settledCost } from "../rating/rated.ts";
import type { SettledUsage } from "../rating/reported.ts";
import { type SettledPrice, settledPrice } from "../rating/settled-price.ts";
import type { Rejection } from "../rejections.ts";
import { goOnIn } from "../runs/counting.ts";
import { backToPurse, overrunFromPurse, purseOf } from "../runs/purse.ts";
import { type State, workspaceOf } from "../state/state.ts";
import { withClawedBack } from "../subscriptions/clawed-back.ts";

/** Says what a call used. */
export interface SettleHold extends SettledUsage, SaidProvenance {
  readonly kind: "settleHold";
  readonly hold: string;
  /** The model that answered, where the call was re-routed to another one. Left out or null: the one that was held for. */
  readonly model?: string | null;
  readonly isFinal: boolean;
  /** The request's fingerprint when it comes under its default key. */
  readonly fingerprint: string | null;
  /** The hold as read from the journal, when memory no longer has it (RULES 25). */
  readonly recalled: Hold | null;
}

/** An expired hold may still be settled within this (RULES 7). */
const lateMaxMs = 30 * 24 * 60 * 60 * 1_000;

const tooMuchInTotal: Rejection = {
  code: "invalid_request",
  field: "credits",
  reason: "A hold is charged at most 10^12 credits in all.",
};

/** How a call ended is known when it has ended: of a part it would make the whole hold due, or the part free and yet counted as paid. */
const outcomeOfPart: Rejection = {
  code: "invalid_request",
  field: "outcome",
  reason:
    "Only a call that has ended has an outcome: leave it out with final: false, say credits or usage, and say the outcome with the last settle.",
};

/** Charges what was used and, when final, gives back the rest. */
export function settleHold(
  state: State,
  command: SettleHold,
  at: Instant,
  cards: RateCards,
): Decision {
  const hold = state.holds.holds.get(command.hold) ?? command.recalled ?? undefined;
  if (hold?.kind !== "hold") return reject({ code: "unknown_hold", hold: command.hold });
  if (hold.status === "settled") return reject({ code: "hold_already_settled", hold: hold.id });
  if (hold.status === "released") return reject({ code: "hold_released", hold: hold.id });
  if (hold.status === "expired" && at >= hold.expiresAt + lateMaxMs)
    return reject({ code: "hold_expired", hold: hold.id, expiredAt: hold.expiresAt });
  if (!command.isFinal && (command.outcome !== null || command.amount.kind === "unmeasured"))
    return reject(outcomeOfPart);
  const by = settledPrice(state, hold, command.model, cards);
  const isFinal = command.isFinal || hold.status === "expired";
  const units = unitsOfSettle(state, hold, command, { rules: by.rules, isFinal });
  const { credits, isUnrated } = settledCost(hold, by, command, units.free);
  if (hold.charged + credits > creditsMax) return reject(tooMuchInTotal);
  return charge(state, command, { at, amount: credits, hold, by, units, isUnrated });
}

interface Settling {
  readonly at: Instant;
  readonly amount: Credits;
  readonly hold: Hold;
  readonly by: SettledPrice;
  readonly units: SettledUnits;
  readonly isUnrated: boolean;
}

/** What usage takes, gives back and owes, as one event. */
function charge(
  state: State,
  command: SettleHold,
  { at, amount, hold, by, units, isUnrated }: Settling,
): Decision {
  const workspace = workspaceOf(state);
  if (workspace === undefined) return reject({ code: "unknown_workspace" });
  const isLate = hold.status === "expired";
  const isFinal = command.isFinal || isLate;
  const capped = workspace.overrun === "cap_at_hold" ? lossBeyond(hold, amount) : noCredits;
  const draft = new Draft(state.pool);
  const usage = { member: hold.path.member, groups: hold.path.groups, meter: hold.meter };
  const own = consumeOwn(state, draft, hold, { amount: minus(amount, capped), usage, at });
  const { call } = own;
  const lacking = consumeAvailable(draft, usage, own.missing, payableBy(state, hold.openedAt));
  const { debt, billed, lost } = payBeyond(state, lacking, {
    meter: hold.meter,
    authorizedAt: hold.openedAt,
    pinned: hold.billing,
  });
  if (isTooMuchDebt(state.pool, debt)) return reject(tooMuchDebt);
  const loss = plus(capped, lost);
  const charged = minus(amount, loss);
  const unused = { legs: own.legs, overage: beyond(hold.overage, own.missing) };
  const { fromPurse } = own;
  const toPurse = isFinal ? backToPurse(state, own.purse, call, unused) : undefined;
  if (isFinal) {
    if (toPurse === undefined)
      for (const leg of own.legs) draft.giveBack(hold, leg.lot, leg.credits);
    draft.payDebts();
  }
  if (debt > 0n) draft.owe(hold.id, debt);
  const left = isFinal ? nothing : unused;
  const chargedInTotal = plus(hold.charged, charged);
  const status: Hold["status"] = isFinal ? "settled" : "open";
  const target = countable(status, { charged: chargedInTotal, refunded: hold.refunded }, left);
  // What a purse has again is counted still.
  const still = stillCounted(call, toPurse);
  const counts = corrections(state.limits, still.counted, target, at);
  const taken = { status, charged: debt + (billed?.credits ?? 0n), overage: left.overage };
  const past = pastSaid(state.limits, still, taken, at);
  const made = linesMade(state.invoices, billed?.accrual);
  const {
    transfers,
    balance,
    made: lots,
    clawedBack,
  } = withClawedBack(state.invoices, draft.finish(), made);
  const beyondHold = takenFrom(state, transfers);
  const reported = command.amount.kind === "usage" ? command.amount.usage : null;
  return accept(
    {
      kind: "hold.settled",
      at,
      hold: hold.id,
      path: hold.path,
      meter: hold.meter,
      model: by.model,
      project: hold.project,
      price: by.price,
      attributes: hold.attributes,
      usage: reported,
      cost: accruedCost(state.costs, { price: by.price, before: hold.usage, part: reported }),
      isFinal,
      outcome: command.outcome,
      isLate,
      isUnrated,
      charged,
      charges: chargesOf(transfers),
      debt,
      loss,
      returned: isFinal ? setAside(unused) : noCredits,
      legs: left.legs,
      overage: left.overage,
      counts,
      authorizedAt: hold.openedAt,
      chargedInTotal,
      fingerprint: command.fingerprint,
      recalled: hold === command.recalled ? hold : null,
      transfers,
      balance,
      // What most settlements have none of comes last: a literal with a gap in its middle takes five times as long.
      ...(lots === undefined ? {} : { made: lots }),
      ...(clawedBack === undefined ? {} : { clawedBack }),
      ...(by.model === hold.model ? {} : { heldModel: hold.model }),
      ...provenanceOf(command),
      ...(billed === undefined ? {} : { billed }),
      ...drawnAnyway(state, beyondHold, { who: hold.path, of: call.drawn, at }),
      ...past,
      ...(hold.runs === undefined ? {} : { runs: hold.runs }),
      ...goOnIn(state.runs, hold, { status, target }),
      ...unitsOnLines(state, units.moves, { at, billed }),
      ...(fromPurse === undefined ? {} : { fromPurse }),
      ...(toPurse === undefined ? {} : { toPurse }),
    },
    reachedBy(state.limits, [...counts, ...(past.pastPool ?? [])], {
      workspace: workspace.id,
      at,
      pool: state.pool,
    }),
  );
}

const nothing = { legs: noLegs, overage: noCredits };

/** What a settlement takes without asking the pool. */
interface Own {
  /** Its legs that are left. */
  readonly legs: readonly Leg[];
  readonly missing: Credits;
  readonly fromPurse?: PurseMove | undefined;
  /** Where it returns to, as it stands after that; undefined: to the pool. */
  readonly purse: Hold | undefined;
  /** The hold with what it got. */
  readonly call: Hold;
}

/** What was set aside for it: pinned, or of an expired hold returned; and what its run has prepaid beside it. */
function consumeOwn(
  state: State,
  draft: Draft,
  hold: Hold,
  { amount, usage, at }: { amount: Credits; usage: UsageScope; at: Instant },
): Own {
  const isOpen = hold.status === "open";
  const own = isOpen ? consumeLegs(draft, hold.legs, amount) : { legs: noLegs, missing: amount };
  const purse = purseOf(state, hold, at);
  const fromPurse = overrunFromPurse(state, purse, usage, { amount: own.missing, call: hold });
  const lacking = consumeLegs(draft, fromPurse?.legs ?? noLegs, own.missing).missing;
  const missing = isOpen ? lacking : consumeReturned(draft, hold, lacking);
  if (fromPurse === undefined || purse === undefined)
    return { legs: own.legs, missing, purse, call: hold };
  return {
    legs: own.legs,
    missing,
    fromPurse,
    purse: purseWithout(purse, fromPurse),
    call: { ...hold, ...withMove(hold, fromPurse) },
  };
}
