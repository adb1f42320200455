/** A workspace whose pool is shared, by the naive oracles of lots and of shares. */
import assert from "node:assert/strict";
import { type Command, type Workspace, instant } from "@cistern/kernel";
import { calendar } from "../calendar.ts";
import { type Use, sum } from "../oracle/ledger.ts";
import { Oracle } from "../oracle/oracle.ts";
import type { OracleHold } from "../oracle/pool.ts";
import { type Verdict, accepted, no } from "../oracle/verdict.ts";
import { FairPool, type Told } from "./fair-pool.ts";
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
      this.#event(next, () => {
        this.#base.pass(next);
        return accepted;
      });
      if (next === this.#period.end) this.#period = this.#opened(next);
    }
    this.#at = at;
  }

  /** RULES 2 for one command. */
  run(command: Command, at: number): Verdict {
    this.pass(at);
    switch (command.kind) {
      case "setGroupGuarantee":
        // What is laid out by now is so without it.
        return this.#event(
          at,
          () => {
            this.seating.guaranteed.set(command.group, command.credits);
            return accepted;
          },
          command,
        );
      case "setGuarantee":
      case "setReach":
        return this.#event(at, () => this.#say(command), command);
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

  /** What a hold drew when it was opened: its own reserve, and pots that gave something. */
  drawnBy(id: string): [string, bigint][] {
    const hold = this.pool.hold(id);
    const { parts = [] } = (hold && this.#accounts.get(hold)) ?? {};
    return parts.map(({ node, credits }) => [node, credits]);
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
  #event(at: number, act: () => Verdict, command?: Command): Verdict {
    const { since } = this.#period;
    const isOver = at >= this.#period.end;
    const isWaited = since !== null && !isOver && this.#tickAt(at) > BigInt(since);
    const before = this.pool.available;
    const isCall = command?.kind === "openHold" || command?.kind === "debit";
    const caller = isCall ? command.member : null;
    // As they stood before this event; kept only if it comes to pass.
    const laid = this.#period.shares ?? this.#laidOut(caller);
    const seen = { lots: this.pool.ledger.lots.length, holds: this.pool.holds.length };
    const verdict = act();
    const told = this.pool.tell();
    if (verdict.kind === "rejected") return verdict;
    if (!isOver && (isCall || isWaited || this.#period.shares !== undefined))
      this.#begin(laid, caller, at);
    if (isCall) this.seating.welcome(command.member);
    if (command?.kind === "putMember") this.seating.put(command);
    const ended = command?.kind === "deactivateMember" ? this.seating.end(command.member) : [];
    if (isOver) return verdict;
    if (command?.kind === "setReach") {
      const node = this.#period.shares?.find(`member:${command.member}`);
      if (node !== undefined) node.reach = BigInt(command.reach);
    }
    if (command?.kind === "putMember") this.#move(command.member, at);
    for (const id of ended) this.#move(id, at);
    if (this.#period.shares !== undefined)
      this.#follow(this.#period.shares, { told, seen, before, command });
    return verdict;
  }

  /**
   * Shares are there from the first draw on, or when the tick is over in which somebody was there first. Who calls has a seat.
   */
  #begin(shares: Shares, caller: string | null, at: number): void {
    this.#period.shares = shares;
    shares.passTo(this.#tickAt(at));
    if (caller !== null && this.seating.seatOf(shares, caller) === undefined)
      shares.join(this.seating.guests);
  }

  /** RULES 32. */
  #move(id: string, at: number): void {
    const { shares } = this.#period;
    if (shares === undefined) {
      if (this.#period.since === null && this.seating.isSeated(id))
        this.#period.since = Number(this.#tickAt(at));
      return;
    }
    const sitter = this.seating.sitters.get(id);
    const node = shares.find(`member:${id}`);
    if (sitter === undefined) return;
    const acts = node?.parent?.id.startsWith("member:") === true && sitter.isActive;
    const isThere = this.seating.isSeated(id) || acts;
    if (node === undefined && isThere) {
      const parent = sitter.home === null ? "workspace" : `group:${sitter.home}`;
      shares.join({ id: `member:${id}`, parent, weight: 1_000n, reach: sitter.reach });
    } else if (node !== undefined && isThere && !node.isPresent) shares.comeBack(node.id);
    else if (node?.isPresent === true && !isThere) shares.leave(node.id);
  }

  /** RULES 1, 9, 12 and 29, in this order: what comes, what is used, debts that are paid. */
  #follow(
    shares: Shares,
    {
      told,
      seen,
      before,
      command,
    }: {
      told: Told;
      seen: { lots: number; holds: number };
      before: bigint;
      command: Command | undefined;
    },
  ): void {
    const made = this.pool.holds.slice(seen.holds)[0];
    if (command?.kind === "openHold" && made !== undefined) return this.#hold(shares, made);
    const used = sum(told.used.map((one) => one.credits));
    const paid = sum(told.paid.map((one) => one.credits));
    const gained = this.pool.available - before + used + paid;
    if (gained < 0n) shares.lose(-gained);
    else this.#gain(shares, told, { gained, from: seen.lots, kind: command?.kind });
    for (const { hold, credits } of told.used) this.#overrun(shares, hold, credits);
    for (const { hold, credits } of told.lapsed) {
      const account = this.#accountOf(hold);
      if (account !== undefined) shares.use(account.seat, credits);
    }
    for (const { hold, credits } of told.paid) {
      const account = this.#accountOf(hold);
      if (account === undefined) shares.lose(credits);
      else shares.consume(account.seat, credits);
    }
    shares.fade();
  }

  #hold(shares: Shares, hold: OracleHold): void {
    const seat = this.seating.seatOf(shares, hold.use.member);
    assert(seat !== undefined);
    const asked = shares.ask(seat, hold.authorized);
    assert(asked.kind === "admitted");
    shares.take(seat, asked.drawn);
    const period = this.#period;
    const parts = asked.drawn.filter(({ node, credits }) => node === seat || credits > 0n);
    this.#accounts.set(hold, { period, seat, outside: 0n, parts });
  }

  /** What came back goes where it was drawn, credits that outlast the period to all, and the rest to the pot. */
  #gain(
    shares: Shares,
    { ended }: Told,
    { gained, from, kind }: { gained: bigint; from: number; kind: Command["kind"] | undefined },
  ): void {
    let left = gained;
    for (const { hold, credits, freed } of ended) {
      const account = this.#accountOf(hold);
      if (account === undefined) continue;
      // Debts that are paid with it come later: all that was freed came back first.
      const back = smaller(freed, left);
      left -= back;
      const kept = this.#keptBefore(hold, account, { ended: credits, isRefund: kind === "refund" });
      this.#giveBack(shares, account, { kept, credits, back });
    }
    const lasting = this.pool.ledger.lots
      .slice(from)
      .filter((lot) => kind === "grant" && lot.only === null && lot.expiresAt >= this.#period.end);
    const topUp = smaller(left, sum(lasting.map((lot) => lot.granted)));
    if (topUp > 0n) shares.topUp(topUp);
    shares.gain(left - topUp);
  }

  /** What of a call counted before so much of it ended: of a hold all that it drew, of usage what it was charged. */
  #keptBefore(
    hold: OracleHold,
    { outside, parts }: Account,
    { ended, isRefund }: { ended: bigint; isRefund: boolean },
  ): bigint {
    if (!isRefund) return outside + sum(parts.map((one) => one.credits));
    const charged = hold.charges.filter(({ lot }) => lot.only === null);
    return sum(charged.map((one) => one.credits - one.refunded)) + ended;
  }

  /** The last that was drawn returns first. */
  #giveBack(
    shares: Shares,
    { seat, outside, parts }: Account,
    { kept, credits, back }: { kept: bigint; credits: bigint; back: bigint },
  ): void {
    const drawn = [{ node: "outside", credits: outside }, ...parts];
    const whole = sum(drawn.map((one) => one.credits));
    // Usage beyond what was drawn (out of others' reserves, or for a debt) is the last of all, and fills the own reserve.
    const all = [...drawn, { node: seat, credits: larger(kept - whole, 0n) }];
    const between = (amount: bigint): Drawn[] => {
      let floor = 0n;
      return all.map(({ node, credits: size }) => {
        const low = larger(floor, kept - amount);
        floor += size;
        return { node, credits: larger(smaller(floor, kept) - low, 0n) };
      });
    };
    const unused = between(credits).filter(({ node }) => node === "outside");
    const returned = between(back);
    const inside = returned.filter(({ node }) => node !== "outside");
    const pots = inside.filter(({ node }) => node !== seat);
    const own = sum(inside.filter(({ node }) => node === seat).map((one) => one.credits));
    const isUnused = credits - sum(unused.map((one) => one.credits));
    shares.giveBack(seat, [...pots, { node: seat, credits: own }], isUnused);
    shares.gain(back - sum(inside.map((one) => one.credits)));
  }

  /** RULES 1: of a call of an earlier period it is a loss of all. */
  #overrun(shares: Shares, hold: OracleHold, credits: bigint): void {
    const account = hold.isDebit ? this.#accountFor(shares, hold) : this.#accountOf(hold);
    if (account === undefined) {
      shares.lose(credits);
      return;
    }
    if (credits === 0n) return;
    for (const { node, credits: more } of shares.consume(account.seat, credits)) {
      const part = account.parts.find((one) => one.node === node);
      if (part === undefined && more > 0n) account.parts.push({ node, credits: more });
      else if (part === undefined) continue;
      else account.parts[account.parts.indexOf(part)] = { node, credits: part.credits + more };
    }
  }

  #accountFor(shares: Shares, hold: OracleHold): Account {
    const seat = this.seating.seatOf(shares, hold.use.member);
    assert(seat !== undefined);
    const parts = [{ node: seat, credits: 0n }];
    const account: Account = { period: this.#period, seat, outside: 0n, parts };
    this.#accounts.set(hold, account);
    return account;
  }

  #accountOf(hold: OracleHold): Account | undefined {
    const account = this.#accounts.get(hold);
    return account?.period === this.#period ? account : undefined;
  }

  #gift({ from, to, credits }: Extract<Command, { kind: "giftReserve" }>): Verdict {
    for (const id of [from, to]) if (!this.seating.sitters.has(id)) return no("unknown_member");
    if (from === to || credits === 0n) return no("invalid_request");
    const { shares, seat: giver } = this.standing(from, this.#at);
    const taker = this.seating.seatOf(shares, to) ?? this.seating.guests.id;
    if (taker === this.seating.guests.id || taker === giver) return no("invalid_request");
    const isOwn = giver === `member:${from}` || giver === `own:${from}`;
    const reserved = isOwn ? shares.node(giver).own : 0n;
    if (credits > reserved) return no("gift_exceeds_reserve", { reserved });
    this.#period.shares = shares;
    shares.gift(giver, taker, credits);
    return accepted;
  }

  /** A guarantee is for the next period; a reach is for now. */
  #say(command: Extract<Command, { kind: "setGuarantee" | "setReach" }>): Verdict {
    const one = this.seating.sitters.get(command.member);
    if (one === undefined) return no("unknown_member");
    if (command.kind === "setGuarantee") {
      one.guarantee = command.credits;
      return accepted;
    }
    one.reach = BigInt(command.reach);
    return accepted;
  }
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
