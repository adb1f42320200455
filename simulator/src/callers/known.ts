import type { Event, Instant, Limit } from "@cistern/kernel";
import type { KnownBilling } from "./known-billing.ts";

/** A hold that some caller heard of. */
interface KnownHold {
  readonly id: string;
  readonly credits: bigint;
}

/** What callers may do more often than others: ask for more, set limits, watch, come and go, or spend past the pool as their plan lets them. */
export type Focus = "requests" | "limits" | "alerts" | "people" | "overage" | "prepaid";

/** What the callers of one workspace have learned from answers, and may act on. Mutable; often out of date, as in life. */
export class Known {
  readonly open: KnownHold[] = [];
  readonly ended: KnownHold[] = [];
  readonly charged: KnownHold[] = [];
  readonly grants: string[] = [];
  readonly limits = new Set<string>();
  /** Those that are caps, with whom each is for: null for whoever is below it. */
  readonly caps = new Map<string, string | null>();
  readonly runs: { readonly id: string; readonly member: string }[] = [];
  readonly policies = new Set<string>();
  /** Versions of the texts of policies. */
  readonly texts = new Map<string, string>();
  /** Of a workspace that lives on plans. */
  readonly billing: KnownBilling | undefined;
  /** Its pool is shared by a policy, as its owners say. */
  readonly isShared: boolean;
  /** Of the last event that somebody heard of. */
  lastAt: Instant | undefined;

  /** Of requests for more that wait, by their ids. */
  readonly requests: string[] = [];
  /** Rules of alerts, and alerts that wait for a review. */
  readonly alertRules = new Set<string>();
  readonly alerts: string[] = [];
  /** What its callers do most, beside spending. */
  readonly focus: Focus | undefined;

  constructor({
    billing,
    isShared = false,
    focus,
  }: { billing?: KnownBilling; isShared?: boolean; focus?: Focus | undefined } = {}) {
    this.billing = billing;
    this.isShared = isShared;
    this.focus = focus;
  }

  learn(event: Event): void {
    this.lastAt = event.at;
    this.billing?.learn(event);
    switch (event.kind) {
      case "hold.opened":
        if (event.opens !== undefined) {
          if (this.runOwner(event.opens.id) === undefined) this.runs.push(event.opens);
          return;
        }
        if (!this.#knows(event.hold)) this.open.push({ id: event.hold, credits: event.credits });
        return;
      case "hold.settled":
        this.#charge(event.hold, event.charged);
        if (event.isFinal) this.#end(event.hold, event.chargedInTotal);
        return;
      case "hold.released":
        return this.#end(event.hold, event.returned);
      case "credit_request.created":
        this.requests.push(event.request.id);
        return;
      case "credit_request.approved":
      case "credit_request.declined":
        return this.forget(event.request.id);
      case "usage.debited":
        return this.#charge(event.debit, event.charged);
      case "run.opened":
        if (this.runOwner(event.run.id) === undefined) this.runs.push(event.run);
        return;
      case "run.closed": {
        const place = this.runs.findIndex(({ id }) => id === event.run.id);
        if (place >= 0) this.runs.splice(place, 1);
        return;
      }
      case "credits.granted":
        if (!this.grants.includes(event.lot.id)) this.grants.push(event.lot.id);
        return;
      case "limit.updated":
        return this.#limit(event.limit);
      case "limit.removed":
        return this.#unlimit(event.limit.id);
      case "limits.updated":
        for (const { id } of event.removed) this.#unlimit(id);
        for (const { limit } of event.limits) this.#limit(limit);
        return;
      case "alert_rule.updated":
        this.alertRules.add(event.rule.id);
        return;
      case "alert_rule.removed":
        this.alertRules.delete(event.rule.id);
        return;
      case "alert.raised":
        if (event.awaits) this.alerts.push(event.alert.id);
        return;
      case "policy.updated":
        this.policies.add(event.policy.id);
        if (event.policy.text === null) this.texts.delete(event.policy.id);
        else this.texts.set(event.policy.id, event.policy.text.version);
        return;
      case "policy.removed":
        this.policies.delete(event.policy.id);
        this.texts.delete(event.policy.id);
        return;
      default:
    }
  }

  /** A request that nobody thinks of any more. */
  forget(request: string): void {
    const place = this.requests.indexOf(request);
    if (place >= 0) this.requests.splice(place, 1);
  }

  /** Whose a run is, as far as anybody has heard. */
  runOwner(id: string | null): string | undefined {
    return this.runs.find((run) => run.id === id)?.member;
  }

  #limit({ id, scope, rule }: Limit): void {
    this.#unlimit(id);
    this.limits.add(id);
    if (rule.kind === "cap") this.caps.set(id, scope.kind === "member" ? scope.id : null);
  }

  #unlimit(id: string): void {
    this.limits.delete(id);
    this.caps.delete(id);
  }

  #knows(id: string): boolean {
    return [...this.open, ...this.ended].some((hold) => hold.id === id);
  }

  #charge(id: string, credits: bigint): void {
    if (!this.charged.some((one) => one.id === id)) this.charged.push({ id, credits });
  }

  #end(id: string, credits: bigint): void {
    const index = this.open.findIndex((hold) => hold.id === id);
    if (index >= 0) this.open.splice(index, 1);
    if (!this.ended.some((hold) => hold.id === id)) this.ended.push({ id, credits });
  }
}
