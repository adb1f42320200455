/** The invariants of FINANCE, section 5, over random lives: read off the entries, and held against the kernel's own lots. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Command, type Event, type Lot, apply, deferred, emptyState } from "@cistern/kernel";
import * as fc from "fast-check";
import { Journal } from "../../../kernel/test/journal.ts";
import { Life } from "../../../kernel/test/oracle/life.ts";
import { pooledLives } from "../../../kernel/test/oracle/model-lives.ts";
import { lives } from "../../../kernel/test/oracle/moves.ts";
import { planLives } from "../../../kernel/test/oracle/plan-moves.ts";
import type { Entry } from "../../src/books/entry.ts";
import { createBookkeeper } from "../../src/books/keep-books.ts";
import { monthReports } from "../../src/books/index.ts";
import { monthAfter } from "../../src/books/days.ts";
import { deferredChange } from "../../src/books/reports/roll-forward.ts";
import { Spool } from "../../src/books/spool.ts";
import { sourceOf } from "./journals.ts";
import { journalOf, movedTo, randomJournals, runs, seed } from "./random-journals.ts";

interface Kept {
  readonly event: Event;
  readonly entry: Entry | undefined;
}

/** Every event with its entry. */
function kept(events: readonly Event[], workspaceId = "acme"): readonly Kept[] {
  const keep = createBookkeeper(workspaceId);
  return events.map((event, index) => ({
    event,
    entry: keep({ event, position: { seq: index + 1, index: 0 } }),
  }));
}

/** Balances of lots, entry by entry. */
class Lots {
  readonly credits = new Map<string, bigint>();
  readonly deferred = new Map<string, bigint>();

  add({ lines }: Entry): ReadonlySet<string> {
    const touched = new Set<string>();
    for (const { account, amount } of lines) {
      if (account.lot === null) continue;
      const balances = account.key === "Available" ? this.credits : this.deferred;
      balances.set(account.lot, (balances.get(account.lot) ?? 0n) - amount);
      touched.add(account.lot);
    }
    return touched;
  }
}

const property = (name: string, check: (events: readonly Event[]) => void, usual = 150): void => {
  test(name, (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    fc.assert(
      fc.property(fc.oneof(lives(60), planLives(60)), (wishes) => check(journalOf(wishes))),
      { seed, numRuns: runs(usual) },
    );
  });
};

suite("the books of any life", () => {
  property("I1 every entry sums to zero, per commodity", (events) => {
    for (const { entry } of kept(events)) {
      const sums = new Map<string, bigint>();
      for (const { commodity, amount } of entry?.lines ?? [])
        sums.set(commodity, (sums.get(commodity) ?? 0n) + amount);
      for (const [commodity, sum] of sums) assert.equal(sum, 0n, commodity);
    }
  });

  property(
    "I2, I3, I8 what is deferred on a lot is what the kernel says, never below 0, and 0 once its credits are gone",
    (events) => {
      const lots = new Lots();
      const state = emptyState();
      for (const [index, { event, entry }] of kept(events).entries()) {
        apply(state, event, { seq: index + 1, index: 0 });
        for (const id of entry === undefined ? [] : lots.add(entry)) {
          const lot = state.pool.lots.get(id);
          assert(lot !== undefined, `lot ${id} of the books is one of the pool`);
          const money = lots.deferred.get(id) ?? 0n;
          const credits = lots.credits.get(id) ?? 0n;
          assert.equal(money, deferred(lot), `money of ${id}`);
          assert.equal(credits, lot.available + lot.held, `credits of ${id}`);
          assert(
            money >= 0n && (credits > 0n || money === 0n),
            `${id} has ${credits} and ${money}`,
          );
        }
      }
      for (const id of lots.deferred.keys()) assert(lots.credits.has(id), `I8 ${id}`);
    },
  );

  property(
    "I6 what was recognised falls only when usage is refunded or an estimate revised",
    (events) => {
      for (const { event, entry } of kept(events)) {
        const change = deferredChange(entry?.lines ?? []);
        if (change === undefined || change.recognised >= 0n) continue;
        assert.ok(
          event.kind === "usage.refunded" || event.kind === "breakage.revised",
          `${event.kind} takes revenue back`,
        );
      }
    },
  );

  property(
    "I10 nothing is dated in a month that was closed before, in whatever zone it is read",
    (events) => {
      for (const timeZone of ["Europe/Berlin", "Pacific/Pago_Pago", "Pacific/Kiritimati"]) {
        let closed = "";
        for (const { event, entry } of kept(movedTo(events, { timeZone }))) {
          assert(
            entry === undefined || entry.date.slice(0, 7) > closed,
            `${entry?.date}, ${closed}`,
          );
          if (event.kind === "period.closed") closed = event.month;
        }
      }
    },
  );
});

suite("the prices of any life", () => {
  test("I4 the parts that a price is shared among are together what was asked for", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    const shared = { sales: 0, periods: 0, rollovers: 0 };
    fc.assert(
      fc.property(fc.oneof(lives(60), planLives(60), pooledLives(60, 31)), (wishes) => {
        const life = new Life(new Journal());
        for (const wish of wishes) {
          const seen = life.journal.rows.length;
          const command = life.asks(wish);
          life.do(command);
          for (const { event } of life.journal.rows.slice(seen)) {
            shared.sales += partsOfSale(event, command);
            shared.periods += partsOfPeriod(event);
            shared.rollovers += partsOfRollover(event);
          }
        }
      }),
      { seed, numRuns: runs(150) },
    );
    for (const [what, times] of Object.entries(shared)) assert(times > 20, `${times} ${what}`);
  });
});

const costOf = (lots: readonly Lot[]): bigint => lots.reduce((sum, { cost }) => sum + cost, 0n);

