import { textOf } from "../history/text-of.ts";

/** Whether all that one says, the other says too. */
export function isWithin(part: object, whole: object): boolean {
  const members = new Map<string, unknown>(Object.entries(whole));
  return Object.entries(part).every(([name, value]) => textOf(value) === textOf(members.get(name)));
}
