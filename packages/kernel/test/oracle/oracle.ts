/**
 * A second reading of the rules, as plain as can be: it says what every command must answer and what the pool must look like
 * then. The properties compare the kernel with it after every step.
 */
import type { Calendar, Command, Workspace } from "@cistern/kernel";
import {
  Ledger,
  type Move,
  type OracleLot,
  type Use,
  inBurnOrder,
  pays,
  restrictionOf,
  round,
  sum,
} from "./ledger.ts";
import { type Applied, type Counted, Limits, cap, isCap, rate } from "./limits.ts";

const day = 24 * 60 * 60 * 1_000;

export interface OracleHold {
  readonly id: string;
  readonly isDebit: boolean;
  status: "open" | "settled" | "released" | "expired";
  readonly use: Use;
  authorized: bigint;
  legs: { readonly lot: OracleLot; credits: bigint }[];
  overage: bigint;
  charged: bigint;
  refunded: bigint;
  readonly charges: { readonly lot: OracleLot; credits: bigint; money: bigint; refunded: bigint }[];
  owed: bigint;
  owedSince: number;
  readonly parcels: { credits: bigint; readonly windows: readonly Counted[] }[];
  readonly openedAt: number;
  expiresAt: number;
}

interface OracleMember {
  readonly groups: readonly string[];
  readonly sponsor: string | null;
  isActive: boolean;
  readonly isGuest: boolean;
}

/** What the oracle says of a command; of a refusal, all numbers. */
export type Verdict =
  | { readonly kind: "accepted" }
  | {
      readonly kind: "rejected";
      readonly code: string;
      readonly numbers?: Record<string, unknown>;
    };

const accepted: Verdict = { kind: "accepted" };
const no = (code: string, numbers?: Record<string, unknown>): Verdict => ({
  kind: "rejected",
  code,
  ...(numbers === undefined ? {} : { numbers }),
});

export class Oracle {
  readonly ledger = new Ledger();
  readonly limits: Limits;
  readonly holds: OracleHold[] = [];
  readonly members = new Map<string, OracleMember>();
  readonly groups = new Set<string>();
  readonly meters: ReadonlySet<string>;
  workspace: Workspace;
  /** Charges of the event that is being worked out: they get their money when it is over. */
  #charges: { readonly hold: OracleHold; readonly move: Readonly<Move> }[] = [];

  constructor(
    workspace: Workspace,
    { calendar, meters }: { calendar: Calendar; meters: string[] },
  ) {
    this.workspace = workspace;
    this.limits = new Limits(calendar, workspace.timeZone);
    this.meters = new Set(meters);
  }

  get debt(): bigint {
    return sum(this.holds.map((hold) => hold.owed));
  }

  hold(id: string): OracleHold | undefined {
    return this.holds.find((one) => one.id === id);
  }

  /** RULES 10: by instant; at one instant hold expiries, lot expiries, lots becoming effective. */
  pass(at: number): void {
    for (;;) {
      const holds = this.holds.filter((one) => one.status === "open");
      const ending = this.ledger.lots.filter(
        (one) => one.phase === "pending" || one.phase === "live",
      );
      const starting = this.ledger.lots.filter((one) => one.phase === "pending");
      const first = Math.min(
        ...holds.map((one) => one.expiresAt),
        ...ending.map((one) => one.expiresAt),
        ...starting.map((one) => one.effectiveAt),
      );
      if (first > at) return;
      for (const hold of holds.filter((one) => one.expiresAt === first)) this.#expire(hold);
      this.#payDebts();
      this.#close();
      for (const lot of ending.filter((one) => one.expiresAt === first)) {
        lot.phase = "expired";
        this.ledger.move(lot, ["available", "expired"], lot.parts.available);
      }
      this.#close();
      for (const lot of starting.filter((one) => one.effectiveAt === first)) lot.phase = "live";
      this.#payDebts();
      this.#close();
    }
  }

  run(command: Command, at: number): Verdict {
    this.pass(at);
    const verdict = this.#run(command, at);
    this.#close();
    return verdict;
  }

