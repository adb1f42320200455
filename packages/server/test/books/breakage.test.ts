/** The breakage report: commands in, rows out. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Command, type Event, credits } from "@cistern/kernel";
import { atEnd, fee, start } from "../../../kernel/test/subscriptions/life.ts";
import { type BooksSource, booksSource, monthReports } from "../../src/books/index.ts";
import type { BreakageRow } from "../../src/books/reports/breakage.ts";
import { type JournalStore, memoryStore } from "../../src/journal/index.ts";
import { sourceOf } from "./journals.ts";
import { close, pastOn, purchase, use, workspace } from "./past-workspaces.ts";
import { randomJournals, seed } from "./random-journals.ts";

/** Recognised, breakage, estimated, difference. */
const figures = ({ recognised, breakage, estimated, difference }: BreakageRow) =>
  [recognised, breakage, estimated, difference].join(" ");

const sourceOn = (store: JournalStore, ...ids: readonly string[]): BooksSource =>
  booksSource(store, async function* () {
    yield* ids;
  });

async function report(source: BooksSource, month: string, expectedBreakageBps?: number) {
  const { breakage } = await monthReports({ source, month, expectedBreakageBps });
  return Object.fromEntries(breakage.map((row) => [`${row.currency} ${row.span}`, figures(row)]));
}

const revise = (grant: string, breakage: number | null): Command => ({
  kind: "reviseBreakage",
  grant,
  breakage,
});

