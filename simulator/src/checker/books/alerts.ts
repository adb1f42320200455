/**
 * Owns what must be told of thresholds (docs/decisions/0041), from the events alone. Of the pool it is known to the last credit: each
 * threshold is told once when it is passed, the highest of several; a renewal arms all anew, a top-up those that the pool is below again.
 * Of caps, which are looked at as they stand, what is told must be past its threshold.
 */
import type { Alert, AlertRule, Event } from "@cistern/kernel";
import { demand } from "./accounts.ts";

const topUps: ReadonlySet<Event["kind"]> = new Set<Event["kind"]>([
  "credits.granted",
  "credits.effective",
  "top_up.succeeded",
]);
const renewals: ReadonlySet<Event["kind"]> = new Set<Event["kind"]>([
  "subscription.started",
  "subscription.renewed",
  "subscription.granted",
  "subscription.resumed",
]);

type Threshold = Extract<Alert["finding"], { kind: "threshold" }>;

/** A threshold that was passed, and is to be told. */
interface Passed {
  readonly rule: string;
  readonly percent: number;
  readonly used: bigint;
  readonly of: bigint;
}

/** Mutable: one for each timeline. */
export class Alerts {
  readonly #rules = new Map<string, AlertRule>();
  #most = 0n;
  #left = 0n;
  /** The highest that was passed since it was armed, by rule. */
  readonly #passed = new Map<string, number>();
  #untold: Passed[] = [];
  /** Rules that were removed after something was passed raise nothing any more. */
  readonly #isOver = new Set<Passed>();

  take(event: Event): void {
    if (event.kind === "alert_rule.updated") this.#rules.set(event.rule.id, event.rule);
    if (event.kind === "alert_rule.removed") {
      this.#rules.delete(event.rule.id);
      for (const one of this.#untold) if (one.rule === event.rule.id) this.#isOver.add(one);
    }
    if ("balance" in event) {
      this.#arm(event.kind, event.balance.available + event.balance.held);
      this.#pass();
    }
    if (event.kind === "alert.raised") this.#raise(event.alert);
  }

  /** What was passed and never told, though its rule stood. */
  untold(): readonly Passed[] {
    return this.#untold.filter((one) => !this.#isOver.has(one));
  }

  #arm(kind: Event["kind"], left: bigint): void {
    const before = this.#left;
    this.#left = left;
    if (renewals.has(kind)) {
      this.#most = left;
      this.#passed.clear();
      return;
    }
    if (!topUps.has(kind) || left <= before) return;
    if (left >= 2n * before || left > this.#most) this.#most = left;
    // What it is still past was told.
    for (const [rule, percent] of this.#passed)
      if (!this.#isPast(percent)) this.#passed.set(rule, this.#percentUsed());
  }

  #pass(): void {
    for (const { id: rule, watch } of this.#rules.values()) {
      if (watch.kind !== "pool") continue;
      const percent = Math.max(0, ...watch.percents.filter((one) => this.#isPast(one)));
      if (percent <= (this.#passed.get(rule) ?? 0)) continue;
      this.#passed.set(rule, percent);
      this.#untold.push({ rule, percent, used: this.#most - this.#left, of: this.#most });
    }
  }

  #percentUsed(): number {
    return Number(((this.#most - this.#left) * 100n) / this.#most);
  }

  #isPast(percent: number): boolean {
    return this.#most > 0n && (this.#most - this.#left) * 100n >= BigInt(percent) * this.#most;
  }

  #raise({ rule, finding, subject }: Alert): void {
    if (finding.kind !== "threshold") return;
    const { percent, used, of } = finding;
    demand(
      of > 0n && used * 100n >= BigInt(percent) * of,
      () => `rule ${rule} tells of ${percent} % of ${of}, where ${used} are used`,
    );
    if (finding.limit === null && subject.kind === "workspace") this.#tell(rule, finding);
  }

  #tell(rule: string, { percent, used, of }: Threshold): void {
    const found = this.#untold.find(
      (one) => one.rule === rule && one.percent === percent && one.used === used && one.of === of,
    );
    demand(found !== undefined, () => `rule ${rule} tells again that ${percent} % are used`);
    this.#untold = this.#untold.filter((one) => one !== found);
  }
}
