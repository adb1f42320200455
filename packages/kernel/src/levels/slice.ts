/**
 * Owns for which times a level was charged (docs/decisions/0011): a time that is told twice is charged once.
 *
 * L1 a level is what a debit is about: its member, meter, model, project and attributes. L2 a time belongs to the debit that told of it
 * first; a refund of all that a debit charged gives its times back, so that they can be told anew. L3 levels of which nothing was heard
 * for `keptForMs` are forgotten; of one at most `spansMax` separate times are kept, the latest.
 */
import type { Hold } from "../holds/hold.ts";
import type { Instant, Interval } from "../instant.ts";
import { DueQueue } from "../state/due-queue.ts";
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import { joined, lessened, without } from "./spans.ts";

/** Times of a level are kept for two years after their end. */
const keptForMs = 731 * 24 * 60 * 60 * 1_000;
/** Whoever reports without gaps needs one. */
const spansMax = 1_024;

/** For which times one level was charged. */
export interface LevelTold {
  readonly key: string;
  readonly spans: readonly Interval[];
}

/** The levels of one workspace. */
export interface LevelSlice {
  readonly told: Table<LevelTold>;
  /** By the end of the last time that was told. */
  readonly resting: DueQueue;
}

/** An empty slice. */
export function levelSlice(undo: UndoLog): LevelSlice {
  const told = new Table<LevelTold>("levels", undo, isTold);
  const resting = new DueQueue((key, dueAt) => restsAt(told.get(key)) === dueAt);
  told.watch((key, before, after) => resting.change(key, restsAt(before), restsAt(after)));
  return { told, resting };
}

/** What of a time was not charged for this level yet. */
export const untold = (slice: LevelSlice, level: LevelOf, over: Interval): readonly Interval[] =>
  without(over, slice.told.get(keyOf(level))?.spans ?? none);

/** Notes that times of a level are charged. */
export function tell(
  slice: LevelSlice,
  level: LevelOf,
  { spans, at }: { spans: readonly Interval[]; at: Instant },
): void {
  if (spans.length === 0) return;
  const key = keyOf(level);
  const before = slice.told.get(key)?.spans ?? none;
  slice.told.set(key, { key, spans: joined(before, spans).slice(-spansMax) });
  for (const { id } of slice.resting.upTo(at - keptForMs, 8)) slice.told.set(id, undefined);
}

/** Gives times of a level back (L2). */
export function untell(slice: LevelSlice, level: LevelOf, spans: readonly Interval[]): void {
  const key = keyOf(level);
  const before = slice.told.get(key);
  if (before === undefined || spans.length === 0) return;
  const left = lessened(before.spans, spans);
  slice.told.set(key, left.length === 0 ? undefined : { key, spans: left });
}

/** What a level is told apart by (L1). */
type LevelOf = Pick<Hold, "meter" | "model" | "project" | "attributes"> & {
  readonly path: { readonly member: string };
};

function keyOf({ path, meter, model, project, attributes }: LevelOf): string {
  const said = Object.entries(attributes ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([path.member, meter, model, project, said]);
}

const none: readonly Interval[] = [];

const restsAt = (one: LevelTold | undefined): number | undefined => one?.spans.at(-1)?.end;

const isTold = (value: unknown): value is LevelTold =>
  typeof value === "object" && value !== null && "spans" in value;
