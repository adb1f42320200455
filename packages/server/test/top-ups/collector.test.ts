/** How top-ups are paid: every outcome of a provider, late, twice, in another order, and over restarts. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type Command, type Pack, type TopUp, credits, money } from "@cistern/kernel";
import { migrate, openDatabase } from "../../src/database/index.ts";
import type { Engine } from "../../src/engine/index.ts";
import { memoryStore } from "../../src/journal/index.ts";
import {
  type PaymentOutcome,
  type PaymentProvider,
  type PaymentRequest,
  manualPayments,
} from "../../src/payments/index.ts";
import {
  type Collector,
  type CollectorLogEntry,
  createCollector,
  createWatchList,
  paymentOf,
  topUpMigrations,
} from "../../src/top-ups/index.ts";
import { createWorkspace, engineOn, newId, whole } from "../engine/fixtures.ts";
import { TestClock } from "../engine/test-clock.ts";
import { freshDatabase } from "../fresh-database.ts";

const { url } = await freshDatabase();
const randomUuid = () => crypto.randomUUID();
const database = await openDatabase({ url, folder: "", host: process, randomUuid });
after(() => database.close());
const pool = database.openPool({ purpose: "top-up tests", connectionsMax: 4 });
await migrate(pool, await topUpMigrations());

const pack: Pack = {
  name: "small",
  currency: "EUR",
  price: money(10_000n),
  credits: whole(100),
  bonus: credits(0n),
  expiresAfter: null,
  priority: 50,
  breakage: null,
};

/** A provider that takes money once for each payment id, and says what it is told to. */
class Bank implements PaymentProvider {
  readonly name = "bank";
  readonly taken = new Set<string>();
  readonly calls: string[] = [];
  readonly requests: PaymentRequest[] = [];
  readonly #script: Saying[];

  constructor(script: Saying[]) {
    this.#script = script;
  }

  collect(request: PaymentRequest): Promise<PaymentOutcome> {
    return this.#say("collect", request);
  }

  poll(request: PaymentRequest): Promise<PaymentOutcome> {
    return this.#say("poll", request);
  }

  async #say(call: string, request: PaymentRequest): Promise<PaymentOutcome> {
    this.calls.push(call);
    this.requests.push(request);
    const outcome = await (this.#script.shift() ?? succeeds)(request);
    if (outcome.kind === "succeeded") this.taken.add(request.payment);
    return outcome;
  }
}

type Saying = (request: PaymentRequest) => PaymentOutcome | Promise<PaymentOutcome>;
const succeeds = ({ payment }: { readonly payment: string }): PaymentOutcome => ({
  kind: "succeeded",
  received: {
    payment,
    amount: money(10_000n),
    currency: "EUR",
    tax: money(0n),
    fee: money(30n),
    reference: null,
  },
});
const isProcessing: Saying = ({ payment }) => ({ kind: "processing", payment });
const needsAction: Saying = ({ payment }) => ({
  kind: "requires_action",
  payment,
  action: "confirm",
});
const declines: Saying = ({ payment }) => ({ kind: "declined", payment, reason: "no funds" });
const isUnknown: Saying = ({ payment }) => ({ kind: "unknown", payment });
const breaks: Saying = () => Promise.reject(new Error("the line is dead"));

const clock = new TestClock();
const store = memoryStore();
let made = 0;

interface Node {
  readonly engine: Engine;
  readonly collector: Collector;
  /** What an operator was told. */
  readonly told: CollectorLogEntry[];
}

/** A node on the journal and the database that all share; its collector is not started. */
function node(provider: PaymentProvider): Node {
  let collector: Collector | undefined;
  const told: CollectorLogEntry[] = [];
  const engine = engineOn(store, {
    clock,
    observer: { appended: (row) => collector?.appended(row) },
  });
  collector = createCollector({
    engine,
    provider,
    watchList: createWatchList(pool),
    clock,
    newId,
    log: (entry) => told.push(entry),
  });
  after(() => collector?.stop());
  return { engine, collector, told };
}

async function run({ engine }: Node, workspaceId: string, command: Command): Promise<void> {
  const answer = await engine.execute({ workspaceId, command, opId: null, fingerprint: null });
  assert.equal(
    answer.kind,
    "accepted",
    JSON.stringify(answer, (_, one) => (typeof one === "bigint" ? `${one}` : one)),
  );
}

/** A workspace with a top-up that was asked for on this node, as the API does. */
async function asked(one: Node): Promise<{ workspaceId: string; topUp: string }> {
  made += 1;
  const workspaceId = `w${made}`;
  const topUp = newId("top");
  await run(one, workspaceId, createWorkspace(workspaceId));
  await one.collector.watch(workspaceId);
  await run(one, workspaceId, { kind: "requestTopUp", topUp, pack, quantity: 1, note: "card 1" });
  return { workspaceId, topUp };
}

