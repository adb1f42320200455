/** Which addresses webhooks may call: none behind a firewall, whoever names it and however. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../engine/fixtures.ts";
import { createSend } from "../../src/outbound/index.ts";
import { readEndpointUrl, refusedAddress } from "../../src/outbound/webhooks/address-guard.ts";
import { startApi } from "../api/api-server.ts";
import { receiver, takes } from "./receivers.ts";

const strict = { allowsLoopback: false };
const development = { allowsLoopback: true };

const refused: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.1", "127.255.255.254", "::1"],
  unspecified: ["0.0.0.0", "0.1.2.3", "::"],
  "link-local": ["169.254.169.254", "fe80::1", "febf::1", "fe80::1%eth0"],
  private: [
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "fc00::1",
    "fdff::1",
    "fec0::1",
  ],
  "carrier-grade": ["100.64.0.1", "100.127.255.255"],
  multicast: ["224.0.0.1", "239.255.255.255", "ff02::1"],
  "broadcast and reserved": [
    "255.255.255.255",
    "240.0.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "192.88.99.1",
    "2001:db8::1",
    "3fff::1",
  ],
  mapped: ["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:7f00:1", "::ffff:0:127.0.0.1"],
  "compatible with IPv4": ["::127.0.0.1", "::8.8.8.8"],
  translated: ["64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::a00:1"],
  tunnelled: ["2002:7f00:1::", "2002:808:808::1", "2001:0:7f00:1::"],
  "outside of what is routed": ["4000::1", "100::1", "5f00::1"],
};

for (const [kind, addresses] of Object.entries(refused))
  test(`an address that is ${kind} is refused`, () => {
    for (const address of addresses) {
      assert.notEqual(refusedAddress(address, strict), undefined, address);
      if (kind !== "loopback")
        assert.notEqual(
          refusedAddress(address, development),
          undefined,
          `in development: ${address}`,
        );
    }
  });

test("an address of the public internet is not", () => {
  for (const address of [
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
  ])
    assert.equal(refusedAddress(address, strict), undefined, address);
});

test("an address in the URL is refused in every notation", () => {
  for (const host of [
    "127.0.0.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "127.1",
    "127.0.1",
    "%31%32%37.0.0.1",
    "127。0。0。1",
    "10.0.0.1.",
    "167772161",
    "0xa9fea9fe",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[0:0:0:0:0:ffff:7f00:0001]",
    "[64:ff9b::10.0.0.1]",
    "[2002:a00:1::]",
    "[::127.0.0.1]",
  ])
    assert.equal(typeof readEndpointUrl(`https://${host}/in`, strict), "string", host);
});

test("an endpoint is an https address, without a user", () => {
  for (const url of [
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "https://user@example.com/",
    "https://user:secret@example.com/",
    "https://example.com/#part",
    "example.com",
    "https://",
  ])
    assert.equal(typeof readEndpointUrl(url, strict), "string", url);
  assert.ok(readEndpointUrl("https://example.com:8443/in?a=1", strict) instanceof URL);
  assert.ok(readEndpointUrl("http://127.0.0.1:1/in", development) instanceof URL);
});

const send = (rules: typeof strict, answers: readonly (readonly string[])[]) => {
  let asked = 0;
  const resolve = async () => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  const sender = createSend({ resolve, rules, clock: systemClock, timeoutMs: 2_000 });
  return {
    to: (url: string) => sender({ url, headers: {}, body: "{}" }),
    asked: () => asked,
  };
};

test("a name that resolves to an address that is not called is refused when it is called, also beside a good one", async () => {
  const crm = await receiver(takes);
  const { port } = new URL(crm.url);
  for (const addresses of [
    ["127.0.0.1"],
    ["10.0.0.1"],
    ["8.8.8.8", "127.0.0.1"],
    ["::ffff:127.0.0.1"],
  ]) {
    const { to } = send(strict, [addresses]);
    const sent = await to(`https://receiver.example:${port}/in`);
    assert.equal(sent.kind, "fault");
    assert.match(sent.kind === "fault" ? sent.fault : "", /has an address that is not called/);
  }
  assert.equal(crm.received.length, 0);
});

test("a name that changes its answer is not resolved twice for a connection, and again for the next: each goes to the address that was looked at", async () => {
  const crm = await receiver((one, answer) => {
    // The second request goes over the first one's connection.
    if (crm.received.length > 1) answer.response.setHeader("connection", "close");
    void takes(one, answer);
  });
  const { port } = new URL(crm.url);
  const rebinding = send(development, [["127.0.0.1"], ["169.254.169.254"]]);
  const first = await rebinding.to(`http://receiver.example:${port}/in`);
  assert.equal(first.kind === "answered" && first.status, 204);
  assert.equal(crm.received[0]?.headers["host"], `receiver.example:${port}`);
  await rebinding.to(`http://receiver.example:${port}/in`);
  assert.equal(rebinding.asked(), 1, "once a connection");
  const third = await rebinding.to(`http://receiver.example:${port}/in`);
  assert.equal(third.kind, "fault");
  assert.equal(rebinding.asked(), 2, "and for each");
  assert.equal(crm.received.length, 2);
});

test("an answer is read up to a bound, and waited for up to a bound", async () => {
  const { to } = send(development, [["127.0.0.1"]]);
  const endless = await receiver((_one, { response }) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write("x".repeat(65_536)));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  });
  const sent = await to(endless.url);
  assert.equal(sent.kind === "answered" && sent.text.length, 1_024);
  const silent = await receiver(() => {});
  const quick = createSend({
    resolve: async () => [{ address: "127.0.0.1", family: 4 }],
    rules: development,
    clock: systemClock,
    timeoutMs: 50,
  });
  const never = await quick({ url: silent.url, headers: {}, body: "{}" });
  assert.match(never.kind === "fault" ? never.fault : "", /No whole answer within 50 ms/);
});

test("without the development flag the API refuses this machine and plain http", async () => {
  const api = await startApi();
  for (const url of [
    "http://127.0.0.1:1/in",
    "https://127.0.0.1/in",
    "https://0x7f000001/",
    "http://example.com/",
  ]) {
    const answer = await api.put("/v1/webhooks/crm", { url });
    assert.equal(answer.status, 422, answer.text);
    assert.equal(
      answer.at("violations.0.pointer") ?? answer.at("errors.0.pointer"),
      "/url",
      answer.text,
    );
  }
  await api.put("/v1/webhooks/crm", { url: "https://localhost:1/in" });
  const tested = await api.post("/v1/webhooks/crm/test");
  assert.match(tested.textAt("fault"), /localhost has an address that is not called/);
});
