/** The golden figures of plans on a real database: commands in, entries of the ledger and reports out. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { postgresStore } from "../../src/journal/index.ts";
import { type Json, eventually, startApi } from "../api/api-server.ts";
import { type Entries, golden } from "./golden-lives.ts";
import { pastOn, workspace } from "./past-workspaces.ts";

const api = await startApi();
const pool = api.server.node.database.openPool({ purpose: "past", connectionsMax: 1 });
const store = postgresStore({ pool });

suite("golden figures of plans, from commands to books", () => {
  for (const [index, one] of golden.entries())
    test(one.name, async () => {
      const id = `golden-${index}`;
      const from = one.steps[0]?.[0] ?? "";
      const past = pastOn(store, from);
      await past.at(from, id, workspace(id, "UTC", "USD"));
      for (const [when, command] of one.steps) await past.at(when, id, command);
      // What the server does itself it projects at once; another engine's work it finds when it looks around.
      await api.put(`/v1/workspaces/${id}/groups/seen`, {});
      const until = one.steps.at(-1)?.[0] ?? "";
      assert.deepEqual(await postedBy(id, Object.keys(one.entries), until), one.entries);
      for (const [month, row] of Object.entries(one.rollForward ?? {})) {
        const [found] = (await report("roll-forward", month, id)).rows();
        assert.deepEqual(
          ["opening", "billed", "recognised", "refunded", "moved", "closing"].map(
            (key) => found?.[key],
          ),
          row,
          month,
        );
      }
      for (const [month, amount] of Object.entries(one.modelCost ?? {})) {
        const rows = (await report("trial-balance", month, id)).rows();
        const costs = rows.find(({ account }) => account === "Expenses:ModelCost");
        assert.equal(costs?.["debit"], amount, month);
      }
      for (const [month, kinds] of Object.entries(one.revenue ?? {})) {
        const rows = (await report("revenue", month, id)).rows();
        assert.deepEqual(
          Object.fromEntries(rows.map((row) => [row["kind"], row["amount"]])),
          kinds,
          month,
        );
      }
    });
});

const report = async (name: string, month: string, id: string) => {
  const answer = await api.get(`/v1/books/${name}?month=${month}&workspace=${id}`);
  assert.equal(answer.status, 200, answer.text);
  return answer;
};

/** What the ledger says that events of these kinds posted in money. */
async function postedBy(id: string, kinds: readonly string[], until: string): Promise<Entries> {
  const to = new Date(Date.parse(until) + 1).toISOString();
  const found: Record<string, Readonly<Record<string, number>>[]> = {};
  for (const kind of kinds) {
    const page = await eventually(
      () => api.get(`/v1/workspaces/${id}/ledger?kind=${kind}&to=${to}&limit=100`),
      (answer) => answer.rows().length > 0,
    );
    const posted = page.rows().map(moneyOf);
    found[kind] = posted.filter((one) => Object.keys(one).length > 0);
  }
  return found;
}

function moneyOf({ postings }: Json): Readonly<Record<string, number>> {
  assert(Array.isArray(postings));
  const rows: readonly Json[] = postings;
  return Object.fromEntries(
    rows.flatMap(({ account, commodity, amount }) =>
      commodity === "USD" ? [[String(account), Number(amount)]] : [],
    ),
  );
}
