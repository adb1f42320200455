/** One thing that must not be, with the rule that it breaks. */
export interface Finding {
  readonly rule: Rule;
  readonly workspace: string;
  readonly found: string;
}

/** What a storm must not shake. */
export const rules = {
  C1: "what was acknowledged stands in the journal where the answer said, and says the same",
  C2: "a key has at most one effect, and every answer under it is the first one",
  C3: "every accepted event was asked for, and acknowledged to who asked",
  C4: "what was refused has no effect",
  C5: "an answer stands behind everything that was answered before it was asked for",
  C6: "a read or a refusal is true at the place in the journal that it names",
  C7: "the pool is never oversold, nor any cap",
  C8: "the sums of what was acknowledged are the balance",
  C9: "both nodes say the same in the end",
  C10: "verify finds no fault",
  C11: "the feed tells every event once and in order, whichever node is asked",
  C12: "no node takes an outage for a fault of the journal",
} as const;

/** A number of `rules`. */
export type Rule = keyof typeof rules;
