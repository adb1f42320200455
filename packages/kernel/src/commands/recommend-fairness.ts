import { type Decision, accept, reject } from "../decision.ts";
import type { PresetAdvice } from "../fairness/advice.ts";
import { presetInForce } from "../fairness/setting.ts";
import type { Instant } from "../instant.ts";
import { type State, workspaceOf } from "../state/state.ts";

/** Offers another preset than the one in force. Its key is the period, so that whoever else works it out is answered the same. */
export interface RecommendFairness {
  readonly kind: "recommendFairness";
  readonly advice: PresetAdvice;
}

/** Tells what a replay speaks for; it changes nothing. Advice against what is in force no more is refused: somebody has chosen. */
export function recommendFairness(
  state: State,
  { advice }: RecommendFairness,
  at: Instant,
): Decision {
  const { period, preset } = advice;
  const inForce = presetInForce(workspaceOf(state)?.fairness, state.subscriptions.live.row?.plan);
  if (period.end > at || period.start >= period.end)
    return invalid("period", "A period speaks for something when it is over.");
  if (advice.inForce !== inForce) return invalid("inForce", `The preset in force is ${inForce}.`);
  if (preset === inForce) return invalid("preset", `${preset} is in force already.`);
  return accept({ kind: "fairness.recommended", at, advice });
}

const invalid = (field: string, reason: string): Decision =>
  reject({ code: "invalid_request", field, reason });
