/** What is watched, raised once, and told in words: a whole Cistern on a clock that is moved. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Alert, AlertRecipient, AlertWatch } from "@cistern/contract";
import { createTestCistern } from "../../src/test-cistern.ts";
import { freshDatabase } from "../fresh-database.ts";

const { url } = await freshDatabase();
const cistern = await createTestCistern({ now: "2026-03-02T08:00:00Z", databaseUrl: url });
after(() => cistern.close());

const hour = 60 * 60_000;
const day = 24 * hour;
const ana = { id: "ana" };
let made = 0;

/** A workspace with credits, watched by a rule. */
async function workspaceWith(
  watch: AlertWatch,
  credits = "1000",
  recipients: readonly AlertRecipient[] = [ana],
) {
  const id = `w${(made += 1)}`;
  await cistern.createWorkspace({ id, currency: "EUR" });
  const workspace = cistern.workspace(id);
  await workspace.alerts.rules.put("rule", { watch, recipients });
  await workspace.grant({ credits, source: "purchase" });
  return workspace;
}

type Watched = Awaited<ReturnType<typeof workspaceWith>>;

/** Lets time pass, so that the watch looks. */
async function later(ms = 60_000): Promise<void> {
  await cistern.advanceTo(
    new Date(Date.parse(cistern.now()) + ms).toISOString().replace(".000", ""),
  );
}

const isAlert = (data: unknown): data is Alert =>
  typeof data === "object" && data !== null && "finding" in data;

async function alertsOf(workspace: Watched): Promise<readonly Alert[]> {
  const alerts: Alert[] = [];
  for (let cursor = "0.0"; ;) {
    const { data, next } = await workspace.events({ after: cursor, limit: 100 });
    for (const one of data)
      if (one.type === "alert.raised" && isAlert(one.data)) alerts.push(one.data);
    if (data.length === 0) return alerts;
    cursor = next;
  }
}

const percentsOf = (alerts: readonly Alert[]): readonly number[] =>
  alerts.map(({ finding }) => (finding.kind === "threshold" ? finding.percent : 0));

test("a threshold of the pool is told once, with its numbers, and anew after a top-up", async () => {
  const workspace = await workspaceWith({ kind: "pool", percents: [50, 80] });
  await workspace.debit({ member: "ana", credits: "499" });
  await later();
  assert.deepEqual(await alertsOf(workspace), []);
  await workspace.debit({ member: "ana", credits: "1" });
  await later();
  const [first] = await alertsOf(workspace);
  assert.deepEqual(first?.finding, { kind: "threshold", percent: 50, used: "500", of: "1000" });
  assert.equal(first.text, "The workspace has used 500 of 1000 credits of the pool: 50 % or more.");
  assert.deepEqual(first.to, [{ recipient: "ana" }]);
  await workspace.debit({ member: "ana", credits: "100" });
  await later();
  assert.deepEqual(percentsOf(await alertsOf(workspace)), [50]);
  await workspace.grant({ credits: "300", source: "purchase" });
  await workspace.debit({ member: "ana", credits: "200" });
  await later();
  assert.deepEqual(percentsOf(await alertsOf(workspace)), [50, 50], "below half, then past it");
  await workspace.debit({ member: "ana", credits: "500" });
  await later();
  assert.deepEqual(
    percentsOf(await alertsOf(workspace)),
    [50, 50, 80],
    "the highest of those past",
  );
});

test("after a top-up nothing is told again that the pool is still past", async () => {
  const workspace = await workspaceWith({ kind: "pool", percents: [50, 80] });
  await workspace.debit({ member: "ana", credits: "850" });
  await workspace.grant({ credits: "140", source: "purchase" });
  await workspace.debit({ member: "ana", credits: "1" });
  await later();
  assert.deepEqual(percentsOf(await alertsOf(workspace)), [80], "71 % are used still");
  await workspace.debit({ member: "ana", credits: "99" });
  await later();
  assert.deepEqual(percentsOf(await alertsOf(workspace)), [80, 80]);
});

