/**
 * The oracle's lots and money: plain arrays, no index, everything worked out from scratch. It shares no code with the kernel;
 * its two roundings are written here a second time.
 */
import type { Command, Lot } from "@cistern/kernel";

export type Part = "available" | "held" | "consumed" | "moved" | "revoked" | "expired";
type Exit = Exclude<Part, "available" | "held">;
const exits: readonly Exit[] = ["consumed", "moved", "revoked", "expired"];
const isExit = (part: Part): part is Exit => part !== "available" && part !== "held";

export interface OracleLot {
  readonly id: string;
  readonly granted: bigint;
  readonly cost: bigint;
  readonly priority: number;
  readonly grantedAt: number;
  readonly effectiveAt: number;
  readonly expiresAt: number;
  readonly only: Lot["appliesTo"];
  phase: "pending" | "live" | "expired" | "revoked";
  /** Of a partial revoke, still to be taken from what returns. */
  owed: bigint;
  readonly parts: Record<Part, bigint>;
  readonly money: Record<Exit, bigint>;
  /** Basis points that are expected to break; null for no estimate. */
  breakage: bigint | null;
  tax: bigint;
  taxBack: bigint;
  isUnpaid: boolean;
  bonus: string | null;
  /** Its credits came from this lot. */
  origin: string | null;
  /** Its rest went, and what returns goes, to the state. */
  isStates: boolean;
  /** What expires goes to the state. */
  escheats: boolean;
  unclaimed: bigint;
  repaid: bigint;
  goodwill: bigint;
  disputed: bigint;
}

/** Who uses, and where it counts, as it stood at authorization (RULES 3). */
export interface Use {
  readonly member: string;
  /** The member, and all that it acts for, near to far. */
  readonly path: readonly string[];
  readonly groups: readonly string[];
  readonly meter: string | null;
}

export interface Move {
  readonly lot: OracleLot;
  readonly from: Part;
  readonly to: Part;
  readonly credits: bigint;
  /** Money that goes along where credits change their exit; otherwise found at the end of the event. */
  readonly carried: bigint | null;
  money: bigint;
}

export class Ledger {
  readonly lots: OracleLot[] = [];
  /** Moves of the event that is being worked out. */
  moves: Move[] = [];

  lot(id: string): OracleLot {
    const lot = this.lots.find((one) => one.id === id);
    if (lot === undefined) throw new Error(`the oracle knows no lot ${id}`);
    return lot;
  }

  add(
    lot: Pick<
      OracleLot,
      | "id"
      | "granted"
      | "cost"
      | "priority"
      | "grantedAt"
      | "effectiveAt"
      | "expiresAt"
      | "only"
      | "phase"
    >,
  ): OracleLot {
    const made: OracleLot = {
      ...lot,
      breakage: null,
      tax: 0n,
      taxBack: 0n,
      isUnpaid: false,
      bonus: null,
      origin: null,
      isStates: false,
      escheats: false,
      unclaimed: 0n,
      repaid: 0n,
      goodwill: 0n,
      disputed: 0n,
      owed: 0n,
      parts: {
        available: lot.granted,
        held: 0n,
        consumed: 0n,
        moved: 0n,
        revoked: 0n,
        expired: 0n,
      },
      money: { consumed: 0n, moved: 0n, revoked: 0n, expired: 0n },
    };
    this.lots.push(made);
    return made;
  }

  move(
    lot: OracleLot,
    [from, to]: readonly [Part, Part],
    credits: bigint,
    carried: bigint | null = null,
  ): Move {
    if (lot.parts[from] < credits)
      throw new Error(`the oracle takes ${credits} of ${from} in ${lot.id}`);
    const move: Move = { lot, from, to, credits, carried, money: carried ?? 0n };
    if (credits === 0n) return move;
    lot.parts[from] -= credits;
    lot.parts[to] += credits;
    this.moves.push(move);
    return move;
  }

  /** Lots that may pay for a use now, in burn order. */
  payers(use: Use): OracleLot[] {
    return inBurnOrder(
      this.lots.filter((lot) => lot.phase === "live" && lot.parts.available > 0n && pays(lot, use)),
    );
  }

  available(use: Use): bigint {
    return sum(this.payers(use).map((lot) => lot.parts.available));
  }

  /** Held credits that come back to a use when their holds end. */
  returning(use: Use): bigint {
    const lots = this.lots.filter((lot) => lot.phase === "live" && pays(lot, use));
    return sum(lots.map((lot) => (lot.parts.held > lot.owed ? lot.parts.held - lot.owed : 0n)));
  }

  /** Takes up to `amount` in burn order. */
  draw(use: Use, amount: bigint, to: "held" | "consumed"): Move[] {
    const taken: Move[] = [];
    let missing = amount;
    for (const lot of this.payers(use)) {
      const part = lot.parts.available < missing ? lot.parts.available : missing;
      if (part > 0n) taken.push(this.move(lot, ["available", to], part));
      missing -= part;
    }
    return taken;
  }

