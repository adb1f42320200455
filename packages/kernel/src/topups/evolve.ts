import { assert } from "../bug.ts";
import type { Event } from "../events.ts";
import type { Position } from "../holds/hold.ts";
import { type TopUpSlice, ruleKey } from "./slice.ts";
import { isWaiting } from "./top-up.ts";

type TopUpEvent = Extract<
  Event,
  {
    readonly kind:
      | "top_up.requested"
      | "top_up.pending"
      | "top_up.succeeded"
      | "top_up.failed"
      | "top_up.rule_updated";
  }
>;

/** Carries out what became of a top-up, or of the rule. */
export function toppedUp(slice: TopUpSlice, event: TopUpEvent, position: Position): void {
  if ("rule" in event && event.rule !== null) slice.rules.set(ruleKey, event.rule);
  if (event.kind === "top_up.rule_updated") return;
  const { topUp } = event;
  const { automatic } = slice.pending;
  assert(
    !topUp.isAutomatic || !isWaiting(topUp) || automatic === undefined || automatic.id === topUp.id,
    "U1 at most one request of the rule waits",
  );
  if (event.kind === "top_up.succeeded") {
    const payment = topUp.payment ?? "";
    assert(slice.payments.get(payment) === undefined, "T1 a payment becomes credits once");
    slice.payments.set(payment, { payment, topUp: topUp.id, position });
  }
  slice.topUps.set(topUp.id, topUp);
}
