/** Owns by which prices usage is charged that is reported after the fact: those of when it happened (RULES 19). */
import type { FreeUnits } from "../allowances/terms.ts";
import type { RateCards } from "../decision.ts";
import type { Instant } from "../instant.ts";
import type { State } from "../state/state.ts";
import { cardInForce, cardThen } from "./card-in-force.ts";
import { type Rated, rated } from "./rated.ts";

/** What a report costs. */
export type ReportRated =
  | (Extract<Rated, { readonly kind: "rated" }> & {
      /** Another card is in force now than the one that priced it. */
      readonly isPricedThen: boolean;
    })
  | Extract<Rated, { readonly kind: "refused" }>;

/**
 * Rates usage that happened at `occurredAt` and is told at `at`. What the card of then has no price for goes by the one of now: a meter may be
 * older than its prices, and usage that happened is not refused for that.
 */
export function ratedReport(
  state: State,
  call: Parameters<typeof rated>[1],
  {
    occurredAt,
    at,
    cards,
    ...units
  }: {
    occurredAt: Instant;
    at: Instant;
    cards: RateCards;
    /** For how long a level is charged. */
    levelMs: number;
    /** What an allowance takes of it. */
    free: FreeUnits | undefined;
  },
): ReportRated {
  const now = cardInForce(state, cards);
  const then = occurredAt < at ? cardThen(state, cards, occurredAt) : now;
  const first = rated(then, call, units);
  const isUnknown =
    first.kind === "refused" &&
    (first.rejection.code === "unknown_meter" || first.rejection.code === "unknown_model");
  const cost = isUnknown && then.id !== now.id ? rated(now, call, units) : first;
  if (cost.kind === "refused") return cost;
  return { ...cost, isPricedThen: cost.price !== null && cost.price.card !== now.id };
}
