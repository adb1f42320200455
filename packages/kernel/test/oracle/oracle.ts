/**
 * A second reading of the rules, as plain as can be: it says what every command must answer and what the pool must look like
 * then. The properties compare the kernel with it after every step.
 */
import type { Calendar, Command, Workspace } from "@cistern/kernel";
import { Closings } from "./closings.ts";
import { Bounds } from "./bounds.ts";
import { restrictionOf, sum } from "./ledger.ts";
import { Limits, isCeiling } from "./limits.ts";
import { addSold, chargeBack, escheat, repay, reviseBreakage } from "./money.ts";
import { People } from "./people.ts";
import { type OracleHold, Pool, least } from "./pool.ts";
import { type Verdict, accepted, no } from "./verdict.ts";

const day = 24 * 60 * 60 * 1_000;

export class Oracle {
  readonly people = new People();
  readonly pool: Pool;
  readonly closings = new Closings();
  readonly limits: Limits;
  readonly bounds: Bounds;
  readonly meters: ReadonlySet<string>;
  workspace: Workspace;

  constructor(
    workspace: Workspace,
    { calendar, meters, pool }: { calendar: Calendar; meters: string[]; pool?: Pool },
  ) {
    this.pool = pool ?? new Pool();
    this.workspace = workspace;
    this.limits = new Limits(calendar, workspace.timeZone, () => {
      const lots = this.pool.ledger.lots.filter(({ only }) => only === null);
      const live = lots.filter(({ phase }) => phase === "live");
      const available = sum(live.map(({ parts }) => parts.available));
      const held = sum(lots.map(({ parts }) => parts.held));
      return { inPool: available + held, consumed: sum(lots.map(({ parts }) => parts.consumed)) };
    });
    this.bounds = new Bounds(this.limits, workspace.id);
    this.meters = new Set(meters);
  }

  /** RULES 10: by instant; at one instant hold expiries, lot expiries, lots becoming effective. */
  pass(at: number): void {
    for (;;) {
      const holds = this.pool.holds.filter((one) => one.status === "open");
      const ending = this.pool.ledger.lots.filter(
        (one) => one.phase === "pending" || one.phase === "live",
      );
      const starting = this.pool.ledger.lots.filter((one) => one.phase === "pending");
      const first = Math.min(
        ...holds.map((one) => one.expiresAt),
        ...ending.map((one) => one.expiresAt),
        ...starting.map((one) => one.effectiveAt),
      );
      if (first > at) return;
      for (const hold of holds.filter((one) => one.expiresAt === first)) this.#expire(hold);
      this.pool.payDebts();
      this.pool.close();
      for (const lot of ending.filter((one) => one.expiresAt === first)) {
        lot.phase = "expired";
        this.pool.ledger.move(lot, ["available", "expired"], lot.parts.available);
      }
      this.pool.close();
      for (const lot of starting.filter((one) => one.effectiveAt === first)) lot.phase = "live";
      this.pool.payDebts();
      this.pool.close();
    }
  }

