import { FormatFault } from "./format-fault.ts";

/** A place in a workspace's journal: the batch, and the event's index in it. `at` in answers. */
export interface Position {
  readonly seq: number;
  readonly index: number;
}

/** A place to read on from. With the batch's hash it also notices that a failover lost the tail it stood in. */
export interface Cursor extends Position {
  readonly hash?: string;
}

/** `9.0.1f3a90bc`: seq, index, and the first 8 hex digits of the batch's hash; a cursor without the hash is taken unchecked. */
export const cursorPattern = "^(0|[1-9][0-9]{0,14})\\.(0|[1-9][0-9]{0,8})(\\.[0-9a-f]{8})?$";

const cursorExpression = new RegExp(cursorPattern);

/**
 * Reads a cursor of the events feed; `0.0` is the start.
 *
 * @example parseCursor("9.0.1f3a90bc") // { seq: 9, index: 0, hash: "1f3a90bc" }
 * @throws FormatFault where the text is no cursor.
 */
export function parseCursor(text: string): Cursor {
  if (!cursorExpression.test(text))
    throw new FormatFault(text, "a cursor of the events feed, such as 9.0.1f3a90bc");
  const [seq, index, hash] = text.split(".");
  const place = { seq: Number(seq), index: Number(index) };
  return hash === undefined ? place : { ...place, hash };
}

/**
 * Writes a cursor of the events feed.
 *
 * @example printCursor({ seq: 9, index: 0, hash: "1f3a90bc" }) // "9.0.1f3a90bc"
 */
export function printCursor({ seq, index, hash }: Cursor): string {
  return hash === undefined ? `${seq}.${index}` : `${seq}.${index}.${hash}`;
}
