import type { Event } from "@cistern/kernel";

/** What callers have heard of a plan, its invoices, outcomes and top-ups. Mutable; often out of date, as in life. */
export class KnownBilling {
  readonly waiting = new Set<string>();
  readonly paidTopUps: string[] = [];
  /** Lots that were bought. */
  readonly bought: string[] = [];
  readonly drafts = new Set<string>();
  readonly issued: string[] = [];
  readonly outcomes: string[] = [];
  isPaused = false;

  learn(event: Event): void {
    if ("topUp" in event && typeof event.topUp !== "string") {
      const { id, status } = event.topUp;
      if (status !== "succeeded" && status !== "failed" && status !== "charged_back")
        this.waiting.add(id);
      else this.#paid(id);
    }
    if (event.kind === "top_up.succeeded")
      for (const id of event.topUp.grants) note(this.bought, id);
    if ("subscription" in event) this.isPaused = event.subscription.status === "paused";
    if (event.kind === "outcome.claimed" && event.of !== null)
      note(this.outcomes, event.of.claim.outcome);
    if (!("invoice" in event) || event.invoice === null) return;
    const { id, status } = event.invoice;
    if (status === "draft") {
      if (!this.issued.includes(id)) this.drafts.add(id);
      return;
    }
    this.drafts.delete(id);
    note(this.issued, id);
  }

  #paid(id: string): void {
    this.waiting.delete(id);
    note(this.paidTopUps, id);
  }
}

function note(list: string[], id: string): void {
  if (!list.includes(id)) list.push(id);
}
