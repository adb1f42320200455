/** Owns what a plan says about one type of outcome: when a result is one to pay for, and what it costs. */
import type { UnitPrice } from "../pricing/unit-price.ts";

/** How a conversation is held: how long it rests before nobody is expected to come back. */
export type Channel = "chat" | "ticket";

/** A part of an outcome that is paid at a fraction of it. */
export interface OutcomePart {
  readonly name: string;
  /** Of a whole one, in basis points: 1 to 10,000. */
  readonly shareBps: number;
}

interface TermsOf<Kind extends string> {
  readonly kind: Kind;
  /** Such as `resolution`, `document`, `meeting_minute`. */
  readonly type: string;
  /** By quantity, cumulative in a period (RULES 17). */
  readonly price: UnitPrice;
  /** It is not the price of the list. */
  readonly isNegotiated?: true;
  readonly parts: readonly OutcomePart[];
  /** For so long after it was billed, contact takes an outcome back. */
  readonly reopenMs: number;
  /** What share of claims that wait at a month's end is revenue of that month, in basis points (FINANCE, E16b); null: none. */
  readonly expectedBps: number | null;
}

/** Things that were made: each is an outcome of its own. */
export interface QuantityTerms extends TermsOf<"quantity"> {
  /** Whether it is billed when somebody confirms it, or at once. */
  readonly needsConfirmation: boolean;
}

/** Cases that were resolved in conversations: at most one outcome a case. */
export interface ConversationTerms extends TermsOf<"conversation"> {
  /** Conversations closer than this are of one case. */
  readonly linkMs: number;
  /** Without contact for so long, a claim has matured. */
  readonly maturityMs: Readonly<Record<Channel, number>>;
  /** From how many on a person should look. */
  readonly reviewFrom: {
    /** Topics of one end customer within the link window. */
    readonly topics: number;
    /** Conversations of one case. */
    readonly conversations: number;
  };
}

/** Terms of one type. */
export type OutcomeTerms = QuantityTerms | ConversationTerms;

const hourMs = 60 * 60 * 1_000;

/** What terms of conversations are where a plan does not say otherwise. */
export const conversationDefaults: Pick<
  ConversationTerms,
  "linkMs" | "maturityMs" | "reopenMs" | "reviewFrom"
> = {
  linkMs: 72 * hourMs,
  maturityMs: { chat: 24 * hourMs, ticket: 72 * hourMs },
  reopenMs: 14 * 24 * hourMs,
  reviewFrom: { topics: 5, conversations: 10 },
};
