/**
 * Owns what makes a catalog sound, and how it becomes exact numbers.
 *
 * C1 every fault is told, each with its place, of the form (`form.ts`) and of the meaning of whatever has the right form; a
 * catalog with any is refused whole. C2 no price passes through a floating-point number. C3 for each call at most one row is
 * the most specific (the kernel's M2). C4 hashes are of the content alone. C5 it is clear which rate card a workspace goes by.
 */
import { clashes } from "@cistern/kernel";
import type { Plan, RateRow } from "@cistern/kernel";
import canonicalize from "canonicalize";
import { createHash } from "node:crypto";
import { type Catalog, CatalogFault, type CatalogProblem, standardRateCard } from "./catalog.ts";
import {
  formProblems,
  isCostOffBooksIn,
  metersOf,
  outcomesOf,
  packsOf,
  planNamesOf,
  plansOf,
  rateCardsOf,
} from "./form.ts";
import { followPlans } from "./follow-plans.ts";
import { checkOutcome } from "./read-outcome.ts";
import { readPack } from "./read-pack.ts";
import { readPlan } from "./read-plan.ts";
import { readMultiplier, readRow } from "./read-row.ts";

/**
 * Reads a catalog, whether it was written by `defineCatalog` or as JSON.
 *
 * @throws CatalogFault with all that is wrong (C1); `source` names the catalog in its message.
 */
export function readCatalog(value: unknown, source: string): Catalog {
  const problems = formProblems(value);
  const tell = (problem: CatalogProblem): void => void problems.push(problem);
  const meters = metersOf(value);
  for (const [name, meter] of meters)
    if (meter?.kind === "level" && meter.outcomes !== undefined)
      tell({
        path: `/meters/${name}/outcomes`,
        message: "are of calls; this meter measures a level",
      });
  const isCostOffBooks = isCostOffBooksIn(value);
  const rateCards = new Map(
    rateCardsOf(value).map(([name, card]) => {
      const path = `/rateCards/${name}`;
      const multiplier = readMultiplier(card.multiplier, { path, tell });
      const rows = card.rows.map(([index, row]) => {
        const at = `${path}/rows/${index}`;
        return [
          index,
          readRow(row, { path: at, meters, multiplier, isCostOffBooks, tell }),
        ] as const;
      });
      for (const problem of clashProblems(rows, `${path}/rows`)) tell(problem);
      const priced = rows.map(([, row]) => row);
      return [name, { id: `${name}@${contentOf(priced)}`, rows: priced }];
    }),
  );
  const outcomes = outcomesOf(value);
  for (const [type, form] of outcomes) checkOutcome(form, `/outcomes/${type}`, tell);
  const cards = new Set(rateCards.keys());
  const packs = new Map(
    packsOf(value).map(([name, form]) => [
      name,
      form === null ? null : readPack(form, { name, path: `/packs/${name}`, tell }),
    ]),
  );
  const forms = new Map(plansOf(value));
  const alone = new Map(
    [...forms].map(([name, form]) => {
      const path = `/plans/${name}`;
      const around = { name, path, tell, meters, outcomes, rateCards: cards, packs };
      return [name, readPlan(form, around)];
    }),
  );
  const names = planNamesOf(value);
  const plans = followPlans({ forms, alone, names, versionOf: contentOf, tell });
  if (rateCards.size > 1 && !rateCards.has(standardRateCard))
    tell({
      path: "/rateCards",
      message: `has several and none is called ${standardRateCard}, which is the one for workspaces without a plan`,
    });
  if (problems.length > 0) throw new CatalogFault(source, problems);
  const content = canonical(value);
  return {
    hash: hashOf(content),
    content,
    meters: sound(meters),
    rateCards,
    plans,
    packs: sound(packs),
  };
}

/** Without those whose form was not right: where there is any, the catalog was refused. */
const sound = <T>(named: ReadonlyMap<string, T | null>): ReadonlyMap<string, T> =>
  new Map([...named].flatMap(([name, one]) => (one === null ? [] : [[name, one] as const])));

/** Enough that no two versions of a card have the same. */
const hashCharacters = 16;

/** C3. */
function clashProblems(
  rows: readonly (readonly [index: number, row: RateRow])[],
  path: string,
): CatalogProblem[] {
  const indexOf = new Map(rows.map(([index, row]) => [row, index]));
  const byMeter = Map.groupBy(indexOf.keys(), ({ meter }) => meter);
  return [...byMeter.values()].flatMap(clashes).map(({ row, before }) => ({
    path: `${path}/${indexOf.get(row)}`,
    message: `prices calls that row ${indexOf.get(before)} prices too, and neither is more specific; add to the model or to the attributes of one`,
  }));
}

/** C4. */
const hashOf = (content: string): string => createHash("sha256").update(content).digest("hex");

/** What something says, however it was written. */
const contentOf = (said: readonly RateRow[] | Omit<Plan, "version">): string => {
  const text = JSON.stringify(said, (_, value: unknown) =>
    typeof value === "bigint" ? `${value}` : value,
  );
  return hashOf(canonical(JSON.parse(text))).slice(0, hashCharacters);
};

function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error("A catalog has no canonical form.");
  return text;
}