test("a gift too small to matter does not make the pool look full", async () => {
  const workspace = await workspaceWith({ kind: "pool", percents: [80] });
  await workspace.debit({ member: "ana", credits: "850" });
  await later();
  await workspace.grant({ credits: "1", source: "promotion" });
  await workspace.debit({ member: "ana", credits: "130" });
  await later();
  assert.deepEqual(percentsOf(await alertsOf(workspace)), [80]);
});

test("a rule that is gone tells nothing", async () => {
  const workspace = await workspaceWith({ kind: "pool", percents: [50] });
  await workspace.debit({ member: "ana", credits: "400" });
  await workspace.alerts.rules.remove("rule");
  await workspace.debit({ member: "ana", credits: "200" });
  await later();
  assert.deepEqual(await alertsOf(workspace), []);
});

test("a member near its cap is told of by itself, once a window; a rule for one looks at no other", async () => {
  const workspace = await workspaceWith({ kind: "member", percents: [90] });
  await workspace.alerts.rules.put("ben", {
    watch: { kind: "member", id: "ben", percents: [50] },
    recipients: [{ id: "ben" }],
  });
  const cap = { credits: "100", window: "day" } as const;
  await workspace.put.limit("daily", { scope: { kind: "eachMember" }, cap });
  for (const member of ["ana", "ben"]) await workspace.debit({ member, credits: "89" });
  await later();
  assert.deepEqual(
    (await alertsOf(workspace)).map(({ rule, subject }) => [rule, subject.id]),
    [["ben", "ben"]],
  );
  await workspace.debit({ member: "ana", credits: "5" });
  await later();
  await workspace.debit({ member: "ana", credits: "1" });
  await later();
  const told = (await alertsOf(workspace)).at(-1);
  assert.deepEqual(told?.finding, {
    kind: "threshold",
    percent: 90,
    used: "94",
    of: "100",
    limit: "daily",
  });
  assert.equal((await alertsOf(workspace)).length, 2);
  await later(24 * hour);
  await workspace.debit({ member: "ana", credits: "95" });
  await later();
  assert.equal((await alertsOf(workspace)).length, 3, "another day, another window");
});

test("a group's cap is a total, and a rolling one is told anew only when it was below", async () => {
  const workspace = await workspaceWith({ kind: "group", percents: [50] });
  await workspace.put.group("red");
  await workspace.put.member("ana", { groups: ["red"] });
  await workspace.put.member("ben", { groups: ["red"] });
  const cap = { credits: "100", window: { rolling: "PT1H" } } as const;
  await workspace.put.limit("red", { scope: { kind: "group", id: "red" }, cap });
  await workspace.debit({ member: "ana", credits: "30" });
  await workspace.debit({ member: "ben", credits: "30" });
  await later(10 * 60_000);
  await workspace.debit({ member: "ben", credits: "1" });
  await later();
  assert.deepEqual(percentsOf(await alertsOf(workspace)), [50]);
  await later(2 * hour);
  await workspace.debit({ member: "ben", credits: "10" });
  await later();
  await workspace.debit({ member: "ben", credits: "40" });
  await later();
  assert.deepEqual(percentsOf(await alertsOf(workspace)), [50, 50]);
});

test("a run near its limit is told of", async () => {
  const workspace = await workspaceWith({ kind: "run", percents: [80] });
  await workspace.put.member("ana");
  const { id } = await workspace.runs.open({ id: "r1", member: "ana", limit: "100" });
  for (const credits of ["70", "15"]) {
    const hold = await workspace.authorize({ member: "ana", credits, run: id });
    await hold.settle({ credits });
    await later();
  }
  const [alert, ...others] = await alertsOf(workspace);
  assert.deepEqual(others, []);
  assert.deepEqual(alert?.subject, { kind: "run", id });
  assert.equal(alert.text, `The run ${id} has used 85 of 100 credits of its limit: 80 % or more.`);
});

