/** Owns the form in which billable outcomes and their prices are written in a catalog. */
import type { UnitPrice } from "@cistern/contract";

interface OutcomeOf<Kind extends string> {
  readonly kind: Kind;
  /** What a part of one is paid at, by its name, such as `{ assisted: "50" }` percent. */
  readonly parts?: Readonly<Record<string, string>>;
  /** For so long after it was billed, an outcome may come back; default `P14D`. */
  readonly reopenWindow?: string;
  /** What share of claims that wait at a month's end is revenue of that month, such as `"60"` percent; default none. */
  readonly expected?: string;
}

/** A thing that was made: a document, a minute. Each is an outcome of its own. */
export interface ThingSource extends OutcomeOf<"quantity"> {
  /** Billed only when somebody confirms it; default false. */
  readonly confirmation?: boolean;
}

/** What a conversation reached: of each case at most one is billed. */
export interface ConversationSource extends OutcomeOf<"conversation"> {
  /** Conversations closer than this are one case; default `PT72H`. */
  readonly linkWindow?: string;
  /** Without contact for so long a claim has matured; default a day for chats, three for tickets. */
  readonly maturity?: { readonly chat?: string; readonly ticket?: string };
  /** From how many on a review is raised; default 5 topics of one end customer, 10 conversations of one case. */
  readonly review?: { readonly topics?: number; readonly conversations?: number };
}

/** An outcome that plans may pay for. */
export type OutcomeSource = ThingSource | ConversationSource;

/** Money for a quantity of a period, in the plan's currency. */
export type UnitPriceSource = UnitPrice;
