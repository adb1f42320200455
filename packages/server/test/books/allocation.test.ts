/** Cost allocation: whose cost it is inside a customer, in any life, over HTTP, and as a table. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Command, type Plan, credits } from "@cistern/kernel";
import * as fc from "fast-check";
import { planLives } from "../../../kernel/test/oracle/plan-moves.ts";
import { fee, start } from "../../../kernel/test/subscriptions/life.ts";
import {
  type AllocationRow,
  allocationDimensions,
  costAllocation,
  monthReports,
} from "../../src/books/index.ts";
import { postgresStore } from "../../src/journal/index.ts";
import { startApi } from "../api/api-server.ts";
import { sourceOf } from "./journals.ts";
import { pastOn, purchase, use, workspace } from "./past-workspaces.ts";
import { journalOf, runs, seed } from "./random-journals.ts";

const minor = (text: string): bigint => BigInt(text.replace(".", ""));
const sumOf = (
  rows: readonly AllocationRow[],
  part: "credits" | "lots" | "billed" | "unused" | "unusedCredits" | "total",
): bigint => rows.reduce((sum, row) => sum + minor(row[part]), 0n);

suite("cost allocation of any life", () => {
  test("whatever it is told apart by, it is the revenue of usage, overage and breakage, month by month and in all (A3)", async (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    await fc.assert(
      fc.asyncProperty(planLives(60, 31), async (wishes) => {
        const source = await sourceOf({ acme: journalOf(wishes) });
        const whole = { source, workspaceId: "acme", from: "2026-01-01", to: "2099-12-31" };
        const { trialBalance } = await monthReports({ source, month: "2099-12" });
        const closing = (account: string): bigint =>
          minor(trialBalance.find((row) => row.account === account)?.closing ?? "0");
        for (const by of allocationDimensions) {
          const rows = await costAllocation({ ...whole, by });
          assert.equal(
            sumOf(rows, "lots") + sumOf(rows, "billed"),
            -closing("Revenue:Usage") - closing("Revenue:Overage"),
            by,
          );
          assert.equal(sumOf(rows, "unused"), -closing("Revenue:Breakage"), by);
          const [expired, revoked] = [
            -closing("Equity:Credits:Expired"),
            -closing("Equity:Credits:Revoked"),
          ];
          const unused = sumOf(rows, "unusedCredits");
          assert(expired <= unused && unused <= expired + revoked, by);
          assert.equal(sumOf(rows, "credits"), -closing("Equity:Credits:Consumed"), by);
          assert.deepEqual(
            rows.map(({ of }) => of),
            rows.map(({ of }) => of).toSorted(),
          );
        }
        const parts = [
          await costAllocation({ ...whole, to: "2026-05-31", by: "member" }),
          await costAllocation({ ...whole, from: "2026-06-01", by: "member" }),
        ].flat();
        assert.equal(
          sumOf(parts, "total"),
          sumOf(await costAllocation({ ...whole, by: "member" }), "total"),
        );
      }),
      { seed, numRuns: runs(40) },
    );
  });
});

const api = await startApi();
const pool = api.server.node.database.openPool({ purpose: "past", connectionsMax: 1 });
const past = pastOn(postgresStore({ pool }), "2026-03-01T00:00:00Z");

const debit = (
  id: string,
  whole: number,
  more: Partial<Extract<Command, { kind: "debit" }>>,
): Command => {
  const made = use(id, whole);
  assert(made.kind === "debit");
  return { ...made, ...more };
};
const overage: Partial<Plan> = {
  base: fee(0n),
  overage: {
    kind: "bill",
    lines: [
      { kind: "overage", meter: null, price: { kind: "per_unit", per: 1_000_000n, price: 2n } },
    ],
    spendCap: null,
  },
};

suite("cost allocation of a workspace", () => {
  test("says what each used at the cost of the lots that paid, what was billed, and a share of what expired", async () => {
    await past.at("2026-03-01T00:00:00Z", "shared", workspace("shared"));
    for (const [group, member] of [
      ["red", "ana"],
      ["blue", "ben"],
    ] as const) {
      await past.at("2026-03-01T00:00:00Z", "shared", { kind: "putGroup", group });
      await past.at("2026-03-01T00:00:00Z", "shared", {
        kind: "putMember",
        member,
        memberKind: member === "ana" ? "person" : "key",
        groups: [group],
        home: group,
        sponsor: null,
      });
    }
    await past.at("2026-03-01T00:00:00Z", "shared", {
      kind: "updateWorkspace",
      changes: { overage: { kind: "plan" } },
    });
    await past.at("2026-03-01T00:00:00Z", "shared", start({ ...overage, currency: "EUR" }));
    // 100 credits for 10.00, then 100 for 20.00; 7 of the second expire.
    await past.at("2026-03-01T00:00:00Z", "shared", purchase("grt_a", 100, { cost: 1_000 }));
    await past.at(
      "2026-03-01T00:00:01Z",
      "shared",
      purchase("grt_b", 100, { cost: 2_000, until: "2026-03-20T00:00:00Z" }),
    );
    await past.at("2026-03-02T00:00:00Z", "shared", debit("dbt_1", 60, { project: "spring" }));
    await past.at(
      "2026-03-03T00:00:00Z",
      "shared",
      debit("dbt_2", 30, { member: "ben", meter: null }),
    );
    await past.at("2026-03-04T00:00:00Z", "shared", debit("dbt_3", 3, { member: "ben" }));
    await past.at("2026-03-25T00:00:00Z", "shared", debit("dbt_4", 110, { project: "spring" }));
    await past.at("2026-03-26T00:00:00Z", "shared", {
      kind: "refund",
      refund: "rfd_1",
      of: "dbt_2",
      credits: credits(10_000_000n),
      reason: null,
      recalled: null,
    });
    const read = (by: string, more = "") =>
      api.get(
        `/v1/workspaces/shared/cost-allocation?from=2026-03-01&to=2026-03-31&by=${by}${more}`,
      );
    const byMember = await read("member");
    assert.equal(byMember.status, 200, byMember.text);
    // grt_b burns first, since it ends: 93 of it are used, 0.20 each. Then 100 of grt_a, and 10 are billed.
    assert.deepEqual(byMember.rows(), [
      {
        of: "ana",
        currency: "EUR",
        credits: "170.000000",
        lots: "22.00",
        billed: "0.20",
        unusedCredits: "6.165803",
        unused: "1.23",
        total: "23.43",
      },
      {
        of: "ben",
        currency: "EUR",
        credits: "23.000000",
        lots: "4.60",
        billed: "0.00",
        unusedCredits: "0.834197",
        unused: "0.17",
        total: "4.77",
      },
    ]);
    const told = async (by: string) =>
      Object.fromEntries((await read(by)).rows().map((row) => [row["of"], row["total"]]));
    assert.deepEqual(await told("group"), { blue: "4.77", red: "23.43" });
    assert.deepEqual(await told("project"), { "": "4.77", spring: "23.43" });
    assert.deepEqual(await told("meter"), { "": "28.20" });
    assert.deepEqual(await told("key"), { "": "23.43", ben: "4.77" });
    const csv = await read("group", "&format=csv");
    assert.equal(
      csv.text,
      [
        "of,currency,credits,lots,billed,unusedCredits,unused,total",
        "blue,EUR,23.000000,4.60,0.00,0.834197,0.17,4.77",
        "red,EUR,170.000000,22.00,0.20,6.165803,1.23,23.43",
        "",
      ].join("\r\n"),
    );
  });

  test("what nobody used is nobody's, and what is owed costs when a lot pays it", async () => {
    await past.at("2026-04-01T00:00:00Z", "quiet", workspace("quiet"));
    await past.at(
      "2026-04-01T00:00:00Z",
      "quiet",
      purchase("grt_q", 10, { cost: 100, until: "2026-04-10T00:00:00Z" }),
    );
    await past.at("2026-04-11T00:00:00Z", "quiet", { kind: "putGroup", group: "later" });
    const read = async (from: string, to: string) =>
      (await api.get(`/v1/workspaces/quiet/cost-allocation?from=${from}&to=${to}&by=member`))
        .rows()
        .map(({ of, credits: used, lots, unused }) => [of, used, lots, unused]);
    await past.at("2026-05-01T00:00:00Z", "quiet", use("dbt_q", 4));
    const sold = purchase("grt_r", 8, { cost: 800 });
    assert(sold.kind === "grant");
    const expected: Command = { ...sold, breakage: 2_000 };
    await past.at("2026-06-01T00:00:00Z", "quiet", expected);
    assert.deepEqual(await read("2026-04-01", "2026-04-30"), [["", "0.000000", "0.00", "1.00"]]);
    assert.deepEqual(await read("2026-05-01", "2026-05-31"), [["ana", "4.000000", "0.00", "0.00"]]);
    // A fifth is expected to go unused: of 5.00 that are recognised, 4.00 are for the use.
    assert.deepEqual(await read("2026-06-01", "2026-06-30"), [
      ["", "0.000000", "0.00", "1.00"],
      ["ana", "0.000000", "4.00", "0.00"],
    ]);
  });

  test("what is revoked went unused, in credits as in money; what is paid back did not", async () => {
    const at = "2026-06-20T00:00:00Z";
    await past.at(at, "revoked", workspace("revoked"));
    await past.at(at, "revoked", purchase("grt_v", 100, { cost: 1_000 }));
    await past.at(at, "revoked", purchase("grt_w", 100, { cost: 1_000 }));
    await past.at(at, "revoked", use("dbt_v", 10));
    await past.at(at, "revoked", { kind: "revoke", grant: "grt_v", credits: null });
    await past.at(at, "revoked", {
      kind: "repay",
      repayment: "rpy_w",
      grant: "grt_w",
      credits: null,
      goodwill: null,
      currency: null,
      occurredAt: null,
      reason: null,
    });
    const days = "from=2026-06-01&to=2026-06-30";
    const rows = (await api.get(`/v1/workspaces/revoked/cost-allocation?${days}&by=member`)).rows();
    assert.deepEqual(
      rows.map(({ of, credits: used, lots, unusedCredits, unused }) => [
        [of, used, lots],
        [unusedCredits, unused],
      ]),
      [
        [
          ["ana", "10.000000", "1.00"],
          ["90.000000", "9.00"],
        ],
      ],
    );
  });

  test("is for the workspace's own reading key, and no other's; its days are days", async () => {
    const made = await api.post("/v1/keys", {
      name: "finance",
      scopes: ["read"],
      workspace: "quiet",
    });
    const own = { apiKey: made.textAt("key") };
    const path = (id: string, from = "2026-04-01", to = "2026-04-30") =>
      `/v1/workspaces/${id}/cost-allocation?from=${from}&to=${to}&by=member`;
    assert.equal((await api.get(path("quiet"), own)).status, 200);
    assert.equal((await api.get(path("shared"), own)).status, 404);
    assert.equal((await api.get(path("nobody"))).status, 404);
    for (const [from, to] of [
      ["2026-02-30", "2026-04-30"],
      ["2026-05-01", "2026-04-30"],
    ] as const)
      assert.equal((await api.get(path("quiet", from, to))).status, 422);
  });
});
