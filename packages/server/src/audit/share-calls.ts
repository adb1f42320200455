/**
 * Owns what each call has drawn of shares, as the events said, and what of that counts (FAIRNESS 1.5): credits of lots that are shared, that
 * it holds or was charged. What was drawn last returns first. Mutable.
 */
import type { Drawn, Event, Lot, Transfer } from "@cistern/kernel";
import type { Given } from "./share-tree.ts";

/** What a call drew in the period in which it counts. */
export interface CallDraw {
  readonly period: number;
  readonly seat: string;
  /** Of what it had in an earlier period: it stays outside. */
  outside: bigint;
  reserve: bigint;
  /** Near to far. */
  readonly pots: Map<string, bigint>;
}

/** What ends of a call with an event. */
export interface Ended {
  readonly call: string;
  readonly drawn: CallDraw;
  /** Credits that counted before. */
  readonly kept: bigint;
  readonly ended: bigint;
  /** Of these, what is available again; the rest met the fate of its lot. */
  readonly freed: bigint;
}

type Moving = Extract<Event, { readonly transfers: readonly Transfer[] }>;
interface Call {
  drawn: CallDraw | undefined;
  legs: ReadonlyMap<string, bigint>;
  /** By lot, less refunds. */
  readonly charged: Map<string, bigint>;
}

/** See the file head. */
export class ShareCalls {
  readonly #calls = new Map<string, Call>();
  readonly #apart = new Set<string>();

  /** Restricted lots stand apart (RULES 33). */
  isShared(lot: string): boolean {
    return !this.#apart.has(lot);
  }

  noteLots(lots: readonly Lot[]): void {
    for (const { id, appliesTo } of lots) if (appliesTo !== null) this.#apart.add(id);
  }

  drawnOf(call: string): CallDraw | undefined {
    return this.#calls.get(call)?.drawn;
  }

  /** Credits of transfers on lots that are shared. */
  sum(transfers: readonly Transfer[], isMeant: (one: Transfer) => boolean): bigint {
    return transfers.reduce(
      (total, one) => (this.isShared(one.lot) && isMeant(one) ? total + one.credits : total),
      0n,
    );
  }

  /** What a call has on shared lots: set aside, and charged. */
  counts(call: string): bigint {
    const { legs, charged } = this.#calls.get(call) ?? none;
    return this.#on(legs) + this.#on(charged);
  }

