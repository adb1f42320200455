/** Owns what a bank that takes money back means to the top-up that it paid for, and to the rule that asked for it. */
import type { Instant } from "../instant.ts";
import type { CreditsChargedBack } from "../pool/events.ts";
import type { State } from "../state/state.ts";
import type { TopUpRuleDisabled } from "./events.ts";
import type { TopUpSlice } from "./slice.ts";
import { ruleKey } from "./slice.ts";
import { failuresMax } from "./top-up.ts";

/**
 * The top-up that one of these lots was bought with, and the rule, where that asked for it: who disputes what was bought without anybody
 * asking does not want the next, so it is off until it is put anew or somebody pays.
 */
export function disputedBy(
  { topUps }: State,
  lots: readonly string[],
): CreditsChargedBack["disputed"] {
  const topUp = [...topUps.topUps.values()].find(
    ({ status, grants }) => status === "succeeded" && grants.some((id) => lots.includes(id)),
  );
  if (topUp === undefined) return undefined;
  const rule = topUp.isAutomatic ? topUps.rule.row : undefined;
  return {
    topUp: { ...topUp, status: "charged_back" },
    rule: rule === undefined ? null : { ...rule, failures: failuresMax, retryAt: null },
  };
}

/** The notice of a rule that it put off. */
export function ruleDisabled(
  { topUps }: State,
  disputed: CreditsChargedBack["disputed"],
  { at, reason }: { readonly at: Instant; readonly reason: string | null },
): readonly TopUpRuleDisabled[] {
  const before = topUps.rule.row;
  if (disputed?.rule === undefined || disputed.rule === null) return [];
  if (before?.isEnabled !== true || before.failures >= failuresMax) return [];
  const detail = reason ?? "The bank took the payment of what it bought back.";
  const { topUp, rule } = disputed;
  return [{ kind: "top_up.rule_disabled", at, topUp: topUp.id, failures: rule.failures, detail }];
}

/** Carries it out. */
export function takenBack(
  { topUps, rules }: TopUpSlice,
  { disputed }: Pick<CreditsChargedBack, "disputed">,
): void {
  if (disputed === undefined) return;
  topUps.set(disputed.topUp.id, disputed.topUp);
  if (disputed.rule !== null) rules.set(ruleKey, disputed.rule);
}
