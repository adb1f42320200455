/** Who may write to a stream, and over what: each login and TLS against a real server that asks for it. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type NodeConnectionOptions, credsAuthenticator, nkeys } from "@nats-io/transport-node";
import { readSettings } from "../../src/host/index.ts";
import { natsSink } from "../../src/outbound/sinks/nats-sink.ts";
import { newAuthority } from "./certificates.ts";
import { hasNats, startNats } from "./nats-server.ts";
import { toldEvent } from "./told-event.ts";

const folder = await mkdtemp(join(tmpdir(), "cistern-nats-access-"));
after(() => rm(folder, { recursive: true, force: true }));

const notAccepted = /Authorization Violation|may not accept who we are/;

/** A sink as the environment names it. */
function sinkAt(url: string) {
  const [settings] = readSettings({ CISTERN_SINKS: url }).sinks;
  assert.ok(settings?.kind === "nats");
  return natsSink(settings);
}

async function writes(url: string): Promise<void> {
  const sink = sinkAt(url);
  try {
    await sink.write([toldEvent(1)]);
  } finally {
    await sink.close();
  }
}

async function fileOf(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text, { mode: 0o600 });
  return file;
}

test("a user with a password and an nkey write, others are told why not", async (t) => {
  if (!hasNats(t)) return;
  const key = nkeys.createUser();
  const seed = new TextDecoder().decode(key.getSeed());
  const server = await startNats({
    config: `authorization { users: [ { user: "ci:stern", password: "p@ss/1" }, { nkey: ${key.getPublicKey()} } ] }`,
    access: { user: "ci:stern", pass: "p@ss/1" },
  });
  await writes(`nats://ci%3Astern:p%40ss%2F1@${server.host}/one`);
  await writes(`nats://${server.host}/two?nkey=${await fileOf("user.nk", `${seed}\n`)}`);
  for (const stream of ["one", "two"]) assert.equal((await server.stored(stream)).length, 1);
  await assert.rejects(writes(`nats://ci%3Astern:wrong@${server.host}/one`), notAccepted);
  await assert.rejects(writes(`nats://${server.host}/one`), notAccepted);
  const stranger = new TextDecoder().decode(nkeys.createUser().getSeed());
  const file = await fileOf("stranger.nk", stranger);
  await assert.rejects(writes(`nats://${server.host}/one?nkey=${file}`), notAccepted);
  await assert.rejects(
    writes(`nats://${server.host}/one?nkey=${folder}/none.nk`),
    /ENOENT.*none\.nk/,
  );
});

test("a token writes", async (t) => {
  if (!hasNats(t)) return;
  const config = `authorization { token: "s3cr@t" }`;
  const server = await startNats({ config, access: { token: "s3cr@t" } });
  await writes(`nats://s3cr%40t@${server.host}/cistern`);
  assert.equal((await server.stored("cistern")).length, 1);
  await assert.rejects(writes(`nats://other@${server.host}/cistern`), notAccepted);
});

test("a file of credentials writes, as an operator with accounts gives them out", async (t) => {
  if (!hasNats(t)) return;
  const [operator, account, system, user] = [
    nkeys.createOperator(),
    nkeys.createAccount(),
    nkeys.createAccount(),
    nkeys.createUser(),
  ];
  const unlimited = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true };
  const limits = { ...unlimited, conn: -1, leaf: -1, mem_storage: -1, disk_storage: -1 };
  const accountClaims = {
    type: "account",
    version: 2,
    limits: { ...limits, streams: -1, consumer: -1 },
  };
  const bySystem = { ...accountClaims, limits: { ...unlimited, conn: -1, leaf: -1 } };
  const jwt = jwtOf(user, account, { type: "user", version: 2, subs: -1, data: -1, payload: -1 });
  const config = `
operator: ${jwtOf(operator, operator, { type: "operator", version: 2 })}
system_account: ${system.getPublicKey()}
resolver: MEMORY
resolver_preload: {
  ${account.getPublicKey()}: ${jwtOf(account, operator, accountClaims)}
  ${system.getPublicKey()}: ${jwtOf(system, operator, bySystem)}
}`;
  const creds = `-----BEGIN NATS USER JWT-----
${jwt}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
${new TextDecoder().decode(user.getSeed())}
------END USER NKEY SEED------
`;
  const authenticator = credsAuthenticator(new TextEncoder().encode(creds));
  const server = await startNats({ config, access: { authenticator } });
  await writes(`nats://${server.host}/cistern?creds=${await fileOf("user.creds", creds)}`);
  assert.equal((await server.stored("cistern")).length, 1);
  await assert.rejects(writes(`nats://${server.host}/cistern`), notAccepted);
});

/** A claim of NATS, signed as `nsc` does. */
function jwtOf(subject: nkeys.KeyPair, issuer: nkeys.KeyPair, claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = part({ typ: "JWT", alg: "ed25519-nkey" });
  const body = part({
    jti: "cistern",
    iat: 1_764_000_000,
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    nats: claims,
  });
  const signature = issuer.sign(new TextEncoder().encode(`${head}.${body}`));
  return `${head}.${body}.${Buffer.from(signature).toString("base64url")}`;
}

test("over TLS a server is believed by its authority and its name, and shown who we are", async (t) => {
  if (!hasNats(t)) return;
  const authority = await newAuthority();
  const [named, elsewhere, client] = [
    await authority.sign("DNS:localhost,IP:127.0.0.1"),
    await authority.sign("DNS:elsewhere.example"),
    await authority.sign("DNS:cistern.example"),
  ];
  const tls: NodeConnectionOptions["tls"] = { ...client, caFile: authority.certFile };
  const configOf = ({ certFile, keyFile }: typeof named) =>
    `tls { cert_file: "${certFile}", key_file: "${keyFile}", ca_file: "${authority.certFile}", verify: true }`;
  const server = await startNats({ config: configOf(named), access: { tls } });
  const at = server.host.replace("127.0.0.1", "localhost");
  const trusting = `ca=${authority.certFile}`;
  const known = `${trusting}&cert=${client.certFile}&key=${client.keyFile}`;
  await writes(`tls://${at}/named?${known}`);
  await writes(`tls://${server.host}/numbered?${known}`);
  for (const stream of ["named", "numbered"]) assert.equal((await server.stored(stream)).length, 1);
  await assert.rejects(writes(`tls://${at}/named`), /unable to verify|self-signed certificate/);
  await assert.rejects(writes(`tls://${at}/named?${trusting}`), /may not accept who we are/);
  const other = await startNats({ config: configOf(elsewhere), access: { tls } });
  for (const host of [other.host, other.host.replace("127.0.0.1", "localhost")])
    await assert.rejects(writes(`tls://${host}/named?${known}`), /altnames.*elsewhere\.example/);
  const plain = await startNats();
  await assert.rejects(writes(`tls://${plain.host}/named?${known}`), /does not support 'tls'/);
  assert.deepEqual(await plain.stored("named"), []);
});
