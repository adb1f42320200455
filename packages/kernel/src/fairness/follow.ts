/**
 * Owns how shares follow an event that moved credits: whose use it is, and where credits that come or go are put (RULES 1, 9, 12, 29).
 * Runs in `apply`, by the rules that the period was opened with.
 *
 * E1 a call counts in the period in which it was authorized; of any other, what it takes more is a loss and what returns a gain.
 * E2 what pays a debt is used by the debtor: it comes as what it is, and leaves like usage that nothing refuses.
 */
import { assert } from "../bug.ts";
import type { HoldSettled } from "../holds/events.ts";
import type { State } from "../state/state.ts";
import { isShared, takenFrom } from "./call.ts";
import { consume } from "./draw.ts";
import { returning, sumOf } from "./drawn.ts";
import { type Ending, endingIn } from "./ending.ts";
import type { LotsMoved } from "./lots-moved.ts";
import type { Drawn } from "./events.ts";
import type { Transfer } from "../pool/lot.ts";
import { lastingIn } from "./lasting.ts";
import { guestsId } from "./node.ts";
import { type SharingPeriod, waitingIn } from "./period.ts";
import { guestsPlace } from "./places.ts";
import { type Shift, ShareTree } from "./tree.ts";

/** Follows an event that has been carried out on the lots; `gift`: what of its credits is somebody's who joins with it. */
export function followLots(
  state: State,
  event: LotsMoved,
  {
    period,
    before,
    bought,
  }: {
    readonly period: SharingPeriod;
    /** Available on shared lots. */
    readonly before: bigint;
    /** Of its credits, those that were bought with seats: they go to no one else. */
    readonly bought: bigint;
  },
): void {
  const tree = new ShareTree(state.fairness, before);
  const { available } = state.pool.totals;
  if (event.kind === "hold.opened" || event.kind === "hold.extended") {
    if (event.drawn !== undefined) take(state, tree, event.drawn);
    return tree.check(available);
  }
  const isUsage = event.kind === "hold.settled" || event.kind === "usage.debited";
  const used = isUsage ? takenFrom(state, event.transfers) : 0n;
  const paid = event.transfers.some(paysDebt)
    ? event.transfers.filter((one) => paysDebt(one) && isShared(state, one.lot))
    : none;
  let gained = available - before + used;
  for (const one of paid) gained += one.credits;
  if (gained < 0n) tree.lose(-gained);
  else comeIn(state, tree, event, { period, gained, bought });
  if (isUsage && event.drawn !== undefined) take(state, tree, event.drawn);
  else if (used > 0n) tree.lose(used);
  if (event.kind === "hold.settled" && event.isLate) useExpired(state, tree, event, period);
  for (const { debt = "", credits } of paid) payDebt(state, tree, { of: debt, credits, period });
  tree.check(available);
}

const paysDebt = ({ debt }: Transfer): boolean => debt !== undefined;

const none: readonly Transfer[] = [];

/** What a call draws. What it draws of others, since nothing refuses it, they lose in proportion. */
function take(state: State, tree: ShareTree, drawn: Drawn): void {
  const { nodes, current } = state.fairness;
  if (drawn.seat === guestsId && nodes.get(guestsId) === undefined) {
    const waiting = current.period === undefined ? 0n : waitingIn(current.period);
    tree.join(guestsPlace, { bought: 0n, waiting });
  }
  const pots =
    drawn.pots.length === 0
      ? noPots
      : drawn.pots.map(({ node, credits }) => ({ node, credits: -credits }));
  const { seat, reserve: spent } = drawn;
  tree.shift(tree.leaf(seat), { reserve: -spent, pots, used: sumOf(drawn), spent });
  if (drawn.others !== undefined) tree.lose(drawn.others);
}

const noPots: Shift["pots"] = [];

/** A late settlement may take what had expired with its lot: that is use, and nobody's share. */
function useExpired(
  state: State,
  tree: ShareTree,
  { hold, transfers }: HoldSettled,
  period: SharingPeriod,
): void {
  const drawn = state.holds.holds.get(hold)?.drawn;
  if (drawn === undefined || drawn.period !== period.number) return;
  let used = 0n;
  for (const { lot, from, to, credits } of transfers)
    if (from === "expired" && to === "consumed" && isShared(state, lot)) used += credits;
  if (used > 0n) tree.shift(tree.leaf(drawn.seat), { reserve: 0n, pots: [], used, spent: 0n });
}

/** Credits that became available: of calls that ended, of grants, or of anything else. */
function comeIn(
  state: State,
  tree: ShareTree,
  event: LotsMoved,
  {
    period,
    gained,
    bought,
  }: { readonly period: SharingPeriod; readonly gained: bigint; readonly bought: bigint },
): void {
  let left = gained;
  for (const ending of endingIn(state, event, { period: period.number, gained })) {
    left -= ending.freed;
    giveBack(tree, ending);
  }
  assert(left >= 0n, "F1 no more returns to shares than became available");
  const lasting = lastingIn(state, event, period) - bought;
  const topUp = lasting < left ? lasting : left;
  if (topUp > 0n) tree.topUp(topUp, BigInt(period.reserve));
  tree.gain(topUp > 0n ? left - topUp : left);
}

/** What became available goes back to where the call drew it; what met another fate is used no longer either (RULES 9). */
function giveBack(tree: ShareTree, { drawn, kept, ended, freed }: Ending): void {
  const unused = drawn.outside === undefined ? 0n : returning(drawn, kept, ended).outside;
  const { outside, reserve, pots, beyond } = returning(drawn, kept, freed);
  tree.giveBack(tree.leaf(drawn.seat), {
    reserve: reserve + beyond,
    pots,
    used: ended - unused,
  });
  tree.gain(outside);
}

/** Usage that nothing refuses, by the debtor (E2). */
function payDebt(
  { fairness, holds }: State,
  tree: ShareTree,
  { of, credits, period }: { of: string; credits: bigint; period: SharingPeriod },
): void {
  const drawn = holds.holds.get(of)?.drawn;
  if (drawn === undefined || drawn.period !== period.number) return tree.lose(credits);
  const leaf = tree.leaf(drawn.seat);
  const path = fairness.standing.pathFrom(leaf, tree.free);
  const { reserve, pots, others } = consume(path, credits);
  const parts = pots.map((part, place) => ({ node: path[place + 1]?.id ?? "", credits: -part }));
  tree.shift(leaf, { reserve: -reserve, pots: parts, used: credits, spent: reserve });
  if (others > 0n) tree.lose(others);
}
