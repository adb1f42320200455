import { type Closing, printInstant } from "@cistern/contract";
import type { PeriodClosed, Position } from "@cistern/kernel";

/** A close as it is answered. */
export const closingBody = (
  { at, month, start, end }: PeriodClosed,
  position: Position,
): Closing => ({
  month,
  start: printInstant(start),
  end: printInstant(end),
  closedAt: printInstant(at),
  at: position,
});
