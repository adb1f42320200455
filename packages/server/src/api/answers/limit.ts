import {
  type Limit,
  type LimitWindow,
  type LimitsChanged,
  type PlanLimit,
  type Rate,
  printCredits,
  printDuration,
  printPercent,
} from "@cistern/contract";
import {
  type Limit as KernelLimit,
  type LimitsUpdated,
  type Position,
  type RateLimitRule,
  type Window,
  isOfPlan,
} from "@cistern/kernel";

/** A limit as it is told; `plan` is the plan that the workspace is on. */
export function limitBody(limit: KernelLimit, at: Position, plan?: string): Limit {
  const from = plan === undefined || !isOfPlan(limit.id) ? {} : { plan };
  return { ...planLimitBody(limit), ...from, at };
}

/** What became of many limits. */
export const limitsBody = ({ limits, removed }: LimitsUpdated, at: Position): LimitsChanged => ({
  limits: limits.map(({ limit }) => planLimitBody(limit)),
  removed: removed.map(({ id }) => id),
  at,
});

/** A limit as a plan has it. */
export function planLimitBody({ id, scope, rule }: KernelLimit): PlanLimit {
  switch (rule.kind) {
    case "cap": {
      if ("percentBps" in rule) {
        const percent = printPercent(rule.percentBps);
        return { id, scope, cap: { percent, window: rule.window.unit } };
      }
      const credits = rule.credits === null ? null : printCredits(rule.credits);
      return { id, scope, cap: { credits, window: windowBody(rule.window) } };
    }
    case "overage": {
      const credits = rule.credits === null ? null : printCredits(rule.credits);
      return { id, scope, overage: { credits, window: rule.window.unit } };
    }
    case "rate":
      return { id, scope, rate: rateBody(rule) };
  }
}

/** A cap's window as it is told. */
export function windowBody(window: Window): LimitWindow {
  switch (window.kind) {
    case "calendar":
      return window.unit;
    case "rolling":
      return { rolling: printDuration(window.durationMs) };
    case "onFirstUse":
      return { onFirstUse: printDuration(window.durationMs) };
  }
}

/** A rate as it is told. */
export function rateBody({ unit, quantity, perMs, burst }: RateLimitRule): Rate {
  const per = printDuration(perMs);
  return unit === "requests"
    ? { requests: Number(quantity), per, burst: Number(burst) }
    : { credits: printCredits(quantity), per, burst: printCredits(burst) };
}
