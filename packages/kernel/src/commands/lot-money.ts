import { type Decision, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import { Draft } from "../pool/draft.ts";
import { escheated, isOver, revised } from "../pool/given-back.ts";
import { afterTransfer, financeOf } from "../pool/lot.ts";
import { isBreakage } from "../revenue/breakage.ts";
import type { State } from "../state/state.ts";

/** Ends a dormant lot in favour of the state. */
export interface Escheat {
  readonly kind: "escheat";
  readonly grant: string;
}

/** Says what share of a lot is expected never to be used, in basis points; null for no estimate. */
export interface ReviseBreakage {
  readonly kind: "reviseBreakage";
  readonly grant: string;
  readonly breakage: number | null;
}

/** Ends a dormant lot by law: what it still defers becomes a liability to the state, never revenue (E7). */
export function escheat(state: State, command: Escheat, at: Instant): Decision {
  const lot = state.pool.lots.get(command.grant);
  if (lot === undefined) return reject({ code: "unknown_grant", grant: command.grant });
  if (isOver(lot)) return reject({ code: "grant_over", grant: lot.id, phase: lot.phase });
  const marked = escheated(lot);
  const draft = new Draft(state.pool);
  draft.put(marked);
  draft.move(lot.id, "available", "revoked", lot.available, { into: "UnclaimedProperty" });
  const { transfers, balance } = draft.finish();
  const left = transfers.reduce(afterTransfer, marked);
  return accept({ kind: "credits.escheated", at, lot: lot.id, left, transfers, balance });
}

/** Sets what share of a lot is expected never to be used; what that changes is recognised, or deferred again, at once (E6.2). */
export function reviseBreakage(state: State, command: ReviseBreakage, at: Instant): Decision {
  const { grant, breakage } = command;
  const lot = state.pool.lots.get(grant);
  if (lot === undefined) return reject({ code: "unknown_grant", grant });
  if (breakage !== null && !isBreakage(breakage)) return reject(notAShare);
  if (isOver(lot)) return reject({ code: "grant_over", grant, phase: lot.phase });
  if (breakage !== null && financeOf(lot).escheats) return reject(stateTakes);
  const marked = revised(lot, breakage);
  const draft = new Draft(state.pool);
  draft.put(marked);
  draft.revise(lot.id);
  const { transfers, balance } = draft.finish();
  const left = transfers.reduce(afterTransfer, marked);
  return accept({ kind: "breakage.revised", at, lot: grant, breakage, left, transfers, balance });
}

/** The refusal of an estimate where the law leaves nothing to break. */
export const stateTakes = {
  code: "invalid_request",
  field: "breakage",
  reason: "What expires of the grant is owed to the state: none of it is breakage.",
} as const;

/** The refusal of an estimate that is none. */
export const notAShare = {
  code: "invalid_request",
  field: "breakage",
  reason: "Expected breakage is 0 to 9,999 basis points.",
} as const;
