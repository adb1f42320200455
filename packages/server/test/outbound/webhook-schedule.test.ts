/** How long an event that nobody takes is tried: over days, with chance in each pause, and then no more. Against a real receiver, without waiting. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Attempt, createSend, retryScheduleDefault } from "../../src/outbound/index.ts";
import { consumerOf } from "../../src/outbound/webhooks/deliveries.ts";
import { systemClock } from "../engine/fixtures.ts";
import { receiver } from "./receivers.ts";
import { toldEvent } from "./told-event.ts";

const [second, minute, hour] = [1, 60, 3_600];
/** As the page about webhooks tells it, in seconds. */
const inHours = [2, 5, 10, 14, 20, 24, 24, 24].map((hours) => hours * hour);
const pauses = [5 * second, 5 * minute, 30 * minute, ...inHours];

/** All attempts of one event: their pauses in seconds, and why it ended. */
async function attemptsAt(
  url: string,
  chance: number,
): Promise<{
  readonly paused: readonly number[];
  readonly ended: string;
  readonly log: readonly Attempt[];
}> {
  const log: Attempt[] = [];
  let ended = "";
  const secret = `whsec_${Buffer.alloc(32).toString("base64")}`;
  const endpoint = {
    id: "crm",
    consumer: "webhook/crm/whk_1",
    boundTo: undefined,
    url,
    types: undefined,
    workspaces: undefined,
    description: undefined,
    secret,
    oldSecrets: [],
    kept: { secret, oldSecrets: [] },
    rotatedBy: "",
    createdAtMs: 0,
    disabled: undefined,
  };
  const consumer = consumerOf(endpoint, {
    send: createSend({
      resolve: async () => [],
      rules: { allowsLoopback: true },
      clock: systemClock,
      timeoutMs: 2_000,
    }),
    clock: systemClock,
    log: {
      add: (_consumer, attempt) => log.push(attempt),
      list: async () => [],
      forget: async () => {},
      flush: async () => {},
    },
    newId: (prefix) => `${prefix}_${log.length}`,
    chance: () => chance,
    schedule: retryScheduleDefault,
    timeoutMs: 2_000,
    disable: async (_endpoint, reason) => {
      ended = reason;
    },
  });
  const paused: number[] = [];
  const { signal } = new AbortController();
  for (let attempt = 1; ; attempt += 1) {
    const batch = { workspaceId: "acme", events: [toldEvent(1)], attempt, signal } as const;
    const outcome = await consumer.deliver(batch);
    if (outcome.kind === "stopped") return { paused, ended, log };
    if (outcome.kind === "failed") paused.push((outcome.pauseMs ?? 0) / 1_000);
  }
}

test("an event that is not taken is tried twelve times over five days, with up to a fifth of chance in each pause", async () => {
  const crm = await receiver((_one, { response }) => void response.writeHead(500).end());
  const shortest = await attemptsAt(crm.url, 0);
  assert.deepEqual(shortest.paused, pauses);
  const longest = await attemptsAt(crm.url, 1);
  assert.deepEqual(
    longest.paused,
    pauses.map((pause) => pause * 1.2),
  );
  const days = shortest.paused.reduce((sum, pause) => sum + pause, 0) / (24 * hour);
  assert.ok(days > 5 && days < 6, `${days} days`);
  assert.match(shortest.ended, /All 12 attempts have failed\..*acme:1\.0:1f3a90bc.*answered 500/);
  assert.deepEqual(
    shortest.log.map(({ attempt, eventId, taken, nextAtMs }) => [
      attempt,
      eventId,
      taken,
      nextAtMs === undefined,
    ]),
    Array.from({ length: 12 }, (_, i) => [i + 1, toldEvent(1).id, false, i === 11]),
  );
  assert.equal(new Set(crm.received.map(({ id }) => id)).size, 1);
});

test("a receiver that asks for more than a day gets a day, and for less than the schedule gets the schedule", async () => {
  for (const [retryAfter, first, last] of [
    ["9999999", 24 * hour, 24 * hour],
    ["1", 5, 24 * hour],
    ["Fri, 01 Jan 2049 00:00:00 GMT", 24 * hour, 24 * hour],
    ["Thu, 01 Jan 1998 00:00:00 GMT", 5, 24 * hour],
    ["-5", 5, 24 * hour],
  ] as const) {
    const crm = await receiver((_one, { response }) => {
      response.writeHead(503, { "retry-after": retryAfter }).end();
    });
    const { paused } = await attemptsAt(crm.url, 0);
    assert.deepEqual([paused[0], paused.at(-1)], [first, last], retryAfter);
  }
});
