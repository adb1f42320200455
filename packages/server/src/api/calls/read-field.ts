import { FormatFault, parseDuration, parseInstant } from "@cistern/contract";
import { type Instant, instant } from "@cistern/kernel";
import { InvalidField } from "../problems/invalid-field.ts";

/** An instant out of a field; null where it is left out. */
export function readInstant(pointer: string, text: string | undefined): Instant | null {
  return text === undefined ? null : instant(located(pointer, () => parseInstant(text)));
}

/** A duration above zero out of a field. */
export function readDuration(pointer: string, text: string): number {
  const duration = located(pointer, () => parseDuration(text));
  if (duration <= 0) throw new InvalidField(pointer, "must be longer than nothing");
  return duration;
}

function located<T>(pointer: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FormatFault) throw new InvalidField(pointer, error.message);
    throw error;
  }
}
