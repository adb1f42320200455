import { unitsReleased, unitsSaid } from "../allowances/settle.ts";
import { noCredits } from "../amount.ts";
import { type Decision, accept, reject } from "../decision.ts";
import { corrections, countable, setAside } from "../holds/counted.ts";
import type { Hold } from "../holds/hold.ts";
import { pastSaid } from "../holds/past.ts";
import { stillCounted } from "../holds/purse.ts";
import type { Instant } from "../instant.ts";
import { Draft } from "../pool/draft.ts";
import { goOnIn } from "../runs/counting.ts";
import { backToPurse, purseOf } from "../runs/purse.ts";
import { type State, workspaceOf } from "../state/state.ts";
import { withClawedBack } from "../subscriptions/clawed-back.ts";

/** Gives a hold up. */
export interface ReleaseHold {
  readonly kind: "releaseHold";
  readonly hold: string;
  readonly fingerprint: string | null;
  readonly recalled: Hold | null;
}

/** Gives up what a hold still sets aside; what its partial settles charged stays charged. Only the caller releases. */
export function releaseHold(state: State, command: ReleaseHold, at: Instant): Decision {
  if (workspaceOf(state) === undefined) return reject({ code: "unknown_workspace" });
  const hold = state.holds.holds.get(command.hold) ?? command.recalled ?? undefined;
  if (hold?.kind !== "hold") return reject({ code: "unknown_hold", hold: command.hold });
  if (hold.status === "settled") return reject({ code: "hold_already_settled", hold: hold.id });
  if (hold.status === "released") return reject({ code: "hold_released", hold: hold.id });
  if (hold.status === "expired")
    return reject({ code: "hold_expired", hold: hold.id, expiredAt: hold.expiresAt });
  const draft = new Draft(state.pool);
  const toPurse = backToPurse(state, purseOf(state, hold, at), hold, hold);
  if (toPurse === undefined)
    for (const leg of hold.legs) draft.giveBack(hold, leg.lot, leg.credits);
  draft.payDebts();
  const target = countable("released", hold, hold);
  const still = stillCounted(hold, toPurse);
  return accept({
    kind: "hold.released",
    at,
    hold: hold.id,
    path: hold.path,
    returned: setAside(hold),
    ...(toPurse === undefined ? {} : { toPurse }),
    counts: corrections(state.limits, still.counted, target, at),
    ...pastSaid(state.limits, still, { status: "released", charged: 0n, overage: noCredits }, at),
    ...goOnIn(state.runs, hold, { status: "released", target }),
    ...unitsSaid(unitsReleased(hold)),
    fingerprint: command.fingerprint,
    ...withClawedBack(state.invoices, draft.finish()),
  });
}
