/**
 * Owns what each call has drawn of shares, as the events said, and what of that counts (FAIRNESS 1.5): credits of lots that are shared, that
 * it holds or was charged. What was drawn last returns first. Mutable.
 */
import type { Drawn, Event, Lot, PurseMove, Transfer } from "@cistern/kernel";
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
    // What a purse has again is none of the pool's.
    const returning = event.holds.filter(({ toPurse }) => toPurse === undefined);
    const lots = new Set(event.transfers.map(({ lot }) => lot).filter((lot) => this.isShared(lot)));
    for (const lot of lots) {
      const back = this.sum(
        event.transfers,
        (one) => one.lot === lot && one.from === "held" && one.to === "available",
      );
      const holds = returning.filter(({ hold }) => this.#leg(hold, lot) > 0n);
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
    return returning.flatMap(({ hold }) => {
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
          legs: event.fromPurse === undefined ? byLot(event.legs) : new Map(),
          charged: new Map(),
        });
        this.#take(event.hold, event.fromPurse);
        return this.#draw(event.hold, event.drawn);
      case "hold.extended":
        this.#take(event.hold, event.fromPurse);
        this.#draw(event.hold, event.drawn);
        return this.#pin(event.hold, event.whole.legs);
      case "hold.settled":
        this.#take(event.hold, event.fromPurse);
        this.#giveBack(event.hold, event.toPurse);
        this.#draw(event.hold, event.drawn);
        this.#charge(event.hold, event.charges, 1n);
        return this.#pin(event.hold, event.legs);
      case "hold.released":
        this.#giveBack(event.hold, event.toPurse);
        return this.#pin(event.hold, []);
      case "hold.expired":
        for (const { hold, toPurse } of event.holds) {
          this.#giveBack(hold, toPurse);
          this.#pin(hold, []);
        }
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

  /** What was drawn first for a purse goes first. */
  #take(call: string, move: PurseMove | undefined): void {
    if (move !== undefined) this.#pass(move.purse.id, call, { legs: move.legs, isFirst: true });
  }

  /** And comes back last: what the call drew last. */
  #giveBack(call: string, move: PurseMove | undefined): void {
    if (move !== undefined) this.#pass(call, move.purse.id, { legs: move.legs, isFirst: false });
  }

  #pass(
    from: string,
    to: string,
    { legs, isFirst }: { readonly legs: readonly Leg[]; readonly isFirst: boolean },
  ): void {
    const giver = this.#calls.get(from);
    const taker = this.#calls.get(to);
    if (giver === undefined || taker === undefined) return;
    const moved = byLot(legs);
    const shared = this.#on(moved);
    const had = this.counts(to);
    const part = giver.drawn === undefined ? undefined : cut(giver.drawn, shared, isFirst);
    giver.legs = new Map([...giver.legs].map(([lot, has]) => [lot, has - (moved.get(lot) ?? 0n)]));
    const legsNow = new Map(taker.legs);
    for (const [lot, credits] of moved) legsNow.set(lot, (legsNow.get(lot) ?? 0n) + credits);
    taker.legs = legsNow;
    taker.drawn = together({ drawn: taker.drawn, credits: had }, { drawn: part, credits: shared });
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

type Leg = { readonly lot: string; readonly credits: bigint };

/** Takes a part off a draw, from its beginning or its end. */
function cut(drawn: CallDraw, amount: bigint, isFirst: boolean): CallDraw {
  const layers = [
    { node: "outside", size: drawn.outside },
    { node: "reserve", size: drawn.reserve },
    ...[...drawn.pots].map(([node, size]) => ({ node, size })),
  ];
  const part: CallDraw = { ...drawn, outside: 0n, reserve: 0n, pots: new Map() };
  let missing = amount;
  for (const { node, size } of isFirst ? layers : layers.toReversed()) {
    const taken = size < missing ? size : missing;
    missing -= taken;
    if (node === "outside" || node === "reserve") {
      part[node] = taken;
      drawn[node] -= taken;
    } else {
      part.pots.set(node, taken);
      drawn.pots.set(node, size - taken);
    }
  }
  return part;
}

interface Shared {
  readonly drawn: CallDraw | undefined;
  readonly credits: bigint;
}

/** Two draws as one: of the later period, and what is not of that is outside of it. */
function together(one: Shared, more: Shared): CallDraw | undefined {
  const period = Math.max(one.drawn?.period ?? 0, more.drawn?.period ?? 0);
  const now = [one, more].flatMap(({ drawn }) => (drawn?.period === period ? [drawn] : []));
  const [first] = now;
  if (first === undefined) return undefined;
  const before = [one, more].filter(({ drawn }) => drawn?.period !== period);
  const pots = new Map<string, bigint>();
  for (const node of now.flatMap((drawn) => [...drawn.pots.keys()]).toSorted(nearFirst))
    pots.set(
      node,
      now.reduce((sum, drawn) => sum + (drawn.pots.get(node) ?? 0n), 0n),
    );
  return {
    period,
    seat: first.seat,
    outside:
      now.reduce((sum, drawn) => sum + drawn.outside, 0n) +
      before.reduce((sum, { credits }) => sum + credits, 0n),
    reserve: now.reduce((sum, drawn) => sum + drawn.reserve, 0n),
    pots,
  };
}

const nearFirst = (a: string, b: string): number => farness(a) - farness(b);
const farness = (node: string): number =>
  node === "workspace" ? 2 : node.startsWith("group:") ? 1 : 0;

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
