/** Golden figures that have their day, and invariants that only commands can break: commands in, entries and reports out. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Command, type Event, credits, money } from "@cistern/kernel";
import { confirm, each, reopen, thing, things } from "../../../kernel/test/outcomes/life.ts";
import { fee, start } from "../../../kernel/test/subscriptions/life.ts";
import { request, succeeded, told } from "../../../kernel/test/topups/buying.ts";
import { booksSource, costAllocation, exportBooks, monthReports } from "../../src/books/index.ts";
import { createBookkeeper } from "../../src/books/keep-books.ts";
import { type JournalStore, memoryStore } from "../../src/journal/index.ts";
import { textOf } from "./journals.ts";
import { close, pastOn, purchase, use, workspace } from "./past-workspaces.ts";

const id = "acme";
const sourceOn = (store: JournalStore) =>
  booksSource(store, async function* () {
    yield id;
  });

/** Each entry with money: its day, its kind, and what it posts in minor units. */
async function entriesOn(store: JournalStore, kinds?: readonly Event["kind"][]) {
  const keep = createBookkeeper(id);
  const found: [date: string, kind: string, posted: Readonly<Record<string, number>>][] = [];
  for await (const placed of sourceOn(store).events(id)) {
    const entry = keep(placed);
    const lines = (entry?.lines ?? []).filter(({ commodity }) => commodity !== "CREDIT");
    if (entry === undefined || lines.length === 0) continue;
    if (kinds !== undefined && !kinds.includes(placed.event.kind)) continue;
    const posted = lines.map(({ account: { key }, amount }) => [key, Number(amount)] as const);
    found.push([entry.date, entry.kind, Object.fromEntries(posted)]);
  }
  return found;
}

/** A subscription from an instant on, left alone until another; when each period began. */
async function renewals(from: string, until: string, plan: Command, timeZone: string) {
  const store = memoryStore();
  const past = pastOn(store, from);
  await past.at(from, id, workspace(id, timeZone, "USD"));
  await past.at(from, id, plan);
  await past.at(until, id, { kind: "putGroup", group: "later" });
  const found: string[] = [];
  for await (const { event } of sourceOn(store).events(id))
    if (event.kind === "subscription.renewed")
      found.push(
        Temporal.Instant.fromEpochMilliseconds(event.at)
          .toZonedDateTimeISO(timeZone)
          .toString({ smallestUnit: "minute", timeZoneName: "never" }),
      );
  return { found, entries: await entriesOn(store, ["subscription.renewed"]) };
}

const monthly = start({ base: fee(100n) });
const yearly = start({ base: fee(36_600n), cadence: { unit: "year", count: 1 } });

suite("periods that begin when the golden calendar says", () => {
  test("P4 monthly from 31 January, up to the leap year", async () => {
    const { found, entries } = await renewals(
      "2026-01-31T14:00:00Z",
      "2028-03-01T12:00:00Z",
      monthly,
      "America/New_York",
    );
    assert.deepEqual(found.slice(0, 4), [
      "2026-02-28T09:00-05:00",
      "2026-03-31T09:00-04:00",
      "2026-04-30T09:00-04:00",
      "2026-05-31T09:00-04:00",
    ]);
    assert.deepEqual([found[12], found[24]], ["2027-02-28T09:00-05:00", "2028-02-29T09:00-05:00"]);
    const fees = { Receivable: 100, "Deferred:Access": -100 };
    assert.deepEqual(entries[12], ["2027-02-28", "subscription.renewed", fees]);
    assert.deepEqual(entries[24], ["2028-02-29", "subscription.renewed", fees]);
  });

  test("P6 yearly from 29 February", async () => {
    const { entries } = await renewals(
      "2024-02-29T00:00:00Z",
      "2028-03-01T00:00:00Z",
      yearly,
      "UTC",
    );
    const fees = { Receivable: 36_600, "Deferred:Access": -36_600 };
    assert.deepEqual(
      entries,
      ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"].map((day) => [
        day,
        "subscription.renewed",
        fees,
      ]),
    );
  });

  for (const [name, from, timeZone, expected] of [
    [
      "a midnight that is not there",
      "2026-08-06T04:00Z",
      "America/Santiago",
      "2026-09-06T01:00-03:00",
    ],
    [
      "an hour that is not there",
      "2026-02-08T07:30Z",
      "America/New_York",
      "2026-03-08T03:30-04:00",
    ],
    ["an hour that comes twice", "2026-10-01T05:30Z", "America/New_York", "2026-11-01T01:30-04:00"],
  ] as const)
    test(`P7 ${name}`, async () => {
      const until = new Date(Date.parse(expected) + 3_600_000).toISOString();
      const { found, entries } = await renewals(from, until, monthly, timeZone);
      assert.deepEqual(found, [expected]);
      const fees = { Receivable: 100, "Deferred:Access": -100 };
      assert.deepEqual(entries, [[expected.slice(0, 10), "subscription.renewed", fees]]);
    });
});

