/**
 * Owns what makes a catalog sound, and how it becomes exact numbers.
 *
 * C1 every fault is told, each with its place: of the form (`form.ts`), and of the meaning of all that does not follow from a fault
 * of form (`mend-form.ts`); a catalog with any is refused whole. C2 no price passes through a floating-point number. C3 for each call at most one row is
 * the most specific (the kernel's M2). C4 hashes are of the content alone: what is read has its names in the order of the canonical
 * form, so that lists which are made of objects do not depend on how they were written. C5 it is clear which rate card a workspace goes by.
 */
import { type CreditWords, plainCreditWords } from "@cistern/contract";
import { clashes } from "@cistern/kernel";
import type { Plan, RateCard, RateRow } from "@cistern/kernel";
import canonicalize from "canonicalize";
import { createHash } from "node:crypto";
import {
  type Catalog,
  CatalogFault,
  type CatalogProblem,
  type Finding,
  type Meter,
  type Tell,
  standardRateCard,
} from "./catalog.ts";
import { checkCoverage } from "./check-coverage.ts";
import { type CatalogForm, readForm } from "./form.ts";
import { followPlans } from "./follow-plans.ts";
import { checkEventRule, checkTraces } from "./read-intake.ts";
import { checkOutcome } from "./read-outcome.ts";
import { readPack } from "./read-pack.ts";
import { readPlan } from "./read-plan.ts";
import { readMultiplier, readRow } from "./read-row.ts";

/** How a catalog is read. */
export interface ReadOptions {
  /** It was pushed, so that it was sound by what was asked for then. */
  readonly isPushed?: boolean;
  /** What is known to be wrong with it already. */
  readonly told?: readonly CatalogProblem[];
}

/**
 * Reads a catalog, whether it was written by `defineCatalog` or as JSON.
 *
 * @throws CatalogFault with all that is wrong (C1); `source` names the catalog in its message.
 */
export function readCatalog(
  value: unknown,
  source: string,
  { isPushed = false, told = [] }: ReadOptions = {},
): Catalog {
  const { form, doubts, problems: ofForm } = readForm(inOrder(value));
  const problems = [...told, ...ofForm];
  const tell: Tell = ({ path, message, restsOn = [path], isOfNew = false }) => {
    if (isPushed && isOfNew) return;
    if (restsOn.every((place) => doubts.hasSaid(place))) problems.push({ path, message });
  };
  const read = form === undefined ? undefined : readParts(form, tell);
  if (problems.length > 0 || read === undefined) throw new CatalogFault(source, problems);
  const content = canonical(value);
  return { hash: hashOf(content), content, ...read };
}

/** What a catalog means; whatever is wrong with it is told. */
function readParts(form: CatalogForm, tell: Tell): Omit<Catalog, "hash" | "content"> {
  const meters = readMeters(form, tell);
  const rateCards = readRateCards(form, { meters, tell });
  const outcomes = new Map(Object.entries(form.outcomes ?? {}));
  for (const [type, one] of outcomes) checkOutcome(one, `/outcomes/${type}`, tell);
  const packs = new Map(
    Object.entries(form.packs ?? {}).map(([name, one]) => [
      name,
      readPack(one, { name, path: `/packs/${name}`, tell }),
    ]),
  );
  const cards = new Set(rateCards.keys());
  checkCoverage(form, { meters, rateCards, tell });
  const forms = new Map(Object.entries(form.plans ?? {}));
  const alone = new Map(
    [...forms].map(([name, one]) => {
      const path = `/plans/${name}`;
      const around = { name, path, tell, meters, outcomes, rateCards: cards, packs };
      return [name, readPlan(one, around)];
    }),
  );
  const plans = followPlans({ forms, alone, versionOf: contentOf, tell });
  const events = new Map(Object.entries(form.events ?? {}));
  for (const [type, rule] of events) checkEventRule(type, rule, { meters, tell });
  const { traces = {} } = form;
  checkTraces(traces, { meters, tell });
  const credits = creditWords(form);
  return { credits, meters, rateCards, outcomes, plans, packs, events, traces };
}

const creditWords = ({ credits: { name, decimals } = {} }: CatalogForm): CreditWords => ({
  ...(name ?? plainCreditWords),
  ...(decimals === undefined ? {} : { decimals }),
});

function readMeters({ meters }: CatalogForm, tell: Tell): ReadonlyMap<string, Meter> {
  for (const [name, { kind, outcomes }] of Object.entries(meters))
    if (kind === "level" && outcomes !== undefined)
      tell({
        path: `/meters/${name}/outcomes`,
        restsOn: [`/meters/${name}/kind`],
        message: "are of calls; this meter measures a level",
      });
  return new Map(Object.entries(meters));
}

/** C3, C5. */
function readRateCards(
  form: CatalogForm,
  { meters, tell }: { readonly meters: ReadonlyMap<string, Meter>; readonly tell: Tell },
): ReadonlyMap<string, RateCard> {
  const isCostOffBooks = form.books?.modelCost === false;
  const rateCards = new Map(
    Object.entries(form.rateCards).map(([name, card]) => {
      const path = `/rateCards/${name}`;
      const multiplier = readMultiplier(card.multiplier, { path, tell });
      const rows = card.rows.map((row, index) =>
        readRow(row, { path: `${path}/rows/${index}`, meters, multiplier, isCostOffBooks, tell }),
      );
      for (const finding of clashFindings(rows, `${path}/rows`)) tell(finding);
      return [name, { id: `${name}@${contentOf(rows)}`, rows }];
    }),
  );
  if (rateCards.size > 1 && !rateCards.has(standardRateCard))
    tell({
      path: "/rateCards",
      message: `has several and none is called ${standardRateCard}, which is the one for workspaces without a plan`,
    });
  return rateCards;
}

/** Enough that no two versions of a card have the same. */
const hashCharacters = 16;

/** C3. */
function clashFindings(rows: readonly RateRow[], path: string): Finding[] {
  const indexOf = new Map(rows.map((row, index) => [row, index]));
  const byMeter = Map.groupBy(rows, ({ meter }) => meter);
  return [...byMeter.values()].flatMap(clashes).map(({ row, before }) => {
    const [at, other] = [indexOf.get(row), indexOf.get(before)];
    return {
      path: `${path}/${at}`,
      restsOn: [at, other].flatMap((index) =>
        ["meter", "model", "attributes/"].map((field) => `${path}/${index}/${field}`),
      ),
      message: `prices calls that row ${other} prices too, and neither is more specific; add to the model or to the attributes of one`,
    };
  });
}

/** C4: names by their code units, as the canonical form has them. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, one]) => [name, inOrder(one)]),
  );
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