/** Of a sale with a bonus both are the price that was asked, and the tax. */
function partsOfSale(event: Event, command: Command): number {
  if (event.kind !== "credits.granted" && event.kind !== "top_up.succeeded") return 0;
  if (event.bonus === undefined) return 0;
  const lots = [event.lot, event.bonus];
  const asked =
    command.kind === "grant"
      ? command.cost
      : command.kind === "resolveTopUp" && "topUp" in event
        ? event.topUp.amount
        : null;
  assert.equal(costOf(lots), asked);
  const taxes = lots.reduce((sum, { finance }) => sum + (finance?.tax ?? 0n), 0n);
  assert.equal(taxes, event.payment?.tax ?? 0n);
  return 1;
}

/** Of a period access and credits are what its lines charge. */
function partsOfPeriod(event: Event): number {
  if (event.kind !== "subscription.started" && event.kind !== "subscription.renewed") return 0;
  const charged = event.lines
    .filter(({ account }) => account === "Receivable")
    .reduce((sum, { amount }) => sum + amount, 0n);
  const access = event.booked
    .filter(({ account }) => account === "Deferred:Access")
    .reduce((sum, { amount }) => sum - amount, 0n);
  assert.equal(access + costOf(event.lots), charged, event.kind);
  return charged > 0n && event.lots.length > 0 ? 1 : 0;
}

/** What rolled on is what left, in credits and in money. */
function partsOfRollover(event: Event): number {
  if (event.kind !== "credits.rolled_over") return 0;
  const moved = event.transfers.filter(({ to }) => to === "moved");
  assert.equal(
    costOf(event.lots),
    moved.reduce((sum, one) => sum + one.money, 0n),
  );
  const credits = event.lots.reduce((sum, { granted }) => sum + granted, 0n);
  assert.equal(
    credits,
    moved.reduce((sum, one) => sum + one.credits, 0n),
  );
  return 1;
}

suite("the reports of random books", () => {
  test("I7 the roll-forward closes, per customer and month: it opens as it closed, and ends as the accounts do", async (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    const journals = randomJournals(12);
    const source = await sourceOf(journals);
    let before = new Map<string, string>();
    for (let month = "2026-03"; month < "2027-01"; month = monthAfter(month)) {
      const reports = await monthReports({ source, month });
      const after = new Map<string, string>();
      const sums = new Map<string, bigint>();
      for (const row of reports.rollForward) {
        assert.equal(
          row.opening,
          before.get(row.workspace) ?? row.opening.replaceAll(/[1-9]/g, "0"),
        );
        after.set(row.workspace, row.closing);
        sums.set(row.currency, (sums.get(row.currency) ?? 0n) + minor(row.closing));
      }
      for (const [workspace, closing] of before)
        assert(after.has(workspace) || minor(closing) === 0n, `${workspace} is still there`);
      const accounts = new Map<string, bigint>();
      for (const { account, commodity, closing } of reports.trialBalance)
        if (account.startsWith("Liabilities:Deferred"))
          accounts.set(commodity, (accounts.get(commodity) ?? 0n) - minor(closing));
      for (const commodity of new Set([...accounts.keys(), ...sums.keys()]))
        assert.equal(accounts.get(commodity) ?? 0n, sums.get(commodity) ?? 0n, month);
      before = after;
    }
  });

  test("a trial balance sums to zero in every column and commodity", async () => {
    const source = await sourceOf(randomJournals(6));
    const { trialBalance } = await monthReports({ source, month: "2026-04" });
    const sums = new Map<string, bigint>();
    for (const { commodity, opening, debit, credit, closing } of trialBalance)
      for (const [column, amount] of [
        ["opening", minor(opening)],
        ["turnover", minor(debit) - minor(credit)],
        ["closing", minor(closing)],
      ] as const)
        sums.set(`${commodity} ${column}`, (sums.get(`${commodity} ${column}`) ?? 0n) + amount);
    for (const [column, sum] of sums) assert.equal(sum, 0n, column);
    assert(sums.size > 0);
  });

  test("credits outstanding are what the pools have", async () => {
    const journals = randomJournals(6);
    const { creditsOutstanding } = await monthReports({
      source: await sourceOf(journals),
      month: "2030-01",
    });
    for (const [id, events] of Object.entries(journals)) {
      const state = emptyState();
      for (const [index, event] of events.entries())
        apply(state, event, { seq: index + 1, index: 0 });
      const lots = [...state.pool.lots.values()].flatMap((lot) =>
        lot.available + lot.held === 0n ? [] : [[lot.id, lot.available + lot.held]],
      );
      const rows = creditsOutstanding.filter(({ workspace }) => workspace === id);
      assert.deepEqual(
        new Map(rows.map(({ grant, credits }) => [grant, minor(credits)])),
        new Map(lots.map(([lot, amount]) => [String(lot), BigInt(amount ?? 0n)])),
      );
    }
  });
});

test("a spool that goes to disk gives what one in memory gives (P1)", async () => {
  const inMemory = new Spool();
  const onDisk = new Spool(2_000);
  for (const [id, events] of Object.entries(randomJournals(5)))
    for (const { entry } of kept(events, id))
      if (entry !== undefined) {
        await inMemory.add(entry);
        await onDisk.add(entry);
      }
  assert.deepEqual(
    await Array.fromAsync(onDisk.entries()),
    await Array.fromAsync(inMemory.entries()),
  );
  assert.deepEqual(
    await Array.fromAsync(onDisk.entries()),
    await Array.fromAsync(inMemory.entries()),
  );
  await onDisk.close();
  await inMemory.close();
});

const minor = (text: string): bigint => BigInt(text.replace(".", ""));
