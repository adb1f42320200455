/** Reports on use over HTTP, on a real database and a clock that is moved. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CisternProblem } from "@cistern/client";
import {
  IdleSeatsReportSchema,
  InefficiencyReportSchema,
  PowerUsersReportSchema,
} from "@cistern/contract";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { createTestCistern, defineCatalog } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";

const chat = (model: string, unit: string) => ({
  meter: "chat" as const,
  model,
  perUnit: { input_text: unit, cache_read: "0.1", output_text: unit },
});
const cistern = await createTestCistern({
  now: "2026-03-01T12:00:00Z",
  databaseUrl: (await freshDatabase()).url,
  catalog: defineCatalog({
    meters: { chat: { buckets: ["input_text", "cache_read", "output_text"] } },
    rateCards: { standard: { rows: [chat("large", "10"), chat("small", "1")] } },
    plans: { team: { currency: "USD", seats: { fee: "20.00", minimum: 2 } } },
  }),
});
after(() => cistern.close());

const fits = <Body>(schema: TSchema, body: Body): Body => {
  const [fault] = Compile(schema).Errors(body);
  assert.equal(fault, undefined, JSON.stringify(body));
  return body;
};
const isRefused =
  (code: string, field?: string) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof CisternProblem, String(error));
    assert.equal(error.problem.code, code);
    if (field !== undefined) assert.equal(error.problem.violations?.[0]?.pointer, field);
    return true;
  };

async function begin(id: string, credits = "100000") {
  await cistern.createWorkspace({ id, currency: "USD", timeZone: "Europe/Berlin" });
  const one = cistern.workspace(id);
  await one.grant({ credits, source: "promotion" });
  return one;
}

test("power users: what was refused by day, exactly, and the raise that would have covered it", async () => {
  const [acme, other] = [await begin("acme"), await begin("other")];
  const cap = { credits: "100", window: "day" } as const;
  await acme.put.limit("daily", { scope: { kind: "eachMember" }, cap });
  const refuse = async (member: string, credits: string) =>
    await assert.rejects(acme.authorize({ member, credits }), isRefused("limit_reached"));
  // Late in the evening of Berlin's 1 March, and just after its midnight.
  await cistern.advanceTo("2026-03-01T22:30:00Z");
  await acme.debit({ member: "ana", credits: "90.5" });
  await refuse("ana", "30.25");
  await refuse("ana", "20");
  await cistern.advanceTo("2026-03-01T23:30:00Z");
  const { id } = await acme.debit({ member: "ana", credits: "70" });
  await acme.refund({ of: id, credits: "5" });
  await refuse("ana", "200");
  await refuse("bob", "101");
  await cistern.advanceTo("2026-03-05T12:00:00Z");
  await acme.debit({ member: "ana", credits: "1" });
  const span = { from: "2026-03-01", to: "2026-03-05" };
  const report = fits(PowerUsersReportSchema, await acme.reports.powerUsers(span));
  const [ana, bob] = report.data;
  assert(ana !== undefined && bob !== undefined);
  const { why, ...told } = ana;
  assert.deepEqual(told, {
    member: "ana",
    refused: 3,
    refusedCredits: "250.25",
    refusedByLimits: "250.25",
    refusedByShares: "0",
    usedCredits: "156.5",
    activeDays: 3,
    refusedDays: 2,
    daysAtLimit: 2,
    suggestedRaise: "200",
    coveredDays: 3,
    codes: [{ code: "limit_reached", times: 3, credits: "250.25" }],
  });
  assert.match(why, /^3 calls refused on 2 of 3 active days, for 250\.25 credits/);
  assert.match(why, /a raise of 200 a day .* this is a hint\.$/);
  assert.equal(bob.member, "bob");
  const first = await acme.reports.powerUsers({ from: "2026-03-01", to: "2026-03-01" });
  assert.deepEqual(
    first.data.map(({ member, refusedCredits }) => [member, refusedCredits]),
    [["ana", "50.25"]],
    "days are those of the workspace's zone",
  );
  assert.deepEqual((await other.reports.powerUsers(span)).data, []);

  const page = await acme.reports.powerUsers({ ...span, limit: 1 });
  assert.deepEqual(page.data, [ana]);
  const cursor = page.nextCursor ?? "";
  const rest = await acme.reports.powerUsers({ ...span, limit: 1, cursor });
  assert.deepEqual([rest.data, rest.nextCursor], [[bob], undefined]);
  const csv = new TextDecoder().decode((await acme.reports.csv("power-users", span)).bytes);
  assert.match(
    csv,
    /^member,refused,refusedCredits,refusedByLimits,refusedByShares,.*\r\nana,3,250\.25,.*\r\nbob,1,101,/,
  );
});

test("power users: what the sharing of a pool refused is no limit, and no raise is suggested for it", async () => {
  const acme = await begin("shared", "1000");
  await acme.update({ fairness: { preset: "balanced" } });
  for (const member of ["ana", "ben"]) await acme.put.member(member);
  await assert.rejects(
    acme.authorize({ member: "ana", credits: "900" }),
    (error: unknown) => error instanceof CisternProblem && error.problem.code !== "limit_reached",
  );
  const day = cistern.now().slice(0, 10);
  const { data } = fits(
    PowerUsersReportSchema,
    await acme.reports.powerUsers({ from: day, to: day }),
  );
  const [ana] = data;
  assert(ana !== undefined);
  assert.deepEqual(
    [ana.refusedByLimits, ana.refusedByShares, ana.daysAtLimit, ana.suggestedRaise],
    ["0", "900", 0, "0"],
  );
  assert.match(ana.why, /limits refused 0 on 0 days, and the sharing of the pool 900\. No raise/);
  assert.match(
    ana.why,
    /a guarantee for the member, a gift of reserved credits, .* a top-up would/,
  );
});

test("idle seats: whom nobody has used a seat of for so long, and what a period costs less", async () => {
  const acme = await begin("seated");
  assert.deepEqual((await acme.reports.idleSeats()).data, [], "without a plan there are none");
  await acme.subscription.put({ plan: "team", seats: 4 });
  for (const member of ["ana", "ben", "cy"]) {
    await acme.put.member(member);
    await acme.seats.assign(member);
  }
  await acme.put.member("bot", { kind: "agent", sponsor: "ben" });
  await cistern.advanceTo("2026-03-20T12:00:00Z");
  await acme.debit({ member: "ana", credits: "1" });
  await cistern.advanceTo("2026-04-10T12:00:00Z");
  await acme.debit({ member: "bot", credits: "1" });
  const idle = fits(IdleSeatsReportSchema, await acme.reports.idleSeats({ days: 21 }));
  const { data, ...head } = idle;
  assert.deepEqual(head, {
    days: 21,
    asOf: "2026-04-10T12:00:00Z",
    plan: "team",
    paid: 4,
    assigned: 3,
    idle: 2,
    saving: "40.00",
    currency: "USD",
  });
  assert.deepEqual(
    data.map(({ member, lastUsedAt, idleDays, fee }) => [member, lastUsedAt, idleDays, fee]),
    [
      ["cy", undefined, 36, "20.00"],
      ["ana", "2026-03-20T12:00:00Z", 21, "20.00"],
    ],
  );
  assert.match(data[0]?.why ?? "", /36 days without use\. A seat of plan team costs 20\.00 USD/);
  assert.equal((await acme.reports.idleSeats()).idle, 1, "30 days where nothing is said");
  const csv = new TextDecoder().decode((await acme.reports.csv("idle-seats", { days: 21 })).bytes);
  assert.match(csv, /^member,since,lastUsedAt,idleDays,fee,currency,why\r\ncy,/);
});

test("inefficiency: calls that failed, retries, misses and larger models, each with its numbers", async () => {
  const [acme, other] = [await begin("waste"), await begin("thrift")];
  const settle = async (
    call: { model?: string; attributes?: Record<string, string> },
    spent: Parameters<typeof acme.settle>[1],
  ) => {
    const { model = "small", ...more } = call;
    const estimate = { input_text: 1, output_text: 1 };
    const hold = await acme.authorize({ member: "ana", meter: "chat", model, estimate, ...more });
    await hold.settle(spent);
  };
  const draft = { attributes: { feature: "draft" } };
  const from = cistern.now().slice(0, 10);
  await settle(draft, { outcome: "partial", usage: { input_text: 1, cache_read: 10 } });
  await settle(draft, { usage: { input_text: 1, cache_read: 10, output_text: 500 } });
  await settle({ model: "large" }, { usage: { input_text: 40, output_text: 10 } });
  await settle({ model: "large" }, { usage: { input_text: 60, output_text: 20 } });
  const span = { from, to: from };
  const report = fits(InefficiencyReportSchema, await acme.reports.inefficiency(span));
  assert.equal(report.calls, 4);
  const rows = report.data.map(({ why: _why, ...row }) => row);
  const none = { member: "", ended: "", cheaperModel: "" };
  assert.deepEqual(rows, [
    {
      ...none,
      kind: "larger_model",
      meter: "chat",
      model: "large",
      calls: 2,
      credits: "1300",
      saves: "1170",
      cheaperModel: "small",
    },
    {
      ...none,
      kind: "cache_misses",
      meter: "chat",
      model: "large",
      calls: 2,
      credits: "1300",
      saves: "990",
    },
    {
      ...none,
      kind: "retries",
      meter: "chat",
      model: "",
      member: "ana",
      calls: 1,
      credits: "502",
      saves: "502",
    },
    {
      ...none,
      kind: "failed_calls",
      meter: "chat",
      model: "small",
      ended: "partial",
      calls: 1,
      credits: "2",
      saves: "0",
    },
  ]);
  const [larger] = report.data;
  assert.match(larger?.why ?? "", /cost 1,300 credits, .* with small, .* 130: more than 3 times/);
  for (const { why } of report.data) assert.match(why, /A hint: /);
  const { data, nextCursor: cursor = "" } = await acme.reports.inefficiency({ ...span, limit: 3 });
  const rest = await acme.reports.inefficiency({ ...span, cursor });
  assert.deepEqual([...data, ...rest.data], report.data);
  assert.deepEqual((await other.reports.inefficiency(span)).data, []);
  const csv = new TextDecoder().decode((await acme.reports.csv("inefficiency", span)).bytes);
  assert.match(csv, /^kind,meter,model,member,ended,calls,/);
});

test("what makes no sense is refused, and so is a workspace that is not there", async () => {
  const acme = await begin("bad");
  const days = (from: string, to: string) => ({ from, to });
  for (const [query, field] of [
    [days("2026-02-30", "2026-03-01"), "/from"],
    [days("2026-03-02", "2026-03-01"), "/to"],
    [days("2026-01-01", "2026-04-03"), "/to"],
    [{ ...days("2026-03-01", "2026-03-01"), cursor: "nobody" }, "/cursor"],
    [{ ...days("2026-03-01", "2026-03-01"), limit: 1_001 }, "/query/limit"],
    [{ ...days("2026-03-01", "2026-03-01"), limit: 0 }, "/query/limit"],
  ] as const)
    for (const ask of [
      () => acme.reports.powerUsers(query),
      () => acme.reports.inefficiency(query),
    ])
      await assert.rejects(ask(), isRefused("invalid_request", field), JSON.stringify(query));
  await assert.rejects(
    acme.reports.idleSeats({ days: 0 }),
    isRefused("invalid_request", "/query/days"),
  );
  await assert.rejects(
    acme.reports.idleSeats({ days: 366 }),
    isRefused("invalid_request", "/query/days"),
  );
  const longest = await acme.reports.powerUsers(days("2026-01-01", "2026-04-02"));
  assert.deepEqual(longest.data, []);
  const none = cistern.workspace("none").reports;
  const day = days("2026-03-01", "2026-03-01");
  for (const ask of [
    () => none.powerUsers(day),
    () => none.idleSeats(),
    () => none.inefficiency(day),
  ])
    await assert.rejects(ask(), isRefused("unknown_workspace"));
});
