/** Where sharing stands in the ladder of a call, beside overage, restricted lots, calls in flight and debt (RULES 2, 12, 33). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type HoldOpened, type Rejection, credits } from "@cistern/kernel";
import {
  day,
  agent,
  debit,
  debtUpTo,
  extend,
  grant,
  group,
  hour,
  limit,
  cap,
  member,
  part,
  refund,
  release,
  revoke,
  settle,
  update,
} from "../scenario/commands.ts";
import { type Team, ask, numbersOf, periodMs, team, tickMs } from "./team.ts";

function opened(it: Team, id: string, amount: number, ttlMs: number = day): HoldOpened {
  const event = it.run(ask(id, amount, ttlMs));
  assert(event.kind === "hold.opened");
  return event;
}

const codeOf = ({ code }: Rejection): string => code;
const reservedOf = (it: Team, ...ids: readonly string[]): readonly number[] =>
  ids.map((id) => numbersOf(it.share(id)).reserved);

test("m is between overage and calls in flight: nothing is lent while the pool has what is others'", () => {
  const it = team(["ana", "ben"], 1_000, { preset: "strict" }, { overage: debtUpTo(10_000) });
  // e <= a and e > m: the refusal of the shares, though overage would carry it.
  assert.equal(codeOf(it.refused(ask("ana", 900))), "reserved_for_others");
  // e > a and m < a: no overage, and e is within what the pool and its debt might carry.
  assert.equal(codeOf(it.refused(ask("ana", 1_100))), "credits_held");
  assert.equal(codeOf(it.refused(ask("ana", 11_001))), "pool_exhausted");
  opened(it, "ben", 500);
  // m = a: all of the pool is open to ana, and the rest is lent.
  const { overage, drawn } = opened(it, "ana", 600);
  assert.equal(overage, 100n);
  assert.equal(drawn?.reserve, 500n);
});

test("what calls in flight hold is told before that the pool is exhausted, also to who is above its share", () => {
  const it = team(["ana", "ben"], 1_000);
  opened(it, "ben", 300);
  assert.equal(codeOf(it.refused(ask("ana", 900))), "credits_held");
  assert.equal(codeOf(it.refused(ask("ana", 1_001))), "pool_exhausted");
});

test("a refusal of the pool itself says what would pass now, which is what the shares let the member have", () => {
  const it = team(["ana", "ben"], 1_000, { preset: "strict" });
  opened(it, "ben", 300);
  const held = it.refused(ask("ana", 900));
  const exhausted = it.refused(ask("ana", 1_001));
  assert(held.code === "credits_held" && exhausted.code === "pool_exhausted");
  // 700 are available, of which 200 are reserved for ben.
  assert.deepEqual([held.available, held.maxNow, exhausted.maxNow], [700n, 500n, 500n]);
  it.run(update({ overage: debtUpTo(100) }));
  assert.equal(codeOf(it.refused(ask("ana", 1_101))), "pool_exhausted");
  opened(it, "ben", 200);
  // Now all that is left is open to ana, and the overage with it.
  const lent = it.refused(ask("ana", 1_101));
  assert(lent.code === "pool_exhausted");
  assert.equal(lent.maxNow, 600n);
  opened(it, "ana", 600);
});

test("a pool that is not shared says what is available, and no other largest amount", () => {
  const it = team(["ana", "ben"], 1_000, { preset: "off" });
  const refused = it.refused(ask("ana", 1_001));
  assert(refused.code === "pool_exhausted");
  assert.deepEqual([refused.available, "maxNow" in refused], [1_000n, false]);
});

test("a cap is told before a share, and an amount of 0 asks nothing of either", () => {
  const it = team(["ana", "ben"], 1_000, { preset: "strict" });
  it.run(limit("l", "member ana", cap(100, "month")));
  assert.equal(codeOf(it.refused(ask("ana", 900))), "limit_reached");
  const { drawn } = opened(it, "ana", 0);
  assert.deepEqual(drawn, { period: 1, seat: "member:ana", reserve: 0n, pots: [] });
});

test("lots that stand apart are open beside the share, and burn first at equal priority", () => {
  const it = team(["ana", "ben"], 1_000, { preset: "strict" });
  it.run(grant("grt_own", 200, { appliesTo: { members: ["ana"] } }));
  assert.equal(numbersOf(it.share("ana")).share, 500);
  const refusal = it.refused(ask("ana", 701));
  assert(refusal.code === "reserved_for_others");
  assert.equal(refusal.maxNow, 700n);
  const { drawn, legs } = opened(it, "ana", 700);
  assert.equal(drawn?.reserve, 500n);
  assert.deepEqual(
    legs.map((leg) => [leg.lot, leg.credits]),
    [
      ["grt_own", 200n],
      ["grt_1", 500n],
    ],
  );
});

test("of lots that burn later more is taken where the share ends", () => {
  const it = team(["ana", "ben"], 1_000, { preset: "strict" });
  it.run(grant("grt_own", 200, { appliesTo: { members: ["ana"] }, priority: 90 }));
  const { drawn, legs } = opened(it, "ana", 650);
  assert.equal(drawn?.reserve, 500n);
  assert.deepEqual(
    legs.map((leg) => [leg.lot, leg.credits]),
    [
      ["grt_1", 500n],
      ["grt_own", 150n],
    ],
  );
});

test("an extension asks the shares too, and returns with its hold", () => {
  const it = team(["ana", "ben"], 1_000, { preset: "strict" });
  const { hold } = opened(it, "ana", 400);
  assert.equal(codeOf(it.refused(extend(hold, 101))), "reserved_for_others");
  it.run(extend(hold, 100));
  assert.deepEqual(reservedOf(it, "ana"), [0]);
  it.run(part(hold, 50), release(hold));
  assert.deepEqual([numbersOf(it.share("ana")).used, ...reservedOf(it, "ana")], [50, 450]);
});

test("an extension draws on the seat of its hold, also where its member sits elsewhere by now", () => {
  const it = team(["ana", "ben"], 1_000, { preset: "strict" });
  it.run(member("boss", { memberKind: "agent" }), agent("bot", "boss"));
  const { hold, drawn } = opened(it, "bot", 20);
  assert.equal(drawn?.seat, "guests");
  it.run(member("boss"));
  const more = it.run(extend(hold, 10));
  assert(more.kind === "hold.extended");
  assert.equal(more.drawn?.seat, "guests");
  it.run(release(hold));
  assert.equal(numbersOf(it.share("bot")).used, 0);
  assert.equal(numbersOf(it.share("boss")).used, 0);
});

test("a hold that runs out gives back to where it drew, and parking holds keeps no reserve", () => {
  const it = team(["ana", "ben"], 1_000);
  opened(it, "ana", 400, 12 * hour);
  opened(it, "ben", 100, 12 * hour);
  it.later(13 * hour);
  const line = Math.ceil((350 * (720 - Math.floor((13 * hour) / tickMs))) / 720);
  assert.deepEqual(reservedOf(it, "ana", "ben"), [line, line]);
  assert.deepEqual(
    ["ana", "ben"].map((id) => numbersOf(it.share(id)).used),
    [0, 0],
  );
});

test("what returns to a lot that is over enters no pot, and is used no longer", () => {
  const it = team(["ana", "ben"], 1_000);
  it.run(grant("grt_short", 400, { until: it.at + hour, priority: 1 }));
  const { hold } = opened(it, "ana", 300, 2 * hour);
  it.later(hour);
  const before = it.share("ben").potLeft;
  it.run(settle(hold, 100));
  assert.equal(numbersOf(it.share("ana")).used, 100);
  assert.equal(it.share("ben").potLeft, before);
});

test("losses take the pot, then the reserves in proportion", () => {
  const it = team(["ana", "ben"], 1_000);
  opened(it, "ana", 175);
  it.run(revoke("grt_1", 300));
  assert.deepEqual(
    [numbersOf(it.share("ana")).potLeft, ...reservedOf(it, "ana", "ben")],
    [0, 175, 350],
  );
  it.run(revoke("grt_1", 105));
  assert.deepEqual(reservedOf(it, "ana", "ben"), [140, 280]);
});

test("a refund gives back what raised the use, and only that", () => {
  const it = team(["ana", "ben"], 100, { preset: "strict" }, { overage: debtUpTo(1_000) });
  it.run(debit("dbt_1", 160, { member: "ana" }));
  assert.equal(numbersOf(it.share("ana")).used, 100);
  it.run(refund("rfd_1", "dbt_1", 30));
  // The debt went first: nothing was used of it.
  assert.equal(numbersOf(it.share("ana")).used, 100);
  it.run(grant("grt_2", 200));
  assert.equal(numbersOf(it.share("ana")).used, 130);
  it.run(refund("rfd_2", "dbt_1"));
  assert.equal(numbersOf(it.share("ana")).used, 0);
});

test("usage of before the period, and what holds of before take more, is nobody's use in it", () => {
  const it = team(["ana", "ben"], 1_000, { preset: "strict" });
  const old = opened(it, "ana", 100);
  const late = it.at + 1;
  it.later(hour).run(update({ fairness: { preset: "balanced" } }));
  it.later(1).run(debit("dbt_old", 90, { member: "ben", occurredAt: old.at }));
  assert(late < it.at);
  it.run(settle(old.hold, 190));
  assert.deepEqual(
    ["ana", "ben"].map((id) => numbersOf(it.share(id)).used),
    [0, 0],
  );
  // 100 are still held of before, and 90 and 90 are lost.
  assert.deepEqual(numbersOf(it.share("ana")).share, 360);
});

test("what an old hold gives back comes to the pot, and its extension counts", () => {
  const it = team(["ana", "ben"], 1_000, { preset: "strict" });
  const { hold } = opened(it, "ana", 100);
  it.run(update({ fairness: { preset: "balanced" } }), extend(hold, 50));
  const { used, share } = numbersOf(it.share("ana"));
  assert.deepEqual([used, share], [50, 450]);
  const pot = it.share("ana").potLeft;
  it.run(release(hold));
  assert.equal(numbersOf(it.share("ana")).used, 0);
  assert.equal(it.share("ana").potLeft, pot + 100n);
});

test("a guarantee never fades, and holds in the last tick", () => {
  const it = team(["ana", "ben"], 1_000);
  it.run({ kind: "setGuarantee", member: "ben", credits: credits(200n) });
  it.run(update({ fairness: { preset: "balanced", reach: 1_001 } }));
  opened(it, "ana", 1);
  it.later(periodMs - 2 * tickMs);
  assert.deepEqual(reservedOf(it, "ana", "ben"), [1, 200]);
  assert.equal(codeOf(it.refused(ask("ana", 801))), "never_this_period");
  opened(it, "ben", 200, 1);
});

test("a guarantee is kept where the pool is else first come, first served", () => {
  const it = team(["ana", "ben"], 1_000, { preset: "balanced", reserve: 0, reach: 100_000 });
  it.run({ kind: "setGuarantee", member: "ana", credits: credits(300n) });
  it.later(periodMs);
  opened(it, "ben", 690);
  assert.equal(codeOf(it.refused(ask("ben", 11))), "never_this_period");
  opened(it, "ben", 6);
  opened(it, "ana", 300);
});

test("guarantees beyond the pool are scaled to it", () => {
  const it = team(["ana", "ben", "eva"], 300);
  it.run({ kind: "setGuarantee", member: "ben", credits: credits(400n) });
  it.run({ kind: "setGuarantee", member: "eva", credits: credits(200n) });
  it.run(update({ fairness: { preset: "strict" } }));
  assert.deepEqual(reservedOf(it, "ana", "ben", "eva"), [0, 200, 100]);
});

test("a lowered reach keeps one member from the pot above its share, and from nothing that is its own", () => {
  const it = team(["ana", "ben"], 1_000);
  it.run({ kind: "setReach", member: "ana", reach: 0 });
  assert.equal(codeOf(it.refused(ask("ana", 501))), "never_this_period");
  opened(it, "ana", 500);
  opened(it, "ben", 500);
});

test("idle credits of a group serve its own members first, as far as the group's pace goes", () => {
  const it = team([], 1_200, { preset: "strict" });
  it.run(group("red"));
  for (const id of ["ana", "ben"]) it.run(member(id, { groups: ["red"] }));
  it.run(member("eva"));
  it.run(settle(opened(it, "ana", 400).hold, 400));
  it.later(360 * tickMs);
  const { drawn } = opened(it, "ana", 90);
  // Half of ben's reserve has faded: into the group's pot, as far as the group is not above its own line.
  assert.deepEqual(drawn?.pots, [{ node: "group:red", credits: credits(90n) }]);
});

test("what acts for a member divides its weight, and what comes to act for it in the period shares its place", () => {
  const it = team(["ben"], 1_000);
  it.run(member("ana"), member("bot", { memberKind: "agent", sponsor: "ana" }));
  assert.deepEqual(
    ["ana", "bot", "ben"].map((id) => [it.share(id).seat, numbersOf(it.share(id)).share]),
    [
      ["own:ana", 250],
      ["member:bot", 250],
      ["member:ben", 500],
    ],
  );
  opened(it, "ben", 1);
  it.run(member("key", { memberKind: "key", sponsor: "ben" }));
  const { seat, isShared } = it.share("key");
  assert.deepEqual([seat, isShared], ["member:ben", true]);
});

test("who comes before anybody spent, and in the first tick, is there from the opening; who comes later has a part of the pot", () => {
  const it = team([], 900, { preset: "strict" });
  for (const id of ["ana", "ben", "eva"]) it.run(member(id));
  assert.deepEqual(reservedOf(it, "ana", "ben", "eva"), [300, 300, 300]);
  it.later(2 * tickMs).run(member("ida"));
  const [ana = 0, , , ida = 0] = reservedOf(it, "ana", "ben", "eva", "ida");
  assert.deepEqual([ana, ida], [Math.ceil((300 * 718) / 720), 0]);
});

test("forty who come in the period change no reserve of anybody (A20)", () => {
  const it = team(["ana", "ben", "eva"], 100_000);
  opened(it, "ana", 1_000);
  it.later(100 * tickMs + 7);
  const before = reservedOf(it, "ana", "ben", "eva");
  for (let index = 0; index < 40; index += 1) it.run(member(`new${index}`));
  assert.deepEqual(reservedOf(it, "ana", "ben", "eva"), before);
});

test("a pool that nothing renews is shared anew by itself, over the time that its paid credits last", () => {
  const it = team(["ana", "ben"], 1_000);
  opened(it, "ana", 400, hour);
  it.run(grant("grt_2", 500, { cost: 10, until: it.at + periodMs + 60 * day }));
  it.later(periodMs);
  const events = it.journal.pass(it.at).map(({ kind }) => kind);
  assert.equal(events.at(-1), "fairness.opened");
  const { period, used, share } = it.share("ana");
  assert.deepEqual([period.end - period.start, used, share], [60 * day, 0n, 750n]);
});

test("a pool that is shared no longer is first come, first served, and nothing is reserved to be given", () => {
  const it = team(["ana", "ben"], 1_000);
  opened(it, "ana", 400);
  it.run(update({ fairness: { preset: "off" } }));
  opened(it, "ana", 600);
  const gift = { kind: "giftReserve", gift: "gft_1", from: "ben", to: "ana" } as const;
  assert.equal(codeOf(it.refused({ ...gift, credits: credits(1n) })), "fairness_off");
});

test("what a setting or an owner may not say is refused", () => {
  const it = team(["ana", "ben"], 1_000);
  assert.equal(
    codeOf(it.refused(update({ fairness: { preset: "plan", reserve: 1_001 } }))),
    "invalid_request",
  );
  assert.equal(
    codeOf(it.refused(update({ fairness: { preset: "plan", reach: -1 } }))),
    "invalid_request",
  );
  assert.equal(
    codeOf(it.refused({ kind: "setReach", member: "ana", reach: 1_001 })),
    "invalid_request",
  );
  assert.equal(
    codeOf(it.refused({ kind: "setReach", member: "nobody", reach: 1 })),
    "unknown_member",
  );
  assert.equal(
    codeOf(it.refused({ kind: "setGuarantee", member: "nobody", credits: credits(1n) })),
    "unknown_member",
  );
  const gift = { kind: "giftReserve", gift: "gft_1", from: "ana" } as const;
  assert.equal(codeOf(it.refused({ ...gift, to: "ana", credits: credits(1n) })), "invalid_request");
  assert.equal(codeOf(it.refused({ ...gift, to: "ben", credits: credits(0n) })), "invalid_request");
  assert.equal(
    codeOf(it.refused({ ...gift, to: "nobody", credits: credits(1n) })),
    "unknown_member",
  );
});