suite("golden figures with their days", () => {
  test("E9.t what three owe alike, and 100.00 pays, is 33.34, 33.33 and 33.33", async () => {
    const store = memoryStore();
    const past = pastOn(store, "2026-04-01T00:00:00Z");
    await past.at("2026-04-01T00:00:00Z", id, workspace(id));
    for (const member of ["ana", "ben", "cyd"])
      await past.at("2026-04-02T00:00:00Z", id, use(`dbt_${member}`, 1, member));
    const paid = await past.at("2026-04-03T00:00:00Z", id, purchase("grt_1", 3, { cost: 10_000 }));
    assert(paid.kind === "credits.granted");
    assert.deepEqual(
      paid.transfers.map((one) => [one.debt, one.money]),
      [
        ["dbt_ana", 3_334n],
        ["dbt_ben", 3_333n],
        ["dbt_cyd", 3_333n],
      ],
    );
    assert.deepEqual(await entriesOn(store), [
      ["2026-04-03", "credits.granted", { Receivable: 10_000, Usage: -10_000 }],
    ]);
    const span = { from: "2026-04-01", to: "2026-04-30", by: "member" } as const;
    const shared = await costAllocation({ source: sourceOn(store), workspaceId: id, ...span });
    assert.deepEqual(
      shared.map(({ of, lots }) => [of, lots]),
      [
        ["ana", "33.34"],
        ["ben", "33.33"],
        ["cyd", "33.33"],
      ],
    );
  });

  test("E16b 60 % of what waits is of January, and the true-up of February is 36.63", async () => {
    const store = memoryStore();
    const past = pastOn(store, "2026-01-15T00:00:00Z");
    await past.at("2026-01-15T00:00:00Z", id, workspace(id, "UTC", "USD"));
    const terms = { price: each(99n), needsConfirmation: true, expectedBps: 6_000 };
    await past.at("2026-01-15T00:00:00Z", id, start({ outcomes: [things("document", terms)] }));
    await past.at("2026-01-20T00:00:00Z", id, thing("out_1", 97n));
    await past.at("2026-01-20T00:00:00Z", id, thing("out_2", 3n));
    await past.at("2026-02-05T00:00:00Z", id, confirm("out_1"));
    await past.at("2026-02-05T00:00:00Z", id, confirm("out_2"));
    await past.at("2026-02-10T00:00:00Z", id, reopen("out_2"));
    const accrued = (amount: number) => ({ Unbilled: amount, Outcomes: -amount });
    const entries = await entriesOn(store);
    assert.deepEqual(entries, [
      ["2026-01-31", "outcome.estimated", accrued(5_940)],
      ["2026-02-01", "outcome.estimate_released", accrued(-5_940)],
      ["2026-02-05", "outcome.confirmed", accrued(9_603)],
      ["2026-02-05", "outcome.confirmed", accrued(297)],
      ["2026-02-10", "outcome.reopened", accrued(-297)],
    ]);
    for (const [month, amount] of [
      ["2026-01", "59.40"],
      ["2026-02", "36.63"],
    ] as const) {
      const { revenue } = await monthReports({ source: sourceOn(store), month });
      assert.deepEqual(revenue, [{ kind: "Outcomes", currency: "USD", amount }]);
    }
  });

  test("E23 late use of a lot of July in August, after July was closed, is of the open month", async () => {
    const store = memoryStore();
    const past = pastOn(store, "2026-07-01T00:00:00Z");
    await past.at("2026-07-01T00:00:00Z", id, workspace(id, "UTC", "USD"));
    const lot = purchase("grt_1", 100, { cost: 100, until: "2026-07-31T00:00:00Z" });
    await past.at("2026-07-01T00:00:00Z", id, lot);
    const amount = { kind: "credits", credits: credits(40_000_000n) } as const;
    await past.at("2026-07-30T12:00:00Z", id, {
      kind: "openHold",
      hold: "hld_1",
      member: "ana",
      meter: null,
      model: null,
      amount,
      ttlMs: 3_600_000,
      run: null,
      project: null,
      attributes: null,
    });
    await past.at("2026-08-01T00:00:01Z", id, close("2026-07"));
    const source = sourceOn(store);
    const july = await monthReports({ source, month: "2026-07" });
    const late = await past.at("2026-08-02T00:00:00Z", id, {
      kind: "settleHold",
      hold: "hld_1",
      amount,
      outcome: null,
      isFinal: true,
      fingerprint: null,
      recalled: null,
    });
    assert(late.kind === "hold.settled");
    assert.deepEqual(
      [late.at, late.authorizedAt],
      [Date.parse("2026-08-02T00:00:00Z"), Date.parse("2026-07-30T12:00:00Z")],
    );
    assert.deepEqual(await entriesOn(store), [
      ["2026-07-01", "credits.granted", { Receivable: 100, Deferred: -100 }],
      ["2026-07-31", "credits.expired", { Deferred: 100, Breakage: -100 }],
      ["2026-08-02", "hold.settled", { Breakage: 40, Usage: -40 }],
    ]);
    assert.deepEqual(await monthReports({ source, month: "2026-07" }), july);
    for (const [format, text] of [
      ["hledger", `2026-08-02 * (5.0) acme | hold.settled hld_1  ; effective:2026-07-30\n`],
      [
        "beancount",
        `2026-08-02 * "acme" "hold.settled hld_1"\n  position: "5.0"\n  effective: 2026-07-30\n`,
      ],
      [
        "csv",
        `2026-08-02,acme,5.0,hold.settled,hld_1,Revenue:Usage,USD,-0.40,-0.40,2026-07-30\r\n`,
      ],
    ] as const) {
      const book = await textOf(exportBooks({ source, format }));
      assert(book.includes(text), book);
      assert.equal(book.split("effective:").length, format === "csv" ? 1 : 2, "of late use alone");
    }
  });
});

