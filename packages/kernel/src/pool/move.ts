/** Owns how transfers are carried out on lots, and on the debts that they pay. */
import { minus } from "../amount.ts";
import { assert } from "../bug.ts";
import { paid } from "../holds/evolve.ts";
import { changeHold } from "../holds/keep.ts";
import type { Instant } from "../instant.ts";
import type { State } from "../state/state.ts";
import { lotOf } from "./keep.ts";
import { type Lot, type LotDraft, type Transfer, carryOut, checkLot } from "./lot.ts";
import { owe } from "./owe.ts";

/** Transfers of one lot that follow each other change its row once. A lot is checked when all have been carried out. */
export function move(state: State, transfers: readonly Transfer[], at: Instant): void {
  const { lots } = state.pool;
  let earlier: string[] | undefined;
  let row: Lot | undefined;
  let lot: LotDraft | undefined;
  for (const transfer of transfers) {
    if (lot?.id !== transfer.lot) {
      if (lot !== undefined) {
        lots.replace(lot.id, row, lot);
        earlier ??= [];
        earlier.push(lot.id);
      }
      row = lotOf(state.pool, transfer.lot);
      lot = { ...row };
    }
    carryOut(lot, transfer);
    if (lot.owedRevoke > 0n && settlesOwed(transfer) && lot.phase !== "revoked")
      lot.owedRevoke = minus(lot.owedRevoke, transfer.credits);
    if (transfer.debt !== undefined) pay(state, transfer, transfer.debt, at);
  }
  if (lot === undefined) return;
  lots.replace(lot.id, row, lot);
  checkLot(lot);
  for (const id of earlier ?? []) checkLot(lotOf(state.pool, id));
}

/** A partial revoke takes credits when they return, from a hold or by a refund: that return is what pays it. */
const settlesOwed = ({ from, to, rebases }: Transfer): boolean =>
  (from === "held" || from === "consumed") && to === "revoked" && rebases !== true;

function pay(state: State, transfer: Transfer, of: string, at: Instant): void {
  const debt = state.pool.debts.get(of);
  assert(debt !== undefined, `the debt of ${of} that credits pay exists`);
  owe(state.pool, of, { delta: -transfer.credits, usage: debt.usage, at });
  changeHold(state.holds, of, (hold) => paid(hold, transfer, at));
}
