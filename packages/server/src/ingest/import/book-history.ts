/**
 * Owns how rows of history become debits. B1 a row is told under a key that its import and its id give, so that it is charged once
 * whoever tells it again. B2 rows of one workspace are told one batch after the other, in their order. B3 what was not decided is asked
 * again; what was refused is told as refused, and the rest goes on. B4 no more rows than `bufferedMax` are kept.
 */
import { createHash } from "node:crypto";
import { IdempotencyKeySchema, limits } from "@cistern/contract";
import { Compile } from "typebox/compile";
import type { Booked, BookingOptions } from "./booking.ts";
import type { HistoryRow } from "./history.ts";
import { Lane } from "./lane.ts";
import { News } from "./news.ts";
import { Tally } from "./tally.ts";

const lanesMax = 8;
const bufferedMax = 16 * limits.batchOperationsMax;

const key = Compile(IdempotencyKeySchema);

/** A key of an import and a row (B1): ids that do not fit into one are hashed. */
export function rowKey(source: string, id: string): string {
  const plain = `history:${source}:${id}`;
  return key.Check(plain)
    ? plain
    : `history#${createHash("sha256")
        .update(JSON.stringify([source, id]))
        .digest("hex")}`;
}

/** Tells all rows, and says what became of them. Rejects with `BookingFault`, or with what `send` rejects with. */
export async function bookHistory(
  rows: AsyncIterable<readonly HistoryRow[]>,
  options: BookingOptions,
): Promise<Booked> {
  const tally = new Tally(options.skipped ?? 0, options.onBooked);
  const news = new News();
  const lanes = Array.from({ length: lanesMax }, () => new Lane(options, tally, news));
  try {
    for await (const chunk of rows)
      for (const row of chunk) {
        laneOf(lanes, row.workspace).add(row, tally.take());
        // A lane that few rows come to would keep the place of all others back.
        for (const lane of lanes) if (lane.oldest < tally.taken - bufferedMax) lane.urge();
        while (lanes.reduce((sum, { size }) => sum + size, 0) >= bufferedMax) await news.next();
      }
    for (const lane of lanes) lane.end();
    while (lanes.some(({ size }) => size > 0)) await news.next();
  } catch (error) {
    for (const lane of lanes) lane.stop();
    throw error;
  } finally {
    for (const { running } of lanes) await running;
  }
  return tally.booked();
}

function laneOf(lanes: readonly Lane[], workspace: string): Lane {
  let number = 0;
  for (let index = 0; index < workspace.length; index += 1)
    number = (number * 31 + workspace.charCodeAt(index)) % 1_000_003;
  const lane = lanes[number % lanes.length];
  if (lane === undefined) throw new Error("There are no lanes.");
  return lane;
}
