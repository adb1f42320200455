/** What others saw is kept for a time, and then forgotten a little at a time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { SettingsFault, readSettings } from "../../src/index.ts";
import { type ApiServer, workspaceWith } from "../api/api-server.ts";
import { inForce, serverOn } from "../api/catalog-server.ts";
import { freshDatabase } from "../fresh-database.ts";
import { catalog, requestOf, send, span } from "./otlp-calls.ts";

const msPerDay = 86_400_000;

async function observed(api: ApiServer, daysAgo: number): Promise<number> {
  const day = (days: number): string => new Date(Date.now() - days * msPerDay).toISOString();
  const query = `from=${day(daysAgo + 1)}&to=${day(daysAgo - 1)}`;
  return Number((await api.get(`/v1/workspaces/acme/reconciliation?${query}`)).body["observed"]);
}

test("what was observed is forgotten after as many days as the setting says, however much it is", async () => {
  const { url } = await freshDatabase();
  await inForce(url, catalog, 1);
  const api = await serverOn(url);
  await workspaceWith(api, "acme", "10");
  await workspaceWith(api, "beta", "10");
  const seen = { "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 1 };
  const ended = (daysAgo: number) =>
    span(seen, { endTimeUnixNano: `${BigInt(Date.now() - daysAgo * msPerDay) * 1_000_000n}` });
  const old = Array.from({ length: 2_100 }, () => ended(40));
  assert.deepEqual((await send(api, requestOf([...old, ended(20), ended(0)]))).body, {});
  await send(api, requestOf([ended(20)], { "cistern.workspace": "beta" }));
  assert.deepEqual([await observed(api, 40), await observed(api, 20)], [2_100, 1]);
  await serverOn(url, { CISTERN_OBSERVATION_DAYS: "30" });
  while ((await observed(api, 40)) > 0) await wait(20);
  assert.deepEqual([await observed(api, 20), await observed(api, 0)], [1, 1]);
});

test("a span that ends far ahead of the clock would be kept for ever, and is refused", async () => {
  const { url } = await freshDatabase();
  await inForce(url, catalog, 1);
  const api = await serverOn(url);
  await workspaceWith(api, "acme", "10");
  const seen = { "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 1 };
  const ahead = span(seen, {
    endTimeUnixNano: `${BigInt(Date.now() + 2 * msPerDay) * 1_000_000n}`,
  });
  const reply = await send(api, requestOf([ahead, span(seen)]));
  assert.equal(reply.at("partialSuccess.rejectedSpans"), 1);
  assert.match(reply.textAt("partialSuccess.errorMessage"), /more than a day ahead/);
});

test("a number of days that makes no sense is refused with what is expected", () => {
  for (const text of ["0", "-1", "1.5", "99999", "ever"])
    assert.throws(
      () => readSettings({ CISTERN_OBSERVATION_DAYS: text }),
      (error) => error instanceof SettingsFault && /from 1 to 9999/.test(error.message),
    );
});
