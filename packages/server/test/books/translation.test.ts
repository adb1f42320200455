/** Books in another currency than their workspaces' (FINANCE, E18): through the front door, and for any life, judged by both tools. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Command, money } from "@cistern/kernel";
import type { Entry } from "../../src/books/entry.ts";
import { createBookkeeper } from "../../src/books/keep-books.ts";
import {
  type BookFormat,
  type BooksSource,
  RatesFault,
  booksSource,
  exportBooks,
  readRates,
} from "../../src/books/index.ts";
import { Spool } from "../../src/books/spool.ts";
import { translated } from "../../src/books/translation/translate.ts";
import { memoryStore } from "../../src/journal/index.ts";
import { beancountJudges, canJudge, hledgerJudges } from "./accounting-tools.ts";
import { sourceOf, textOf } from "./journals.ts";
import { pastOn, purchase, use, workspace } from "./past-workspaces.ts";
import { randomJournals, seed } from "./random-journals.ts";

/** A workspace that lived by these commands, as a source of books. */
async function lived(steps: readonly (readonly [string, Command])[]): Promise<BooksSource> {
  const store = memoryStore();
  const from = steps[0]?.[0] ?? "";
  const past = pastOn(store, from);
  await past.at(from, "acme", workspace("acme", "UTC", "EUR"));
  for (const [when, command] of steps) await past.at(when, "acme", command);
  return booksSource(store, async function* () {
    yield "acme";
  });
}

type Rates = ReturnType<typeof readRates>;

/** What each entry posts, by account without `Liabilities` and the like. */
async function posted(source: BooksSource, rates: Rates, to?: string): Promise<readonly string[]> {
  const text = await textOf(exportBooks({ source, format: "csv", rates, to }));
  return text
    .split("\r\n")
    .slice(1, -1)
    .flatMap((row) => {
      const [date = "", , , , , account = "", commodity = "", amount = ""] = row.split(",");
      const name = account.split(":").slice(1).join(":").replace(":acme", "");
      return commodity === "CREDIT" ? [] : `${date.slice(5)} ${name} ${amount} ${commodity}`;
    });
}

async function judged(source: BooksSource, rates: Rates, more: object = {}): Promise<void> {
  const write = (format: BookFormat) => textOf(exportBooks({ source, format, rates, ...more }));
  const hledger = hledgerJudges(await write("hledger"));
  assert(hledger.isAccepted, hledger.said);
  const beancount = beancountJudges(await write("beancount"));
  assert(beancount.isAccepted, beancount.said);
}

const received = (id: string, cost: number, tax = 0): Command => {
  const made = purchase(id, 1_000, { cost });
  assert(made.kind === "grant");
  return { ...made, payment: { kind: "received", tax: money(BigInt(tax)), fee: money(0n) } };
};

suite("E18", () => {
  const rates = readRates(
    { "EUR/USD": { "2026-01-01": "1.1000", "2026-02-01": "1.20", "2026-03-01": "1.15" } },
    "USD",
  );

  test("EUR 90.00 at 1.1000 is USD 99.00; half used when spot is 1.20 is 49.50, not 54.00", async (t) => {
    const source = await lived([
      ["2026-01-10T00:00:00Z", received("grt_1", 9_000)],
      ["2026-02-10T00:00:00Z", use("dbt_1", 500)],
      ["2026-03-10T00:00:00Z", use("dbt_2", 500)],
    ]);
    assert.deepEqual(await posted(source, rates), [
      "01-10 Deferred:grt_1 -99.00 USD",
      "01-10 Cash 99.00 USD",
      "02-10 Deferred:grt_1 49.50 USD",
      "02-10 Usage -49.50 USD",
      // Money stands at the rate of each month's end; what is deferred does not.
      "02-28 Cash 9.00 USD",
      "02-28 ExchangeDifferences -9.00 USD",
      "03-10 Deferred:grt_1 49.50 USD",
      "03-10 Usage -49.50 USD",
      "03-10 Cash -4.50 USD",
      "03-10 ExchangeDifferences 4.50 USD",
    ]);
    if (canJudge(t)) await judged(source, rates, { from: "2026-02-01" });
  });

  test("what comes back when its lot is over comes at the lot's rate", async () => {
    const sold = purchase("grt_1", 1_000, { cost: 9_000, until: "2026-01-20T00:00:00Z" });
    const source = await lived([
      ["2026-01-10T00:00:00Z", sold],
      ["2026-01-11T00:00:00Z", use("dbt_1", 1_000)],
      [
        "2026-02-10T00:00:00Z",
        {
          kind: "refund",
          refund: "rfd_9",
          of: "dbt_1",
          credits: null,
          reason: null,
          recalled: null,
        },
      ],
    ]);
    assert.deepEqual((await posted(source, rates)).slice(-4), [
      "02-10 Deferred:grt_9 -99.00 USD",
      "02-10 Usage 99.00 USD",
      "02-10 Receivable 9.00 USD",
      "02-10 ExchangeDifferences -9.00 USD",
    ]);
  });

  test("what is owed is worth what the rate says when it is paid, and the difference has its account", async () => {
    const source = await lived([
      ["2026-01-10T00:00:00Z", purchase("grt_1", 1_000, { cost: 9_000 })],
      ["2026-02-10T00:00:00Z", { kind: "putGroup", group: "later" }],
    ]);
    assert.deepEqual(await posted(source, rates, "2026-02-20"), [
      "01-10 Deferred:grt_1 -99.00 USD",
      "01-10 Receivable 99.00 USD",
      "02-20 Receivable 9.00 USD",
      "02-20 ExchangeDifferences -9.00 USD",
    ]);
  });

  test("what is given back in money gives an exchange difference, and a cent of rounding is named", async () => {
    const odd = readRates({ "EUR/USD": { "2026-01-01": "1.0333", "2026-02-01": "1.2" } }, "USD");
    const source = await lived([
      ["2026-01-10T00:00:00Z", received("grt_1", 107, 50)],
      [
        "2026-02-10T00:00:00Z",
        {
          kind: "repay",
          repayment: "rpy_1",
          grant: "grt_1",
          credits: null,
          goodwill: null,
          currency: null,
          occurredAt: null,
          reason: null,
        },
      ],
    ]);
    // 1.57, 1.07 and 0.50 at 1.0333: 162.2281, 110.5631 and 51.6650.
    assert.deepEqual((await posted(source, odd)).slice(0, 4), [
      "01-10 Deferred:grt_1 -1.11 USD",
      "01-10 Cash 1.62 USD",
      "01-10 Tax -0.52 USD",
      "01-10 Rounding 0.01 USD",
    ]);
    // Deferred at 110.5631; tax and money at 1.2: 60 and 188.4.
    assert.deepEqual((await posted(source, odd)).slice(4, 8), [
      "02-10 Deferred:grt_1 1.11 USD",
      "02-10 Tax 0.60 USD",
      "02-10 Cash -1.88 USD",
      "02-10 ExchangeDifferences 0.18 USD",
    ]);
  });
});

