/** What is dated: a change of plan in the past, usage of a time when a lot was alive that has expired since. And what `proration: none` leaves alone. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Balance, Grant, Hold, Settlement, SubscriptionRequest } from "@cistern/contract";
import { createTestCistern, defineCatalog } from "../../src/index.ts";

const terms = { currency: "USD", proration: "none" } as const;
const catalog = defineCatalog({
  meters: { chat: { buckets: ["turns"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perUnit: { turns: "1" } }] } },
  plans: {
    small: {
      currency: "USD",
      base: { fee: "100.00" },
      included: { credits: "1000", value: "50.00" },
    },
    large: {
      currency: "USD",
      base: { fee: "250.00" },
      included: { credits: "3000", value: "125.00" },
    },
    "whole-small": {
      ...terms,
      base: { fee: "100.00" },
      seats: { fee: "10.00", minimum: 1 },
      included: { credits: "1000", per: "seat", value: "50.00" },
    },
    "whole-large": {
      ...terms,
      base: { fee: "250.00" },
      seats: { fee: "10.00", minimum: 1 },
      included: { credits: "3000", per: "seat", value: "125.00" },
    },
  },
});
const cistern = await createTestCistern({ catalog, now: "2026-07-01T00:00:00Z" });
after(() => cistern.close());

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly violations?: readonly { readonly pointer: string; readonly detail: string }[];
}

async function problemOf(asked: Promise<unknown>): Promise<Problem> {
  try {
    await asked;
  } catch (error) {
    assert(error instanceof Error && "problem" in error);
    const problem: Problem = JSON.parse(JSON.stringify(error.problem));
    return problem;
  }
  return assert.fail("it is refused");
}

async function workspace(id: string) {
  await cistern.createWorkspace({ id, currency: "USD" });
  const one = cistern.workspace(id);
  const balance = async (): Promise<Balance> =>
    await cistern.get<Balance>(`/v1/workspaces/${id}/balance`);
  const feed = async (): Promise<number> => (await one.events()).data.length;
  return { ...one, balance, feed };
}

test("a change of plan dated in the past, or at any instant but the period's end, is refused at its place, and changes nothing", async () => {
  const acme = await workspace("acme");
  await acme.subscription.put({ plan: "small" });
  await cistern.advanceTo("2026-07-20T00:00:00Z");
  const before = await acme.feed();
  const dated = (effectiveAt: string, more: SubscriptionRequest = {}): SubscriptionRequest => ({
    plan: "large",
    effectiveAt,
    ...more,
  });
  const [past, wrong] = [
    /^It is in the past, and no plan is changed there/u,
    /^A plan changes now/u,
  ];
  for (const [request, told] of [
    [dated("2026-07-10T00:00:00Z"), past],
    [dated("2026-07-19T23:59:59Z", { change: "now" }), past],
    [dated("2026-06-01T00:00:00Z"), past],
    [dated("2026-07-25T00:00:00Z"), wrong],
    [dated("2026-09-01T00:00:00Z"), wrong],
    [dated("2026-08-01T00:00:00Z", { change: "now" }), wrong],
  ] as const)
    for (const ask of [acme.subscription.put(request), acme.subscription.preview(request)]) {
      const { status, code, violations } = await problemOf(ask);
      assert.deepEqual([status, code], [422, "invalid_request"]);
      assert.deepEqual(
        violations?.map(({ pointer }) => pointer),
        ["/effectiveAt"],
      );
      assert.match(violations[0]?.detail ?? "", told);
    }
  assert.equal((await problemOf(acme.subscription.put(dated("tomorrow")))).status, 422);
  assert.equal(await acme.feed(), before, "nothing was changed");

  // What would be had at once waits for the end of the period that it names.
  const planned = await acme.subscription.put(dated("2026-08-01T00:00:00Z"));
  assert.deepEqual([planned.subscription.plan, planned.amount.amount], ["small", "0"]);
  assert.equal(planned.subscription.next?.plan, "large");
  await cistern.advanceTo("2026-08-01T00:00:01Z");
  assert.equal((await acme.subscription.get()).plan, "large");
  // Said again it is of a period that is over.
  const again = await problemOf(acme.subscription.put(dated("2026-08-01T00:00:00Z")));
  assert.match(again.violations?.[0]?.detail ?? "", past);
});

test("a first subscription is dated by nobody", async () => {
  const fresh = await workspace("fresh");
  const offset = await problemOf(
    fresh.subscription.put({ plan: "small", effectiveAt: "2026-08-01T02:00:00+02:00" }),
  );
  assert.match(offset.violations?.[0]?.detail ?? "", /UTC \(RFC 3339\), such as 2026-.*Z\./);
  for (const effectiveAt of ["2026-07-01T00:00:00Z", "2027-01-01T00:00:00Z"]) {
    const { violations } = await problemOf(fresh.subscription.put({ plan: "small", effectiveAt }));
    assert.equal(violations?.[0]?.pointer, "/effectiveAt");
  }
  await fresh.subscription.put({ plan: "small" });
});

test("a plan that prorates nothing charges, grants and takes no credits before the next period", async () => {
  const acme = await workspace("whole");
  await acme.subscription.put({ plan: "whole-small", seats: 2 });
  await acme.debit({ member: "ana", credits: "1500" });
  const half = new Date(Date.parse(cistern.now()) + 15 * 86_400_000).toISOString();
  await cistern.advanceTo(half);
  const changes: readonly SubscriptionRequest[] = [
    { seats: 5, change: "now" },
    { plan: "whole-large", change: "now" },
    { plan: "whole-small", seats: 1, change: "now" },
  ];
  for (const request of changes) {
    const preview = await acme.subscription.preview(request);
    const act = await acme.subscription.put(request);
    for (const { amount, credits, creditsTaken } of [preview, act])
      assert.deepEqual([amount.amount, credits, creditsTaken ?? "0"], ["0", "0", "0"]);
    assert.equal((await acme.balance()).available, "500");
  }
  await acme.subscription.put({ plan: "whole-large", seats: 3, change: "now" });
  await cistern.advanceTo(new Date(Date.parse(half) + 18 * 86_400_000).toISOString());
  assert.equal((await acme.balance()).available, "9000", "the next period has all of it");
});

test("a debit of a time when a lot was alive that has expired since takes what is available now; a late settle takes the expired", async () => {
  const acme = await workspace("lots");
  const start = Date.parse(cistern.now());
  const day = (count: number): string => new Date(start + count * 86_400_000).toISOString();
  const cost = (amount: string) => ({ amount, currency: "USD" });
  const old = await acme.grant({
    credits: "100",
    source: "purchase",
    cost: cost("1000"),
    expiresAt: day(10),
  });
  const hold = await cistern.post<Hold>("/v1/workspaces/lots/holds", {
    member: "ana",
    credits: "30",
    ttl: "PT1H",
  });
  await cistern.advanceTo(day(12));
  const fresh = await acme.grant({ credits: "50", source: "purchase", cost: cost("1000") });

  // RULES 1: available lots in burn order, whenever they came; then debt, though the workspace lends nothing.
  const told = await acme.debit({ member: "ana", credits: "40", occurredAt: day(9) });
  assert.deepEqual(
    told.lots?.map((one) => [one.grant, one.credits]),
    [[fresh.id, "40"]],
  );
  const more = await acme.debit({ member: "ana", credits: "25", occurredAt: day(9) });
  assert.deepEqual([more.charged, more.debt], ["25", "15"]);

  const expired = async () => {
    const { consumed, expired: over } = await cistern.get<Grant>(
      `/v1/workspaces/lots/grants/${old.id}`,
    );
    return [consumed, over];
  };
  assert.deepEqual(await expired(), ["0", "100"], "what has expired stays so");

  // RULES 7: what was held for it then is what it takes, with the money that was breakage (E23).
  const late = await cistern.post<Settlement>(`/v1/workspaces/lots/holds/${hold.id}/settle`, {
    credits: "20",
  });
  assert.equal(late.late, true);
  assert.deepEqual(await expired(), ["20", "80"]);
  const page = await cistern.get<{
    data: readonly {
      kind: string;
      postings: readonly { account: string; commodity: string; amount: string }[];
    }[];
  }>("/v1/workspaces/lots/ledger?limit=100");
  const settled = page.data.find(({ kind }) => kind === "hold.settled");
  assert.deepEqual(
    settled?.postings
      .filter(({ commodity }) => commodity === "USD")
      .map(({ account, amount }) => [account, amount])
      .toSorted(),
    [
      ["Breakage", "200"],
      ["Usage", "-200"],
    ],
  );
});
