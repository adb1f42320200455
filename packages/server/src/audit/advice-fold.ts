/**
 * Owns the audit of what replays of past periods are said to speak for: by the events alone it is told once for each period, when that is
 * over, against what is in force then, with sums that can be.
 */
import { type Event, type PresetAdvice, type Subscription, fairnessPresets } from "@cistern/kernel";
import { expect } from "./fault.ts";

/** Periods that were told of, and what is in force. Mutable. */
export class AdviceFold {
  readonly #periods = new Set<number>();
  #own = "plan";
  #live: Subscription | undefined;

  fold(event: Event): void {
    if (event.kind === "workspace.created" || event.kind === "workspace.updated")
      this.#own = event.workspace.fairness?.preset ?? "plan";
    if ("subscription" in event) this.#follow(event.subscription);
    if (event.kind === "fairness.recommended") this.#check(event.advice, event.at);
  }

  #follow(after: Subscription): void {
    const isOther = after.status === "ended" && this.#live?.id !== after.id;
    if (!isOther) this.#live = after.status === "ended" ? undefined : after;
  }

  #check({ period, cutAt, inForce, preset, outcomes }: PresetAdvice, at: number): void {
    const isOver = period.start < period.end && period.end <= at;
    expect(isOver, "Q5 a period speaks for something when it is over", () => `${period.end}`);
    expect(
      cutAt === null || (cutAt >= period.start && cutAt < period.end),
      "Q5 a replay ends in its period",
      () => `${cutAt}`,
    );
    expect(!this.#periods.has(period.end), "Q5 a period is told of once", () => `${period.end}`);
    this.#periods.add(period.end);
    const plans = this.#live === undefined ? "off" : (this.#live.plan.fairness ?? "balanced");
    const real = this.#own === "plan" ? plans : this.#own;
    expect(inForce === real, "Q5 it is told against what is in force", () => `${inForce}: ${real}`);
    expect(preset !== inForce, "Q5 what is in force is not recommended", () => preset);
    expect(
      outcomes.map((one) => one.preset).join() === fairnessPresets.join(),
      "Q5 each preset is told of",
      () => outcomes.map((one) => one.preset).join(),
    );
    for (const one of outcomes) {
      const isWithin =
        one.fair.denied.credits <= one.fair.asked.credits &&
        one.fair.denied.credits <= one.denied.credits &&
        one.fair.denied.calls <= one.denied.calls &&
        one.denied.credits <= one.asked.credits;
      expect(isWithin, "Q5 what is denied was asked for", () => one.preset);
    }
  }
}
