import { limits, parseDuration } from "@cistern/contract";
import { InvalidField } from "../problems/invalid-field.ts";

/** How long an answer may wait, out of `wait` of a query; in milliseconds. */
export function readWait(text: string): number {
  const ms = parseDuration(text);
  if (ms <= limits.eventsWaitMaxMs) return ms;
  throw new InvalidField(
    "/query/wait",
    `must be at most PT${limits.eventsWaitMaxMs / 1_000}S; ask again where nothing came`,
  );
}
