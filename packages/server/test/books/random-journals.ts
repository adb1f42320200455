/** Random journals: lives of the kernel's own properties, in workspaces with awkward names, zones and currencies. */
import { randomInt } from "node:crypto";
import type { Event, Workspace } from "@cistern/kernel";
import * as fc from "fast-check";
import { Life } from "../../../kernel/test/oracle/life.ts";
import { Journal } from "../../../kernel/test/journal.ts";
import type { Wish } from "../../../kernel/test/oracle/moves.ts";
import { consumptionLives, pooledLives } from "../../../kernel/test/oracle/model-lives.ts";
import { planLives } from "../../../kernel/test/oracle/plan-moves.ts";

/** The seed of this run: `CISTERN_SEED`, else any. */
export const seed: number = Number(process.env["CISTERN_SEED"] ?? randomInt(2 ** 31));

/** How many a property tries; `CISTERN_RUNS` multiplies it. */
export const runs = (usual: number): number => usual * Number(process.env["CISTERN_RUNS"] ?? 1);

/** Ids that no tool likes as they are. */
const ids = [
  "acme",
  "Acme",
  "a:b",
  "a:b:c",
  "_.:@-",
  "9-to-5",
  "0--Acme",
  "@ops",
  "Access",
  "x-3ay",
  "x:y",
  "Deferred",
];
const zones = ["Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Asia/Kolkata"];
const currencies = ["EUR", "USD", "JPY", "KWD"];

/** The journal of a life, one event after the other. */
export function journalOf(wishes: readonly Wish[], timeZone?: string): readonly Event[] {
  const life = new Life(new Journal(), undefined, timeZone);
  for (const wish of wishes) life.do(life.asks(wish));
  return life.journal.rows.map(({ event }) => event);
}

/** The same facts, in another workspace. */
export function movedTo(events: readonly Event[], settings: Partial<Workspace>): readonly Event[] {
  return events.map((event) =>
    event.kind === "workspace.created" || event.kind === "workspace.updated"
      ? { ...event, workspace: { ...event.workspace, ...settings } }
      : event,
  );
}

/** Time passes by at most so many days at once, so that a life of a hundred wishes and more is about a year. */
const longestDays = 31;

/** Of five workspaces three are on plans of all components, one pays for what it uses, and one has a pool alone. */
const models = [planLives, planLives, consumptionLives, planLives, pooledLives] as const;

/** Journals of as many workspaces, by their ids. */
export function randomJournals(
  count: number,
  wishes = 60,
  from = seed,
): Readonly<Record<string, readonly Event[]>> {
  const drawn = models.map((lives) =>
    fc.sample(lives(wishes, longestDays), { seed: from, numRuns: count }),
  );
  return Object.fromEntries(
    Array.from({ length: count }, (_one, index) => {
      const life = drawn[index % models.length]?.[index] ?? [];
      const id = ids[index] ?? `ws-${index}`;
      const timeZone = zones[index % zones.length] ?? "UTC";
      const currency = currencies[index % currencies.length] ?? "EUR";
      return [id, movedTo(journalOf(life, timeZone), { id, currency })];
    }),
  );
}
