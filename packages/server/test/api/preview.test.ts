/** A preview is what the act then is, to the cent and to the credit, and what the act says is what it does. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Balance, Seat, SubscriptionChange } from "@cistern/contract";
import * as fc from "fast-check";
import { createTestCistern } from "../../src/index.ts";

/** What is shared is no matter of previews. */
const shared = { fairness: "off" } as const;
const fees = (fee: string, value: string) => ({
  currency: "USD",
  base: { fee, value },
  ...shared,
});
const cistern = await createTestCistern({
  now: "2026-01-01T00:00:00Z",
  catalog: {
    meters: { chat: { buckets: ["turns"] } },
    rateCards: { standard: { rows: [{ meter: "chat", perUnit: { turns: "1" } }] } },
    plans: {
      starter: { ...fees("100.00", "60.00"), included: { credits: "5000", value: "40.00" } },
      business: { ...fees("250.00", "150.00"), included: { credits: "15000", value: "150.00" } },
      entitled: {
        ...fees("250.00", "150.00"),
        included: { credits: "15000", value: "150.00", recognition: "ratable" },
      },
      daily: {
        ...fees("31.00", "31.00"),
        proration: "day",
        included: { credits: "300", value: "9.00" },
      },
      team: {
        ...shared,
        currency: "USD",
        seats: { fee: "20.00", autoAdd: true, minimum: 2, maximum: 7 },
        included: { credits: "500", per: "seat", value: "5.00" },
      },
      yearly: {
        ...fees("900.00", "700.00"),
        every: "year",
        included: { credits: "1000", value: "20.00", every: "month" },
      },
      committed: {
        currency: "USD",
        usage: { "*": "0.01" },
        minimum: { amounts: ["50.00", "70.00"] },
      },
    },
  },
});
after(() => cistern.close());

/** Places in the journal, and ids that are new, are no part of what it comes to. */
const stable = (body: unknown): unknown =>
  JSON.parse(
    JSON.stringify(body, (key, value) =>
      key === "at" || key === "since" ? undefined : value,
    ).replaceAll(/sub_[0-9a-z]+/gu, "sub"),
  );

async function told<Body>(
  ask: Promise<Body>,
  changeOf: (body: Body) => SubscriptionChange | undefined,
) {
  try {
    const body = await ask;
    return { body: stable(body), change: changeOf(body), refused: undefined };
  } catch (error) {
    if (!(error instanceof Error) || !("problem" in error)) throw error;
    return { body: stable(error.problem), change: undefined, refused: error.message };
  }
}

const pathOf = (id: string): string => `/v1/workspaces/${id}`;

/** Money of all lines that there are, on invoices and on none yet. */
async function charged(path: string): Promise<bigint> {
  const page = await cistern.get<{ data: readonly { subtotal: { amount: string } }[] }>(
    `${path}/invoices`,
  );
  const upcoming = await cistern
    .get<{ lines: readonly { amount: { amount: string } }[] }>(`${path}/invoices/upcoming`)
    .catch(() => ({ lines: [] }));
  const sums = [
    ...page.data.map(({ subtotal }) => subtotal),
    ...upcoming.lines.map((one) => one.amount),
  ];
  return sums.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
}

const micro = (credits: string): bigint => {
  const [whole = "0", part = ""] = credits.split(".");
  return BigInt(whole) * 1_000_000n + BigInt(part.padEnd(6, "0"));
};

async function creditsOf(path: string): Promise<bigint> {
  const { available, held } = await cistern.get<Balance>(`${path}/balance`);
  return micro(available) + micro(held);
}