suite("translated books", () => {
  const days = ["2026-01-01", "2026-05-01", "2026-06-17", "2026-09-01", "2027-01-01"];
  const listed = (start: number) =>
    Object.fromEntries(
      days.map((day, index) => [day, `${start + ((index * 37) % 11)}.0${index}3`]),
    );
  const rates = readRates(
    { "EUR/USD": listed(1), "JPY/USD": { "1970-01-01": "0.0067891" }, "KWD/USD": listed(3) },
    "USD",
  );

  test("of any lives balance, close what they defer at zero, and round by cents alone", async (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    for (const [id, events] of Object.entries(randomJournals(16))) {
      const keep = createBookkeeper(id);
      const spool = new Spool();
      const own = new Map<string, bigint>();
      for (const [index, event] of events.entries()) {
        const entry = keep({ event, position: { seq: index + 1, index: 0 } });
        if (entry === undefined) continue;
        await spool.add(entry);
        for (const [lot, amount] of deferredOf(entry)) own.set(lot, (own.get(lot) ?? 0n) + amount);
      }
      const there = new Map<string, bigint>();
      for await (const entry of translated(spool.entries(), rates)) {
        const sums = new Map<string, bigint>();
        for (const { account, commodity, amount } of entry.lines) {
          sums.set(commodity, (sums.get(commodity) ?? 0n) + amount);
          assert(commodity === "USD" || commodity === "CREDIT");
          if (account.key !== "Rounding" || entry.kind === "books.remeasured") continue;
          assert(amount < 10n && amount > -10n, `${amount} of rounding`);
        }
        for (const sum of sums.values()) assert.equal(sum, 0n, `${entry.kind} of ${id}`);
        for (const [lot, amount] of deferredOf(entry))
          there.set(lot, (there.get(lot) ?? 0n) + amount);
      }
      for (const [lot, amount] of own)
        if (amount === 0n) assert.equal(there.get(lot) ?? 0n, 0n, `${lot} of ${id} is closed`);
      await spool.close();
    }
  });

  test("at one rate for ever have no exchange differences, whatever happens", async () => {
    const same = { "1970-01-01": "1.2345" };
    const one = readRates({ "EUR/USD": same, "JPY/USD": same, "KWD/USD": same }, "USD");
    const source = await sourceOf(randomJournals(8));
    const text = await textOf(exportBooks({ source, format: "csv", rates: one }));
    const differences = text
      .split("\r\n")
      .filter((row) => row.includes("ExchangeDifferences"))
      .map((row) => row.split(",").slice(3).join(","));
    assert.deepEqual(differences, []);
  });

  test("are accepted by hledger and beancount, from the middle too", async (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    if (!canJudge(t)) return;
    const source = await sourceOf(randomJournals(14));
    await judged(source, rates);
    await judged(source, rates, { from: "2026-04-15", to: "2026-06-30" });
  });

  test("take rates that are there and make sense, and say all that does not", async () => {
    const source = await lived([["2026-01-10T00:00:00Z", received("grt_1", 9_000)]]);
    const late = readRates({ "EUR/USD": { "2026-02-01": "1.2" } }, "USD");
    await assert.rejects(posted(source, late), {
      name: "RatesFault",
      message: "There is no rate of EUR/USD on 2026-01-10 or before it. Add one to the rates.",
    });
    await assert.rejects(posted(source, readRates({ "USD/EUR": { "2026-01-01": "1" } }, "USD")), {
      name: "RatesFault",
    });
    assert.throws(
      () =>
        readRates(
          {
            EURUSD: { "2026-01-01": "1" },
            "EUR/USD": { "2026-02-30": "1", "2026-01-01": "0.0", "2026-01-02": 1.1 },
            "JPY/USD": {},
          },
          "usd",
        ),
      (error) => {
        assert(error instanceof RatesFault);
        for (const part of [
          "EURUSD is no pair",
          "2026-02-30 is no day",
          "2026-01-01 is no decimal",
          "2026-01-02 is no decimal",
          "JPY/USD has no rates",
          "usd is no currency",
        ])
          assert(error.message.includes(part), `${part}: ${error.message}`);
        return true;
      },
    );
  });
});

/** What an entry defers, by lot and of access. */
const deferredOf = ({ lines }: Entry): readonly (readonly [string, bigint])[] =>
  lines.flatMap(({ account: { key, lot }, amount }) =>
    key === "Deferred" || key === "Deferred:Access" ? [[lot ?? key, amount] as const] : [],
  );
