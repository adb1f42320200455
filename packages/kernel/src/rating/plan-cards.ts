/**
 * Owns which rate card the plan of a workspace named when, for usage that is heard of late: it goes by the prices of its time.
 *
 * One row a change of the card that is named; they are few, and all are kept.
 */
import type { Instant } from "../instant.ts";
import { SortedIndex } from "../state/sorted-index.ts";
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import type { PlanRateCard } from "../subscriptions/plan.ts";

/** From `from` until the next one. */
export interface PlanCardSince {
  readonly from: Instant;
  /** null: that of workspaces whose plan names none. */
  readonly card: PlanRateCard | null;
}

/** Cards that plans of one workspace named. */
export interface PlanCardSlice {
  readonly cards: Table<PlanCardSince>;
  readonly byTime: SortedIndex<PlanCardSince>;
}

/** An empty slice. */
export function planCardSlice(undo: UndoLog): PlanCardSlice {
  const cards = new Table<PlanCardSince>("plan_cards", undo, isSince);
  const byTime = new SortedIndex<PlanCardSince>((a, b) => a.from - b.from);
  cards.watch((_id, before, after) => byTime.replace(before, after));
  return { cards, byTime };
}

/** Notes the card that is named from now on. */
export function noteCard(
  { cards, byTime }: PlanCardSlice,
  card: PlanRateCard | null,
  at: Instant,
): void {
  const last = byTime.rows.at(-1)?.card ?? null;
  const isSame =
    last?.name === card?.name &&
    last?.version === card?.version &&
    last?.isPinned === card?.isPinned;
  // Of several at one instant the last one counts.
  if (!isSame) cards.set(String(at), { from: at, card });
}

/** The card that was named at an instant. */
export const planCardAt = ({ byTime }: PlanCardSlice, at: Instant): PlanRateCard | null =>
  byTime.rows.findLast(({ from }) => from <= at)?.card ?? null;

const isSince = (value: unknown): value is PlanCardSince =>
  typeof value === "object" && value !== null && "card" in value;