const plan = fc.constantFrom(
  "starter",
  "business",
  "entitled",
  "daily",
  "team",
  "yearly",
  "committed",
);
const change = fc.constantFrom({}, { change: "now" } as const, { change: "period_end" } as const);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("put" as const),
      plan,
      change,
      seats: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("seats" as const),
      seats: fc.integer({ min: 1, max: 8 }),
      change,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("assign" as const),
      member: fc.constantFrom("ana", "bob", "cy", "dee"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { kind: "cancel", when: "now" } as const,
      { kind: "cancel", when: "period_end" } as const,
    ),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "repin" } as const) },
  {
    weight: 2,
    arbitrary: fc.constantFrom({ kind: "pause" } as const, { kind: "resume" } as const),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("use" as const),
      percent: fc.integer({ min: 1, max: 100 }),
      isHeld: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      hours: fc.integer({ min: 1, max: 500 }),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** The same asked without and with effect; undefined: there is no preview of it. */
function pairOf(id: string, one: Step) {
  const path = pathOf(id);
  const ofChange = (body: SubscriptionChange): SubscriptionChange => body;
  const pair = (preview: string, verb: "put" | "post", act: string, body: object) => ({
    preview: () => told(cistern.post<SubscriptionChange>(`${path}/${preview}`, body), ofChange),
    act: () => told(cistern[verb]<SubscriptionChange>(`${path}/${act}`, body), ofChange),
  });
  switch (one.kind) {
    case "put":
      return pair("subscription/preview", "put", "subscription", {
        plan: one.plan,
        ...one.change,
        ...(one.seats === undefined ? {} : { seats: one.seats }),
      });
    case "seats":
      return pair("subscription/preview", "put", "seats", { seats: one.seats, ...one.change });
    case "repin":
      return pair("subscription/preview", "put", "subscription", { repin: true });
    case "cancel":
      return pair("subscription/cancel/preview", "post", "subscription/cancel", { when: one.when });
    case "resume":
      return pair("subscription/resume/preview", "post", "subscription/resume", {});
    case "assign": {
      const { seats } = cistern.workspace(id);
      const ofSeat = ({ change: bought }: Seat): SubscriptionChange | undefined => bought;
      return {
        preview: () => told(seats.preview(one.member), ofSeat),
        act: () => told(seats.assign(one.member), ofSeat),
      };
    }
    case "pause":
    case "use":
    case "pass":
      return undefined;
  }
}

async function happen(path: string, one: Step): Promise<void> {
  if (one.kind === "pause")
    await cistern.post(`${path}/subscription/pause`, {}).catch(() => undefined);
  if (one.kind === "pass") {
    const now = Date.parse(cistern.now());
    await cistern.advanceTo(new Date(now + one.hours * 3_600_000).toISOString());
  }
  if (one.kind !== "use") return;
  const { available } = await cistern.get<Balance>(`${path}/balance`);
  const part = (micro(available) * BigInt(one.percent)) / 100_000_000n;
  if (part === 0n) return;
  if (one.isHeld)
    await cistern.post(`${path}/holds`, { member: "ana", credits: `${part}`, ttl: "PT20H" });
  else await cistern.post(`${path}/debits`, { member: "ana", credits: `${part}` });
}

async function begun(id: string, first: string) {
  await cistern.createWorkspace({ id, currency: "USD" });
  const { subscription, feed } = {
    ...cistern.workspace(id),
    feed: () => cistern.workspace(id).events(),
  };
  await subscription.put({ plan: first });
  return { subscription, feed };
}

test("a resumption says what the period that it begins charges and grants, before and after", async () => {
  const { subscription } = await begun("resumed", "starter");
  await subscription.pause();
  const early = await subscription.previewResume();
  assert.deepEqual([early.amount.amount, early.credits], ["0", "0"]);
  await cistern.advanceTo("2026-02-10T00:00:00Z");
  const preview = await subscription.previewResume();
  assert.deepEqual([preview.amount.amount, preview.credits], ["10000", "5000"]);
  assert.equal(preview.subscription.period.start, "2026-02-10T00:00:00Z");
  assert.deepEqual(stable(await subscription.resume()), stable(preview));
});

test("a downgrade at once says how many credits it takes, in preview, answer and feed", async () => {
  const { subscription, feed } = await begun("taken", "business");
  const to = { plan: "starter", change: "now" } as const;
  const preview = await subscription.preview(to);
  assert.deepEqual([preview.credits, preview.creditsTaken], ["0", "10000"]);
  assert.deepEqual(stable(await subscription.put(to)), stable(preview));
  const { data } = await feed();
  const [changed] = data.filter(({ type }) => type === "subscription.changed");
  assert.match(JSON.stringify(changed), /"creditsTaken":"10000"/u);
});

test("a change that a commitment does not allow at once names the field that says when", async () => {
  const { subscription } = await begun("bound", "committed");
  await assert.rejects(subscription.preview({ plan: "starter", change: "now" }), (error) => {
    assert.match(JSON.stringify(error), /"pointer":"\/change"/u);
    return true;
  });
});

test("whatever is changed, the preview is the act, and the act does what it says", async () => {
  let [workspaces, acts, taken] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(
      plan,
      fc.array(step, { minLength: 6, maxLength: 14 }),
      async (first, steps) => {
        const id = `p${(workspaces += 1)}`;
        const path = pathOf(id);
        await cistern.createWorkspace({ id, currency: "USD" });
        for (const member of ["ana", "bob", "cy", "dee"])
          await cistern.put(`${path}/members/${member}`, {});
        for (const one of [
          { kind: "put", plan: first, change: {}, seats: undefined } as const,
          ...steps,
        ]) {
          const pair = pairOf(id, one);
          if (pair === undefined) {
            await happen(path, one);
            continue;
          }
          const before = { charged: await charged(path), credits: await creditsOf(path) };
          const preview = await pair.preview();
          assert.deepEqual(
            { charged: await charged(path), credits: await creditsOf(path) },
            before,
            "a preview changes nothing",
          );
          const act = await pair.act();
          assert.deepEqual(act.body, preview.body, JSON.stringify(one));
          const { amount, credits: granted = "0", creditsTaken = "0" } = act.change ?? {};
          assert.equal(
            (await charged(path)) - before.charged,
            BigInt(amount?.amount ?? 0),
            JSON.stringify(one),
          );
          assert.equal(
            (await creditsOf(path)) - before.credits,
            micro(granted) - micro(creditsTaken),
            JSON.stringify(one),
          );
          if (act.refused === undefined) acts += 1;
          if (creditsTaken !== "0") taken += 1;
        }
      },
    ),
    { numRuns: 15, seed: 7, endOnFailure: true },
  );
  assert.ok(acts > 50 && taken > 0, `${acts} acts, of which ${taken} took credits back`);
});
