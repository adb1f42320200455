/** Lives on plans, held against their own books after every step. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import {
  type Command,
  type Event,
  type IssuedInvoice,
  type State,
  carriedOn,
  deferred,
  dueOn,
  postings,
} from "@cistern/kernel";
import { Journal } from "../journal.ts";
import { checkPostings } from "../oracle/compare.ts";
import { Life } from "../oracle/life.ts";
import type { Wish } from "../oracle/moves.ts";

/** Lives through the wishes, and checks after each. A failure tells the whole life. */
export function lived(wishes: readonly Wish[], timeZone: string): Life {
  const life = new Life(new Journal(), undefined, timeZone);
  const books = new Books(life.journal);
  const history: string[] = [];
  for (const wish of wishes) {
    try {
      const command = life.asks(wish);
      history.push(
        `${new Date(life.at).toISOString()} ${inspect(command, { breakLength: Infinity, depth: 9 })}`,
      );
      step(life, command, books);
    } catch (cause) {
      throw new Error(`The books and the state part after:\n${history.join("\n")}`, { cause });
    }
  }
  return life;
}

/** Ends what lives, and lets its last period pass, whatever its length. */
export function endOf(life: Life): void {
  life.do({ kind: "cancelSubscription" });
  life.journal.pass(life.at + 400 * 24 * 60 * 60 * 1_000);
  checkState(life.journal.state, new Books(life.journal));
  assert.equal(
    life.journal.state.invoices.pending.size,
    0,
    "nothing waits for an invoice for ever",
  );
}

function step(life: Life, command: Command, books: Books): void {
  const { journal, at } = life;
  const mark = journal.state.undo.mark();
  const asked = journal.decide(command, at);
  assert.equal(journal.state.undo.mark(), mark, "deciding writes nothing");
  const decision = life.do(command);
  assert.deepEqual(decision, asked, "what was previewed is what is done");
  if (decision.kind === "rejected") assert.equal(journal.state.undo.mark(), mark, "K10");
  books.read();
  checkState(journal.state, books);
}

/** The sums of all entries of a journal so far, by account of money. */
export class Books {
  readonly #sums = new Map<string, bigint>();
  readonly #journal: Journal;
  #read = 0;
  /** Sold by grant and invoiced, which no invoice of a plan knows of. */
  sold = 0n;
  /** Tax of invoices. */
  tax = 0n;

  constructor(journal: Journal) {
    this.#journal = journal;
    this.read();
  }

  of(account: string): bigint {
    return this.#sums.get(account) ?? 0n;
  }

  read(): void {
    const { rows } = this.#journal;
    for (const { event } of rows.slice(this.#read)) this.#add(event);
    this.#read = rows.length;
  }

  #add(event: Event): void {
    checkPostings(event);
    for (const { account, commodity, amount } of postings(event)) {
      if (commodity !== "MONEY") continue;
      this.#sums.set(account, this.of(account) + amount);
      if (event.kind === "credits.granted" && account === "Receivable") this.sold += amount;
      if ("invoice" in event && account === "Tax") this.tax -= amount;
    }
    if (event.kind === "credits.repaid" && event.unpaid !== undefined) {
      const { amount, note, line } = event.unpaid;
      this.tax -= note?.tax ?? 0n;
      if (note === undefined && line === undefined) this.sold -= amount;
    }
    if ("subscription" in event && "transfers" in event) checkWhoseLots(event, this.#journal.state);
  }
}

/** X4: a plan changes its own lots alone. */
function checkWhoseLots(
  {
    kind,
    transfers,
  }: Extract<Event, { readonly subscription: unknown; readonly transfers: unknown }>,
  { pool }: State,
): void {
  for (const { lot, debt } of transfers) {
    const source = pool.lots.get(lot)?.source;
    assert(
      debt !== undefined || source === "plan" || source === "rollover",
      `${kind} leaves ${lot}, a ${source}, alone`,
    );
  }
}

function checkState({ pool, invoices, subscriptions, outcomes }: State, books: Books): void {
  books.read();
  for (const lot of pool.lots.values()) {
    const left = deferred(lot);
    assert.equal(-books.of(`Deferred:${lot.id}`), left, `I2 ${lot.id}`);
    assert(left >= 0n && (lot.available + lot.held > 0n || left === 0n), `I3 ${lot.id}`);
  }
  let access = 0n;
  for (const part of [...subscriptions.subscriptions.values()].flatMap((one) => one.access)) {
    assert(part.recognised >= 0n && part.recognised <= part.total, "access defers nothing below 0");
    access += part.total - part.recognised;
  }
  // Money of grants that are still to come waits beside it.
  for (const { grants } of subscriptions.subscriptions.values()) access += grants?.left ?? 0n;
  assert.equal(-books.of("Deferred:Access"), access, "Deferred:Access");
  const kept = [...subscriptions.subscriptions.values()].reduce(
    (sum, { term }) => sum + carriedOn(term),
    0n,
  );
  assert.equal(-books.of("Deferred:Shortfall"), kept, "Deferred:Shortfall");
  const all = [...invoices.invoices.values()];
  const waiting = [
    ...invoices.pending.values(),
    ...all.flatMap((one) => (one.status === "draft" ? one.lines : [])),
  ];
  const sumOf = (account: string): bigint =>
    waiting.reduce((sum, line) => (line.account === account ? sum + line.amount : sum), 0n);
  const issued = all.filter((one): one is IssuedInvoice => one.status !== "draft");
  const due = issued.reduce((sum, one) => sum + (dueOn(one) > 0n ? dueOn(one) : 0n), 0n);
  const balance = invoices.accounts.get("account")?.balance ?? 0n;
  assert.equal(-books.of("CustomerBalance"), balance, "CustomerBalance");
  assert.equal(
    books.of("Unbilled"),
    sumOf("Unbilled") + (outcomes.estimate.row?.open ?? 0n),
    "Unbilled",
  );
  assert.equal(books.of("Receivable") - books.sold, due + sumOf("Receivable"), "Receivable");
  assert.equal(
    books.tax,
    issued.reduce((sum, one) => sum + taxOwed(one), 0n),
    "Tax of what is no purchase",
  );
}

/** Tax of an invoice that the state is owed. */
function taxOwed({ status, tax, total, credited, topUp }: IssuedInvoice): bigint {
  // That of a purchase was paid with it, and goes back with the share that its lot says.
  if (status === "void" || topUp !== undefined) return 0n;
  return total === 0n ? 0n : tax - (2n * tax * credited + total) / (2n * total);
}