async function stateOf({ engine }: Node, workspaceId: string) {
  const answer = await engine.read(workspaceId, ({ topUps, pool: { totals } }) => ({
    topUps: [...topUps.topUps.values()],
    granted: totals.granted,
  }));
  assert(answer.kind === "read");
  return answer.value;
}

const statusOf = async (one: Node, workspaceId: string): Promise<TopUp["status"] | undefined> =>
  (await stateOf(one, workspaceId)).topUps[0]?.status;

/** Lets time pass, and what is then done be done, until it is so. */
async function until(isSo: () => boolean | Promise<boolean>, stepMs = 0): Promise<void> {
  for (let turn = 0; turn < 6_000; turn += 1) {
    clock.advance(stepMs);
    if (await isSo()) return;
    await wait(5);
  }
  assert.fail("it never came to be");
}

const statusIs = (one: Node, workspaceId: string, status: TopUp["status"]) => async () =>
  (await statusOf(one, workspaceId)) === status;

async function attempts(workspaceId: string): Promise<number> {
  const counted = await pool.query<{ tries: number }>(
    "SELECT tries FROM top_up_attempts WHERE workspace_id = $1",
    [workspaceId],
  );
  return counted.rows.length;
}

test("a payment that succeeds at once is asked for once, and granted", async () => {
  const bank = new Bank([succeeds]);
  const one = node(bank);
  one.collector.start();
  const { workspaceId, topUp } = await asked(one);
  await until(statusIs(one, workspaceId, "succeeded"));
  assert.deepEqual(bank.calls, ["collect"]);
  assert.deepEqual(bank.requests, [
    {
      subject: { kind: "top_up", workspaceId, topUp },
      payment: paymentOf(topUp),
      amount: 10_000n,
      currency: "EUR",
      note: "card 1",
      isAutomatic: false,
    },
  ]);
  assert.equal((await stateOf(one, workspaceId)).granted, whole(100));
  await until(async () => (await attempts(workspaceId)) === 0);
});

test("one that is under way is polled, later each time, until it ends", async () => {
  const bank = new Bank([isProcessing, isProcessing, needsAction, succeeds]);
  const one = node(bank);
  one.collector.start();
  const { workspaceId } = await asked(one);
  await until(statusIs(one, workspaceId, "processing"));
  await until(statusIs(one, workspaceId, "requires_action"), 1_000);
  await until(statusIs(one, workspaceId, "succeeded"), 1_000);
  assert.deepEqual(bank.calls, ["collect", "poll", "poll", "poll"]);
  assert.equal((await stateOf(one, workspaceId)).granted, whole(100));
});

test("one that is declined has failed, and is not asked for again", async () => {
  const bank = new Bank([declines]);
  const one = node(bank);
  one.collector.start();
  const { workspaceId } = await asked(one);
  await until(statusIs(one, workspaceId, "failed"));
  await until(async () => (await attempts(workspaceId)) === 0);
  for (let hour = 0; hour < 3; hour += 1) {
    clock.advance(3_600_000);
    await wait(20);
  }
  assert.deepEqual(bank.calls, ["collect"]);
});

test("what nobody knows is asked for again under the same payment, and the money taken once", async () => {
  const bank = new Bank([breaks, isUnknown, isProcessing, isUnknown, succeeds]);
  const one = node(bank);
  one.collector.start();
  const { workspaceId } = await asked(one);
  await until(statusIs(one, workspaceId, "succeeded"), 2_000);
  assert.deepEqual(bank.calls, ["collect", "collect", "collect", "poll", "collect"]);
  assert.equal(new Set(bank.requests.map(({ payment }) => payment)).size, 1);
  assert.equal(bank.taken.size, 1);
  assert.deepEqual(
    one.told.map(({ code, cause }) => [code, String(cause)]),
    [["top_up_not_collected", "Error: the line is dead"]],
  );
});

test("a webhook that is faster than the answer grants, and neither it, nor its repetition, nor the answer grants again", async () => {
  let answer: (outcome: PaymentOutcome) => void = () => {};
  const late: Saying = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const bank = new Bank([late]);
  const one = node(bank);
  one.collector.start();
  const key = await asked(one);
  await until(() => bank.calls.length === 1);
  const payment = paymentOf(key.topUp);
  const first = await one.collector.told(key, succeeds({ payment }));
  assert.equal(first.kind, "accepted");
  const again = await one.collector.told(key, succeeds({ payment }));
  assert(first.kind === "accepted" && again.kind === "accepted");
  assert.deepEqual(again.position, first.position, "answered as it was");
  const stale = await one.collector.told(key, { kind: "declined", payment, reason: "too late" });
  assert.equal(stale.kind, "rejected");
  answer(succeeds({ payment }));
  await until(async () => (await attempts(key.workspaceId)) === 0);
  const state = await stateOf(one, key.workspaceId);
  assert.equal(state.granted, whole(100));
  assert.equal(state.topUps[0]?.grants.length, 1);
});

