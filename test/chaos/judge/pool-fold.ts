/**
 * Owns the judge's own account of a pool: totals only, from what events say of credits, written apart from the kernel's.
 *
 * available = granted - (charged - refunded - debt) - held. C7 it is never below zero; overage in flight and debt stay within
 * the limit whenever a hold is approved; so does what a cap counts.
 */
import type { Event } from "@cistern/kernel";

interface FoldedHold {
  status: "open" | "settled" | "released" | "expired";
  readonly member: string;
  legs: bigint;
  overage: bigint;
  charged: bigint;
  refunded: bigint;
}

/** Use of one cap by one member in its newest window. */
interface Use {
  start: number;
  end: number;
  used: bigint;
}

/** The pool of one workspace, event by event. */
export class PoolFold {
  readonly holds = new Map<string, FoldedHold>();
  readonly #uses = new Map<string, Use>();
  readonly #caps = new Map<string, bigint>();
  #debtLimit = 0n;
  granted = 0n;
  consumed = 0n;
  held = 0n;
  overage = 0n;
  debt = 0n;

  get available(): bigint {
    return this.granted - this.consumed - this.held;
  }

  /** What the overage still allows. */
  get room(): bigint {
    const room = this.#debtLimit - this.debt - this.overage;
    return room > 0n ? room : 0n;
  }

  useOf(limit: string, member: string): Use | undefined {
    return this.#uses.get(`${limit} ${member}`);
  }

  capOf(limit: string): bigint | undefined {
    return this.#caps.get(limit);
  }

  /** Takes the next event; says what of C7 it breaks. */
  take(event: Event): readonly string[] {
    this.#fold(event);
    if ("transfers" in event)
      for (const { debt, credits } of event.transfers) if (debt !== undefined) this.#owe(-credits);
    const wrongs: string[] = [];
    if (this.available < 0n) wrongs.push(`${-this.available} more than was granted is in use`);
    if (event.kind === "hold.opened" || event.kind === "hold.extended") {
      if (event.overage > 0n && this.overage + this.debt > this.#debtLimit)
        wrongs.push(`overage ${this.overage} and debt ${this.debt} pass ${this.#debtLimit}`);
      for (const { limit } of event.counts) {
        const used = this.useOf(limit, event.path.member)?.used ?? 0n;
        const cap = this.#caps.get(limit);
        if (cap !== undefined && used > cap) wrongs.push(`${limit} counts ${used} of ${cap}`);
      }
    }
    if ("balance" in event) {
      const { available, held, consumed, debt } = event.balance;
      const told = [available, held, consumed, debt].join(" ");
      const own = [this.available, this.held, this.consumed, this.debt].join(" ");
      if (told !== own) wrongs.push(`the event says ${told}, the sums say ${own}`);
    }
    return wrongs;
  }

  #fold(event: Event): void {
    switch (event.kind) {
      case "workspace.created": {
        const { overage } = event.workspace;
        this.#debtLimit = overage.kind === "debt" ? overage.limit : 0n;
        return undefined;
      }
      case "limit.updated": {
        const { id, rule } = event.limit;
        if (rule.kind === "cap" && "credits" in rule && rule.credits !== null)
          this.#caps.set(id, rule.credits);
        return undefined;
      }
      case "credits.granted":
        this.granted += event.lot.granted;
        return undefined;
      case "hold.opened":
        this.#open(event.hold, event.path.member);
        this.#setAside(event.hold, sum(event.legs), event.overage);
        return this.#count(event.path.member, event.counts);
      case "hold.extended":
        this.#setAside(event.hold, sum(event.whole.legs), event.whole.overage);
        return this.#count(event.path.member, event.counts);
      case "hold.settled":
        this.#charge(event.hold, event.charged, event.debt);
        this.#setAside(event.hold, sum(event.legs), event.overage);
        if (event.isFinal) this.#end(event.hold, "settled");
        return this.#count(event.path.member, event.counts);
      case "hold.released":
        this.#end(event.hold, "released");
        return this.#count(event.path.member, event.counts);
      case "hold.expired":
        for (const { hold, member, counts } of event.holds) {
          this.#end(hold, "expired");
          this.#count(member, counts);
        }
        return undefined;
      case "usage.debited":
        this.#open(event.debit, event.path.member);
        this.#charge(event.debit, event.charged, event.debt);
        this.#end(event.debit, "settled");
        return this.#count(event.path.member, event.counts);
      case "usage.refunded": {
        const hold = this.holds.get(event.of);
        if (hold !== undefined) hold.refunded += event.credits;
        this.consumed -= event.credits;
        this.#owe(-event.debt);
        return this.#count(event.path.member, event.counts);
      }
      default:
        return undefined;
    }
  }

  #open(id: string, member: string): void {
    const nothing = { legs: 0n, overage: 0n, charged: 0n, refunded: 0n };
    this.holds.set(id, { status: "open", member, ...nothing });
  }

  #setAside(id: string, legs: bigint, overage: bigint): void {
    const hold = this.holds.get(id);
    if (hold === undefined) return;
    this.held += legs - hold.legs;
    this.overage += overage - hold.overage;
    Object.assign(hold, { legs, overage });
  }

  #end(id: string, status: FoldedHold["status"]): void {
    this.#setAside(id, 0n, 0n);
    const hold = this.holds.get(id);
    if (hold !== undefined) hold.status = status;
  }

  #charge(id: string, charged: bigint, debt: bigint): void {
    const hold = this.holds.get(id);
    if (hold !== undefined) hold.charged += charged;
    this.consumed += charged;
    this.#owe(debt);
  }

  /** Debt is charged and not consumed; what is paid or cancelled of it comes back the other way. */
  #owe(delta: bigint): void {
    this.debt += delta;
    this.consumed -= delta;
  }

  #count(
    member: string,
    counts: readonly {
      readonly limit: string;
      readonly start: number;
      readonly end: number;
      readonly credits: bigint;
    }[],
  ): void {
    for (const { limit, start, end, credits } of counts) {
      const key = `${limit} ${member}`;
      const known = this.#uses.get(key);
      if (known === undefined || known.start < start)
        this.#uses.set(key, { start, end, used: credits });
      else if (known.start === start) known.used += credits;
    }
  }
}

const sum = (parts: readonly { readonly credits: bigint }[]): bigint =>
  parts.reduce((total, { credits }) => total + credits, 0n);
