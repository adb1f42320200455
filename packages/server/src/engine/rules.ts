import type {
  BalanceTold,
  Calendar,
  Command,
  Decision,
  Event,
  Hold,
  Instant,
  PriorAnswer,
  State,
  Surroundings,
  RateCardChanged,
} from "@cistern/kernel";
import {
  apply,
  balanceTold,
  cardMovedOn,
  decide,
  emptyState,
  nextDue,
  nextDueAt,
  priorAnswer,
  recall,
} from "@cistern/kernel";
import type { Position } from "@cistern/kernel";

/** The kernel as the engine calls it. */
export interface Rules {
  emptyState(): State;
  decide(state: State, command: Command, at: Instant, surroundings: Surroundings): Decision;
  apply(state: State, event: Event, position: Position): void;
  nextDue(state: State, at: Instant, calendar: Calendar): Event | undefined;
  nextDueAt(state: State): number | undefined;
  cardMovedOn(state: State, at: Instant, cards: Surroundings): RateCardChanged | undefined;
  balanceTold(state: State, event: Event): BalanceTold | undefined;
  priorAnswer(state: State, command: Command): PriorAnswer | undefined;
  recall(holdId: string, events: readonly { event: Event; position: Position }[]): Hold | undefined;
}

/** The production rules. */
export const kernelRules: Rules = {
  emptyState,
  decide,
  apply,
  nextDue,
  nextDueAt,
  cardMovedOn,
  balanceTold,
  priorAnswer,
  recall,
};