  run(command: Command, at: number): Verdict {
    this.pass(at);
    const verdict = this.#run(command, at);
    this.pool.close();
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
        this.people.groups.add(command.group);
        return accepted;
      case "putMember":
        return this.people.putMember(command);
      case "deactivateMember":
        return this.people.deactivate(command.member);
      case "putLimit":
        if (command.scope.kind === "group" && !this.people.groups.has(command.scope.id))
          return no("unknown_group");
        this.limits.put({ id: command.limit, scope: command.scope, rule: command.rule });
        return accepted;
      case "putLimits":
        for (const id of command.remove) this.limits.remove(id);
        for (const limit of command.limits) this.limits.put(limit);
        return accepted;
      case "removeLimit":
        return this.limits.remove(command.limit) ? accepted : no("unknown_limit");
      case "putAlertRule":
      case "removeAlertRule":
      case "raiseAlert":
      case "reviewAlert":
      case "recommendFairness":
        throw new Error(`${command.kind} moves nothing that the oracle keeps`);
      case "grant":
        return this.#grant(command, at);
      case "revoke":
        return this.#revoke(command);
      case "repay":
        return repay(this.pool.ledger, command);
      case "chargeBack":
        return chargeBack(this.pool.ledger, command);
      case "escheat":
        return escheat(this.pool.ledger, command);
      case "reviseBreakage":
        return reviseBreakage(this.pool.ledger, command);
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
      case "openRun":
      case "raiseRun":
      case "pauseRun":
      case "closeRun":
      case "putPolicy":
      case "removePolicy":
      case "acceptPolicy":
      case "putSubscription":
      case "assignSeat":
      case "releaseSeat":
      case "setPeriodEnd":
      case "cancelSubscription":
      case "invoiceNow":
      case "finalizeInvoice":
      case "payInvoice":
      case "voidInvoice":
      case "creditInvoice":
      case "payOutBalance":
      case "claimOutcome":
      case "signalCase":
      case "reopenOutcome":
      case "confirmOutcome":
      case "disputeOutcome":
      case "requestTopUp":
      case "resolveTopUp":
      case "putTopUpRule":
      case "splitLimit":
      case "requestCredits":
      case "approveRequest":
      case "declineRequest":
      case "chooseFairness":
      case "giftReserve":
      case "setGuarantee":
      case "setGroupGuarantee":
      case "setReach":
        throw new Error(
          `The oracle plays no ${command.kind}: fairness, runs, plans, outcomes, top-ups and requests have tests of their own.`,
        );
      case "closeMonth":
        return this.closings.close(command.month, this.workspace, at);
    }
  }

  #grant(command: Extract<Command, { kind: "grant" }>, at: number): Verdict {
    if (command.credits === 0n) return no("invalid_request");
    const effectiveAt = command.effectiveAt ?? at;
    if (command.expiresAt !== null && command.expiresAt <= Math.max(effectiveAt, at))
      return no("invalid_request");
    if (effectiveAt < at && this.closings.isClosed(effectiveAt, this.workspace))
      return no("period_closed");
    if (command.appliesTo?.meters?.some((id) => !this.meters.has(id)) === true)
      return no("unknown_meter");
    if (command.appliesTo?.groups?.some((id) => !this.people.groups.has(id)) === true)
      return no("unknown_group");
    const lot = {
      id: command.grant,
      granted: command.credits,
      cost: command.cost,
      priority: command.priority,
      grantedAt: at,
      effectiveAt,
      expiresAt: command.expiresAt ?? Infinity,
      only: restrictionOf(command),
      phase: effectiveAt > at ? "pending" : "live",
    } as const;
    addSold(this.pool.ledger, lot, command);
    this.pool.payDebts();
    return accepted;
  }

  #revoke(command: Extract<Command, { kind: "revoke" }>): Verdict {
    const lot = this.pool.ledger.lots.find((one) => one.id === command.grant);
    if (lot === undefined) return no("unknown_grant");
    if (command.credits === 0n) return no("invalid_request");
    const unpromised = lot.parts.held > lot.owed ? lot.parts.held - lot.owed : 0n;
    const isOver = lot.phase === "expired" || lot.phase === "revoked";
    const left = isOver ? 0n : lot.parts.available + unpromised;
    const asked = command.credits ?? left;
    if (isOver || asked > left) return no("revoke_exceeds_grant", { left });
    const now = asked < lot.parts.available ? asked : lot.parts.available;
    this.pool.ledger.move(lot, ["available", "revoked"], now);
    lot.owed += asked - now;
    if (command.credits === null) {
      lot.phase = "revoked";
      lot.owed = 0n;
    }
    return accepted;
  }

  #open(command: Extract<Command, { kind: "openHold" }>, at: number): Verdict {
    if (this.workspace.status === "suspended") return no("workspace_suspended");
    const refused = this.people.mayNotSpend(command.member, this.workspace);
    if (refused !== undefined) return refused;
    if (command.meter !== null && !this.meters.has(command.meter)) return no("unknown_meter");
    if (command.ttlMs <= 0 || command.ttlMs > day) return no("invalid_request");
    const use = this.people.useOf(command.member, command.meter);
    const amount = plain(command.amount);
    const limited = this.bounds.limited(use, { at, amount, requests: 1n });
    if (limited !== undefined) return limited;
    const legs = this.pool.authorize(this.workspace, use, amount);
    if (legs.kind === "rejected") return legs;
    const past = this.bounds.capped(use, at, legs.overage, isCeiling);
    if (past !== undefined) return past;
    this.people.welcome(command.member);
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
      parcels: [this.bounds.count(use, at, amount)],
      pastCharged: 0n,
      pastParcels: [this.bounds.count(use, at, legs.overage, isCeiling)],
      openedAt: at,
      expiresAt: at + command.ttlMs,
    };
    this.bounds.pass(use, { at, amount, requests: 1n });
    this.pool.pin(hold, legs.fromPool);
    this.pool.holds.push(hold);
    return accepted;
  }

  #extend(command: Extract<Command, { kind: "extendHold" }>, at: number): Verdict {
    const hold = this.pool.hold(command.hold);
    if (hold === undefined || hold.isDebit) return no("unknown_hold");
    if (hold.status === "settled") return no("hold_already_settled");
    if (hold.status === "released") return no("hold_released");
    if (hold.status === "expired") return no("hold_expired");
    if (this.workspace.status === "suspended") return no("workspace_suspended");
    const refused = this.people.mayNotSpend(hold.use.member, this.workspace);
    if (refused !== undefined) return refused;
    if (command.credits === 0n && command.ttlMs === null) return no("invalid_request");
    const expiresAt = command.ttlMs === null ? hold.expiresAt : at + command.ttlMs;
    if (expiresAt <= at || expiresAt > hold.openedAt + day) return no("invalid_request");
    const amount = command.credits;
    const limited = this.bounds.limited(hold.use, { at, amount, requests: 0n });
    if (limited !== undefined) return limited;
    const legs = this.pool.authorize(this.workspace, hold.use, amount);
    if (legs.kind === "rejected") return legs;
    const past = this.bounds.capped(hold.use, at, legs.overage, isCeiling);
    if (past !== undefined) return past;
    hold.authorized += amount;
    hold.overage += legs.overage;
    hold.expiresAt = expiresAt;
    if (amount > 0n) {
      hold.parcels.push(this.bounds.count(hold.use, at, amount));
      hold.pastParcels.push(this.bounds.count(hold.use, at, legs.overage, isCeiling));
    }
    this.bounds.pass(hold.use, { at, amount, requests: 0n });
    this.pool.pin(hold, legs.fromPool);
    return accepted;
  }

  #settle(command: Extract<Command, { kind: "settleHold" }>, at: number): Verdict {
    const hold = this.pool.hold(command.hold);
    if (hold === undefined || hold.isDebit) return no("unknown_hold");
    if (hold.status === "settled") return no("hold_already_settled");
    if (hold.status === "released") return no("hold_released");
    const isLate = hold.status === "expired";
    if (isLate && at >= hold.expiresAt + 30 * day) return no("hold_expired");
    const saysEnd = command.outcome !== null || command.amount.kind === "unmeasured";
    if (saysEnd && !command.isFinal) return no("invalid_request");
    const permitted = hold.authorized > hold.charged ? hold.authorized - hold.charged : 0n;
    const unmeasured = command.outcome === "failed" ? 0n : permitted;
    const amount = command.amount.kind === "unmeasured" ? unmeasured : plain(command.amount);
    const isCapped = this.workspace.overrun === "cap_at_hold" && amount > permitted;
    const charge = isCapped ? permitted : amount;
    const beyond = isLate
      ? this.pool.takeReturned(hold, charge)
      : this.pool.takePinned(hold, charge);
    const owed = hold.owed;
    this.pool.take(hold, beyond, at);
    hold.pastCharged += hold.owed - owed;
    hold.overage = hold.overage > beyond ? hold.overage - beyond : 0n;
    hold.charged += charge;
    if (command.isFinal || isLate) {
      if (!isLate) this.pool.return(hold);
      hold.legs = [];
      hold.overage = 0n;
      hold.status = "settled";
    }
    this.bounds.recount(hold, at);
    this.pool.payDebts();
    return accepted;
  }

  #release(id: string, at: number): Verdict {
    const hold = this.pool.hold(id);
    if (hold === undefined || hold.isDebit) return no("unknown_hold");
    if (hold.status === "settled") return no("hold_already_settled");
    if (hold.status === "released") return no("hold_released");
    if (hold.status === "expired") return no("hold_expired");
    this.pool.return(hold);
    hold.legs = [];
    hold.overage = 0n;
    hold.status = "released";
    this.bounds.recount(hold, at);
    this.pool.payDebts();
    return accepted;
  }

  #debit(command: Extract<Command, { kind: "debit" }>, at: number): Verdict {
    if (!this.people.members.has(command.member)) {
      const refused = this.people.mayNotSpend(command.member, this.workspace);
      if (refused !== undefined) return refused;
    }
    if (command.meter !== null && !this.meters.has(command.meter)) return no("unknown_meter");
    const occurredAt = Math.min(command.occurredAt ?? at, at);
    const use = this.people.useOf(command.member, command.meter);
    this.people.welcome(command.member);
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
      parcels: [this.bounds.countWhereOpen(use, { at, occurredAt, amount })],
      pastCharged: 0n,
      pastParcels: [],
      openedAt: at,
      expiresAt: at,
    };
    this.pool.take(hold, amount, at);
    const past = { at, occurredAt, amount: hold.owed };
    hold.pastCharged = hold.owed;
    hold.pastParcels.push(this.bounds.countWhereOpen(use, past, isCeiling));
    this.pool.holds.push(hold);
    return accepted;
  }

  #refund(command: Extract<Command, { kind: "refund" }>, at: number): Verdict {
    const hold = this.pool.hold(command.of);
    if (hold === undefined) return no("unknown_hold");
    if (command.credits === 0n) return no("invalid_request");
    const left = hold.charged - hold.refunded;
    const asked = command.credits ?? left;
    if (asked > left || asked === 0n) return no("refund_exceeds_charge", { left });
    hold.refunded += asked;
    const forgiven = hold.owed < asked ? hold.owed : asked;
    hold.owed -= forgiven;
    hold.pastCharged -= forgiven;
    let missing = asked - forgiven;
    for (const charge of hold.charges.toReversed()) {
      const part = least(charge.credits - charge.refunded, missing);
      if (part > 0n) this.pool.undo(charge, part, { at, refund: command.refund });
      missing -= part;
    }
    this.bounds.recount(hold, at);
    this.pool.payDebts();
    return accepted;
  }

  #expire(hold: OracleHold): void {
    this.pool.return(hold);
    hold.overage = 0n;
    hold.status = "expired";
    this.bounds.recount(hold, hold.expiresAt);
  }
}

const plain = (amount: Extract<Command, { kind: "debit" }>["amount"]): bigint => {
  if (amount.kind !== "credits") throw new Error("the oracle is asked for credits alone");
  return amount.credits;
};
