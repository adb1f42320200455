/**
 * Owns when it is told that a pool is low, empty, or neither again.
 *
 * N1 what is left is what nobody has used: available and held. So a call in flight crosses nothing, and what it gives back neither.
 * N2 a level is told once, right after the event that leads there, and again after another one was told.
 * N3 a pool that never had credits is not empty: it is told so once credits are gone, or owed.
 */
import { type Credits, credits } from "../amount.ts";
import type { Event } from "../events.ts";
import type { Balance } from "../fact.ts";
import { type State, workspaceOf } from "../state/state.ts";
import type { BalanceTold } from "./events.ts";
import { balanceOf } from "./slice.ts";

/** What an event that is to be applied next leads to: to be told right after it. */
export function balanceTold(state: State, event: Event): BalanceTold | undefined {
  const workspace = workspaceOf(state);
  if (workspace === undefined) return undefined;
  const change = event.kind === "workspace.updated" ? event.workspace : workspace;
  const isMoved = "transfers" in event;
  if (!isMoved && change.lowBalance === workspace.lowBalance) return undefined;
  const before = balanceOf(state.pool);
  const balance = isMoved ? event.balance : before;
  const left = leftOf(balance);
  const lowBalance = credits(change.lowBalance ?? 0n);
  const kind = levelOf(left, lowBalance);
  if (kind === state.current.row?.level) return undefined;
  const isEmptied = leftOf(before) > 0n || balance.debt > 0n;
  if (kind === "balance.depleted" && !isEmptied) return undefined;
  return { kind, at: event.at, left, lowBalance, balance };
}

const leftOf = ({ available, held }: Balance): Credits => credits(available + held);

function levelOf(left: Credits, lowBalance: Credits): BalanceTold["kind"] {
  if (left === 0n) return "balance.depleted";
  return left <= lowBalance ? "balance.low" : "balance.recovered";
}

/** The level that an event tells; undefined where it tells none. */
export const levelIn = ({ kind }: Event): BalanceTold["kind"] | undefined =>
  kind === "balance.low" || kind === "balance.depleted" || kind === "balance.recovered"
    ? kind
    : undefined;