suite("what came once", () => {
  test("I9 posts once, whatever is sent again: by its key, and a payment by its own id", async () => {
    const [once, twice] = [await lifeOf(1), await lifeOf(2)];
    assert.deepEqual(twice, once);
    assert(once.length > 6, "there is something to post twice");
  });
});

/** The entries of a life in which each command is sent so many times, under its own key. */
async function lifeOf(times: number) {
  const store = memoryStore();
  const past = pastOn(store, "2026-05-01T00:00:00Z");
  await past.at("2026-05-01T00:00:00Z", id, workspace(id, "UTC", "USD"));
  const commands: readonly Command[] = [
    {
      ...purchase("grt_1", 100, { cost: 1_000 }),
      payment: { kind: "received", tax: money(80n), fee: money(3n) },
    },
    use("dbt_1", 40),
    {
      kind: "refund",
      refund: "rfd_1",
      of: "dbt_1",
      credits: credits(10_000_000n),
      reason: null,
      recalled: null,
    },
    {
      kind: "repay",
      repayment: "rpy_1",
      grant: "grt_1",
      credits: credits(20_000_000n),
      goodwill: null,
      currency: null,
      occurredAt: null,
      reason: null,
    },
    { kind: "revoke", grant: "grt_1", credits: credits(5_000_000n) },
    request("top_1"),
    told("top_1", "pay_1", succeeded(825n, 30n)),
    {
      kind: "chargeBack",
      chargeback: "cbk_1",
      grant: "grt_1",
      fee: money(15n),
      currency: null,
      occurredAt: null,
      reason: null,
    },
    start({ base: fee(3_000n) }),
  ];
  for (const [index, command] of commands.entries())
    for (let time = 0; time < times; time += 1) {
      const opId = `op_${index}`;
      const fingerprint = "f".repeat(64);
      past.clock.advance(60_000);
      const asked = { workspaceId: id, command, opId, fingerprint };
      const answer = await past.engine.execute(asked);
      assert.equal(answer.kind, "accepted", `${command.kind} ${time}`);
    }
  // The provider tells of the payment once more, under a key of its own.
  if (times > 1)
    await past.asks(
      "2026-05-02T00:00:00Z",
      id,
      told("top_1", "pay_1", succeeded(825n, 30n), "webhook"),
    );
  return entriesOn(store);
}