test("quiet hours of the workspace's zone say from when on somebody is told", async () => {
  const night = { id: "ben", quiet: { from: "22:00", until: "07:30" } };
  const workspace = await workspaceWith({ kind: "pool", percents: [50] }, "100", [ana, night]);
  await workspace.update({ timeZone: "America/New_York" });
  await cistern.advanceTo(`${cistern.now().slice(0, 10)}T23:59:59Z`);
  await later(9 * hour);
  await workspace.debit({ member: "ana", credits: "60" });
  await later();
  const [alert] = await alertsOf(workspace);
  const today = cistern.now().slice(0, 10);
  assert.deepEqual(alert?.to, [
    { recipient: "ana" },
    { recipient: "ben", deliverAfter: `${today}T12:30:00Z` },
  ]);
});

test("a pool that will not last its period is told of, with the day on which it ends", async () => {
  const workspace = await workspaceWith({ kind: "forecast" }, "1");
  const expiresAt = new Date(Date.parse(cistern.now()) + 20 * day).toISOString();
  await workspace.grant({ credits: "1000", source: "purchase", expiresAt });
  for (const credits of ["100", "90", "400", "110"]) {
    await workspace.debit({ member: "ana", credits });
    await later(day);
  }
  const [before] = await alertsOf(workspace);
  assert.ok(before !== undefined && before.finding.kind === "forecast", "by three whole days");
  assert.equal(before.finding.pacePerDay, "100", "the day of 400 does not set the pace");
  await workspace.debit({ member: "ana", credits: "1" });
  await later(day);
  assert.equal((await alertsOf(workspace)).length, 1);
});

test("a pool that nothing renews and that does not expire is held against the month, and anew in the next", async () => {
  const workspace = await workspaceWith({ kind: "forecast" }, "2000");
  await workspace.update({ timeZone: "Europe/Berlin" });
  const periodEnds = async () =>
    (await alertsOf(workspace)).map(({ finding }) =>
      finding.kind === "forecast" ? finding.periodEndsAt : "",
    );
  const spend = async () => {
    for (let days = 0; days < 6; days += 1) {
      await workspace.debit({ member: "ana", credits: "100" });
      await later(day);
    }
  };
  await cistern.advanceTo(firstOfNextMonth(1));
  await spend();
  const end = berlinMonthEnd();
  assert.deepEqual(await periodEnds(), [end], "once a month");
  await cistern.advanceTo(firstOfNextMonth(1));
  await spend();
  assert.deepEqual(await periodEnds(), [end, berlinMonthEnd()]);
  await workspace.update({ fairness: { preset: "balanced" } });
  const { share } = await workspace.allowance("ana");
  await spend();
  assert.equal((await periodEnds()).at(-1), share?.period.end, "the period that it is shared over");
  assert.equal((await periodEnds()).length, 3);
});

/** Noon of a day of the month after this one. */
function firstOfNextMonth(date: number): string {
  const now = new Date(cistern.now());
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, date, 12))
    .toISOString()
    .replace(".000", "");
}

/** Midnight of the first, where clocks are one hour ahead of UTC or two in summer. */
function berlinMonthEnd(): string {
  const now = new Date(cistern.now());
  const month = now.getUTCMonth() + 1;
  const isSummer = month >= 3 && month <= 9;
  const end = Date.UTC(now.getUTCFullYear(), month, 1) - (isSummer ? 2 : 1) * hour;
  return new Date(end).toISOString().replace(".000", "");
}

