import type { LimitRule, PercentRule } from "./limit.ts";

/** Windows and rates are kept within a year, so that their ends are instants too. */
const spanMaxMs = 366 * 24 * 60 * 60 * 1_000;
const isSpan = (durationMs: number): boolean =>
  Number.isSafeInteger(durationMs) && durationMs > 0 && durationMs <= spanMaxMs;

/** What is wrong with a rule, and where in it, such as `cap.window`; null: nothing. */
export function ruleFault(
  rule: LimitRule,
): { readonly field: string; readonly reason: string } | null {
  if (rule.kind === "rate") {
    if (!isSpan(rule.perMs))
      return { field: "rate.per", reason: "A rate is per more than nothing and at most 366 days." };
    if (rule.quantity <= 0n || rule.burst <= 0n)
      return {
        field: "rate",
        reason: "A rate lets through more than nothing; a cap of 0 does not.",
      };
    return null;
  }
  if (rule.kind === "overage") return null;
  if ("percentBps" in rule) return percentFault(rule);
  if (rule.window.kind === "calendar" || isSpan(rule.window.durationMs)) return null;
  return {
    field: "cap.window",
    reason: "A window is more than nothing and at most 366 days long.",
  };
}

const percentFault = ({ percentBps }: PercentRule): ReturnType<typeof ruleFault> =>
  Number.isInteger(percentBps) && percentBps >= 0 && percentBps <= 10_000
    ? null
    : { field: "cap.percent", reason: "A percent is 0 to 100, with at most two decimals." };
