import {
  type Limit,
  type LimitWindow,
  type Rate,
  printCredits,
  printDuration,
} from "@cistern/contract";
import type { Limit as KernelLimit, Position, RateLimitRule, Window } from "@cistern/kernel";

/** A limit as it is told. */
export function limitBody({ id, scope, rule }: KernelLimit, at: Position): Limit {
  switch (rule.kind) {
    case "cap": {
      const credits = rule.credits === null ? null : printCredits(rule.credits);
      return { id, scope, cap: { credits, window: windowBody(rule.window) }, at };
    }
    case "rate":
      return { id, scope, rate: rateBody(rule), at };
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
