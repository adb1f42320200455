/**
 * Owns the audit of one workspace's journal: chain, postings and the auditor's own fold, event by event; then the kernel's
 * state against that fold.
 */
import {
  type Event,
  type State,
  apply,
  emptyState,
  isEvent,
  nextDueAt,
  postings,
} from "@cistern/kernel";
import {
  type Head,
  type JournalRow,
  decodeEvents,
  genesisHead,
  verifyRow,
} from "../journal/index.ts";
import { AdviceFold } from "./advice-fold.ts";
import { AlertFold } from "./alert-fold.ts";
import { AllowanceFold } from "./allowance-fold.ts";
import { BalanceFold } from "./balance-fold.ts";
import { CapFold } from "./cap-fold.ts";
import { CommitmentFold } from "./commitment-fold.ts";
import { CostFold } from "./cost-fold.ts";
import { type AuditFault, FaultFound, expect, expectEqual } from "./fault.ts";
import { ClawbackFold } from "./clawback-fold.ts";
import { FairFold } from "./fair-fold.ts";
import { HoldFold } from "./hold-fold.ts";
import { InvoiceFold } from "./invoice-fold.ts";
import { LevelFold } from "./level-fold.ts";
import { LimitFold } from "./limit-fold.ts";
import { LotFold, isAboutMoney } from "./lot-fold.ts";
import { OutcomeFold } from "./outcome-fold.ts";
import { RequestFold } from "./request-fold.ts";
import { PolicyFold, type WallClock } from "./policy-fold.ts";
import { RateCardFold } from "./rate-card-fold.ts";
import { ReversalFold } from "./reversal-fold.ts";
import { RunFold } from "./run-fold.ts";
import { MemberFold } from "./member-fold.ts";
import { SeatFold } from "./seat-fold.ts";
import { TopUpFold } from "./top-up-fold.ts";
import { UseFold } from "./use-fold.ts";

/** What an event is to the keys: the answer to a command, or something that happened by itself. */
export type EventRole = "command" | "consequence";

