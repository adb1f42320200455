/** Owns how a hold ends with usage: in part, whole, late, or beyond what it held. Usage is never refused (RULES 1). */
import { type Credits, beyond, credits, creditsMax, noCredits } from "../amount.ts";
import { type Decision, accept, reject } from "../decision.ts";
import { corrections, countable, setAside } from "../holds/counted.ts";
import type { Hold } from "../holds/hold.ts";
import type { Instant } from "../instant.ts";
import { reachedBy } from "../limits/reached.ts";
import {
  chargesOf,
  consumeAvailable,
  consumeLegs,
  consumeReturned,
  lossBeyond,
} from "../pool/consume.ts";
import { isTooMuchDebt, tooMuchDebt } from "../pool/debt.ts";
import { Draft } from "../pool/draft.ts";
import { settledCredits } from "../rating/rated.ts";
import type { Rejection } from "../rejections.ts";
import { type State, workspaceOf } from "../state/state.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { SettleHold } from "./command.ts";

/** An expired hold may still be settled within this (RULES 7). */
const lateMaxMs = 30 * 24 * 60 * 60 * 1_000;

const tooMuchInTotal: Rejection = {
  code: "invalid_request",
  field: "credits",
  reason: "A hold is charged at most 10^12 credits in all.",
};

/** Charges what was used and, when final, gives back the rest. */
export function settleHold(state: State, command: SettleHold, at: Instant): Decision {
  const workspace = workspaceOf(state);
  if (workspace === undefined) return reject({ code: "unknown_workspace" });
  const known = state.holds.holds.get(command.hold);
  const hold = known ?? command.recalled ?? undefined;
  if (hold === undefined || hold.kind === "debit")
    return reject({ code: "unknown_hold", hold: command.hold });
  if (hold.status === "settled") return reject({ code: "hold_already_settled", hold: hold.id });
  if (hold.status === "released") return reject({ code: "hold_released", hold: hold.id });
  const isLate = hold.status === "expired";
  if (isLate && at >= hold.expiresAt + lateMaxMs)
    return reject({ code: "hold_expired", hold: hold.id, expiredAt: hold.expiresAt });
  const rated = settledCredits(hold.price, command.amount);
  const amount = rated ?? beyond(hold.authorized, hold.charged);
  if (hold.charged + amount > creditsMax) return reject(tooMuchInTotal);
  const isFinal = command.isFinal || isLate;
  const settled = settling(state, workspace, hold, { amount, isFinal, at });
  if (isTooMuchDebt(state.pool, settled.debt)) return reject(tooMuchDebt);
  const event = {
    ...settled,
    path: hold.path,
    meter: hold.meter,
    model: hold.model,
    project: hold.project,
    price: hold.price,
    attributes: hold.attributes,
    usage: command.amount.kind === "usage" ? command.amount.usage : null,
    isUnrated: rated === null,
    isLate,
    fingerprint: command.fingerprint,
    recalled: known === undefined ? hold : null,
  };
  return accept(event, reachedBy(state.limits, event.counts, { workspace: workspace.id, at }));
}

function settling(
  state: State,
  workspace: Workspace,
  hold: Hold,
  { amount, isFinal, at }: { amount: Credits; isFinal: boolean; at: Instant },
) {
  const loss = workspace.overrun === "cap_at_hold" ? lossBeyond(hold, amount) : noCredits;
  const charged = credits(amount - loss);
  const draft = new Draft(state.pool);
  const own =
    hold.status === "open"
      ? consumeLegs(draft, hold.legs, charged)
      : { legs: [], missing: consumeReturned(draft, hold, charged) };
  const usage = { member: hold.path.member, groups: hold.path.groups, meter: hold.meter };
  const debt = consumeAvailable(draft, usage, own.missing);
  const overage = isFinal ? noCredits : beyond(hold.overage, own.missing);
  if (isFinal) {
    for (const leg of own.legs) draft.giveBack(leg.lot, leg.credits);
    draft.payDebts();
  }
  if (debt > 0n) draft.owe(hold.id, debt);
  const legs = isFinal ? [] : own.legs;
  const chargedInTotal = credits(hold.charged + charged);
  const status: Hold["status"] = isFinal ? "settled" : "open";
  const after = { status, charged: chargedInTotal, refunded: hold.refunded, legs, overage };
  const { transfers, balance } = draft.finish();
  return {
    kind: "hold.settled",
    at,
    hold: hold.id,
    isFinal,
    charged,
    charges: chargesOf(transfers),
    debt,
    loss,
    returned: isFinal
      ? setAside({ legs: own.legs, overage: beyond(hold.overage, own.missing) })
      : noCredits,
    legs,
    overage,
    counts: corrections(state.limits, hold.counted, countable(after), at),
    authorizedAt: hold.openedAt,
    chargedInTotal,
    transfers,
    balance,
  } as const;
}