  /** Held credits go back, or to what became of their lot meanwhile (RULES 9). */
  giveBack(lot: OracleLot, amount: bigint): void {
    if (lot.phase === "revoked") this.move(lot, ["held", "revoked"], amount);
    else {
      const owed = lot.owed < amount ? lot.owed : amount;
      lot.owed -= owed;
      this.move(lot, ["held", "revoked"], owed);
      this.move(lot, ["held", lot.phase === "expired" ? "expired" : "available"], amount - owed);
    }
  }

  /** RULES 14, or E6 where breakage is expected: money that has left a lot when so much is gone, of it so much used. */
  postedAt({ cost, granted, breakage }: OracleLot, gone: bigint, consumed: bigint): bigint {
    if (breakage === null) return round(cost * gone, granted);
    const expected = 10_000n - breakage;
    const exact = cost * (consumed * 10_000n + (gone - consumed) * expected);
    const all = round(exact, granted * expected);
    return all < cost ? all : cost;
  }

  /** RULES 14: the event is over, its exits are priced by the series of each lot. */
  close(): Move[] {
    const moves = this.moves;
    this.moves = [];
    for (const lot of new Set(moves.map((move) => move.lot))) {
      const own = moves.filter((move) => move.lot === lot);
      const back = own.filter((move) => isExit(move.from) && !isExit(move.to));
      const out = own.filter((move) => !isExit(move.from) && isExit(move.to));
      const goneNow = sum(exits.map((exit) => lot.parts[exit]));
      const low = goneNow - sum(out.map((move) => move.credits));
      const { consumed } = lot.parts;
      const usedNow = out.filter((move) => move.to === "consumed");
      const posted = sum(Object.values(lot.money));
      const base =
        back.length === 0
          ? posted
          : this.postedAt(lot, low, consumed - sum(usedNow.map((move) => move.credits)));
      price(back, posted - base);
      const groups = exits.map((exit) => out.filter((move) => move.to === exit));
      const shares = share(
        out.length === 0 ? 0n : this.postedAt(lot, goneNow, consumed) - base,
        groups.map((group) => sum(group.map((move) => move.credits))),
      );
      for (const [index, group] of groups.entries()) price(group, shares[index] ?? 0n);
    }
    for (const { lot, from, to, money } of moves) {
      if (isExit(from)) lot.money[from] -= money;
      if (isExit(to)) lot.money[to] += money;
      if (to === "revoked" && lot.isStates) lot.unclaimed += money;
      if (to === "expired" && lot.escheats) lot.unclaimed += money;
      if (from === "expired" && lot.escheats) lot.unclaimed -= money;
    }
    return moves;
  }
}

/** RULES 33: every list that was given must match. */
export function pays({ only }: Pick<OracleLot, "only">, use: Use): boolean {
  if (only === null) return true;
  const isMember = only.members === undefined || only.members.includes(use.member);
  const isGroup = only.groups === undefined || use.groups.some((one) => only.groups?.includes(one));
  const isMeter =
    only.meters === undefined || (use.meter !== null && only.meters.includes(use.meter));
  return isMember && isGroup && isMeter;
}

/** `priority asc, restricted first, expiresAt asc (none last), grantedAt asc, id asc`. */
export function inBurnOrder(lots: readonly OracleLot[]): OracleLot[] {
  const rank = (lot: OracleLot): (number | string)[] => [
    lot.priority,
    lot.only === null ? 1 : 0,
    lot.expiresAt,
    lot.grantedAt,
    lot.id,
  ];
  return lots.toSorted((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    const place = left.findIndex((value, index) => value !== right[index]);
    const [x, y] = [left[place] ?? 0, right[place] ?? 0];
    return x < y ? -1 : x > y ? 1 : 0;
  });
}

export const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);

/** R1 half away from zero, for a whole above zero: up when the remainder is half or more. */
export function round(numerator: bigint, denominator: bigint): bigint {
  const down = numerator / denominator;
  return (numerator - down * denominator) * 2n >= denominator ? down + 1n : down;
}

/** R3: units that flooring left over go one by one to the largest remainder, the first among equals. */
export function share(whole: bigint, weights: readonly bigint[]): bigint[] {
  const all = sum(weights);
  if (all === 0n) return weights.map(() => 0n);
  const parts = weights.map((weight) => (whole * weight) / all);
  const rests = weights.map((weight) => (whole * weight) % all);
  for (let left = whole - sum(parts); left > 0n; left -= 1n) {
    const largest = rests.indexOf(rests.reduce((a, b) => (b > a ? b : a)));
    parts[largest] = (parts[largest] ?? 0n) + 1n;
    rests[largest] = -1n;
  }
  return parts;
}

function price(moves: readonly Move[], whole: bigint): void {
  const parts = share(
    whole,
    moves.map((move) => move.credits),
  );
  for (const [index, move] of moves.entries()) move.money = parts[index] ?? 0n;
}

/** The restriction of a grant; one that names nothing restricts nothing. */
export function restrictionOf({
  appliesTo,
}: Extract<Command, { kind: "grant" }>): Lot["appliesTo"] {
  return appliesTo === null || Object.keys(appliesTo).length === 0 ? null : appliesTo;
}