  #run(command: Command, at: number): Verdict {
    switch (command.kind) {
      case "createWorkspace":
        return no("workspace_exists");
      case "updateWorkspace":
        this.workspace = { ...this.workspace, ...command.changes };
        return accepted;
      case "putGroup":
        this.groups.add(command.group);
        return accepted;
      case "putMember":
        return this.#putMember(command);
      case "deactivateMember":
        return this.#deactivate(command.member);
      case "putLimit":
        if (command.scope.kind === "group" && !this.groups.has(command.scope.id))
          return no("unknown_group");
        this.limits.put({ id: command.limit, scope: command.scope, rule: command.rule });
        return accepted;
      case "removeLimit":
        return this.limits.remove(command.limit) ? accepted : no("unknown_limit");
      case "grant":
        return this.#grant(command, at);
      case "revoke":
        return this.#revoke(command);
      case "openHold":
        return this.#open(command, at);
      case "extendHold":
        return this.#extend(command, at);
      case "settleHold":
        return this.#settle(command, at);
      case "releaseHold":
        return this.#release(command.hold, at);
      case "debit":
        return this.#debit(command, at);
      case "refund":
        return this.#refund(command, at);
    }
  }

  #putMember(command: Extract<Command, { kind: "putMember" }>): Verdict {
    if (command.groups.some((id) => !this.groups.has(id))) return no("unknown_group");
    const { sponsor, groups } = command;
    if (sponsor !== null && !this.members.has(sponsor)) return no("unknown_member");
    if (sponsor !== null && this.#upwards(sponsor).includes(command.member))
      return no("invalid_request");
    this.members.set(command.member, { groups, sponsor, isActive: true, isGuest: false });
    return accepted;
  }

  #deactivate(id: string): Verdict {
    const member = this.members.get(id);
    if (member === undefined) return no("unknown_member");
    member.isActive = false;
    return accepted;
  }

  #grant(command: Extract<Command, { kind: "grant" }>, at: number): Verdict {
    if (command.credits === 0n) return no("invalid_request");
    const effectiveAt = command.effectiveAt ?? at;
    if (command.expiresAt !== null && command.expiresAt <= Math.max(effectiveAt, at))
      return no("invalid_request");
    if (command.appliesTo?.meters?.some((id) => !this.meters.has(id)) === true)
      return no("unknown_meter");
    if (command.appliesTo?.groups?.some((id) => !this.groups.has(id)) === true)
      return no("unknown_group");
    this.ledger.add({
      id: command.grant,
      granted: command.credits,
      cost: command.cost,
      priority: command.priority,
      grantedAt: at,
      effectiveAt,
      expiresAt: command.expiresAt ?? Infinity,
      only: restrictionOf(command),
      phase: effectiveAt > at ? "pending" : "live",
    });
    this.#payDebts();
    return accepted;
  }

  #revoke(command: Extract<Command, { kind: "revoke" }>): Verdict {
    const lot = this.ledger.lots.find((one) => one.id === command.grant);
    if (lot === undefined) return no("unknown_grant");
    if (command.credits === 0n) return no("invalid_request");
    const unpromised = lot.parts.held > lot.owed ? lot.parts.held - lot.owed : 0n;
    const isOver = lot.phase === "expired" || lot.phase === "revoked";
    const left = isOver ? 0n : lot.parts.available + unpromised;
    const asked = command.credits ?? left;
    if (isOver || asked > left) return no("revoke_exceeds_grant", { left });
    const now = asked < lot.parts.available ? asked : lot.parts.available;
    this.ledger.move(lot, ["available", "revoked"], now);
    lot.owed += asked - now;
    if (command.credits === null) {
      lot.phase = "revoked";
      lot.owed = 0n;
    }
    return accepted;
  }

  #open(command: Extract<Command, { kind: "openHold" }>, at: number): Verdict {
    if (this.workspace.status === "suspended") return no("workspace_suspended");
    const refused = this.#mayNotSpend(command.member);
    if (refused !== undefined) return refused;
    if (command.meter !== null && !this.meters.has(command.meter)) return no("unknown_meter");
    if (command.ttlMs <= 0 || command.ttlMs > day) return no("invalid_request");
    const use = this.#useOf(command.member, command.meter);
    const amount = plain(command.amount);
    const limited = this.#limited(use, { at, amount, requests: 1n });
    if (limited !== undefined) return limited;
    const legs = this.#authorize(use, amount);
    if (legs.kind === "rejected") return legs;
    this.#welcome(command.member);
    const hold: OracleHold = {
      id: command.hold,
      isDebit: false,
      status: "open",
      use,
      authorized: amount,
      legs: [],
      overage: legs.overage,
      charged: 0n,
      refunded: 0n,
      charges: [],
      owed: 0n,
      owedSince: 0,
      parcels: [this.#count(use, at, amount)],
      openedAt: at,
      expiresAt: at + command.ttlMs,
    };
    this.#pass(use, { at, amount, requests: 1n });
    this.#pin(hold, legs.fromPool);
    this.holds.push(hold);
    return accepted;
  }

  #extend(command: Extract<Command, { kind: "extendHold" }>, at: number): Verdict {
    const hold = this.hold(command.hold);
    if (hold === undefined || hold.isDebit) return no("unknown_hold");
    if (hold.status === "settled") return no("hold_already_settled");
    if (hold.status === "released") return no("hold_released");
    if (hold.status === "expired") return no("hold_expired");
    if (this.workspace.status === "suspended") return no("workspace_suspended");
    const refused = this.#mayNotSpend(hold.use.member);
    if (refused !== undefined) return refused;
    if (command.credits === 0n && command.ttlMs === null) return no("invalid_request");
    const expiresAt = command.ttlMs === null ? hold.expiresAt : at + command.ttlMs;
    if (expiresAt <= at || expiresAt > hold.openedAt + day) return no("invalid_request");
    const amount = command.credits;
    const limited = this.#limited(hold.use, { at, amount, requests: 0n });
    if (limited !== undefined) return limited;
    const legs = this.#authorize(hold.use, amount);
    if (legs.kind === "rejected") return legs;
    hold.authorized += amount;
    hold.overage += legs.overage;
    hold.expiresAt = expiresAt;
    if (amount > 0n) hold.parcels.push(this.#count(hold.use, at, amount));
    this.#pass(hold.use, { at, amount, requests: 0n });
    this.#pin(hold, legs.fromPool);
    return accepted;
  }

  #settle(command: Extract<Command, { kind: "settleHold" }>, at: number): Verdict {
    const hold = this.hold(command.hold);
    if (hold === undefined || hold.isDebit) return no("unknown_hold");
    if (hold.status === "settled") return no("hold_already_settled");
    if (hold.status === "released") return no("hold_released");
    const isLate = hold.status === "expired";
    if (isLate && at >= hold.expiresAt + 30 * day) return no("hold_expired");
    const amount = plain(command.amount);
    const permitted = hold.authorized > hold.charged ? hold.authorized - hold.charged : 0n;
    const isCapped = this.workspace.overrun === "cap_at_hold" && amount > permitted;
    const charge = isCapped ? permitted : amount;
    const beyond = isLate ? this.#takeReturned(hold, charge) : this.#takePinned(hold, charge);
    this.#take(hold, beyond, at);
    hold.overage = hold.overage > beyond ? hold.overage - beyond : 0n;
    hold.charged += charge;
    if (command.isFinal || isLate) {
      if (!isLate) this.#return(hold);
      hold.legs = [];
      hold.overage = 0n;
      hold.status = "settled";
    }
    this.#recount(hold, at);
    this.#payDebts();
    return accepted;
  }

  #release(id: string, at: number): Verdict {
    const hold = this.hold(id);
    if (hold === undefined || hold.isDebit) return no("unknown_hold");
    if (hold.status === "settled") return no("hold_already_settled");
    if (hold.status === "released") return no("hold_released");
    if (hold.status === "expired") return no("hold_expired");
    this.#return(hold);
    hold.legs = [];
    hold.overage = 0n;
    hold.status = "released";
    this.#recount(hold, at);
    this.#payDebts();
    return accepted;
  }

  #debit(command: Extract<Command, { kind: "debit" }>, at: number): Verdict {
    if (!this.members.has(command.member)) {
      const refused = this.#mayNotSpend(command.member);
      if (refused !== undefined) return refused;
    }
    if (command.meter !== null && !this.meters.has(command.meter)) return no("unknown_meter");
    const occurredAt = Math.min(command.occurredAt ?? at, at);
    const use = this.#useOf(command.member, command.meter);
    this.#welcome(command.member);
    const amount = plain(command.amount);
    const hold: OracleHold = {
      id: command.debit,
      isDebit: true,
      status: "settled",
      use,
      authorized: amount,
      legs: [],
      overage: 0n,
      charged: amount,
      refunded: 0n,
      charges: [],
      owed: 0n,
      owedSince: 0,
      parcels: [this.#countWhereOpen(use, { at, occurredAt, amount })],
      openedAt: at,
      expiresAt: at,
    };
    this.#take(hold, amount, at);
    this.holds.push(hold);
    return accepted;
  }

  #refund(command: Extract<Command, { kind: "refund" }>, at: number): Verdict {
    const hold = this.hold(command.of);
    if (hold === undefined) return no("unknown_hold");
    if (command.credits === 0n) return no("invalid_request");
    const left = hold.charged - hold.refunded;
    const asked = command.credits ?? left;
    if (asked > left || asked === 0n) return no("refund_exceeds_charge", { left });
    hold.refunded += asked;
    const forgiven = hold.owed < asked ? hold.owed : asked;
    hold.owed -= forgiven;
    let missing = asked - forgiven;
    for (const charge of hold.charges.toReversed()) {
      const part = least(charge.credits - charge.refunded, missing);
      if (part > 0n) this.#undo(charge, part, { at, refund: command.refund });
      missing -= part;
    }
    this.#recount(hold, at);
    this.#payDebts();
    return accepted;
  }

  /** RULES 13, for one leg. */
  #undo(
    charge: OracleHold["charges"][number],
    part: bigint,
    { at, refund }: { at: number; refund: string },
  ): void {
    const { lot } = charge;
    charge.refunded += part;
    if (lot.phase === "revoked") {
      this.ledger.move(lot, ["consumed", "revoked"], part, 0n);
      return;
    }
    const owed = least(lot.owed, part);
    lot.owed -= owed;
    this.ledger.move(lot, ["consumed", "revoked"], owed, 0n);
    const back = part - owed;
    if (lot.phase !== "expired") {
      this.ledger.move(lot, ["consumed", "available"], back);
      return;
    }
    if (back === 0n) return;
    const moneyOf = (credits: bigint): bigint => round(charge.money * credits, charge.credits);
    const money = moneyOf(charge.refunded) - moneyOf(charge.refunded - back);
    this.ledger.move(lot, ["consumed", "moved"], back, money);
    const stem = refund.replace("rfd_", "grt_");
    const made = this.ledger.lots.filter((one) => one.id.startsWith(stem)).length;
    this.ledger.add({
      id: made === 0 ? stem : `${stem}${made}`,
      granted: back,
      cost: money,
      priority: lot.priority,
      grantedAt: at,
      effectiveAt: at,
      expiresAt: at + 30 * day,
      only: lot.only,
      phase: "live",
    });
  }

  /** Usage that nothing refuses: available lots, then debt. */
  #take(hold: OracleHold, amount: bigint, at: number): void {
    const taken = this.ledger.draw(hold.use, amount, "consumed");
    for (const move of taken) this.#charges.push({ hold, move });
    const debt = amount - sum(taken.map((move) => move.credits));
    if (debt > 0n && hold.owed === 0n) hold.owedSince = at;
    hold.owed += debt;
  }

  /** What an open hold pinned, in burn order; gives what is missing. */
  #takePinned(hold: OracleHold, amount: bigint): bigint {
    let missing = amount;
    for (const leg of legsInOrder(hold)) {
      const part = least(leg.credits, missing);
      leg.credits -= part;
      missing -= part;
      if (part > 0n)
        this.#charges.push({ hold, move: this.ledger.move(leg.lot, ["held", "consumed"], part) });
    }
    hold.legs = hold.legs.filter((leg) => leg.credits > 0n);
    return missing;
  }

  /** What an expired hold returned, where it still is, or what of it expired with its lot (RULES 7). */
  #takeReturned(hold: OracleHold, amount: bigint): bigint {
    let missing = amount;
    for (const { lot, credits } of legsInOrder(hold)) {
      if (lot.phase === "revoked") continue;
      const from = lot.phase === "expired" ? "expired" : "available";
      const part = least(least(credits, missing), lot.parts[from]);
      missing -= part;
      if (part === 0n) continue;
      const carried =
        from === "expired" ? round(lot.money.expired * part, lot.parts.expired) : null;
      this.#charges.push({ hold, move: this.ledger.move(lot, [from, "consumed"], part, carried) });
    }
    return missing;
  }

  #return(hold: OracleHold): void {
    for (const leg of hold.legs) this.ledger.giveBack(leg.lot, leg.credits);
  }

  #expire(hold: OracleHold): void {
    this.#return(hold);
    hold.overage = 0n;
    hold.status = "expired";
    this.#recount(hold, hold.expiresAt);
  }

  /** RULES 12: oldest first, in burn order, as consumption by the debtor. */
  #payDebts(): void {
    const owing = this.holds
      .filter((hold) => hold.owed > 0n)
      .toSorted((a, b) => a.owedSince - b.owedSince || (a.id < b.id ? -1 : 1));
    for (const hold of owing)
      for (const move of this.ledger.draw(hold.use, hold.owed, "consumed")) {
        hold.owed -= move.credits;
        this.#charges.push({ hold, move });
      }
  }

  #close(): void {
    this.ledger.close();
    for (const { hold, move } of this.#charges) {
      const last = hold.charges.at(-1);
      if (last !== undefined && last.lot === move.lot && last.refunded === 0n) {
        last.credits += move.credits;
        last.money += move.money;
      } else
        hold.charges.push({
          lot: move.lot,
          credits: move.credits,
          money: move.money,
          refunded: 0n,
        });
    }
    this.#charges = [];
  }

  /** RULES 2, the last rung. */
  #authorize(
    use: Use,
    amount: bigint,
  ): (Verdict & { kind: "rejected" }) | { kind: "legs"; fromPool: bigint; overage: bigint } {
    const available = this.ledger.available(use);
    if (amount <= available) return { kind: "legs", fromPool: amount, overage: 0n };
    const limit = this.workspace.overage.kind === "debt" ? this.workspace.overage.limit : 0n;
    const inFlight = sum(
      this.holds.filter((one) => one.status === "open").map((one) => one.overage),
    );
    const room = above(limit, this.debt + inFlight);
    if (amount - available <= room)
      return { kind: "legs", fromPool: available, overage: amount - available };
    const numbers = {
      scope: { kind: "workspace", id: this.workspace.id },
      requested: amount,
      available: available + room,
      missing: amount - available - room,
    };
    const returning = this.ledger.returning(use);
    if (amount <= available + returning + above(limit, this.debt)) {
      const ends = this.holds.filter((one) => one.status === "open").map((one) => one.expiresAt);
      const retryAt = ends.length === 0 ? null : Math.min(...ends);
      return { kind: "rejected", code: "credits_held", numbers: { ...numbers, retryAt } };
    }
    const retryAt = this.#creditsAt(use, numbers.missing);
    return { kind: "rejected", code: "pool_exhausted", numbers: { ...numbers, retryAt } };
  }

  #creditsAt(use: Use, missing: bigint): number | null {
    const pending = this.ledger.lots
      .filter((lot) => lot.phase === "pending" && pays(lot, use))
      .toSorted((a, b) => a.effectiveAt - b.effectiveAt);
    const enough = pending.find(
      (_, index) => sum(pending.slice(0, index + 1).map((lot) => lot.parts.available)) >= missing,
    );
    return enough?.effectiveAt ?? null;
  }

  /** RULES 2: rates (requests, then credits), then caps; near to far; of one node the one that binds longest or most. */
  #limited(
    use: Use,
    { at, amount, requests }: { at: number; amount: bigint; requests: bigint },
  ): Verdict | undefined {
    const nodes = this.#nodes(use);
    for (const unit of ["requests", "credits"] as const) {
      const units = unit === "requests" ? requests : amount;
      for (const node of units === 0n ? [] : nodes) {
        const refused = node
          .filter(({ limit: { rule } }) => rule.kind === "rate" && rule.unit === unit)
          .map((one) => ({ one, ...this.#rateAt(one, at, units) }))
          .filter((one) => !one.fits);
        const worst = worstOf(refused, (one) => one.retryAt ?? Infinity);
        if (worst === undefined) continue;
        const { retryAt, remaining } = worst;
        return no("rate_limited", {
          limit: worst.one.limit.id,
          node: worst.one.node,
          requested: units,
          remaining,
          retryAt,
        });
      }
    }
    for (const node of nodes) {
      const refused = node.filter(isCap).flatMap((one) => {
        const credits = cap(one.limit.rule).credits ?? 0n;
        const used = this.limits.used(one, at);
        const left = above(credits, used);
        const retryAt = this.limits.freesAt(one, at, amount);
        return amount > left ? [{ one, credits, used, left, retryAt }] : [];
      });
      const smallest = refused.filter((a) => refused.every((b) => a.left <= b.left));
      const worst = worstOf(smallest, (one) => one.retryAt ?? Infinity);
      if (worst === undefined) continue;
      return no("limit_reached", {
        limit: worst.one.limit.id,
        node: worst.one.node,
        requested: amount,
        available: worst.left,
        missing: amount - worst.left,
        cap: worst.credits,
        used: worst.used,
        retryAt: worst.retryAt,
      });
    }
    return undefined;
  }

  #rateAt(
    one: Applied,
    at: number,
    units: bigint,
  ): { fits: boolean; remaining: bigint; retryAt: number | null } {
    const { burst, perMs, quantity } = rate(one.limit.rule);
    const level = this.limits.level(one, at);
    const full = burst * BigInt(perMs);
    const wanted = units * BigInt(perMs);
    const remaining = above(full, level) / BigInt(perMs);
    if (level + wanted <= full) return { fits: true, remaining, retryAt: null };
    if (wanted > full) return { fits: false, remaining, retryAt: null };
    const over = level + wanted - full;
    const wait = over / quantity + (over % quantity === 0n ? 0n : 1n);
    return { fits: false, remaining, retryAt: at + Number(wait) };
  }

  #count(use: Use, at: number, amount: bigint): OracleHold["parcels"][number] {
    const windows = this.#nodes(use)
      .flat()
      .filter(isCap)
      .flatMap((one) => {
        const window = this.limits.windowFor(one, at, amount);
        if (window === undefined) return [];
        const { start, end } = window;
        const { era } = one.limit;
        return [{ era, node: one.node, start, end, credits: amount }];
      });
    this.limits.counted.push(...windows);
    return { credits: amount, windows };
  }

  /** RULES 4: a debit counts in the window of its time, if that is still open. */
  #countWhereOpen(
    use: Use,
    { at, occurredAt, amount }: { at: number; occurredAt: number; amount: bigint },
  ): OracleHold["parcels"][number] {
    const nodes = amount === 0n ? [] : this.#nodes(use).flat().filter(isCap);
    const windows = nodes.flatMap((one) => {
      const window = this.limits.window(one, occurredAt);
      if (window === undefined || at >= window.end) return [];
      const { start, end } = window;
      return [{ era: one.limit.era, node: one.node, start, end, credits: amount }];
    });
    this.limits.counted.push(...windows);
    return { credits: amount, windows };
  }

  /** RULES 4: less from the newest authorization, more on the first, and only where the window is still open. */
  #recount(hold: OracleHold, at: number): void {
    const setAside =
      hold.status === "open" ? sum(hold.legs.map((leg) => leg.credits)) + hold.overage : 0n;
    const target = hold.charged - hold.refunded + setAside;
    let delta = target - sum(hold.parcels.map((parcel) => parcel.credits));
    for (const parcel of delta > 0n ? hold.parcels : hold.parcels.toReversed()) {
      const change = delta > 0n ? delta : -least(-delta, parcel.credits);
      parcel.credits += change;
      for (const window of parcel.windows) if (at < window.end) window.credits += change;
      delta -= change;
    }
  }

  #pass(
    use: Use,
    { at, amount, requests }: { at: number; amount: bigint; requests: bigint },
  ): void {
    for (const { limit, node } of this.#nodes(use).flat()) {
      if (limit.rule.kind !== "rate") continue;
      const units = limit.rule.unit === "requests" ? requests : amount;
      if (units > 0n) this.limits.passed.push({ era: limit.era, node, at, units });
    }
  }

  #pin(hold: OracleHold, amount: bigint): void {
    for (const move of this.ledger.draw(hold.use, amount, "held")) {
      const leg = hold.legs.find((one) => one.lot === move.lot);
      if (leg === undefined) hold.legs.push({ lot: move.lot, credits: move.credits });
      else leg.credits += move.credits;
    }
  }

  /** RULES 5: unknown ids come in as guests, up to the ceiling. */
  #mayNotSpend(id: string): Verdict | undefined {
    const member = this.members.get(id);
    if (member === undefined) {
      const guests = [...this.members.values()].filter((one) => one.isGuest).length;
      const isFull = guests >= this.workspace.guestsMax;
      return this.workspace.members === "known" || isFull ? no("unknown_member") : undefined;
    }
    if (this.#upwards(id).some((one) => this.members.get(one)?.isActive === false))
      return no("member_inactive");
    return member.isGuest && this.workspace.members === "known" ? no("unknown_member") : undefined;
  }

  #welcome(id: string): void {
    if (!this.members.has(id))
      this.members.set(id, { groups: [], sponsor: null, isActive: true, isGuest: true });
  }

  #useOf(member: string, meter: string | null): Use {
    const path = this.#upwards(member);
    const groups = path.flatMap((id) => this.members.get(id)?.groups ?? []);
    return { member, path, groups: [...new Set(groups)], meter };
  }

  #nodes(use: Use): Applied[][] {
    return this.limits.on({ members: use.path, groups: use.groups }, this.workspace.id);
  }

  /** The member and all that it acts for, near to far. */
  #upwards(id: string): string[] {
    const sponsor = this.members.get(id)?.sponsor ?? null;
    return sponsor === null ? [id] : [id, ...this.#upwards(sponsor)];
  }
}

const plain = (amount: Extract<Command, { kind: "debit" }>["amount"]): bigint => {
  if (amount.kind === "usage") throw new Error("the oracle is asked for credits alone");
  return amount.credits;
};

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const above = (a: bigint, b: bigint): bigint => (a > b ? a - b : 0n);

/** The one with the largest value, the first among equals. */
function worstOf<T>(all: readonly T[], valueOf: (one: T) => number): T | undefined {
  return all.reduce<T | undefined>(
    (worst, one) => (worst === undefined || valueOf(one) > valueOf(worst) ? one : worst),
    undefined,
  );
}

/** Pinned lots burn in burn order too, whichever was pinned first. */
const legsInOrder = ({ legs }: OracleHold): OracleHold["legs"] => {
  const order = inBurnOrder(legs.map((leg) => leg.lot));
  return legs.toSorted((a, b) => order.indexOf(a.lot) - order.indexOf(b.lot));
};
