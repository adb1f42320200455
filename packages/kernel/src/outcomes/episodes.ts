/**
 * Owns which facts of one end customer and topic are one case: conversations closer than the link window, facts of one
 * conversation, and what was explicitly reopened.
 *
 * C1 it is a function of the set of facts: the order in which they came does not matter.
 */
import type { CaseFact, Claim, Dispute } from "./case.ts";

/** Facts that make up cases; disputes are about a claim and stand beside. */
export type Happening = Exclude<CaseFact, Dispute>;

/** Splits facts into cases, each in order of time. */
export function episodesOf(
  facts: readonly Happening[],
  linkMsOf: (fact: Happening) => number,
): readonly (readonly Happening[])[] {
  const sorted = facts.toSorted(compare);
  const sets = new Sets(sorted.length);
  const conversations = new Map<string, number>();
  const claims = new Map<string, number>();
  let before: { fact: Happening; index: number } | undefined;
  for (const [index, fact] of sorted.entries()) {
    if (fact.kind === "claim") claims.set(fact.outcome, index);
    if (fact.kind === "confirmation") continue;
    if (before !== undefined && fact.at - before.fact.at < linkMsOf(fact))
      sets.join(before.index, index);
    before = { fact, index };
    if (fact.kind === "reopening" || fact.conversation === null) continue;
    const first = conversations.get(fact.conversation);
    if (first === undefined) conversations.set(fact.conversation, index);
    else sets.join(first, index);
  }
  for (const [index, fact] of sorted.entries()) {
    if (fact.kind !== "reopening" && fact.kind !== "confirmation") continue;
    const claim = claims.get(fact.outcome);
    if (claim !== undefined) sets.join(claim, index);
  }
  return sets.groups().map((indexes) => indexes.flatMap((index) => sorted[index] ?? []));
}

/** What happens at one instant: signals, claims, then what is said about claims. */
const ranks: Readonly<Record<Happening["kind"], number>> = {
  contact: 0,
  handover: 1,
  negative_feedback: 2,
  claim: 3,
  confirmation: 4,
  reopening: 5,
};

/** By time; facts of one instant by what they say, and only those that say the same by the id that they came with. */
export function compare(a: Happening, b: Happening): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.kind !== b.kind) return ranks[a.kind] - ranks[b.kind];
  const [one, other] = [contentOf(a), contentOf(b)];
  return one === other ? 0 : one < other ? -1 : 1;
}

function contentOf(fact: Happening): string {
  switch (fact.kind) {
    case "claim":
      return `${claimContent(fact)} ${fact.outcome}`;
    case "contact":
    case "handover":
    case "negative_feedback":
      return fact.conversation ?? "";
    case "confirmation":
    case "reopening":
      return fact.outcome;
  }
}

/** All of a claim but its id, which is of its arrival. */
export const claimContent = (claim: Claim): string =>
  [
    claim.type,
    claim.conversation,
    claim.channel,
    claim.quantity,
    claim.part,
    claim.isSubstantive,
    claim.evidence?.hash,
  ].join(" ");

/** Disjoint sets of indexes. */
class Sets {
  readonly #parents: number[];

  constructor(size: number) {
    this.#parents = Array.from({ length: size }, (_, index) => index);
  }

  join(a: number, b: number): void {
    const [low, high] = [this.#rootOf(a), this.#rootOf(b)].toSorted((x, y) => x - y);
    if (low !== undefined && high !== undefined) this.#parents[high] = low;
  }

  groups(): readonly (readonly number[])[] {
    const groups = new Map<number, number[]>();
    for (const index of this.#parents.keys()) {
      const root = this.#rootOf(index);
      const group = groups.get(root);
      if (group === undefined) groups.set(root, [index]);
      else group.push(index);
    }
    return [...groups.values()];
  }

  #rootOf(index: number): number {
    let root = index;
    for (;;) {
      const parent = this.#parents[root] ?? root;
      if (parent === root) return root;
      root = parent;
    }
  }
}
