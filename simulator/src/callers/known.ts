import type { Event, Instant } from "@cistern/kernel";
import type { KnownBilling } from "./known-billing.ts";

/** A hold that some caller heard of. */
interface KnownHold {
  readonly id: string;
  readonly credits: bigint;
}

/** What the callers of one workspace have learned from answers, and may act on. Mutable; often out of date, as in life. */
export class Known {
  readonly open: KnownHold[] = [];
  readonly ended: KnownHold[] = [];
  readonly charged: KnownHold[] = [];
  readonly grants: string[] = [];
  readonly limits = new Set<string>();
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
  /** Its members ask for more. */
  readonly isAsking: boolean;
  /** Its members prepay runs. */
  readonly isPrepaying: boolean;

  constructor({
    billing,
    isShared = false,
    isAsking = false,
    isPrepaying = false,
  }: {
    billing?: KnownBilling;
    isShared?: boolean;
    isAsking?: boolean;
    isPrepaying?: boolean;
  } = {}) {
    this.billing = billing;
    this.isShared = isShared;
    this.isAsking = isAsking;
    this.isPrepaying = isPrepaying;
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
      case "credit_request.declined": {
        const place = this.requests.indexOf(event.request.id);
        if (place >= 0) this.requests.splice(place, 1);
        return;
      }
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
        this.limits.add(event.limit.id);
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

  /** Whose a run is, as far as anybody has heard. */
  runOwner(id: string | null): string | undefined {
    return this.runs.find((run) => run.id === id)?.member;
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
