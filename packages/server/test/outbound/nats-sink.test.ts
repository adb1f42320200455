/** The sink of NATS JetStream against a real server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CloudEvent } from "@cistern/contract";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { natsSink } from "../../src/outbound/sinks/nats-sink.ts";
import { SinkFault } from "../../src/outbound/sinks/sink.ts";
import { hasNats, startNats } from "./nats-server.ts";
import { largeEvent, toldEvent, toldEvents } from "./told-event.ts";

const sinkAt = (host: string, stream = "cistern") =>
  natsSink({ name: "nats", servers: [host], stream });

test("each event is a message under a subject of its workspace and type, with its id and its envelope", async (t) => {
  if (!hasNats(t)) return;
  const server = await startNats();
  const sink = sinkAt(server.host);
  await sink.write([toldEvent(1, "acme"), toldEvent(2, "b.eta:1@x")]);
  await sink.close();
  const stored = await server.stored("cistern");
  assert.deepEqual(
    stored.map(({ subject, messageId, contentType }) => [subject, messageId, contentType]),
    [
      ["cistern.acme.hold.settled", "acme:1.0:1f3a90bc", "application/cloudevents+json"],
      [
        "cistern.b%2Eeta:1@x.hold.settled",
        "b.eta:1@x:2.0:1f3a90bc",
        "application/cloudevents+json",
      ],
    ],
  );
  assert.deepEqual(
    stored.map(({ text }): CloudEvent => JSON.parse(text)),
    [toldEvent(1, "acme"), toldEvent(2, "b.eta:1@x")],
  );
});

test("what is written again after the server was killed is in the stream once and in order", async (t) => {
  if (!hasNats(t)) return;
  const server = await startNats();
  const sink = sinkAt(server.host);
  await sink.write(toldEvents(1, 50));
  // It dies while events of two workspaces are on their way.
  const under = ["acme", "beta"].map((id) =>
    sink.write(toldEvents(51, 20_000, id)).then(
      () => assert.fail("more than a killed server takes"),
      (error: unknown) => assert.ok(error instanceof SinkFault),
    ),
  );
  await server.kill();
  await Promise.all(under);
  await assert.rejects(sink.write([toldEvent(51)]), /The sink nats .*connection refused/);
  await server.start();
  await Promise.all([
    sink.write(toldEvents(1, 900)),
    sink.write(toldEvents(51, 900, "beta")),
    sinkAt(server.host).write(toldEvents(40, 60)),
  ]);
  await sink.close();
  const stored = await server.stored("cistern");
  for (const [id, first] of [
    ["acme", 1],
    ["beta", 51],
  ] as const) {
    const own = stored.filter(({ subject }) => subject.startsWith(`cistern.${id}.`));
    const expected = toldEvents(first, first + own.length - 1, id).map((event) => event.id);
    assert.ok(own.length >= 850);
    assert.deepEqual(
      own.map(({ messageId }) => messageId),
      expected,
    );
  }
});

test("a stream that its operator made stays as it is, and one that takes no such subject refuses", async (t) => {
  if (!hasNats(t)) return;
  const server = await startNats();
  const connection = await connect({ servers: server.host });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "mine", subjects: ["mine.>"], max_msgs: 3 });
  await manager.streams.add({ name: "other", subjects: ["elsewhere"] });
  await sinkAt(server.host, "mine").write(toldEvents(1, 5));
  assert.equal((await manager.streams.info("mine")).config.max_msgs, 3);
  await assert.rejects(sinkAt(server.host, "other").write([toldEvent(1)]), SinkFault);
  await connection.close();
});

test("an event that is larger than the server takes is told by where the feed has it, in its place and under its id", async (t) => {
  if (!hasNats(t)) return;
  const server = await startNats({ config: "max_payload: 2048" });
  const sink = sinkAt(server.host);
  // Byte by byte over the bound: none is refused, and none is told by reference that goes through whole.
  const sizes = [10, ...Array.from({ length: 300 }, (_, more) => 1_400 + more), 20_000];
  const events = sizes.map((size, i) => largeEvent(i + 1, size));
  await sink.write(events);
  await sink.close();
  const stored = await server.stored("cistern");
  assert.deepEqual(
    stored.map(({ messageId, subject }) => [messageId, subject]),
    events.map(({ id }) => [id, "cistern.acme.hold.settled"]),
  );
  const isWhole = stored.map(({ dataref }) => dataref === undefined);
  const firstReferred = isWhole.indexOf(false);
  assert.ok(firstReferred > 1 && firstReferred < 300, `${firstReferred} went through whole`);
  assert.ok(isWhole.slice(firstReferred).every((whole) => !whole));
  assert.deepEqual(
    stored.slice(0, firstReferred).map(({ text }): CloudEvent => JSON.parse(text)),
    events.slice(0, firstReferred),
  );
  const { data: _, datacontenttype: _type, ...told } = toldEvent(302);
  const dataref = "/v1/workspaces/acme/events?after=301.999999999&limit=1";
  assert.deepEqual(JSON.parse(stored.at(-1)?.text ?? ""), { ...told, dataref });
  assert.equal(stored.at(-1)?.dataref, dataref);
});

test("of a stream that takes smaller messages than the server it is the same, and one that takes hardly any says so", async (t) => {
  if (!hasNats(t)) return;
  const server = await startNats();
  const connection = await connect({ servers: server.host });
  const manager = await jetstreamManager(connection);
  const stream = { subjects: ["cistern.>"], name: "cistern", max_msg_size: 1_024 };
  await manager.streams.add(stream);
  const large = largeEvent(2, 2_000);
  const sink = sinkAt(server.host);
  await sink.write([toldEvent(1), large, toldEvent(3)]);
  const stored = await server.stored("cistern");
  assert.deepEqual(
    stored.map(({ messageId, dataref }) => [messageId, dataref !== undefined]),
    [1, 2, 3].map((n) => [toldEvent(n).id, n === 2]),
  );
  await manager.streams.update("cistern", { max_msg_size: 100 });
  await assert.rejects(sink.write([toldEvent(4)]), {
    name: "SinkFault",
    of: "events",
    message: /acme:4\.0:1f3a90bc takes \d{3} bytes also without its data.*allow at least 4096/,
  });
  await sink.close();
  await connection.close();
});

test("what nobody waits for any more is not sent", async (t) => {
  if (!hasNats(t)) return;
  const server = await startNats();
  const sink = sinkAt(server.host);
  await sink.write([toldEvent(1)]);
  await assert.rejects(sink.write(toldEvents(2, 3), AbortSignal.abort()), SinkFault);
  await sink.close();
  assert.equal((await server.stored("cistern")).length, 1);
});