test("a failure that was told first does not lose money that comes after it", async () => {
  const one = node(new Bank([declines]));
  one.collector.start();
  const key = await asked(one);
  await until(statusIs(one, key.workspaceId, "failed"));
  await one.collector.told(key, succeeds({ payment: paymentOf(key.topUp) }));
  assert.equal((await stateOf(one, key.workspaceId)).granted, whole(100));
});

test("what a node that is gone left is found by another", async () => {
  const gone = node(new Bank([]));
  const { workspaceId } = await asked(gone);
  const bank = new Bank([succeeds]);
  const other = node(bank);
  other.collector.start();
  await wait(30);
  assert.deepEqual(bank.calls, [], "the other has heard of nothing");
  await until(statusIs(other, workspaceId, "succeeded"), 10_000);
  assert.deepEqual(bank.calls, ["collect"]);
});

test("a node that dies while it asks leaves one payment, and one grant", async () => {
  const charged = new Set<string>();
  let answer: (outcome: PaymentOutcome) => void = () => {};
  const takesAndHangs: Saying = (request) => {
    charged.add(request.payment);
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  const dying = node(new Bank([takesAndHangs]));
  dying.collector.start();
  const key = await asked(dying);
  await until(() => charged.size === 1);
  const bank = new Bank([
    (request) => {
      charged.add(request.payment);
      return succeeds(request);
    },
  ]);
  const other = node(bank);
  other.collector.start();
  other.collector.appended({
    workspaceId: key.workspaceId,
    events: await requestsOf(other, key.workspaceId),
  });
  await wait(30);
  assert.deepEqual(bank.calls, [], "one node at a time");
  await until(statusIs(other, key.workspaceId, "succeeded"), 10_000);
  assert.equal(charged.size, 1);
  answer(succeeds({ payment: paymentOf(key.topUp) }));
  await wait(30);
  assert.equal((await stateOf(other, key.workspaceId)).granted, whole(100));
});

test("of many nodes that hear of a top-up at once one asks", async () => {
  const bank = new Bank([isProcessing]);
  const nodes = Array.from({ length: 4 }, () => node(bank));
  const [first] = nodes;
  assert(first !== undefined);
  const key = await asked(first);
  const { workspaceId } = key;
  const events = await requestsOf(first, workspaceId);
  for (const { collector } of nodes) {
    collector.appended({ workspaceId, events });
    collector.start();
  }
  await until(statusIs(first, workspaceId, "processing"));
  await wait(50);
  assert.deepEqual(bank.calls, ["collect"]);
  // Later tests find nothing of this one.
  await first.collector.told(key, succeeds({ payment: paymentOf(key.topUp) }));
});

test("a rule buys in a workspace that nobody calls", async () => {
  const gone = node(new Bank([]));
  made += 1;
  const workspaceId = `w${made}`;
  await run(gone, workspaceId, createWorkspace(workspaceId));
  await gone.collector.watch(workspaceId);
  await run(gone, workspaceId, {
    kind: "putTopUpRule",
    isEnabled: true,
    pack,
    threshold: whole(10),
    target: whole(100),
    monthlyCeiling: money(50_000n),
    currency: "EUR",
    series: newId("top"),
  });
  const bank = new Bank([declines, succeeds]);
  const other = node(bank);
  other.collector.start();
  await until(statusIs(other, workspaceId, "failed"), 10_000);
  const before = clock.now();
  await until(async () => (await stateOf(other, workspaceId)).granted > 0n, 60_000);
  assert.ok(clock.now() - before >= 55 * 60_000, "an hour after the failure");
  assert.deepEqual(bank.calls, ["collect", "collect"]);
  assert.deepEqual(
    bank.requests.map(({ isAutomatic }) => isAutomatic),
    [true, true],
  );
});

test("by hand a top-up is under way until somebody says how it ended", async () => {
  const one = node(manualPayments);
  one.collector.start();
  const key = await asked(one);
  await until(statusIs(one, key.workspaceId, "processing"));
  clock.advance(3_600_000);
  await wait(30);
  assert.equal(await statusOf(one, key.workspaceId), "processing");
  await one.collector.told(key, succeeds({ payment: "transfer of 3 March" }));
  assert.equal(await statusOf(one, key.workspaceId), "succeeded");
});

/** The request as this node would have appended it. */
async function requestsOf(one: Node, workspaceId: string) {
  const page = await one.engine.events(workspaceId, { seq: 0, index: 0 }, 100);
  assert(page.kind === "page");
  return page.events.map(({ event }) => event).filter(({ kind }) => kind === "top_up.requested");
}
