/**
 * Owns the audit of alerts: by the events alone a rule stands when it raises, tells those that it names, and tells of a crossing once; what
 * is reviewed was raised, waited, and is reviewed once; the last are kept, with what was found.
 */
import {
  type Alert,
  type AlertRule,
  type Event,
  type RaisedAlert,
  type State,
  alertsAwaitingMax,
  alertsRaisedMax,
} from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";

/** Rules that stand, crossings that were told, and alerts that wait. Mutable. */
export class AlertFold {
  readonly #rules = new Map<string, AlertRule>();
  readonly #crossings = new Set<string>();
  readonly #awaiting = new Map<string, Alert>();
  /** In the order of raising; null: not reviewed. */
  readonly #raised = new Map<string, RaisedAlert>();
  /** So many waited that the oldest may have gone unreviewed. */
  #isOverfull = false;

  fold(event: Event): void {
    switch (event.kind) {
      case "alert_rule.updated":
        this.#rules.set(event.rule.id, event.rule);
        return;
      case "alert_rule.removed":
        expect(
          this.#rules.delete(event.rule.id),
          "A2 a rule that is removed stood",
          () => event.rule.id,
        );
        return;
      case "alert.raised":
        return this.#raise(event.alert, event.awaits);
      case "alert.reviewed":
        expect(
          this.#awaiting.delete(event.alert.id),
          "A4 what is reviewed was raised, and not reviewed before",
          () => event.alert.id,
        );
        this.#raised.set(event.alert.id, { ...event.alert, verdict: event.verdict });
        return;
      default:
        return;
    }
  }

  /** Alerts that wait, as the kernel keeps them. */
  compare({ alerts: { awaiting, raised } }: State): void {
    const last = [...this.#raised.values()].slice(-alertsRaisedMax);
    expectEqual(BigInt(raised.size), BigInt(last.length), "A5 the last that were raised are kept");
    const since = last[0]?.raisedAt ?? 0;
    for (const { id, raisedAt, verdict } of raised.values())
      expect(
        raisedAt >= since && this.#raised.get(id)?.verdict === verdict,
        "A5 the last that were raised are kept, with what a review found",
        () => id,
      );
    const kept = new Set([...awaiting.values()].map(({ id }) => id));
    for (const id of kept)
      expect(this.#awaiting.has(id), "A4 what waits was raised and not reviewed", () => id);
    if (!this.#isOverfull)
      expectEqual(
        BigInt(kept.size),
        BigInt(this.#awaiting.size),
        "A4 all that were raised for review wait",
      );
  }

  #raise(alert: Alert, awaits: boolean): void {
    const rule = this.#rules.get(alert.rule);
    expect(rule !== undefined, "A2 a rule that raises stands", () => alert.rule);
    const named = alert.grade === "note" ? [] : (rule?.recipients ?? []);
    const told = alert.to.map(({ recipient }) => recipient).join();
    expect(
      named.map(({ id }) => id).join() === told,
      "A2 an alert tells those whom its rule names",
      () => told,
    );
    expect(
      alert.to.every(({ deliverAfter }) => deliverAfter === null || deliverAfter > alert.raisedAt),
      "A2 quiet hours put off what is raised in them",
      () => alert.id,
    );
    expect(
      !this.#crossings.has(alert.crossing),
      "A3 a crossing is told once",
      () => alert.crossing,
    );
    this.#crossings.add(alert.crossing);
    expect(
      awaits === (alert.finding.kind === "unusual"),
      "A4 unusual use waits for a review, and nothing else",
      () => alert.id,
    );
    this.#raised.set(alert.id, { ...alert, verdict: null });
    if (awaits) this.#awaiting.set(alert.id, alert);
    this.#isOverfull ||= this.#awaiting.size > alertsAwaitingMax;
  }
}
