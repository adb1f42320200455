/** How sinks are asked for in the environment. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SettingsFault, readSettings } from "../../src/host/index.ts";

const sinks = (text: string) => readSettings({ CISTERN_SINKS: text }).sinks;

test("sinks are a list, each with a name of its own or that of its kind", () => {
  assert.deepEqual(readSettings({}).sinks, []);
  assert.deepEqual(sinks("stdout, file:./events,archive=file:/var/lib/ev=ents"), [
    { kind: "stdout", name: "stdout" },
    { kind: "file", name: "file", folder: "./events" },
    { kind: "file", name: "archive", folder: "/var/lib/ev=ents" },
  ]);
});

test("a stream has servers, a name, and who we are", () => {
  assert.deepEqual(sinks("nats://127.0.0.1/cistern"), [
    {
      kind: "nats",
      name: "nats",
      servers: ["127.0.0.1:4222"],
      stream: "cistern",
    },
  ]);
  assert.deepEqual(
    sinks("billing=tls://us%3Aer:p%40ss@one:4333/BILLING?server=two:4333&ca=/etc/ca.pem"),
    [
      {
        kind: "nats",
        name: "billing",
        servers: ["one:4333", "two:4333"],
        stream: "BILLING",
        tls: { caFile: "/etc/ca.pem" },
        login: { kind: "user", user: "us:er", password: "p@ss" },
      },
    ],
  );
  const logins = [
    ["t%40ken@", "", { kind: "token", token: "t@ken" }],
    ["", "?creds=/etc/nats.creds", { kind: "creds", file: "/etc/nats.creds" }],
    ["", "?nkey=/etc/user.nk", { kind: "nkey", file: "/etc/user.nk" }],
  ] as const;
  for (const [who, settings, login] of logins) {
    const [sink] = sinks(`nats://${who}one/S${settings}`);
    assert.deepEqual(sink?.kind === "nats" && sink.login, login);
  }
});

for (const [text, expected] of [
  ["kafka://127.0.0.1/x", /"kafka:\/\/127\.0\.0\.1\/x" is no sink\. A sink is stdout, file:FOLDER/],
  ["file:", /"file:" names no folder/],
  ["nats://", /is no URL with a host/],
  ["nats://127.0.0.1:4222", /does not end in the name of a stream/],
  ["nats://127.0.0.1:4222/a/b", /does not end in the name of a stream/],
  ["nats://127.0.0.1/a?token=x", /has the unknown setting token/],
  ["nats://ana:x@127.0.0.1/a?nkey=n", /says 2 times who we are: user and nkey/],
  ["nats://127.0.0.1/a?ca=x", /has files for TLS, which needs tls:/],
  ["tls://127.0.0.1/a?cert=x", /has one of cert and key; they go together/],
  ["Stdout", /"Stdout" is no sink/],
  ["stdout,stdout", /two sinks that are called stdout\. Write NAME= before one/],
] as const)
  test(`CISTERN_SINKS=${text} is refused with what is wrong and what is expected`, () => {
    assert.throws(() => sinks(text), { name: SettingsFault.name, message: expected });
  });

test("a password that stands in a sink of no use is not repeated", () => {
  for (const text of ["nats://ana:secret@127.0.0.1", "nats://ana:a/secret@127.0.0.1/cistern"])
    assert.throws(
      () => sinks(text),
      (error: unknown) => error instanceof SettingsFault && !error.message.includes("secret"),
    );
});
