/** The concurrency classics, over HTTP: many at once, and the pool is neither oversold nor short of a credit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Reply, eventually, startApi, workspaceWith } from "./api-server.ts";

const api = await startApi();

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

const statuses = (replies: readonly Reply[]): number[] => replies.map((one) => one.status);
const count = (replies: readonly Reply[], status: number): number =>
  statuses(replies).filter((one) => one === status).length;

async function balanceOf(workspace: string): Promise<Readonly<Record<string, unknown>>> {
  const { available, held, consumed, debt } = (await api.get(`/v1/workspaces/${workspace}/balance`))
    .body;
  return { available, held, consumed, debt };
}

test("500 credits and 20 holds of 75 at once: exactly 6 get them", async () => {
  await workspaceWith(api, "six", "500");
  const replies = await Promise.all(
    times(20, (index) =>
      api.post("/v1/workspaces/six/holds", { member: `m${index}`, credits: "75" }),
    ),
  );
  assert.equal(count(replies, 201), 6);
  // The rest would fit if calls in flight ended: 50 are free, 450 are held.
  assert.equal(count(replies, 409), 14);
  const [refused] = replies.filter((one) => one.status === 409);
  assert.equal(refused?.at("code"), "credits_held");
  assert.ok(Number(refused?.headers.get("retry-after")) >= 1);
  assert.deepEqual(await balanceOf("six"), {
    available: "50",
    held: "450",
    consumed: "0",
    debt: "0",
  });
});

test("8 first calls at once of a member never seen, whose default cap fits one: 1 gets through", async () => {
  await workspaceWith(api, "one", "1000");
  await api.put("/v1/workspaces/one/limits/each", {
    scope: { kind: "eachMember" },
    cap: { credits: "100", window: "day" },
  });
  const replies = await Promise.all(
    times(8, () => api.post("/v1/workspaces/one/holds", { member: "newcomer", credits: "75" })),
  );
  assert.equal(count(replies, 201), 1);
  assert.equal(count(replies, 403), 7);
  const [refused] = replies.filter((one) => one.status === 403);
  assert.deepEqual(refused?.at("scope"), {
    kind: "member",
    id: "newcomer",
    limit: "each",
    inherited: true,
  });
  assert.equal(refused?.at("available"), "25");
});

test("spending goes exactly to the cap, and the next call is denied", async () => {
  await workspaceWith(api, "cap", "1000");
  await api.put("/v1/workspaces/cap/limits/day", {
    scope: { kind: "workspace" },
    cap: { credits: "100", window: "day" },
  });
  const first = await api.post("/v1/workspaces/cap/holds", { member: "ana", credits: "99.999999" });
  const last = await api.post("/v1/workspaces/cap/holds", { member: "ana", credits: "0.000001" });
  assert.deepEqual(statuses([first, last]), [201, 201]);
  const next = await api.post("/v1/workspaces/cap/holds", { member: "ana", credits: "0.000001" });
  assert.equal(next.at("code"), "limit_reached");
  assert.equal(next.at("available"), "0");
  assert.ok(Date.parse(next.textAt("retryAt")) > Date.now());
  assert.equal(
    (await api.post("/v1/workspaces/cap/holds", { member: "ana", credits: "0" })).status,
    201,
  );
  const events = (await api.get("/v1/workspaces/cap/events")).rows();
  assert.equal(events.filter((one) => one["type"] === "limit.reached").length, 1);
});

test("the same key many times at once: one hold, the same answer for all", async () => {
  await workspaceWith(api, "same", "500");
  const replies = await Promise.all(
    times(10, () =>
      api.post(
        "/v1/workspaces/same/holds",
        { member: "ana", credits: "75" },
        { idempotencyKey: "k" },
      ),
    ),
  );
  assert.deepEqual(new Set(replies.map((one) => one.text)).size, 1);
  assert.equal(count(replies, 201), 10);
  const replayed = replies.filter((one) => one.headers.get("idempotency-replayed") === "true");
  assert.equal(replayed.length, 9);
  assert.deepEqual(await balanceOf("same"), {
    available: "425",
    held: "75",
    consumed: "0",
    debt: "0",
  });
});

test("the same key with another body at once: one is refused with 422", async () => {
  await workspaceWith(api, "other", "500");
  const replies = await Promise.all(
    times(2, (index) =>
      api.post(
        "/v1/workspaces/other/holds",
        { member: "ana", credits: `${75 + index}` },
        { idempotencyKey: "k" },
      ),
    ),
  );
  assert.deepEqual(
    statuses(replies).toSorted((a, b) => a - b),
    [201, 422],
  );
  const [refused] = replies.filter((one) => one.status === 422);
  assert.equal(refused?.at("code"), "idempotency_key_reused");
});

test("the retry of a hold that succeeded gets that hold, also when the pool is empty by then", async () => {
  await workspaceWith(api, "empty", "100");
  const body = { member: "ana", credits: "60" };
  const first = await api.post("/v1/workspaces/empty/holds", body, { idempotencyKey: "k" });
  const rest = await api.post("/v1/workspaces/empty/holds", { member: "bob", credits: "40" });
  assert.equal(rest.status, 201);
  const retry = await api.post("/v1/workspaces/empty/holds", body, { idempotencyKey: "k" });
  assert.equal(retry.status, 201);
  assert.equal(retry.text, first.text);
  assert.equal(retry.headers.get("idempotency-replayed"), "true");
  const fresh = await api.post("/v1/workspaces/empty/holds", body);
  assert.equal(fresh.status, 409);
});

test("settle races expiry: charged once, and the rest is back, whoever wins", async () => {
  await workspaceWith(api, "race", "1000");
  const holds = await Promise.all(
    times(10, () =>
      api.post("/v1/workspaces/race/holds", { member: "ana", credits: "50", ttl: "PT1S" }),
    ),
  );
  const expiresAt = Math.min(...holds.map((one) => Date.parse(one.textAt("expiresAt"))));
  await eventually(
    async () => Date.now(),
    (now) => now >= expiresAt - 20,
  );
  const settled = await Promise.all(
    holds.map((hold, index) =>
      eventually(
        async () => Date.now(),
        (now) => now >= expiresAt - 20 + index * 5,
      ).then(() =>
        api.post(
          `/v1/workspaces/race/holds/${hold.textAt("id")}/settle`,
          { credits: "30" },
          {
            idempotencyKey: null,
          },
        ),
      ),
    ),
  );
  assert.equal(count(settled, 200), 10);
  assert.ok(settled.every((one) => one.at("charged") === "30"));
  assert.ok(
    settled.some((one) => one.at("late") === true),
    "no settle came late",
  );
  assert.deepEqual(await balanceOf("race"), {
    available: "700",
    held: "0",
    consumed: "300",
    debt: "0",
  });
});

test("two settles of one hold at once: one charge, and both are told it", async () => {
  await workspaceWith(api, "twice", "100");
  const hold = await api.post("/v1/workspaces/twice/holds", { member: "ana", credits: "50" });
  const path = `/v1/workspaces/twice/holds/${hold.textAt("id")}/settle`;
  const same = await Promise.all(
    times(4, () => api.post(path, { credits: "20" }, { idempotencyKey: null })),
  );
  assert.equal(count(same, 200), 4);
  assert.equal(new Set(same.map((one) => one.text)).size, 1);
  const other = await api.post(path, { credits: "21" }, { idempotencyKey: null });
  assert.equal(other.at("code"), "idempotency_key_reused");
  const late = await api.post(path, { credits: "20" }, { idempotencyKey: "another" });
  assert.equal(late.at("code"), "hold_already_settled");
  assert.deepEqual(await balanceOf("twice"), {
    available: "80",
    held: "0",
    consumed: "20",
    debt: "0",
  });
});

test("a hold released after a better lot came: its credits go back exactly where they came from", async () => {
  await workspaceWith(api, "back", "0");
  const grants = "/v1/workspaces/back/grants";
  const first = await api.post(grants, { credits: "60", source: "purchase", priority: 10 });
  const second = await api.post(grants, { credits: "100", source: "purchase", priority: 20 });
  const hold = await api.post("/v1/workspaces/back/holds", { member: "ana", credits: "75" });
  assert.deepEqual(hold.at("lots"), [
    { grant: first.at("id"), credits: "60" },
    { grant: second.at("id"), credits: "15" },
  ]);
  const third = await api.post(grants, { credits: "40", source: "promotion", priority: 1 });
  const released = await api.post(
    `/v1/workspaces/back/holds/${hold.textAt("id")}/release`,
    {},
    { idempotencyKey: null },
  );
  assert.equal(released.at("returned"), "75");
  const lots = (await api.get("/v1/workspaces/back/balance")).rows("lots");
  assert.deepEqual(
    lots.map((lot) => [lot["id"], lot["available"]]),
    [
      [third.at("id"), "40"],
      [first.at("id"), "60"],
      [second.at("id"), "100"],
    ],
  );
});

test("a hold released after its lot expired: the credits are expired, and nobody can spend them", async () => {
  await workspaceWith(api, "gone", "0");
  const expiresAt = new Date(Date.now() + 4_000).toISOString();
  const grant = await api.post("/v1/workspaces/gone/grants", {
    credits: "60",
    source: "promotion",
    expiresAt,
  });
  const hold = await api.post("/v1/workspaces/gone/holds", { member: "ana", credits: "40" });
  await eventually(
    async () => Date.now(),
    (now) => now >= Date.parse(expiresAt),
  );
  assert.deepEqual(await balanceOf("gone"), {
    available: "0",
    held: "40",
    consumed: "0",
    debt: "0",
  });
  await api.post(
    `/v1/workspaces/gone/holds/${hold.textAt("id")}/release`,
    {},
    { idempotencyKey: null },
  );
  const lot = await api.get(`/v1/workspaces/gone/grants/${grant.textAt("id")}`);
  assert.deepEqual([lot.at("available"), lot.at("held"), lot.at("expired")], ["0", "0", "60"]);
});

test("holds and settles of many at once: what was charged and what is left is what was granted", async () => {
  await workspaceWith(api, "sum", "10000");
  const charged = await Promise.all(
    times(60, async (index) => {
      const hold = await api.post("/v1/workspaces/sum/holds", {
        member: `m${index % 7}`,
        credits: "20",
      });
      const settled = await api.post(
        `/v1/workspaces/sum/holds/${hold.textAt("id")}/settle`,
        { credits: `${index % 25}.5` },
        { idempotencyKey: null },
      );
      return Number(settled.textAt("charged"));
    }),
  );
  const sum = charged.reduce((total, one) => total + one, 0);
  const balance = await balanceOf("sum");
  assert.deepEqual(balance, {
    available: `${10_000 - sum}`,
    held: "0",
    consumed: `${sum}`,
    debt: "0",
  });
});
