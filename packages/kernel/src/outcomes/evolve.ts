/** Owns what events do to outcomes, cases and counts; and what is forgotten with time (O1). */
import { type Money, noMoney } from "../amount.ts";
import { assert } from "../bug.ts";
import type { Instant } from "../instant.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { Case, CaseFact, Claim } from "./case.ts";
import type { Addition, Recount } from "./change.ts";
import { type OutcomePeriod, isSameStretch, stretchOf, termsIn } from "./period.ts";
import { type OutcomeSlice, evidenceKeptForMs, keptForMs, periodsKeptForMs } from "./slice.ts";

/** Cases as an addition leaves them, before they are judged. */
export function changedCases(
  { cases }: Pick<OutcomeSlice, "cases">,
  { case: about, fact, displaced, use }: Addition,
  at: Instant,
): readonly Case[] {
  const before: Case = cases.get(about.id) ?? { ...about, facts: [], nextAt: null, touchedAt: at };
  const own = { ...before, facts: withFact(before.facts, fact), touchedAt: at };
  if (displaced === null || use === null) return [own];
  const other = displaced.case === own.id ? own : cases.get(displaced.case);
  if (other === undefined) return [own];
  const facts = other.facts.map((one) =>
    one.kind === "claim" && one.outcome === displaced.outcome
      ? ({ ...one, duplicateOf: use.by.outcome } satisfies Claim)
      : one,
  );
  const repeated = { ...other, facts, touchedAt: at };
  return other === own ? [repeated] : [own, repeated];
}

/** A dispute that is resolved is the one that waited. */
function withFact(facts: readonly CaseFact[], fact: CaseFact): readonly CaseFact[] {
  if (fact.kind !== "dispute" || fact.resolution === null) return [...facts, fact];
  return facts.map((one) =>
    one.kind === "dispute" && one.outcome === fact.outcome && one.resolution === null ? fact : one,
  );
}

/** Carries out an addition. */
export function addFact(slice: OutcomeSlice, addition: Addition, at: Instant): void {
  for (const one of changedCases(slice, addition, at)) slice.cases.set(one.id, one);
  if (addition.use !== null) slice.evidence.set(addition.use.evidence, addition.use.by);
}

/** Carries out what follows from it, or from time. */
export function judge(slice: OutcomeSlice, { changes, next }: Recount, at: Instant): void {
  for (const { outcome, moves } of changes) {
    assert(
      (outcome.status === "billed") === (outcome.booked !== null),
      "B1 what is billed is on a line, and nothing else is",
    );
    slice.outcomes.set(outcome.id, outcome);
    for (const { count: id, share, start } of moves) {
      const before = slice.counts.get(id);
      const after = (before?.share ?? 0n) + share;
      assert(after >= 0n, "B1 no more is taken back than was billed");
      slice.counts.set(id, { share: after, start });
    }
  }
  for (const { case: id, at: nextAt } of next) {
    const before = slice.cases.get(id);
    assert(before !== undefined, `case ${id} that is judged is known`);
    if (before.nextAt !== nextAt) slice.cases.set(id, { ...before, nextAt });
  }
  forget(slice, at);
}

/** The next estimate, or release; null for none. */
export function planEstimate(
  slice: OutcomeSlice,
  dueAt: Instant | null,
  open: Money = noMoney,
): void {
  slice.estimates.set("estimate", dueAt === null ? undefined : { dueAt, open });
}

/**
 * Notes that a subscription is in another stretch now. Stretches before the first that bills, pays for outcomes or has rates of its own
 * need no row each, but when one like that begins, usage of the time before it is not of its terms: that time gets a row. `earlier`: the
 * subscription as it was, or the one before it.
 */
export function enterPeriod(
  slice: OutcomeSlice,
  subscription: Subscription,
  { at, earlier }: { readonly at: Instant; readonly earlier: Subscription | undefined },
): void {
  const stretch = stretchOf(subscription, at);
  if (stretch === undefined) return;
  const last = slice.byTime.rows.at(-1);
  const isPlain =
    !stretch.isTrial &&
    stretch.terms.length === 0 &&
    stretch.overage.kind !== "bill" &&
    stretch.rates === undefined;
  if (last === undefined && isPlain) return;
  if (last !== undefined && isSameStretch(last, stretch)) return;
  if (last === undefined && earlier !== undefined) {
    const before = stretchOf({ ...earlier, status: "active" }, earlier.startedAt);
    if (before !== undefined) addStretch(slice, before);
  }
  addStretch(slice, stretch);
  forgetPeriods(slice, at);
}

function addStretch(slice: OutcomeSlice, stretch: Omit<OutcomePeriod, "id">): void {
  const { from } = stretch;
  const last = slice.byTime.rows.at(-1);
  // Several may begin at one instant.
  const turn = last?.from === from ? Number(last.id.split(".")[1]) + 1 : 0;
  const id = `${String(from).padStart(15, "0")}.${String(turn).padStart(4, "0")}`;
  slice.periods.set(id, { id, ...stretch });
}

/** Terms that a claim in memory is read by, and counts that it is billed in, stay as long as it does. */
function forgetPeriods(slice: OutcomeSlice, at: Instant): void {
  const { rows } = slice.byTime;
  // A stretch is over where the next one begins: one of a year is not old when the year is over.
  const old = rows
    .slice(0, -1)
    .filter((_one, index) => (rows[index + 1]?.from ?? at) + periodsKeptForMs <= at);
  const firstClaims = old.length === 0 ? new Map<string, Instant>() : firstClaimsOf(slice);
  for (const one of old)
    if (!isWanted(slice, one, firstClaims)) slice.periods.set(one.id, undefined);
  const counts = [...slice.counts.entries()].filter(
    ([, { start }]) => start + 2 * periodsKeptForMs <= at,
  );
  if (counts.length === 0) return;
  const inUse = new Set([...slice.outcomes.values()].map(({ booked }) => booked?.count));
  for (const [key] of counts) if (!inUse.has(key)) slice.counts.set(key, undefined);
}

/** When the first claim of each type happened. */
function firstClaimsOf({ cases }: OutcomeSlice): ReadonlyMap<string, Instant> {
  const first = new Map<string, Instant>();
  for (const { facts } of cases.values())
    for (const fact of facts)
      if (fact.kind === "claim" && fact.at < (first.get(fact.type) ?? Infinity))
        first.set(fact.type, fact.at);
  return first;
}

/** Whether a claim has no later terms to be read by (`periodAt`). */
function isWanted(
  { byTime }: OutcomeSlice,
  one: OutcomePeriod,
  firstClaims: ReadonlyMap<string, Instant>,
): boolean {
  const later = byTime.rows.filter((other) => other.id > one.id);
  return one.terms.some(({ type }) => {
    const first = firstClaims.get(type);
    return (
      first !== undefined &&
      !later.some((other) => other.from <= first && termsIn(other, type) !== undefined)
    );
  });
}

/** A few at each event keep pace. */
function forget(slice: OutcomeSlice, at: Instant): void {
  for (let dropped = 0; dropped < 8; dropped += 1) {
    const first = slice.resting.first();
    if (first === undefined || first.dueAt + keptForMs > at) break;
    for (const fact of slice.cases.get(first.id)?.facts ?? [])
      if (fact.kind === "claim") slice.outcomes.set(fact.outcome, undefined);
    slice.cases.set(first.id, undefined);
  }
  for (let dropped = 0; dropped < 8; dropped += 1) {
    const first = slice.evidenceResting.first();
    if (first === undefined || first.dueAt + evidenceKeptForMs > at) break;
    slice.evidence.set(first.id, undefined);
  }
}
