/**
 * Owns the fold: every event of a timeline must follow from those before it by the rules, to the last micro-credit.
 *
 * Checked at each event: time is monotone (K7); all that was due has happened, in order (RULES 10); the movements are those
 * that the rules lead to: burn order, legs back to their lots, fates, debts first (RULES 1, 9, 12, 13); per lot the credits add
 * up and the money is recognised by what is gone (K2, K8); holds stay within pool, overage and limits (K3); a hold ends once
 * (K4); the stated balance is the balance; postings sum to zero (K1), none of them in a month that is closed (I10).
 */
import { postings } from "@cistern/kernel";
import type { Event, Transfer, Workspace } from "@cistern/kernel";
import { rateCardAt } from "../../nodes/node.ts";
import { happensByItself } from "../happens-by-itself.ts";
import { Books, demand } from "./accounts.ts";
import { Alerts } from "./alerts.ts";
import { Allowances } from "./allowances.ts";
import { checkAnswer } from "./answers.ts";
import { BalanceLevels, isBalanceTold } from "./balance-levels.ts";
import { Billing } from "./billing.ts";
import { Commitments } from "./commitments.ts";
import { checkDue } from "./due.ts";
import { Limits } from "./limits.ts";
import { Lines } from "./lines.ts";
import { Purchases } from "./purchases.ts";
import { checkMoney, noteMoney } from "./money.ts";
import { People } from "./people.ts";
import { CustomerBalance } from "./customer-balance.ts";
import { Plans } from "./plans.ts";
import { Runs } from "./runs.ts";
import { Policies } from "./policies.ts";
import { Prepaid } from "./prepaid.ts";
import { Shares } from "./shares.ts";
import { checkSpending } from "./spending.ts";

/** What the fold of one timeline knows. Mutable. */
export class Ledger {
  readonly books = new Books();
  readonly billing = new Billing();
  readonly allowances = new Allowances();
  readonly #commitments = new Commitments(this.billing);
  readonly #prepaid = new Prepaid(this.books);
  readonly #levels = new BalanceLevels(this.books);
  readonly #lines = new Lines();
  readonly #purchases = new Purchases();
  readonly limits = new Limits(this.books);
  readonly runs = new Runs(this.books);
  readonly people = new People();
  readonly alerts = new Alerts();
  readonly policies = new Policies();
  readonly plans = new Plans();
  readonly shares = new Shares(this.books);
  readonly balance = new CustomerBalance();
  at = 0;
  #workspace: Workspace | undefined;
  /** The version that priced usage, or was told of, last. */
  #card: string | undefined;
  #closedUntil = 0;
  #noticesDue: { limit: string; used: bigint; cap: bigint }[] = [];

  get workspace(): Workspace {
    const workspace = this.#workspace;
    demand(workspace !== undefined, () => "the first event creates the workspace");
    return workspace;
  }

  /** Takes one event, or throws a `Discrepancy`. */
  take(event: Event): void {
    demand(event.at >= this.at, () => `K7 time goes back from ${this.at} to ${event.at}`);
    this.#checkClosing(event);
    this.#levels.check(event);
    this.#checkNotice(event);
    this.#checkRateCard(event);
    checkDue(this, event, this.at);
    this.at = event.at;
    this.books.moves = [];
    this.books.begin("made" in event ? event.made : undefined);
    this.#takeFact(event);
    checkAnswer(this, event);
    this.alerts.take(event);
    this.books.end();
    this.shares.take(event);
    this.runs.take(event);
    this.plans.take(event);
    this.balance.take(event);
    this.billing.note(event);
    this.allowances.note(event);
    this.#commitments.note(event);
    this.#prepaid.note(event);
    this.#lines.take(event);
    this.#purchases.take(event);
    this.limits.note(event);
    this.people.note(event);
    this.policies.note(event);
    this.#levels.note(event, this.workspace);
    checkPostings(event);
    if ("transfers" in event) {
      checkMoves(this.books.moves, event.transfers);
      this.#recognise(event.transfers);
      this.#checkBalance(event);
    }
  }

  /** Nothing is posted into a month that was closed before (RULES 16), and only grants and payouts are dated back. */
  #checkClosing(event: Event): void {
    const postedAt = event.postedAt ?? event.at;
    demand(postedAt >= this.#closedUntil, () => `${event.kind} is posted into a closed month`);
    if (event.postedAt !== undefined) {
      if (event.kind === "subscription.recognised" || event.kind === "outcome.estimated") return;
      if (event.kind === "balance.paid_out") {
        const { occurredAt } = event;
        const at = Math.max(occurredAt, this.workspace.createdAt);
        demand(event.postedAt === at, () => `a payout is posted at ${event.postedAt}, not ${at}`);
        return;
      }
      if (event.kind === "commitment.trued_up") {
        const last = event.subscription.period.end - 1;
        demand(event.postedAt === last, () => `it is posted at ${event.postedAt}, not ${last}`);
        return;
      }
      demand(event.kind === "credits.granted", () => `${event.kind} is dated back`);
      const from = Math.max(event.lot.effectiveAt, this.workspace.createdAt);
      demand(event.postedAt === from, () => `it is posted at ${event.postedAt}, not ${from}`);
    }
    if (event.kind !== "period.closed") return;
    demand(event.end <= event.at, () => `${event.month} is closed before it is over`);
    demand(event.end > this.#closedUntil, () => `${event.month} is closed again`);
    this.#closedUntil = event.end;
  }

  #takeFact(event: Event): void {
    if (event.kind === "workspace.created" || event.kind === "workspace.updated") {
      const isFirst = this.#workspace === undefined;
      demand(isFirst === (event.kind === "workspace.created"), () => "it is created once, first");
      this.#workspace = event.workspace;
    }
    const { id } = this.workspace;
    demand(id !== "", () => "a workspace has a name");
    if (!("transfers" in event)) return;
    this.#noticesDue = checkSpending(this, event);
  }

