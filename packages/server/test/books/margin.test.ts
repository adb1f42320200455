/** The margin of customers by component of their plans: the books' own figures in any life, and exact ones over HTTP. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Event, money } from "@cistern/kernel";
import * as fc from "fast-check";
import { things } from "../../../kernel/test/outcomes/life.ts";
import { debit } from "../../../kernel/test/scenario/commands.ts";
import { planLives } from "../../../kernel/test/oracle/plan-moves.ts";
import {
  atEnd,
  change,
  fee,
  included,
  seatsAt,
  start,
} from "../../../kernel/test/subscriptions/life.ts";
import { monthAfter } from "../../src/books/days.ts";
import { type MarginRow, marginReport, monthReports, spanOfMonth } from "../../src/books/index.ts";
import { postgresStore } from "../../src/journal/index.ts";
import { startApi } from "../api/api-server.ts";
import { sourceOf } from "./journals.ts";
import { pastOn, purchase, workspace } from "./past-workspaces.ts";
import { journalOf, runs, seed } from "./random-journals.ts";

const minor = (text: string): bigint => BigInt(text === "" ? 0 : text.replace(".", ""));
type Figure = "revenue" | "vendorCost" | "platformCost" | "margin";

/** Without totals, in one currency. */
const sumOf = (rows: readonly MarginRow[], figure: Figure, currency: string): bigint =>
  rows
    .filter((row) => row.component !== "total" && row.currency === currency)
    .reduce((sum, row) => sum + minor(row[figure]), 0n);

/** Plans whose platform costs something. */
const withPlatform = (event: Event): Event => {
  if (!("subscription" in event)) return event;
  const platformCost = { perPeriod: money(1_001n), perSeat: money(37n) };
  const plan = { ...event.subscription.plan, platformCost };
  return { ...event, subscription: { ...event.subscription, plan } };
};

suite("the margin of any life", () => {
  test("is revenue by kind against ModelCost, month by month (M1), and months add up to their span (T2)", async (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    let costs = 0n;
    let platform = 0n;
    await fc.assert(
      fc.asyncProperty(planLives(60, 31), async (wishes) => {
        const source = await sourceOf({ acme: journalOf(wishes).map(withPlatform) });
        const parts: MarginRow[] = [];
        for (let month = "2026-01"; month < "2028-07"; month = monthAfter(month)) {
          const rows = await marginReport({ source, ...spanOfMonth(month) });
          const { revenue, trialBalance } = await monthReports({ source, month });
          for (const currency of ["USD", "EUR"]) {
            const kinds = revenue.filter((row) => row.currency === currency);
            const booked = kinds.reduce((sum, { amount }) => sum + minor(amount), 0n);
            assert.equal(sumOf(rows, "revenue", currency), booked, `${month} ${currency}`);
            const account = trialBalance.find(
              (row) => row.account === "Expenses:ModelCost" && row.commodity === currency,
            );
            const cost = minor(account?.debit ?? "") - minor(account?.credit ?? "");
            assert.equal(sumOf(rows, "vendorCost", currency), cost, `${month} ${currency}`);
            costs += cost;
          }
          parts.push(...rows);
        }
        const whole = await marginReport({ source, from: "2026-01-01", to: "2028-06-30" });
        for (const figure of ["revenue", "vendorCost", "platformCost", "margin"] as const)
          for (const currency of ["USD", "EUR"])
            assert.equal(sumOf(parts, figure, currency), sumOf(whole, figure, currency), figure);
        platform += sumOf(whole, "platformCost", "USD") + sumOf(whole, "platformCost", "EUR");
        for (const row of whole)
          assert.equal(
            minor(row.margin),
            minor(row.revenue) - minor(row.vendorCost) - minor(row.platformCost),
          );
      }),
      { seed, numRuns: runs(25) },
    );
    assert(costs > 0n && platform > 0n, "lives have costs");
  });
});

const api = await startApi();
const pool = api.server.node.database.openPool({ purpose: "past", connectionsMax: 1 });
const past = pastOn(postgresStore({ pool }), "2026-01-01T00:00:00Z");
const paint = (id: string, images: number) => debit(id, { images }, { meter: "paint" });
const attempt = (id: string, text: number) => debit(id, { text }, { meter: "attempt" });
const read = (query: string, more = {}) => api.get(`/v1/books/margin?${query}`, more);

