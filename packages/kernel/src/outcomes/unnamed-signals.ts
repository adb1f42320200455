/**
 * Owns of which case a signal is that names no conversation: it names the end customer and the topic, so it is of the case of these
 * whose outcome is in hand, as long as its reopen window runs, however long after the link window it comes.
 *
 * U1 it is a function of the set of facts, like `episodes.ts`. U2 what is near a claim, or in its conversation, is of that claim's case
 * already; of several cases in hand it is of the one that was claimed last. U3 what is near the signal comes along: a claim that follows it is of
 * the same case.
 */
import type { Claim, Signal } from "./case.ts";
import { type Happening, compare } from "./episodes.ts";

/** Facts of one case, in order of time. */
export type Episode = readonly Happening[];

/**
 * Joins such signals, with what is near them, to the cases that they are of. `inHand` gives the claim that a case stands on, or stood on
 * until its reopen window ended, after these facts and just before the signal.
 */
export function withUnnamedSignals(
  episodes: readonly Episode[],
  isOfType: (claim: Claim) => boolean,
  inHand: (facts: Episode, signal: Signal) => Claim | undefined,
): readonly Episode[] {
  let joined = episodes;
  const signals = episodes.flat().filter(isUnnamed).toSorted(compare);
  for (const signal of signals) {
    const before = (one: Episode): Episode => one.filter((fact) => compare(fact, signal) < 0);
    const own = joined.find((one) => one.includes(signal));
    if (own === undefined || before(own).some((fact) => fact.kind === "claim" && isOfType(fact)))
      continue;
    let last: { readonly claim: Claim; readonly episode: Episode } | undefined;
    for (const episode of joined) {
      const claim = episode === own ? undefined : inHand(before(episode), signal);
      if (claim !== undefined && (last === undefined || compare(claim, last.claim) > 0))
        last = { claim, episode };
    }
    if (last === undefined) continue;
    const { episode } = last;
    const rest = joined.filter((one) => one !== own && one !== episode);
    joined = [...rest, [...own, ...episode].toSorted(compare)];
  }
  return joined;
}

function isUnnamed(fact: Happening): fact is Signal {
  switch (fact.kind) {
    case "contact":
    case "handover":
    case "negative_feedback":
      return fact.conversation === null;
    case "claim":
    case "confirmation":
    case "reopening":
      return false;
  }
}