suite("the breakage report", () => {
  test("counts the money of lots, and none of the fee of a plan beside them", async () => {
    const store = memoryStore();
    const past = pastOn(store, "2026-09-05T00:00:00Z");
    await past.at("2026-09-05T00:00:00Z", "sub", workspace("sub"));
    const plan = start({ currency: "EUR", base: fee(10_000n) });
    await past.at("2026-09-05T00:00:00Z", "sub", plan);
    const lot = purchase("grt_1", 100, { cost: 10_000, until: "2026-09-20T00:00:00Z" });
    await past.at("2026-09-05T00:00:00Z", "sub", lot);
    await past.at("2026-09-06T00:00:00Z", "sub", use("dbt_1", 90));
    await past.at("2026-10-06T00:00:00Z", "sub", atEnd("end"));
    const found = await report(sourceOn(store, "sub"), "2026-09", 1_000);
    assert.deepEqual(found, {
      "EUR month": "100.00 10.00 10.00 0.00",
      "EUR to_date": "100.00 10.00 10.00 0.00",
    });
  });

  test("takes back the breakage of late use, in the month that it is posted in (E23)", async () => {
    const store = memoryStore();
    const past = pastOn(store, "2026-07-01T00:00:00Z");
    await past.at("2026-07-01T00:00:00Z", "late", workspace("late"));
    const lot = purchase("grt_1", 100, { cost: 100, until: "2026-07-31T00:00:00Z" });
    await past.at("2026-07-01T00:00:00Z", "late", lot);
    await past.at("2026-07-30T12:00:00Z", "late", hold);
    await past.at("2026-08-01T00:00:01Z", "late", close("2026-07"));
    await past.at("2026-08-02T00:00:00Z", "late", settle);
    const source = sourceOn(store, "late");
    assert.deepEqual(await report(source, "2026-07", 1_000), {
      "EUR month": "1.00 1.00 0.10 0.90",
      "EUR to_date": "1.00 1.00 0.10 0.90",
    });
    assert.deepEqual(await report(source, "2026-08", 1_000), {
      "EUR month": "0.00 -0.40 0.00 -0.40",
      "EUR to_date": "1.00 0.60 0.10 0.50",
    });
  });

  test("measures each lot by the estimate that it carries, as it stands at the month's end", async () => {
    const store = memoryStore();
    const past = pastOn(store, "2026-05-01T00:00:00Z");
    for (const [id, currency] of [
      ["eu", "EUR"],
      ["us", "USD"],
    ] as const)
      await past.at("2026-05-01T00:00:00Z", id, workspace(id, "UTC", currency));
    const own = { ...purchase("grt_own", 100, { cost: 10_000 }), breakage: 2_000 };
    await past.at("2026-05-02T00:00:00Z", "eu", own);
    await past.at("2026-05-03T00:00:00Z", "eu", use("dbt_1", 40));
    await past.at("2026-05-04T00:00:00Z", "eu", purchase("grt_none", 100, { cost: 1_000 }));
    await past.at("2026-05-05T00:00:00Z", "us", purchase("grt_us", 100, { cost: 10_000 }));
    await past.at("2026-05-06T00:00:00Z", "us", use("dbt_1", 30));
    // 0 is an estimate too; none is what is usual.
    await past.at("2026-06-02T00:00:00Z", "us", revise("grt_us", 0));
    await past.at("2026-06-03T00:00:00Z", "eu", use("dbt_2", 80));
    await past.at("2026-06-04T00:00:00Z", "eu", revise("grt_none", null));
    const source = sourceOn(store, "eu", "us");
    // E6 at 20 %: 40 of the 80 that are expected to be used are half the money, of which 10.00 is breakage.
    assert.deepEqual(await report(source, "2026-05", 500), {
      "EUR month": "50.00 10.00 10.00 0.00",
      "EUR to_date": "50.00 10.00 10.00 0.00",
      "USD month": "30.00 0.00 1.50 -1.50",
      "USD to_date": "30.00 0.00 1.50 -1.50",
    });
    // 60 more of the one lot, and 20 of the one that is measured as is usual: 52.00 of June are 50.00 at 20 % and 2.00 at 5 %.
    assert.deepEqual(await report(source, "2026-06", 500), {
      "EUR month": "52.00 -10.00 10.10 -20.10",
      "EUR to_date": "102.00 0.00 20.10 -20.10",
      "USD to_date": "30.00 0.00 0.00 0.00",
    });
  });

  test("has all breakage of the ledger, and all usage that lots paid, whatever happens", async (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    const journals = randomJournals(12);
    const source = await sourceOf(journals);
    const { breakage, trialBalance } = await monthReports({ source, month: "2099-12" });
    const currencies = new Set(breakage.map(({ currency }) => currency));
    assert(currencies.size > 1);
    const standing = (account: string, currency: string): bigint =>
      trialBalance
        .filter((row) => row.account === account && row.commodity === currency)
        .reduce((sum, { closing }) => sum - minor(closing), 0n);
    for (const { currency, ...row } of breakage) {
      const broken = standing("Revenue:Breakage", currency);
      assert.equal(minor(row.breakage), broken, `breakage in ${currency}`);
      const used = standing("Revenue:Usage", currency) - onBills(journals, currency);
      assert.equal(minor(row.recognised), broken + used, `recognised in ${currency}`);
    }
  });
});

const amount = { kind: "credits", credits: credits(40_000_000n) } as const;
const hold: Command = {
  kind: "openHold",
  hold: "hld_1",
  member: "ana",
  meter: null,
  model: null,
  amount,
  ttlMs: 2 * 60 * 60 * 1_000,
  run: null,
  project: null,
  attributes: null,
};
const settle: Command = {
  kind: "settleHold",
  hold: "hld_1",
  amount,
  outcome: null,
  isFinal: true,
  fingerprint: null,
  recalled: null,
};

const minor = (text: string): bigint => BigInt(text.replace(".", ""));

/** Usage that no lot paid. */
function onBills(journals: Readonly<Record<string, readonly Event[]>>, currency: string): bigint {
  let sum = 0n;
  for (const events of Object.values(journals)) {
    const created = events.find((event) => event.kind === "workspace.created");
    if (created?.kind !== "workspace.created" || created.workspace.currency !== currency) continue;
    for (const event of events)
      if ("billed" in event && event.billed?.line.kind === "usage")
        sum += event.billed.accrual.amount;
  }
  return sum;
}
