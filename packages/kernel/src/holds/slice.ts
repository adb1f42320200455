/**
 * Owns the holds of one workspace: open ones until they end, ended ones while something may still be asked of them.
 *
 * H1 an ended hold rests here for `keptForMs` after it was last touched, and at most `keptMax` of them do; one that still
 * owes stays until it is paid. Older ones are read from the journal again (RULES 25).
 */
import { type Credits, credits } from "../amount.ts";
import type { PinnedLine } from "../billed/terms.ts";
import { DueQueue } from "../state/due-queue.ts";
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import type { Hold } from "./hold.ts";

/** A whole day of ended holds stays in memory. */
export const keptForMs: number = 24 * 60 * 60 * 1_000;
/** More ended holds than this leave before their day is over, oldest first. */
export const keptMax = 100_000;

/** Holds of one workspace. */
export interface HoldSlice {
  readonly holds: Table<Hold>;
  readonly expiring: DueQueue;
  readonly resting: DueQueue;
  readonly totals: { legs: bigint; overage: bigint; open: number; resting: number };
  /** Overage of open holds that would be billed, by line; and of those that are pinned to none. */
  readonly inFlight: {
    readonly billing: Map<string, { readonly line: PinnedLine; readonly credits: bigint }>;
    readonly unpinned: { credits: bigint };
  };
}

/** An empty slice. */
export function holdSlice(undo: UndoLog): HoldSlice {
  const holds = new Table<Hold>("holds", undo, isHold);
  const expiring = new DueQueue((id, dueAt) => expiryOf(holds.get(id)) === dueAt);
  const resting = new DueQueue((id, dueAt) => restsSince(holds.get(id)) === dueAt);
  const totals = { legs: 0n, overage: 0n, open: 0, resting: 0 };
  const inFlight: HoldSlice["inFlight"] = { billing: new Map(), unpinned: { credits: 0n } };
  holds.watch((id, before, after) => {
    if (before !== undefined) count(totals, before, -1);
    if (after !== undefined) count(totals, after, 1);
    if (before?.status === "open" && before.overage > 0n) pin(inFlight, before, -1n);
    if (after?.status === "open" && after.overage > 0n) pin(inFlight, after, 1n);
    expiring.change(id, expiryOf(before), expiryOf(after));
    resting.change(id, restsSince(before), restsSince(after));
  });
  return { holds, expiring, resting, totals, inFlight };
}

/** Overage that open holds may still use. */
export const overageInFlight = (slice: HoldSlice): Credits => credits(slice.totals.overage);

function count(totals: HoldSlice["totals"], hold: Hold, sign: 1 | -1): void {
  if (hold.status !== "open") {
    if (hold.owed === 0n) totals.resting += sign;
    return;
  }
  totals.open += sign;
  totals.overage += BigInt(sign) * hold.overage;
  for (const leg of hold.legs) totals.legs += BigInt(sign) * leg.credits;
}

function pin(
  { billing, unpinned }: HoldSlice["inFlight"],
  { billing: line, overage }: Hold,
  sign: 1n | -1n,
): void {
  if (line === undefined) {
    unpinned.credits += sign * overage;
    return;
  }
  const sum = (billing.get(line.key)?.credits ?? 0n) + sign * overage;
  if (sum === 0n) billing.delete(line.key);
  else billing.set(line.key, { line, credits: sum });
}

const expiryOf = (hold: Hold | undefined): number | undefined =>
  hold?.status === "open" ? hold.expiresAt : undefined;
const restsSince = (hold: Hold | undefined): number | undefined =>
  hold !== undefined && hold.status !== "open" && hold.owed === 0n ? hold.touchedAt : undefined;

const isHold = (value: unknown): value is Hold =>
  typeof value === "object" && value !== null && "authorized" in value;