  /** `limit.reached` follows the event that reached the cap, and nothing else (RULES 27). */
  #checkNotice(event: Event): void {
    if (isBalanceTold(event)) return;
    const due = this.#noticesDue.shift();
    if (due === undefined) {
      demand(event.kind !== "limit.reached", () => "a notice follows nothing that reached a cap");
      return;
    }
    demand(event.kind === "limit.reached", () => `no notice says that ${due.limit} is reached`);
    const { scope, used, cap } = event;
    const isIt = scope.limit === due.limit && used >= cap && cap === due.cap;
    demand(isIt, () => `the notice of ${scope.limit} is not that of ${due.limit}`);
  }

  /**
   * What is priced is priced by the version of its instant, and was told of before; a subscription is told of it before anything else is done
   * in its workspace, whether or not there is a call (RULES 19).
   */
  #checkRateCard(event: Event): void {
    const { live } = this.plans;
    const last = this.#card ?? (live && rateCardAt(live.startedAt).id);
    if (event.kind === "rate_card.changed") {
      const { card, previous, at } = event;
      const isRight = previous === last && card === rateCardAt(at).id && card !== last;
      demand(isRight, () => `the prices change from ${previous} to ${card}, not from ${last}`);
      this.#card = card;
      return;
    }
    const isUntold = live !== undefined && last !== rateCardAt(event.at).id;
    demand(!isUntold || happensByItself(event), () => `${event.kind} goes before new prices`);
    const isPriced = event.kind === "hold.opened" || event.kind === "usage.debited";
    const card = isPriced ? event.price?.card : undefined;
    // Usage that is told late is priced by what was in force when it happened, and announces nothing.
    const isOld = event.kind === "usage.debited" && card === rateCardAt(event.occurredAt).id;
    if (isOld && card !== rateCardAt(event.at).id) return;
    if (card === undefined) return;
    demand(card === rateCardAt(event.at).id, () => `${event.kind} is priced by ${card}`);
    const isKnown = this.#card === undefined || card === last;
    demand(isKnown, () => `nothing says that ${card} prices from now on`);
    this.#card = card;
  }

  #recognise(transfers: readonly Transfer[]): void {
    noteMoney(this.books, transfers);
    for (const id of new Set(transfers.map((one) => one.lot))) {
      const lot = this.books.lot(id);
      const { granted, parts } = lot;
      const gone = parts.consumed + parts.moved + parts.revoked + parts.expired;
      const whole = parts.available + parts.held + gone;
      demand(whole === granted, () => `K2 lot ${id} has ${whole} of ${granted}`);
      checkMoney(lot);
    }
  }

  #checkBalance({ balance }: Extract<Event, { readonly balance: unknown }>): void {
    const own = this.books.balance();
    for (const name of balanceNames)
      demand(own[name] === balance[name], () => `${name} is ${own[name]}, not ${balance[name]}`);
    demand(own.debt === 0n || own.available === 0n, () => "K11 there is debt beside credits");
    let legs = 0n;
    for (const { legs: pinned, status } of this.books.holds.values())
      if (status === "open") for (const { credits } of pinned) legs += credits;
    const held = own.held + own.restrictedHeld;
    demand(held === legs, () => `K12 lots hold ${held}, open holds have ${legs}`);
  }
}

const balanceNames = [
  "available",
  "held",
  "restrictedAvailable",
  "restrictedHeld",
  "consumed",
  "debt",
] as const;

/** The movements of an event are those that the rules lead to, in their order. */
function checkMoves(expected: readonly object[], transfers: readonly Transfer[]): void {
  for (const [index, move] of expected.entries()) {
    const transfer = transfers[index];
    const stated = transfer === undefined ? "nothing" : told(transfer);
    demand(told(move) === stated, () => `the rules move ${told(move)}, the event ${stated}`);
  }
  const more = transfers[expected.length];
  demand(more === undefined, () => `the rules end there, the event moves ${told(more ?? {})}`);
}

function told(move: Partial<Transfer>): string {
  const { lot, from, to, credits, debt } = move;
  return `${credits} of ${lot} from ${from} to ${to}${debt === undefined ? "" : ` for ${debt}`}`;
}

function checkPostings(event: Event): void {
  const sums = { CREDIT: 0n, MONEY: 0n };
  for (const { commodity, amount } of postings(event)) sums[commodity] += amount;
  const { CREDIT, MONEY } = sums;
  demand(CREDIT === 0n && MONEY === 0n, () => `K1 postings sum to ${CREDIT} and ${MONEY}`);
}
