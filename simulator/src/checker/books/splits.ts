import type { Command, Event } from "@cistern/kernel";
import { demand } from "./accounts.ts";

/** An equal split gives each who is there the same, and a millionth more to the first by id (R3). */
export function checkSplit(
  { name, credits }: Extract<Command, { kind: "splitLimit" }>,
  event: Event,
  present: readonly string[],
): void {
  demand(event.kind === "limits.updated", () => `a split became ${event.kind}`);
  const among = event.limits.map(({ limit: { scope } }) => ("id" in scope ? scope.id : ""));
  demand(among.join() === present.join(), () => `${name} is split among ${among.join()}`);
  const each = credits / BigInt(present.length);
  const more = Number(credits % BigInt(present.length));
  for (const [index, { limit }] of event.limits.entries()) {
    const part = index < more ? each + 1n : each;
    const { id, rule } = limit;
    const own = rule.kind === "cap" && "credits" in rule ? rule.credits : null;
    demand(own === part, () => `${id} has ${own} of ${credits}, not ${part}`);
    demand(id === `${name}:${present[index]}`, () => `${id} is not of ${name}`);
  }
}
