/** Secrets of webhooks at rest: whoever reads the database cannot sign as Cistern where the nodes were given a key. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { Client } from "pg";
import { SettingsFault, readSettings } from "../../src/host/index.ts";
import { serve } from "../../src/index.ts";
import { createSealing } from "../../src/outbound/index.ts";
import { callsTo, workspaceWith } from "../api/api-server.ts";
import { freshDatabase } from "../fresh-database.ts";
import { until } from "./outbound-node.ts";
import { receiver, takes, verifies } from "./receivers.ts";

const adminKey = "cst_admin_of_the_tests";
const newKey = (): string => randomBytes(32).toString("base64");
const outbound = { lookMs: 20, sweepMs: 50, timeoutMs: 2_000 };

/** Nodes, one after the other, on one database. */
async function installation() {
  const { url } = await freshDatabase();
  const stored = async (): Promise<string> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query("SELECT secret, old_secrets FROM webhook_endpoints");
    await client.end();
    return JSON.stringify(rows);
  };
  const withKeys = async (
    keys: string,
    act: (api: ReturnType<typeof callsTo>) => Promise<void>,
  ): Promise<void> => {
    const env = {
      PORT: "0",
      DATABASE_URL: url,
      CISTERN_API_KEY: adminKey,
      CISTERN_LOG: "silent",
      CISTERN_WEBHOOKS_ALLOW_LOOPBACK: "1",
      CISTERN_SECRET_KEY: keys,
    };
    const server = await serve(readSettings(env), { outbound });
    try {
      await act(callsTo(server.url, adminKey));
    } finally {
      await server.stop();
    }
  };
  return { stored, withKeys };
}

test("secrets that stood in plain are sealed once there is a key, then by its successor, and sign as before all the while", async () => {
  const { stored, withKeys } = await installation();
  const [first, second] = [newKey(), newKey()];
  const crm = await receiver(takes);
  const secrets: string[] = [];
  const signsByBoth = async (api: ReturnType<typeof callsTo>): Promise<void> => {
    const before = crm.stored.length;
    await api.post("/v1/workspaces/acme/grants", { credits: "1", source: "purchase" });
    await until(() => crm.stored.length > before);
    const last = crm.stored.at(-1);
    for (const secret of secrets) assert.ok(last !== undefined && verifies(secret, last));
  };
  await withKeys("", async (api) => {
    await workspaceWith(api, "acme", "1");
    secrets.push((await api.put("/v1/webhooks/crm", { url: crm.url })).textAt("secret"));
    secrets.push((await api.post("/v1/webhooks/crm/rotate", { overlap: "PT9H" })).textAt("secret"));
    await signsByBoth(api);
  });
  for (const secret of secrets) assert.ok((await stored()).includes(secret), "in plain");
  for (const [keys, isBy] of [
    [first, /^(?!.*whsec_).*sealed\.([0-9a-f]{8})\..*sealed\.\1\./],
    [`${second},${first}`, /^(?!.*whsec_).*sealed\.([0-9a-f]{8})\..*sealed\.\1\./],
    [second, /sealed/],
  ] as const) {
    const before = await stored();
    await withKeys(keys, async (api) => {
      if (keys !== second) await until(async () => (await stored()) !== before);
      await signsByBoth(api);
    });
    const after = await stored();
    assert.match(after, isBy);
    if (keys === second) assert.equal(after, before, "it stays as it is");
    else assert.notEqual(after, before);
  }
  const other = await receiver(takes);
  await withKeys(second, async (api) => {
    const made = await api.put("/v1/webhooks/new", { url: other.url });
    assert.ok(!(await stored()).includes(made.textAt("secret")));
  });
});

test("a node without the key sends nothing and says why; a new secret has it go on", async () => {
  const { stored, withKeys } = await installation();
  const crm = await receiver(takes);
  await withKeys(newKey(), async (api) => {
    await api.put("/v1/webhooks/crm", { url: crm.url });
  });
  for (const keys of ["", newKey()])
    await withKeys(keys, async (api) => {
      const before = await stored();
      const tested = await api.post("/v1/webhooks/crm/test");
      assert.match(tested.textAt("fault"), /sealed by a key that is not in CISTERN_SECRET_KEY/);
      assert.equal((await api.get("/v1/webhooks/crm")).body["status"], "active");
      assert.equal(await stored(), before);
    });
  await withKeys("", async (api) => {
    await workspaceWith(api, "acme", "1");
    const secret = (await api.post("/v1/webhooks/crm/rotate")).textAt("secret");
    await until(() => crm.stored.length >= 2);
    assert.equal(crm.received.length, crm.stored.length);
    assert.ok(crm.stored.every((one) => verifies(secret, one)));
  });
});

test("a secret that somebody puts into another endpoint's row does not open there", async () => {
  const sealing = createSealing([randomBytes(32)], randomBytes);
  const text = sealing.seal("whsec_abc", "webhook/crm/whk_1");
  assert.equal(sealing.open(text, "webhook/crm/whk_1"), "whsec_abc");
  assert.equal(sealing.open(text, "webhook/erp/whk_2"), undefined);
  assert.equal(sealing.open(`${text.slice(0, -4)}AAAA`, "webhook/crm/whk_1"), undefined);
  assert.equal(sealing.open(text.slice(0, 20), "webhook/crm/whk_1"), undefined);
  assert.notEqual(sealing.seal("whsec_abc", "webhook/crm/whk_1"), text, "a nonce of its own");
});

test("a key of another length, or that is no base64, is refused and not repeated", () => {
  for (const text of ["short", randomBytes(31).toString("base64"), `${newKey()},x`, "ü".repeat(43)])
    assert.throws(
      () => readSettings({ CISTERN_SECRET_KEY: text }),
      (error: unknown) =>
        error instanceof SettingsFault &&
        /32 bytes in base64.*openssl rand -base64 32/.test(error.message) &&
        !error.message.includes(text),
    );
});