/** Feeds rows in order; the first fault ends it. */
export class WorkspaceAudit {
  readonly #workspaceId: string;
  readonly #lots = new LotFold();
  readonly #holds = new HoldFold();
  readonly #limits = new LimitFold();
  readonly #caps = new CapFold({
    limitsOn: (path) => this.#limits.on(path),
    pool: () => ({
      inPool: this.#lots.sums.available + this.#lots.sums.held,
      consumed: this.#lots.unrestrictedConsumed,
    }),
  });
  readonly #use = new UseFold();
  readonly #shares = new FairFold(this.#lots);
  readonly #costs = new CostFold();
  readonly #outcomes = new OutcomeFold();
  readonly #reversals = new ReversalFold();
  readonly #topUps = new TopUpFold();
  readonly #rateCard = new RateCardFold();
  readonly #members = new MemberFold();
  readonly #seats = new SeatFold();
  readonly #runs = new RunFold();
  readonly #requests = new RequestFold();
  readonly #policies: PolicyFold;
  readonly #alerts = new AlertFold();
  readonly #advice = new AdviceFold();
  readonly #levels = new LevelFold();
  readonly #balances = new BalanceFold();
  readonly #allowances = new AllowanceFold();
  readonly #commitments = new CommitmentFold();
  readonly #clawbacks = new ClawbackFold();
  readonly #invoices = new InvoiceFold();
  readonly #state: State = emptyState();
  /** Roles of the events of each row, for the audit of keys. */
  readonly roles = new Map<number, readonly EventRole[]>();
  head: Head = genesisHead;
  events = 0;
  #at = 0;
  #closedUntil = 0;
  #index = 0;

  constructor(workspaceId: string, calendar: WallClock) {
    this.#workspaceId = workspaceId;
    this.#policies = new PolicyFold(calendar);
  }

  /** Audits one row; gives its decoded events, or the fault. */
  row(row: JournalRow): readonly Event[] | AuditFault {
    return this.#guard(row.seq, () => {
      const breach = verifyRow(row, this.head);
      expect(
        breach === undefined,
        "J3 every row continues the chain",
        () => `its ${breach} is wrong`,
      );
      this.head = { seq: row.seq, hash: row.hash };
      const events = decodeEvents<Event>(row.events, row.codec);
      for (const [index, event] of events.entries()) {
        this.#index = index;
        this.#event(event, { seq: row.seq, index });
      }
      expect(
        this.#at === row.atMs,
        "a row carries the instant of its last event",
        () => `${row.atMs}`,
      );
      this.roles.set(row.seq, events.map(roleOf));
      this.events += events.length;
      return events;
    });
  }

  /** Audits what stands at the end of the journal. */
  finish(): AuditFault | undefined {
    const result = this.#guard(this.head.seq, () => {
      this.#index = 0;
      this.#lots.checkDue(this.#at);
      this.#holds.checkDue(this.#at);
      this.#requests.checkDue(this.#at);
      this.#balances.finish();
      this.#reversals.finish();
      this.#compare();
      return [];
    });
    return isFault(result) ? result : undefined;
  }

  /** When something happens by itself after what was read; infinite where nothing will. */
  get nextDueAtMs(): number {
    return nextDueAt(this.#state) ?? Number.POSITIVE_INFINITY;
  }

  #event(event: Event, position: { seq: number; index: number }): void {
    expect(isEvent(event), "an event is of a kind that we know", () => JSON.stringify(event));
    expect(
      event.at >= this.#at,
      "K7 time is monotone per workspace",
      () => `${event.at} after ${this.#at}`,
    );
    this.#at = event.at;
    this.#checkClosing(event);
    for (const commodity of ["CREDIT", "MONEY"] as const) {
      const lines = postings(event).filter((one) => one.commodity === commodity);
      const sum = lines.reduce((total, one) => total + one.amount, 0n);
      expectEqual(sum, 0n, `K1 the postings of ${event.kind} sum to zero in ${commodity}`);
    }
    const dropped = this.#limits.fold(event);
    this.#caps.fold(event, dropped);
    this.#foldLots(event);
    this.#holds.fold(event);
    this.#use.fold(event, dropped);
    this.#shares.fold(event);
    this.#costs.fold(event);
    this.#rateCard.fold(event);
    this.#members.fold(event);
    this.#seats.fold(event);
    this.#runs.fold(event);
    this.#requests.fold(event);
    this.#policies.fold(event);
    this.#alerts.fold(event);
    this.#advice.fold(event);
    this.#levels.fold(event);
    this.#allowances.fold(event);
    this.#commitments.fold(event);
    this.#outcomes.fold(event);
    this.#reversals.fold(event);
    this.#topUps.fold(event);
    this.#clawbacks.fold(event);
    this.#invoices.fold(event);
    this.#balances.fold(event, { ...this.#lots.sums, debt: this.#holds.debt });
    if ("balance" in event) {
      const { debt, ...stated } = event.balance;
      for (const [name, value] of Object.entries(this.#lots.sums))
        expectEqual(
          Object.entries(stated).find(([key]) => key === name)?.[1] ?? -1n,
          value,
          `E1 the stated balance: ${name}`,
        );
      expectEqual(debt, this.#holds.debt, "E1 the stated balance: debt");
      expectEqual(
        this.#lots.sums.held + this.#lots.sums.restrictedHeld,
        this.#holds.legs,
        "K12 held is what open holds have set aside",
      );
      expect(
        debt === 0n || this.#lots.sums.available === 0n,
        "K11 debt and available credits never coexist",
        () => `debt ${debt}`,
      );
    }
    apply(this.#state, event, position);
    this.#state.undo.forgetTo(this.#state.undo.mark());
  }

  /** A month that is closed stays as it was (RULES 16). */
  #checkClosing(event: Event): void {
    const { postedAt = event.at } = event;
    expect(
      postedAt >= this.#closedUntil && postedAt <= event.at,
      "I10 nothing is posted into a closed month",
      () => `${event.kind} at ${postedAt}`,
    );
    if (event.kind !== "period.closed") return;
    expect(
      event.end <= event.at && event.end > this.#closedUntil,
      "months are closed when they are over, each once",
      () => event.month,
    );
    this.#closedUntil = event.end;
  }

  #foldLots(event: Event): void {
    if (event.kind === "credits.granted" || event.kind === "top_up.succeeded")
      for (const lot of [event.lot, ...(event.bonus === undefined ? [] : [event.bonus])])
        this.#lots.begin(lot, event.at);
    if (
      event.kind === "usage.refunded" ||
      event.kind === "credits.rolled_over" ||
      ("booked" in event && "lots" in event)
    )
      for (const lot of event.lots) this.#lots.begin(lot, event.at);
    if ("prolonged" in event)
      for (const one of event.prolonged ?? []) this.#lots.prolong(one, event.at);
    if ("made" in event) for (const lot of event.made ?? []) this.#lots.begin(lot, event.at);
    if (event.kind === "credits.rolled_over")
      for (const id of event.from) this.#lots.become(id, "expired", event.at);
    if (event.kind === "credits.effective")
      for (const id of event.lots) this.#lots.become(id, "live", event.at);
    if (event.kind === "credits.expired")
      for (const id of event.lots) this.#lots.become(id, "expired", event.at);
    if (event.kind === "credits.revoked" && event.isWhole)
      this.#lots.become(event.lot, "revoked", event.at);
    if (isAboutMoney(event)) this.#lots.prepare(event, event.at);
    if (!("transfers" in event)) return;
    for (const transfer of event.transfers) this.#lots.move(transfer, event.at);
    if (isAboutMoney(event)) this.#lots.settle(event);
    for (const lot of new Set(event.transfers.map((one) => one.lot))) this.#lots.check(lot);
  }

  /** The kernel's state, by its own `apply`, says the same as the auditor's fold. */
  #compare(): void {
    const { pool, holds, limits } = this.#state;
    const parts = ["available", "held", "consumed", "moved", "revoked", "expired"] as const;
    const ids = [...this.#lots.ids];
    expectEqual(BigInt(pool.lots.size), BigInt(ids.length), "K6 the kernel knows the same lots");
    for (const id of ids) {
      const lot = pool.lots.get(id);
      expect(lot !== undefined, "K6 the kernel knows the same lots", () => id);
      for (const part of parts)
        expectEqual(lot[part], this.#lots.part(id, part), `K6 ${part} of lot ${id}`);
      expect(
        lot.phase === this.#lots.phase(id),
        "K6 the phase of a lot",
        () => `${id} is ${lot.phase}`,
      );
    }
    const open = this.#holds.openIds;
    expectEqual(
      BigInt(holds.totals.open),
      BigInt(open.length),
      "K6 the kernel has the same holds open",
    );
    for (const id of open) {
      const legs = holds.holds.get(id)?.legs ?? [];
      const folded = this.#holds.openLegs(id);
      for (const { lot, credits } of legs)
        expectEqual(credits, folded?.get(lot) ?? 0n, `K6 hold ${id} on lot ${lot}`);
    }
    for (const debt of pool.debts.values())
      expectEqual(debt.credits, this.#holds.owed(debt.of), `K6 the debt of ${debt.of}`);
    expectEqual(pool.totals.debt, this.#holds.debt, "K6 debt in total");
    this.#outcomes.compare(this.#state);
    this.#requests.compare(this.#state);
    this.#costs.compare(this.#state);
    this.#members.compare(this.#state);
    this.#seats.compare(this.#state);
    this.#shares.compare(this.#state);
    this.#runs.compare(this.#state);
    this.#policies.compare(this.#state);
    this.#alerts.compare(this.#state);
    this.#allowances.compare(this.#state);
    this.#commitments.compare(this.#state);
    this.#topUps.compare(this.#state);
    this.#clawbacks.compare(this.#state);
    this.#invoices.compare(this.#state);
    for (const [key, counter] of limits.counters.entries()) this.#use.check(key, counter);
    const dueAt = nextDueAt(this.#state);
    expect(
      dueAt === undefined || dueAt > this.#at,
      "RULES 10: what is due has happened",
      () => `something at ${dueAt}`,
    );
  }

  #guard(seq: number, audit: () => readonly Event[]): readonly Event[] | AuditFault {
    this.#index = 0;
    try {
      return audit();
    } catch (error) {
      const position = { seq, index: this.#index };
      const rule =
        error instanceof FaultFound ? error.rule : "the kernel applies every event of the journal";
      const found = error instanceof FaultFound ? error.found : String(error);
      return { workspaceId: this.#workspaceId, position, rule, found };
    }
  }
}

/** Whether an audit step gave a fault. */
export const isFault = (result: readonly Event[] | AuditFault): result is AuditFault =>
  "rule" in result;

const byItself: ReadonlySet<Event["kind"]> = new Set([
  "hold.expired",
  "run.expired",
  "run.paused",
  "credits.expired",
  "credits.effective",
  "limit.reached",
  "balance.low",
  "balance.depleted",
  "balance.recovered",
  "rate_card.changed",
  "outcome.matured",
  "outcome.estimated",
  "outcome.estimate_released",
  "outcome.reversed",
  "outcome.review_raised",
  "subscription.renewed",
  "subscription.granted",
  "subscription.paused",
  "subscription.ended",
  "subscription.recognised",
  "commitment.trued_up",
  "invoice.drafted",
  "balance.applied",
  "credits.rolled_over",
  "top_up.rule_disabled",
  "credit_request.expired",
  "fairness.opened",
]);

function roleOf(event: Event): EventRole {
  if (event.kind === "top_up.requested") return event.topUp.isAutomatic ? "consequence" : "command";
  if (event.kind === "invoice.drafted" && event.invoice.isInterim === true) return "command";
  return byItself.has(event.kind) ? "consequence" : "command";
}
