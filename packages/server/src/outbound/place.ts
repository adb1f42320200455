/**
 * Owns places in a journal that are kept for long, and the trail of places behind one.
 *
 * T1 a trail is newest first, one place a row, and never longer than `trailMax`: the last rows exactly, older ones ever further apart. So after a loss of
 * the tail the newest row that is common is found, or one not much further back than the loss is long.
 */
import { parseCursor, printCursor } from "@cistern/contract";

/** The last event that a consumer has; the hash is of its row, 8 hex digits, empty at the start. */
export interface Place {
  readonly seq: number;
  readonly index: number;
  readonly hash: string;
}

/** Before the first event. */
export const startPlace: Place = { seq: 0, index: 0, hash: "" };

/** As the index of a place: behind the last event of the row, however many it has. */
export const endOfRow = 999_999_999;

const exactRows = 8;
const trailMax = 40;

/** The trail with one place more. T1. */
export function trailWith(place: Place, trail: readonly Place[]): readonly Place[] {
  const all = [place, ...trail.filter(({ seq }) => seq < place.seq)];
  const kept: Place[] = [];
  for (const [n, one] of all.entries()) {
    const newer = kept.at(-1);
    const older = all[n + 1];
    const isNeeded =
      n < exactRows ||
      newer === undefined ||
      older === undefined ||
      place.seq - older.seq > 2 * (place.seq - newer.seq);
    if (isNeeded) kept.push(one);
  }
  return kept.slice(0, trailMax);
}

/**
 * A cursor of the feed behind which an event is the first.
 *
 * @example cursorBefore("acme:9.0:1f3a90bc") // "8.999999999"
 */
export function cursorBefore(eventId: string): string {
  const { seq, index } = parseCursor(eventId.split(":").at(-2) ?? "");
  if (index > 0) return printCursor({ seq, index: index - 1 });
  return seq > 1 ? printCursor({ seq: seq - 1, index: endOfRow }) : printCursor(startPosition);
}

const startPosition = { seq: 0, index: 0 };

/** As it is kept: `9.0.1f3a90bc 8.1.77aa01ff`. */
export const printTrail = (trail: readonly Place[]): string => trail.map(printCursor).join(" ");

/** See `printTrail`. */
export const parseTrail = (text: string): readonly Place[] =>
  text.split(" ").flatMap((one) => {
    if (one === "") return [];
    const { seq, index, hash = "" } = parseCursor(one);
    return [{ seq, index, hash }];
  });
