/** A rate card that moves on by date is told to the subscriptions that go by it, whether or not they call. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventPage } from "@cistern/contract";
import { createTestCistern, defineCatalog } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";

const catalogOf = (standard: string, gold: string) =>
  defineCatalog({
    meters: { chat: { buckets: ["input_text"] } },
    rateCards: {
      standard: { rows: [{ meter: "chat", perUnit: { input_text: standard } }] },
      gold: { rows: [{ meter: "chat", perUnit: { input_text: gold } }] },
    },
    plans: {
      team: { currency: "USD", overage: { kind: "bill", price: "0.01" } },
      gold: { currency: "USD", overage: { kind: "bill", price: "0.01" }, rateCard: "gold" },
      pinned: {
        currency: "USD",
        overage: { kind: "bill", price: "0.01" },
        rateCard: { name: "gold", pin: true },
      },
    },
  });

test("each subscription that pins none is told at the instant, once for each version of its card, and not of others", async (t) => {
  const { url: databaseUrl } = await freshDatabase();
  const catalog = catalogOf("1", "1");
  const cistern = await createTestCistern({ catalog, now: "2026-04-01T00:00:00Z", databaseUrl });
  t.after(() => cistern.close());
  const plans = ["team", "gold", "pinned"];
  for (const id of [...plans, "alone"]) await cistern.createWorkspace({ id, currency: "USD" });
  for (const plan of plans) await cistern.put(`/v1/workspaces/${plan}/subscription`, { plan });
  const told = async (id: string) => {
    const { data } = await cistern.get<EventPage>(`/v1/workspaces/${id}/events?limit=100`);
    return data.flatMap(({ type, time }) => (type === "rate_card.changed" ? [time] : []));
  };
  const effectiveAt = ["2026-04-10T12:00:00Z", "2026-04-11T12:00:00Z"];
  for (const [index, content] of [catalogOf("1", "2"), catalogOf("3", "2")].entries())
    await cistern.put("/v1/catalog", { content, effectiveAt: effectiveAt[index] });
  await cistern.advanceTo("2026-04-10T11:59:00Z");
  assert.deepEqual(await told("gold"), []);
  await cistern.advanceTo("2026-04-12T00:00:00Z");
  const all = { team: effectiveAt.slice(1), gold: effectiveAt.slice(0, 1), pinned: [], alone: [] };
  for (const [id, times] of Object.entries(all)) assert.deepEqual(await told(id), times, id);
  // The first call at the new price tells nothing again, and goes by what was told.
  for (const [id, charged] of [
    ["team", "3"],
    ["gold", "2"],
    ["pinned", "1"],
    ["alone", "3"],
  ] as const) {
    const call = { member: "ana", meter: "chat", usage: { input_text: 1 } };
    assert.equal((await cistern.workspace(id).debit(call)).charged, charged, id);
  }
  for (const [id, times] of Object.entries(all)) assert.deepEqual(await told(id), times, id);
});
