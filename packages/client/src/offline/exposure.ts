// Owns: how much is approved without the server. E1: approvals whose use the server has not booked yet never pass the bounds.
// E2: an approval that ends without use, or by its expiry, gives its credits back.

/** What may be approved without the server, until it has booked it. */
export interface ExposureBounds {
  readonly holdsMax: number;
  readonly creditsMaxMicro: bigint;
}

interface Approval {
  credits: bigint;
  readonly expiresAt: number;
}

/** The approvals that are open, and the reports of earlier ones that wait for the server. */
export class Exposure {
  readonly #bounds: ExposureBounds;
  readonly #approvals = new Map<string, Approval>();
  #reportsWaiting = 0;
  #creditsWaiting = 0n;

  constructor(bounds: ExposureBounds) {
    this.#bounds = bounds;
  }

  /** Approvals that no report has ended. */
  get approvals(): number {
    return this.#approvals.size;
  }

  get holds(): number {
    return this.#approvals.size + this.#reportsWaiting;
  }

  get credits(): bigint {
    let total = this.#creditsWaiting;
    for (const approval of this.#approvals.values()) total += approval.credits;
    return total;
  }

  /** Whether the approval fits; it is counted from then on. */
  approve(id: string, credits: bigint, expiresAt: number, now: number): boolean {
    for (const [other, approval] of this.#approvals)
      if (approval.expiresAt <= now) this.#approvals.delete(other);
    if (this.holds >= this.#bounds.holdsMax) return false;
    if (this.credits + credits > this.#bounds.creditsMaxMicro) return false;
    this.#approvals.set(id, { credits, expiresAt });
    return true;
  }

  /** Whether more credits fit for an approval; one that has expired is approved anew. */
  extend(id: string, credits: bigint, expiresAt: number, now: number): boolean {
    const earlier = this.#approvals.get(id);
    this.#approvals.delete(id);
    if (this.approve(id, (earlier?.credits ?? 0n) + credits, expiresAt, now)) return true;
    if (earlier !== undefined) this.#approvals.set(id, earlier);
    return false;
  }

  /** What an approval still counts for; 0 where it has ended. */
  creditsOf(id: string): bigint {
    return this.#approvals.get(id)?.credits ?? 0n;
  }

  /** Lowers an approval by what was reported of it. */
  reduce(id: string, credits: bigint): void {
    const approval = this.#approvals.get(id);
    if (approval !== undefined)
      approval.credits = approval.credits > credits ? approval.credits - credits : 0n;
  }

  end(id: string): void {
    this.#approvals.delete(id);
  }

  /** A report waits for the server, or has reached it. */
  reportWaits(credits: bigint): void {
    this.#reportsWaiting += 1;
    this.#creditsWaiting += credits;
  }

  reportEnded(credits: bigint): void {
    this.#reportsWaiting -= 1;
    this.#creditsWaiting -= credits;
  }
}
