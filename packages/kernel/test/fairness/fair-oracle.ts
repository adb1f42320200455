/** A workspace whose pool is shared, by the naive oracles of lots and of shares. */
import assert from "node:assert/strict";
import { type Command, type Workspace, instant } from "@cistern/kernel";
import { calendar } from "../calendar.ts";
import type { Use } from "../oracle/ledger.ts";
import { Oracle } from "../oracle/oracle.ts";
import type { OracleHold } from "../oracle/pool.ts";
import { type Verdict, accepted, no } from "../oracle/verdict.ts";
import { FairPool } from "./fair-pool.ts";
import { Seating } from "./seating.ts";
import { type Drawn, type Knobs, Shares } from "./shares.ts";

const presets: Readonly<Record<string, Knobs>> = {
  strict: { reserve: 1_000n, reach: 1_000n },
  balanced: { reserve: 700n, reach: 1_000n },
  lend_early: { reserve: 500n, reach: 2_000n },
};

const ticks = 720;

/** A period, and its shares once somebody has drawn on them. */
interface Period {
  readonly start: number;
  readonly end: number;
  /** The first tick in which somebody was there. */
  since: number | null;
  shares: Shares | undefined;
}

/** Of which period a call counts, on which leaf, and what it drew: what came before the period first, then reserve and pots. */
interface Account {
  period: Period;
  seat: string;
  outside: bigint;
  parts: Drawn[];
}

export class FairOracle {
  readonly pool = new FairPool();
  readonly seating = new Seating();
  readonly #base: Oracle;
  readonly #knobs: Knobs;
  readonly #accounts = new Map<OracleHold, Account>();
  #period: Period;
  #at: number;

  constructor(workspace: Workspace, at: number) {
    this.#base = new Oracle(workspace, { calendar, meters: [], pool: this.pool });
    const knobs = presets[workspace.fairness?.preset ?? ""];
    assert(knobs !== undefined);
    this.#knobs = knobs;
    this.#at = at;
    this.#period = this.#opened(at);
    this.pool.gate = (use, amount) => this.#gate(use, amount);
  }

  /** RULES 30: until the latest paid credits end, twelve months at most, and a month where none do. */
  #opened(at: number): Period {
    const months = (count: number): number =>
      calendar.boundary(instant(at), { unit: "month", count }, 1, this.#base.workspace.timeZone);
    const ends = this.pool.ledger.lots
      .filter((lot) => lot.phase === "live" && lot.parts.available > 0n && lot.cost > 0n)
      .map((lot) => lot.expiresAt)
      .filter((end) => end > at && end < Infinity);
    const end = ends.length === 0 ? months(1) : Math.min(Math.max(...ends), months(12));
    const since = this.seating.places(null).length > 0 ? 0 : null;
    return { start: at, end, since, shares: undefined };
  }

  /** All that happens by itself, one instant after the other. */
  pass(at: number): void {
    for (;;) {
      const { lots } = this.pool.ledger;
      const next = Math.min(
        this.#period.end,
        ...this.pool.holds.filter(({ status }) => status === "open").map((one) => one.expiresAt),
        ...lots.filter(({ phase }) => phase === "live").map((one) => one.expiresAt),
      );
      if (next > at) break;
      this.#event(next, () => this.#base.pass(next));
      if (next === this.#period.end) this.#period = this.#opened(next);
    }
    this.#at = at;
  }

  /** RULES 2 for one command. */
  run(command: Command, at: number): Verdict {
    this.pass(at);
    switch (command.kind) {
      case "setGuarantee":
        return this.#say(command.member, (one) => {
          one.guarantee = command.credits;
        });
      case "setReach":
        return this.#say(command.member, (one) => {
          one.reach = BigInt(command.reach);
          const node = this.#period.shares?.find(`member:${command.member}`);
          if (node !== undefined) node.reach = one.reach;
        });
      case "giftReserve":
        return this.#gift(command);
      default:
        return this.#event(at, () => this.#base.run(command, at), command);
    }
  }

  /** The shares at this instant; those of a period in which nobody has drawn yet, as they would be. */
  sharesAt(at: number, asking: string | null): Shares {
    const { shares } = this.#period;
    const now = shares ?? this.#laidOut(asking);
    now.passTo(this.#tickAt(at));
    return now;
  }

  /** The leaf on which somebody spends, and the shares; a guests' seat that is not there yet joins in a copy. */
  standing(member: string, at: number): { shares: Shares; seat: string } {
    const shares = this.sharesAt(at, member);
    const seat = this.seating.seatOf(shares, member);
    if (seat !== undefined) return { shares, seat };
    const copy = shares.copy();
    copy.join(this.seating.guests);
    return { shares: copy, seat: this.seating.guests.id };
  }

  #tickAt(at: number): bigint {
    const { start, end } = this.#period;
    const tick = Math.floor((ticks * (at - start)) / (end - start));
    return BigInt(Math.min(ticks - 1, tick));
  }

  #laidOut(asking: string | null): Shares {
    const shares = new Shares({
      budget: this.pool.available,
      ticks: BigInt(ticks),
      knobs: this.#knobs,
    });
    shares.open(this.seating.places(asking));
    return shares;
  }

  /** Shares are there from the first draw on, or when the tick is over in which somebody was there first. */
  #layOut(at: number, asking: string | null): Shares {
    this.#period.shares ??= this.#laidOut(asking);
    this.#period.shares.passTo(this.#tickAt(at));
    return this.#period.shares;
  }

  #gate(use: Use, amount: bigint): Verdict | undefined {
    const { shares, seat } = this.standing(use.member, this.#at);
    const asked = shares.ask(seat, amount);
    if (asked.kind === "admitted") return undefined;
    const numbers = { maxNow: shares.most(seat) };
    const tick = shares.earliest(seat, amount);
    if (tick === undefined) return no("never_this_period", { ...numbers, retryAt: null });
    const { start, end } = this.#period;
    const retryAt = start + Math.ceil((Number(tick) * (end - start)) / ticks);
    return no(asked.code, { ...numbers, retryAt });
  }

  /** Carries out one event on the lots, and then on the shares. */
  #event<T extends Verdict | void>(at: number, act: () => T, command?: Command): T {
    const { since, shares: known } = this.#period;
    const isOver = at >= this.#period.end;
    const isWaited = since !== null && this.#tickAt(at) > BigInt(since);
    const shares = isOver || (known === undefined && !isWaited) ? undefined : this.#layOut(at, null);
    const before = this.pool.available;
    const [lots, holds] = [this.pool.ledger.lots.length, this.pool.holds.length];
    const result = act();
    const told = this.pool.tell();
    if (isOver || (result !== undefined && result.kind === "rejected")) return result;
    if (command?.kind === "putMember" || command?.kind === "deactivateMember")
      this.#move(command, at, shares);
    if (command?.kind === "openHold" || command?.kind === "debit") this.seating.welcome(command.member);
    void [before, told, lots, holds];
    return result;
  }

  #say(
    member: string,
    change: (one: { guarantee: bigint; reach: bigint }) => void,
  ): Verdict {
    const one = this.seating.sitters.get(member);
    if (one === undefined) return no("unknown_member");
    change(one);
    return accepted;
  }
}
