/** Webhooks over TLS: whose certificate is believed, and to which address a connection goes and for how long. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { createSend } from "../../src/outbound/index.ts";
import { callsTo, workspaceWith } from "../api/api-server.ts";
import { startCistern } from "../cli/cistern-process.ts";
import { systemClock } from "../engine/fixtures.ts";
import { freshDatabase } from "../fresh-database.ts";
import { newAuthority } from "./certificates.ts";
import { JumpingClock, until } from "./outbound-node.ts";
import { receiver, takes, verifies } from "./receivers.ts";

const authority = await newAuthority();
const key = "cst_admin_of_the_tests";
const none = () => [];

/** A sender to which every name is this machine. */
function sending(clock: Pick<typeof systemClock, "now" | "after"> = systemClock) {
  let looked = 0;
  const resolve = async () => {
    looked += 1;
    return [{ address: "127.0.0.1", family: 4 }];
  };
  const rules = { allowsLoopback: true };
  const send = createSend({ resolve, rules, clock, timeoutMs: 2_000 });
  return { to: (url: string) => send({ url, headers: {}, body: "{}" }), looked: () => looked };
}

test("an operator's own authority is trusted by NODE_EXTRA_CA_CERTS; another, or another name, is an attempt that failed and says why", async () => {
  const stranger = await newAuthority();
  const crm = await receiver(takes, none, await authority.sign("DNS:localhost"));
  const misnamed = await receiver(takes, none, await authority.sign("DNS:elsewhere.example"));
  const unknown = await receiver(takes, none, await stranger.sign("DNS:localhost"));
  const cistern = startCistern(
    {
      DATABASE_URL: (await freshDatabase()).url,
      CISTERN_API_KEY: key,
      CISTERN_WEBHOOKS_ALLOW_LOOPBACK: "1",
      NODE_EXTRA_CA_CERTS: authority.certFile,
    },
    "serve",
  );
  const api = callsTo(await cistern.ready(), key);
  const made = await api.put("/v1/webhooks/crm", { url: crm.url });
  await api.put("/v1/webhooks/misnamed", { url: misnamed.url });
  await api.put("/v1/webhooks/unknown", { url: unknown.url });
  await workspaceWith(api, "acme", "0");
  await until(() => crm.stored.length >= 1);
  const [stored] = crm.stored;
  assert.ok(stored !== undefined && verifies(made.textAt("secret"), stored));
  for (const [id, fault] of [
    ["misnamed", /certificate is not of localhost: .*DNS:elsewhere\.example/],
    ["unknown", /certificate of localhost is not trusted: .*NODE_EXTRA_CA_CERTS/],
  ] as const) {
    const attempts = async () => (await api.get(`/v1/webhooks/${id}/attempts`)).rows();
    await until(async () => (await attempts()).length > 0);
    const [attempt] = await attempts();
    assert.equal(attempt?.["taken"], false);
    assert.equal(attempt?.["event"], stored.id);
    assert.match(String(attempt?.["fault"]), fault);
  }
  assert.deepEqual([misnamed.received.length, unknown.received.length], [0, 0]);
  await cistern.stop();
});

test("the connection goes to the address that was looked at, and the certificate must be of the name", async () => {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, await readFile(authority.certFile, "utf8")]);
  const crm = await receiver(takes, none, await authority.sign("DNS:receiver.example"));
  const { port } = new URL(crm.url);
  const right = await sending().to(`https://receiver.example:${port}/in`);
  assert.equal(right.kind === "answered" && right.status, 204);
  assert.equal(crm.received[0]?.serverName, "receiver.example");
  for (const name of ["other.example", "127.0.0.1"]) {
    const wrong = await sending().to(`https://${name}:${port}/in`);
    const fault = wrong.kind === "fault" ? wrong.fault : "";
    assert.ok(fault.startsWith(`The certificate is not of ${name}: `), fault);
  }
  assert.equal(crm.received.length, 1);
  setDefaultCACertificates(before);
});

test("a burst to an endpoint goes over one connection, whose address was looked at once, and which ends after a minute", async () => {
  const crm = await receiver(takes);
  const clock = new JumpingClock();
  const { to, looked } = sending(clock);
  const url = crm.url.replace("127.0.0.1", "receiver.example");
  for (let n = 0; n < 5; n += 1) await to(url);
  clock.aheadMs = 61_000;
  for (let n = 0; n < 3; n += 1) await to(url);
  assert.deepEqual(
    crm.received.map(({ connection }) => connection),
    [1, 1, 1, 1, 1, 1, 2, 2],
  );
  assert.equal(looked(), 2);
});

test("a connection that the receiver ended while it was kept is no failed attempt", async () => {
  let sockets = 0;
  const crm = await receiver((one, answer) => {
    const { response } = answer;
    // Taken, and over with the next request, before a byte of an answer.
    if (one.connection > sockets) {
      sockets = one.connection;
      void takes(one, answer);
    } else response.socket?.resetAndDestroy();
  });
  const { to } = sending();
  for (let n = 0; n < 3; n += 1) {
    const sent = await to(crm.url);
    assert.equal(sent.kind === "answered" && sent.status, 204);
  }
  const silent = await receiver((_one, { response }) => void response.socket?.resetAndDestroy());
  const cut = await to(silent.url);
  assert.equal(cut.kind, "fault");
  assert.equal(silent.received.length, 1, "of a new one it is");
});
