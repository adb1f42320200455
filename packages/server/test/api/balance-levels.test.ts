/** How much is left is told when a pool becomes low, empty, and neither again: once each, by whatever led there. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { CloudEvent, EventPage } from "@cistern/contract";
import { createTestCistern } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";

const { url: databaseUrl } = await freshDatabase();
const cistern = await createTestCistern({ now: "2026-01-01T00:00:00Z", databaseUrl });
after(() => cistern.close());

/** Types of what was told since, with what was left where it is about that. */
async function told(id: string, from: string): Promise<{ types: string[]; next: string }> {
  const path = `/v1/workspaces/${id}/events?limit=100&after=${from}`;
  const { data, next } = await cistern.get<EventPage>(path);
  const wordOf = (event: CloudEvent): string => {
    switch (event.type) {
      case "balance.low":
      case "balance.depleted":
      case "balance.recovered":
        return `${event.type} ${event.data.left}`;
      default:
        return event.type;
    }
  };
  return { types: data.map(wordOf), next };
}

async function begun(id: string, settings: object) {
  await cistern.createWorkspace({ id, ...settings });
  let { next } = await told(id, "0.0");
  return {
    calls: cistern.workspace(id),
    /** What an action leads to. */
    leads: async (act: () => Promise<unknown>): Promise<readonly string[]> => {
      await act();
      const since = await told(id, next);
      next = since.next;
      return since.types;
    },
  };
}

const debit = (credits: string) => ({ member: "ana", credits });

test("a first grant recovers nothing; low and empty are told when they begin, and again after a recovery", async () => {
  const { calls, leads } = await begun("acme", { lowBalance: "20" });
  const purchase = { source: "purchase", priority: 50 } as const;
  const grant = (credits: string) => () => calls.grant({ credits, ...purchase });
  const use = (credits: string) => () => calls.debit(debit(credits));
  assert.deepEqual(await leads(grant("100")), ["credits.granted"]);
  assert.deepEqual(await leads(use("79")), ["usage.debited"]);
  assert.deepEqual(await leads(use("1")), ["usage.debited", "balance.low 20"]);
  assert.deepEqual(await leads(use("5")), ["usage.debited"]);
  assert.deepEqual(await leads(use("15")), ["usage.debited", "balance.depleted 0"]);
  assert.deepEqual(await leads(grant("10")), ["credits.granted", "balance.low 10"]);
  assert.deepEqual(await leads(grant("11")), ["credits.granted", "balance.recovered 21"]);
  const changed = () => calls.update({ lowBalance: "25" });
  assert.deepEqual(await leads(changed), ["workspace.updated", "balance.low 21"]);
  const off = () => calls.update({ lowBalance: "0" });
  assert.deepEqual(await leads(off), ["workspace.updated", "balance.recovered 21"]);
  assert.equal((await calls.get()).lowBalance, undefined);
});

test("a call in flight crosses nothing, whether it is settled or released", async () => {
  const { calls, leads } = await begun("flights", { lowBalance: "20" });
  await leads(() => calls.grant({ credits: "100", source: "purchase" }));
  let hold = await calls.authorize(debit("100"));
  assert.deepEqual(await leads(() => hold.release()), ["hold.opened", "hold.released"]);
  hold = await calls.authorize(debit("100"));
  assert.deepEqual(await leads(() => hold.settle({ credits: "30" })), [
    "hold.opened",
    "hold.settled",
  ]);
  hold = await calls.authorize(debit("70"));
  assert.deepEqual(await leads(() => hold.settle({ credits: "70" })), [
    "hold.opened",
    "hold.settled",
    "balance.depleted 0",
  ]);
});

test("what happens by itself tells it too: credits that expire, and others that become effective", async () => {
  const { calls, leads } = await begun("expiring", {});
  await leads(() =>
    calls.grant({ credits: "10", source: "promotion", expiresAt: "2026-02-01T00:00:00Z" }),
  );
  await leads(() =>
    calls.grant({ credits: "5", source: "promotion", effectiveAt: "2026-03-01T00:00:00Z" }),
  );
  const february = () => cistern.advanceTo("2026-02-02T00:00:00Z");
  assert.deepEqual(await leads(february), ["credits.expired", "balance.depleted 0"]);
  const march = () => cistern.advanceTo("2026-03-02T00:00:00Z");
  assert.deepEqual(await leads(march), ["credits.effective", "balance.recovered 5"]);
});

test("usage on a pool that never had credits is owed, and empties it", async () => {
  const { calls, leads } = await begun("owing", {});
  const used = await leads(() => calls.debit(debit("3")));
  assert.deepEqual(used, ["usage.debited", "balance.depleted 0"]);
  const granted = await leads(() => calls.grant({ credits: "3", source: "purchase" }));
  assert.deepEqual(granted, ["credits.granted"]);
  const more = await leads(() => calls.grant({ credits: "4", source: "purchase" }));
  assert.deepEqual(more, ["credits.granted", "balance.recovered 4"]);
});
