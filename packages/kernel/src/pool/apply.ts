/** Owns what events of lots do, beside the transfers that they carry. */
import { takenBack } from "../topups/charged-back.ts";
import { credits, noCredits } from "../amount.ts";
import { creditUnpaid, noteBack } from "../invoices/evolve.ts";
import type { State } from "../state/state.ts";
import { waive } from "../subscriptions/clawed-back.ts";
import type {
  BreakageRevised,
  CreditsChargedBack,
  CreditsEffective,
  CreditsEscheated,
  CreditsExpired,
  CreditsGranted,
  CreditsRepaid,
  CreditsRevoked,
} from "./events.ts";
import { chargedBack, escheated, repaid, revised } from "./given-back.ts";
import { addLot, changeLot, lotOf } from "./keep.ts";
import type { PoolSlice } from "./slice.ts";

type LotEvent =
  | CreditsGranted
  | CreditsEffective
  | CreditsExpired
  | CreditsRevoked
  | CreditsRepaid
  | CreditsChargedBack
  | CreditsEscheated
  | BreakageRevised;

/** Carries out what became of lots. */
export function applyToLots(state: State, event: LotEvent): void {
  const { pool } = state;
  switch (event.kind) {
    case "credits.granted":
      addLot(pool, event.lot);
      return event.bonus === undefined ? undefined : addLot(pool, event.bonus);
    case "credits.effective":
      for (const id of event.lots) changeLot(pool, id, { phase: "live" });
      return;
    case "credits.expired":
      for (const id of event.lots) changeLot(pool, id, { phase: "expired" });
      return;
    case "credits.revoked":
      return revoke(pool, event);
    case "credits.repaid":
      if (event.unpaid !== undefined) creditUnpaid(state.invoices, event.unpaid);
      noteBack(state.invoices, event.note);
      return pool.lots.set(event.lot, repaid(lotOf(pool, event.lot), event));
    case "credits.charged_back":
      for (const one of event.lots) {
        pool.lots.set(one.lot, chargedBack(lotOf(pool, one.lot), one));
        waive(state, one.lot);
      }
      noteBack(state.invoices, event.note);
      return takenBack(state.topUps, event);
    case "credits.escheated":
      waive(state, event.lot);
      return pool.lots.set(event.lot, escheated(lotOf(pool, event.lot)));
    case "breakage.revised":
      return pool.lots.set(event.lot, revised(lotOf(pool, event.lot), event.breakage));
  }
}

function revoke(pool: PoolSlice, event: CreditsRevoked): void {
  const { phase, owedRevoke } = lotOf(pool, event.lot);
  changeLot(pool, event.lot, {
    phase: event.isWhole ? "revoked" : phase,
    owedRevoke: event.isWhole ? noCredits : credits(owedRevoke + event.owed),
  });
}