suite("the margin of a customer", () => {
  test("sets each component against what it cost, and says what is not charged", async () => {
    const id = "studio";
    await past.at("2026-01-01T00:00:00Z", id, workspace(id, "UTC", "USD"));
    const plan = {
      base: fee(31_000n),
      seats: seatsAt(2_000n),
      included: included(100_000_000n, 3_700n),
      platformCost: { perPeriod: money(3_100n), perSeat: money(100n) },
    };
    await past.at("2026-01-01T00:00:00Z", id, start(plan, 3));
    await past.at("2026-01-10T00:00:00Z", id, paint("dbt_1", 40));
    const pack = purchase("grt_p", 10, { cost: 500 });
    assert(pack.kind === "grant");
    await past.at("2026-01-11T00:00:00Z", id, { ...pack, priority: 1 });
    await past.at("2026-01-11T00:00:01Z", id, paint("dbt_2", 10));
    await past.at("2026-01-12T00:00:00Z", id, attempt("dbt_3", 1_000));
    await past.at("2026-01-16T00:00:00Z", id, change({ seats: 5 }));
    await past.at("2026-01-17T00:00:00Z", id, atEnd("end"));
    await past.at("2026-02-02T00:00:00Z", id, { kind: "putGroup", group: "later" });
    const january = await read("month=2026-01&workspace=studio");
    assert.equal(january.status, 200, january.text);
    const row = (...[component, revenue, vendorCost, platformCost, margin, percent]: string[]) => ({
      workspace: id,
      plan: component === "total" ? "" : "team",
      component,
      currency: "USD",
      revenue,
      vendorCost,
      platformCost,
      margin,
      marginPercent: percent,
    });
    // Access of 357.01 in all: 310.00 of base against 80.65 of seats, three for 15 days and five for 16.
    // Calls cost 20, 5 and 4.2 cents, of which 29 are posted.
    const rows = [
      row("base_fee", "283.31", "0.00", "31.00", "252.31", "89.1"),
      row("seat_fees", "73.70", "0.00", "4.03", "69.67", "94.5"),
      row("credits", "13.46", "0.20", "", "13.26", "98.5"),
      row("packs", "5.00", "0.05", "", "4.95", "99.0"),
      row("uncharged", "0.00", "0.04", "", "-0.04", ""),
      row("total", "375.47", "0.29", "35.03", "340.15", "90.6"),
    ];
    assert.deepEqual(january.rows().slice(0, -1), rows);
    assert.deepEqual(january.rows().at(-1), { ...rows.at(-1), workspace: "" });
    // Of seats R1(300 * 11 / 31) - R1(300 * 10 / 31) = 106 - 97 (T2).
    const days = await read("from=2026-01-11&to=2026-01-11&workspace=studio&format=csv");
    assert.equal(
      days.text,
      [
        "workspace,plan,component,currency,revenue,vendorCost,platformCost,margin,marginPercent",
        "studio,team,base_fee,USD,0.00,0.00,1.00,-1.00,",
        "studio,team,seat_fees,USD,0.00,0.00,0.09,-0.09,",
        "studio,team,packs,USD,5.00,0.05,,4.95,99.0",
        "studio,,total,USD,5.00,0.05,1.09,3.86,77.2",
        ",,total,USD,5.00,0.05,1.09,3.86,77.2",
        "",
      ].join("\r\n"),
    );
    const february = await read("month=2026-02&workspace=studio");
    assert.deepEqual(february.rows()[0], {
      ...row("breakage", "20.18", "0.00", "", "20.18", "100.0"),
    });
  });

  test("of outcomes sets them against the attempts, and a cost in another currency stands apart", async () => {
    const id = "desk";
    await past.at("2026-03-01T00:00:00Z", id, workspace(id, "UTC", "EUR"));
    const outcomes = [things("document", { price: { kind: "per_unit", per: 1n, price: 99n } })];
    await past.at("2026-03-01T00:00:00Z", id, start({ outcomes, currency: "EUR" }));
    await past.at("2026-03-02T00:00:00Z", id, attempt("dbt_d", 100_000));
    await past.at("2026-03-03T00:00:00Z", id, {
      kind: "claimOutcome",
      outcome: "out_d",
      type: "document",
      customer: null,
      topic: null,
      conversation: null,
      channel: null,
      quantity: 100n,
      part: null,
      evidence: null,
      isTest: false,
      isSubstantive: true,
      occurredAt: null,
    });
    const march = await read("month=2026-03&workspace=desk");
    const told = march
      .rows()
      .map(({ workspace: of, component, currency, revenue, vendorCost, marginPercent }) =>
        [of, component, currency, revenue, vendorCost, marginPercent].join(" "),
      );
    assert.deepEqual(told, [
      "desk outcomes EUR 99.00 0.00 100.0",
      "desk outcomes USD 0.00 4.20 ",
      "desk total EUR 99.00 0.00 100.0",
      "desk total USD 0.00 4.20 ",
      " total EUR 99.00 0.00 100.0",
      " total USD 0.00 4.20 ",
    ]);
  });

  test("tells the fee of reserved capacity apart from the base fee", async () => {
    const id = "reserving";
    const rate = {
      kind: "rate",
      unit: "requests",
      quantity: 60n,
      perMs: 60_000,
      burst: 60n,
    } as const;
    const reserved = { fee: fee(6_200n), rate, group: null, shareBps: 0 };
    await past.at("2026-06-01T00:00:00Z", id, workspace(id, "UTC", "USD"));
    await past.at("2026-06-01T00:00:00Z", id, start({ base: fee(3_100n), reserved }));
    await past.at("2026-07-02T00:00:00Z", id, { kind: "putGroup", group: "later" });
    const rows = (await read(`month=2026-06&workspace=${id}`)).rows();
    assert.deepEqual(rows.map(({ component, revenue }) => [component, revenue]).slice(0, 2), [
      ["base_fee", "31.00"],
      ["reserved_capacity", "62.00"],
    ]);
  });

  test("is the vendor's alone, of a month or of days that there are", async () => {
    const made = await api.post("/v1/keys", {
      name: "finance",
      scopes: ["read"],
      workspace: "desk",
    });
    const theirs = { apiKey: made.textAt("key") };
    assert.equal((await read("month=2026-03&workspace=desk", theirs)).status, 403);
    assert.equal((await read("month=2026-03&workspace=nobody")).status, 404);
    for (const query of [
      "",
      "month=2026-03&from=2026-03-01",
      "from=2026-03-01",
      "from=2026-03-02&to=2026-03-01",
      "from=2026-02-30&to=2026-03-01",
    ])
      assert.equal((await read(query)).status, 422, query);
  });
});