  #on(lots: ReadonlyMap<string, bigint>): bigint {
    return [...lots].reduce(
      (total, [lot, credits]) => (this.isShared(lot) ? total + credits : total),
      0n,
    );
  }

  /** What ends with an event of calls that count in a period, before the event is noted; `gained` is what became available by it in all. */
  ending(event: Moving, period: number, gained: bigint): readonly Ended[] {
    if (event.kind === "hold.expired") return this.#expiring(event, period);
    const isRefund = event.kind === "usage.refunded";
    if (!isRefund && event.kind !== "hold.settled" && event.kind !== "hold.released") return [];
    const call = isRefund ? event.of : event.hold;
    const drawn = this.drawnOf(call);
    if (drawn?.period !== period) return [];
    const from = isRefund ? "consumed" : "held";
    const ended = this.sum(event.transfers, (one) => one.from === from && one.to !== "consumed");
    const freed = gained < ended ? gained : ended;
    const kept = isRefund ? this.#on(this.#calls.get(call)?.charged ?? none.charged) : all(drawn);
    return ended === 0n ? [] : [{ call, drawn, kept, ended, freed }];
  }

  /** What a lot gives back is split by what each hold had on it. */
  #expiring(event: Extract<Moving, { kind: "hold.expired" }>, period: number): readonly Ended[] {
    const freed = new Map<string, bigint>();
    const lots = new Set(event.transfers.map(({ lot }) => lot).filter((lot) => this.isShared(lot)));
    for (const lot of lots) {
      const back = this.sum(
        event.transfers,
        (one) => one.lot === lot && one.from === "held" && one.to === "available",
      );
      const holds = event.holds.filter(({ hold }) => this.#leg(hold, lot) > 0n);
      const whole = holds.reduce((total, { hold }) => total + this.#leg(hold, lot), 0n);
      let given = 0n;
      const parts = holds.map(({ hold }) => {
        const exact = back * this.#leg(hold, lot);
        given += exact / whole;
        return { hold, credits: exact / whole, rest: exact % whole };
      });
      // R3: the largest remainders first, the first of equals.
      for (const part of parts.toSorted((a, b) =>
        a.rest === b.rest ? 0 : a.rest > b.rest ? -1 : 1,
      )) {
        if (given === back) break;
        part.credits += 1n;
        given += 1n;
      }
      for (const { hold, credits } of parts) freed.set(hold, (freed.get(hold) ?? 0n) + credits);
    }
    return event.holds.flatMap(({ hold }) => {
      const drawn = this.drawnOf(hold);
      if (drawn?.period !== period) return [];
      const ended = this.#on(this.#calls.get(hold)?.legs ?? none.legs);
      return [{ call: hold, drawn, kept: all(drawn), ended, freed: freed.get(hold) ?? 0n }];
    });
  }

  #leg(hold: string, lot: string): bigint {
    return this.#calls.get(hold)?.legs.get(lot) ?? 0n;
  }

  /** Takes what an event says of calls. */
  note(event: Event): void {
    switch (event.kind) {
      case "hold.opened":
        this.#calls.set(event.hold, {
          drawn: undefined,
          legs: byLot(event.legs),
          charged: new Map(),
        });
        return this.#draw(event.hold, event.drawn);
      case "hold.extended":
        this.#draw(event.hold, event.drawn);
        return this.#pin(event.hold, event.whole.legs);
      case "hold.settled":
        this.#draw(event.hold, event.drawn);
        this.#charge(event.hold, event.charges, 1n);
        return this.#pin(event.hold, event.legs);
      case "hold.released":
        return this.#pin(event.hold, []);
      case "hold.expired":
        for (const { hold } of event.holds) this.#pin(hold, []);
        return undefined;
      case "usage.debited":
        this.#calls.set(event.debit, { drawn: undefined, legs: new Map(), charged: new Map() });
        this.#draw(event.debit, event.drawn);
        return this.#charge(event.debit, event.charges, 1n);
      case "usage.refunded":
        return this.#charge(event.of, event.charges, -1n);
      default:
        return undefined;
    }
  }

  /** Debts are charges of the debtor. */
  noteDebts(transfers: readonly Transfer[]): void {
    for (const { debt, lot, credits } of transfers)
      if (debt !== undefined) this.#charge(debt, [{ lot, credits }], 1n);
  }

  #pin(id: string, legs: readonly { readonly lot: string; readonly credits: bigint }[]): void {
    const call = this.#calls.get(id);
    if (call !== undefined) call.legs = byLot(legs);
  }

  #charge(
    id: string,
    charges: readonly { readonly lot: string; readonly credits: bigint }[],
    sign: 1n | -1n,
  ): void {
    const charged = this.#calls.get(id)?.charged;
    for (const { lot, credits } of charges)
      charged?.set(lot, (charged.get(lot) ?? 0n) + sign * credits);
  }

  /** One more draw; one of a later period counts from there. */
  #draw(id: string, drawn: Drawn | undefined): void {
    const call = this.#calls.get(id);
    if (call === undefined || drawn === undefined) return;
    const { period, seat, reserve, pots, outside = 0n } = drawn;
    if (call.drawn?.period !== period)
      call.drawn = { period, seat, outside, reserve: 0n, pots: new Map() };
    call.drawn.reserve += reserve;
    const known = call.drawn.pots;
    for (const { node, credits } of pots) known.set(node, (known.get(node) ?? 0n) + credits);
  }
}

const none: Call = { drawn: undefined, legs: new Map(), charged: new Map() };

const byLot = (legs: readonly { readonly lot: string; readonly credits: bigint }[]) =>
  new Map<string, bigint>(legs.map(({ lot, credits }) => [lot, credits]));

const all = ({ outside, reserve, pots }: CallDraw): bigint =>
  [...pots.values()].reduce((total, one) => total + one, outside + reserve);

/** Where the last `credits` of a call came from: of no period, of its seat's reserve (with what it took beyond all that was open to it), of pots. */
export function backOf(
  drawn: CallDraw,
  kept: bigint,
  credits: bigint,
): { readonly outside: bigint; readonly back: readonly Given[] } {
  let left = credits;
  // From the last that was drawn on: what is beyond all that is known is the very last.
  const takeBack = (size: bigint): bigint => {
    const part = size < left ? size : left;
    left -= part;
    return part;
  };
  let beneath = all(drawn);
  const beyond = takeBack(kept > beneath ? kept - beneath : 0n);
  const layers: Given[] = [];
  for (const [node, size] of [...drawn.pots].toReversed()) {
    beneath -= size;
    const there = kept - beneath < size ? kept - beneath : size;
    layers.push({ node, credits: takeBack(there > 0n ? there : 0n) });
  }
  beneath -= drawn.reserve;
  const there = kept - beneath < drawn.reserve ? kept - beneath : drawn.reserve;
  const reserve = takeBack(there > 0n ? there : 0n) + beyond;
  return { outside: left, back: [...layers, { node: drawn.seat, credits: reserve }] };
}