test("alerts are listed, newest first and in pages, and those that wait for a review apart", async () => {
  const workspace = await workspaceWith({ kind: "pool", percents: [10, 50, 80] }, "100000");
  await workspace.put.member("ana");
  await workspace.alerts.rules.put("odd", {
    watch: { kind: "unusual", most: "notify" },
    recipients: [ana],
  });
  await usualDays(workspace, "ana");
  for (const credits of ["10000", "41000", "31000"]) {
    await workspace.debit({ member: "ana", credits });
    await later();
  }
  const all = (await alertsOf(workspace)).map(({ id }) => id);
  const { data: listed } = await workspace.alerts.list();
  assert.deepEqual(listed.map(({ id }) => id).toSorted(), all.toSorted());
  assert.deepEqual(
    listed.map(({ raisedAt }) => raisedAt),
    listed.map(({ raisedAt }) => raisedAt).toSorted((a, b) => (a < b ? 1 : -1)),
  );
  assert.deepEqual(
    percentsOf(listed).filter((one) => one > 0),
    [80, 50, 10],
  );
  const paged: string[] = [];
  for (let cursor: string | undefined, more = true; more;) {
    const query = { limit: 2, ...(cursor === undefined ? {} : { cursor }) };
    const page = await workspace.alerts.list(query);
    paged.push(...page.data.map(({ id }) => id));
    cursor = page.nextCursor;
    more = cursor !== undefined;
  }
  assert.deepEqual(
    paged,
    listed.map(({ id }) => id),
  );
  const { data: waiting } = await workspace.alerts.list({ awaiting: true });
  assert.ok(waiting.length > 0 && waiting.every(({ finding }) => finding.kind === "unusual"));
  const [first] = waiting;
  assert.ok(first);
  await workspace.alerts.review(first.id, { verdict: "confirmed" });
  const { data: left } = await workspace.alerts.list({ awaiting: true });
  assert.ok(!left.some(({ id }) => id === first.id));
  const { data: others } = await workspace.alerts.list({ awaiting: false });
  assert.equal(others.find(({ id }) => id === first.id)?.verdict, "confirmed");
  assert.equal(others.length + left.length, all.length);
});

/** Eight days on which somebody uses ten credits in each of six hours. */
async function usualDays(workspace: Watched, member: string): Promise<void> {
  for (let one = 0; one < 8; one += 1) {
    for (let hours = 0; hours < 6; hours += 1) {
      await workspace.debit({ member, credits: "10" });
      await later(hour);
    }
    await later(18 * hour);
  }
}

test("unusual use lowers a member's reach until somebody says that it is fine", async () => {
  const workspace = await workspaceWith({ kind: "unusual", most: "lower" }, "100000");
  await workspace.put.member("ana");
  await workspace.fairness.reach("ana", 400);
  await usualDays(workspace, "ana");
  assert.deepEqual(await alertsOf(workspace), []);
  await workspace.debit({ member: "ana", credits: "600" });
  await later();
  const [alert, ...others] = (await alertsOf(workspace)).filter(
    ({ subject }) => subject.kind === "member",
  );
  assert.ok(alert);
  assert.deepEqual(others, []);
  assert.deepEqual(alert.finding, {
    kind: "unusual",
    rule: "day",
    seen: "650",
    usual: "60",
    bound: "180",
    signs: [],
  });
  assert.equal(alert.grade, "lower");
  await later();
  assert.equal(await reachOf(workspace, "ana"), 0);
  assert.ok((await workspace.alerts.list()).data.some(({ id }) => id === alert.id));
  const reviewed = await workspace.alerts.review(alert.id, { verdict: "fine" });
  assert.equal(reviewed.verdict, "fine");
  await later();
  assert.equal(await reachOf(workspace, "ana"), 400);
});

/** What the feed told last of a member's reach, in thousandths. */
async function reachOf(workspace: Watched, member: string): Promise<unknown> {
  let reach: unknown;
  for (let cursor = "0.0"; ;) {
    const { data, next } = await workspace.events({ after: cursor, limit: 100 });
    for (const { type, subject, data: told } of data)
      if (type === "member_terms.updated" && subject === member && hasReach(told))
        ({ reach } = told);
    if (data.length === 0) return reach;
    cursor = next;
  }
}

const hasReach = (data: unknown): data is { readonly reach: unknown } =>
  typeof data === "object" && data !== null && "reach" in data;
