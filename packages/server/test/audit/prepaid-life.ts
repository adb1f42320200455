/** A prepaid term that a pause keeps open, for the audit. */
import { type Command, credits, money } from "@cistern/kernel";

const hour = 3_600_000;

/** Begins, pauses and resumes; what is prepaid has no end in between. */
export function prepaidLife(
  at: number,
  subscribe: Extract<Command, { kind: "putSubscription" }>,
): readonly (readonly [number, Command])[] {
  const term = { price: money(800n), list: money(1_000n), credits: credits(1_000n) };
  const drawdown = { terms: [term], periods: 3, priority: 45, rollover: null };
  const plan = subscribe.plan === null ? null : { ...subscribe.plan, drawdown };
  return [
    [at, { ...subscribe, plan }],
    [at + 1, { kind: "setPeriodEnd", atEnd: "pause" }],
    [at + 100 * hour, { kind: "setPeriodEnd", atEnd: "renew" }],
    [at + 101 * hour, { kind: "setPeriodEnd", atEnd: "end" }],
    [at + 210 * hour, { kind: "putGroup", group: "later" }],
  ];
}
