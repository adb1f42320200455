/** How a pool is shared: what is reserved, what fades, what may be borrowed, and what is said to who may not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { credits } from "@cistern/kernel";
import { dump } from "../journal.ts";
import {
  agent,
  day,
  debtUpTo,
  debit,
  deactivate,
  grant,
  member,
  settle,
  refund,
} from "../scenario/commands.ts";
import { Team, ask, numbersOf, team, tickMs } from "./team.ts";

test("at the start seven tenths of everyone's share are reserved, and the rest is the team pot", () => {
  const it = team(["ana", "ben"], 1_000);
  assert.deepEqual(numbersOf(it.share("ana")), {
    share: 500,
    used: 0,
    reserved: 350,
    faded: 0,
    fromPot: 0,
    potLeft: 300,
    open: 575,
  });
});

test("a call takes the own reserve first, then the pot, and says so", () => {
  const it = team(["ana", "ben"], 1_000);
  const event = it.run(ask("ana", 400));
  assert(event.kind === "hold.opened");
  assert.deepEqual(event.drawn, {
    period: 1,
    seat: "member:ana",
    reserve: credits(350n),
    pots: [{ node: "workspace", credits: credits(50n) }],
  });
  assert.equal(numbersOf(it.share("ben")).reserved, 350);
});

test("what nobody uses fades into the pot, tick by tick, and at the end nothing is reserved", () => {
  const it = team(["ana", "ben"], 1_000);
  it.run(ask("ana", 1));
  it.later(360 * tickMs);
  assert.deepEqual(
    [numbersOf(it.share("ana")).reserved, numbersOf(it.share("ben")).reserved],
    [175, 175],
  );
  it.later(359 * tickMs);
  assert.deepEqual(numbersOf(it.share("ben")).reserved, 1);
});

test("a hog is told what is reserved for others, and when so much will be open", () => {
  const it = team(["ana", "ben"], 1_000);
  const refusal = it.refused(ask("ana", 651));
  assert(refusal.code === "reserved_for_others");
  const { scope, requested, available, missing, poolLeft, reservedForOthers, others } = refusal;
  assert.deepEqual(
    [scope, requested, available, missing, poolLeft, reservedForOthers, others].map(plain),
    [{ kind: "workspace", id: "acme" }, 651, 575, 76, 1_000, 350, 1],
  );
  assert.equal(refusal.openToYou, 650n);
});
const plain = (value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value);

test("who is above its share may borrow what the pot has, times what of the period has passed", () => {
  const it = team(["ana", "ben"], 1_000);
  const refusal = it.refused(ask("ana", 576));
  assert(refusal.code === "borrow_limit");
  assert.deepEqual(
    [refusal.share, refusal.used, refusal.limit, refusal.potLeft, refusal.maxNow].map(plain),
    [500, 0, 75, 300, 575],
  );
  assert(refusal.retryAt !== null);
  it.later(refusal.retryAt - it.at - 1);
  assert.equal(it.refused(ask("ana", 576)).code, "borrow_limit");
  it.later(1);
  it.run(ask("ana", 576));
});

test("who draws through the empty pot of a group keeps to its own limit, in one call as in two (F6)", () => {
  const it = new Team({ fairness: { preset: "balanced" } });
  it.run({ kind: "putGroup", group: "red" });
  it.run(member("ana", { groups: ["red"] }), member("ben", { groups: ["red"] }), member("cem"));
  it.run(grant("grt_1", 1_200));
  assert.deepEqual(numbersOf(it.share("ana")).potLeft, 360);
  const refusal = it.refused(ask("ana", 640));
  assert(refusal.code === "borrow_limit");
  const most = Number(refusal.maxNow);
  it.run(ask("ana", most));
  assert.equal(it.refused(ask("ana", 2)).code, "borrow_limit");
});

test("so much is never open in the period", () => {
  const it = team(["ana", "ben"], 1_000, { preset: "strict", reach: 0 });
  const refusal = it.refused(ask("ana", 501));
  assert(refusal.code === "never_this_period");
  assert.deepEqual([refusal.retryAt, refusal.maxNow], [null, 500n]);
});

test("credits return to the pot first, then to the reserve up to its line, and the rest to the pot", () => {
  const it = team(["ana", "ben"], 1_000);
  const event = it.run(ask("ana", 400));
  assert(event.kind === "hold.opened");
  it.later(12 * 60 * 60_000);
  it.run(settle(event.hold, 100));
  const { reserved, used } = numbersOf(it.share("ana"));
  const line = Math.ceil((350 * (720 - 11)) / 720);
  assert.deepEqual([used, reserved], [100, Math.min(250, line)]);
});

test("usage beyond the hold takes the own reserve, pots, and then the others' reserves in proportion", () => {
  const it = team(["ana", "ben", "eva"], 900, { preset: "strict" });
  const event = it.run(ask("ana", 100));
  assert(event.kind === "hold.opened");
  it.run(settle(event.hold, 500));
  assert.deepEqual(
    ["ana", "ben", "eva"].map((id) => numbersOf(it.share(id)).reserved),
    [0, 200, 200],
  );
  assert.equal(numbersOf(it.share("ana")).used, 500);
});

test("who comes later has a part of the pot, and nobody's reserve shrinks", () => {
  const it = team(["ana", "ben"], 1_000);
  it.run(ask("ana", 10));
  it.run(member("eva"));
  assert.deepEqual(
    ["ana", "ben", "eva"].map((id) => numbersOf(it.share(id)).reserved),
    [340, 350, 100],
  );
});

test("who leaves reserves nothing, and on return in the period nothing again", () => {
  const it = team(["ana", "ben"], 1_000);
  it.run(ask("ana", 10), deactivate("ben"));
  assert.equal(numbersOf(it.share("ana")).potLeft, 650);
  it.run(member("ben"));
  const { share, reserved } = numbersOf(it.share("ben"));
  assert.deepEqual([share, reserved], [500, 0]);
});

test("a seat weighs the same when what acted for it is gone, and has what was reserved for that", () => {
  const it = team(["ana", "ben"], 1_000);
  it.run(agent("bot", "ana"), ask("ana", 1));
  it.run(deactivate("bot"));
  assert.deepEqual(
    [numbersOf(it.share("ana")).reserved, numbersOf(it.share("ana")).potLeft],
    [174, 475],
  );
  it.run(grant("grt_2", 1_000));
  // Half of the top-up is for ana's seat, all of that for herself, and seven tenths of it reserved.
  assert.equal(numbersOf(it.share("ana")).reserved, 174 + 350);
  assert.equal(numbersOf(it.share("ben")).reserved, 350 + 350);
});

test("a top-up is shared by weight, and what is reserved of it is gone at the end", () => {
  const it = team(["ana", "ben"], 1_000);
  it.run(ask("ana", 10));
  it.later(360 * tickMs).run(grant("grt_2", 500));
  const { share, reserved } = numbersOf(it.share("ben"));
  assert.deepEqual([share, reserved], [750, 350]);
});

test("a gift is reserved for who gets it", () => {
  const it = team(["ana", "ben"], 1_000);
  it.run({ kind: "giftReserve", gift: "gft_1", from: "ben", to: "ana", credits: credits(50n) });
  assert.deepEqual(
    ["ana", "ben"].map((id) => numbersOf(it.share(id)).reserved),
    [400, 300],
  );
  const tooMuch = it.refused({
    kind: "giftReserve",
    gift: "gft_2",
    from: "ben",
    to: "ana",
    credits: credits(301n),
  });
  assert.deepEqual(tooMuch, { code: "gift_exceeds_reserve", member: "ben", reserved: 300n });
});

test("what stands in the way is what refuses one credit more", () => {
  const it = team(["ana", "ben", "cem", "dan"], 1_000);
  for (const used of [0, 100, 200]) {
    if (used > 0) it.run(ask("ana", used));
    const share = it.share("ana");
    const refused = it.refused(ask("ana", numbersOf(share).open + 1));
    assert.equal(share.blockedBy, "borrow_limit");
    assert.equal(refused.code, share.blockedBy);
    assert("retryAt" in refused);
    assert.equal(share.freesAt, refused.retryAt);
  }
  // Where all is reserved at the start, there is no pot yet.
  const strict = team(["ana", "ben"], 1_000, { preset: "strict" });
  const share = strict.share("ana");
  assert.deepEqual([numbersOf(share).open, share.blockedBy], [500, "reserved_for_others"]);
  assert.equal(strict.refused(ask("ana", 501)).code, share.blockedBy);
  const alone = team(["ana"], 1_000).share("ana");
  assert.deepEqual([numbersOf(alone).open, alone.blockedBy, alone.freesAt], [1_000, null, null]);
});

test("guests share one seat, which comes with the first of them", () => {
  const it = team(["ana"], 1_000);
  it.run(ask("ana", 10));
  it.run(ask("gus", 10));
  const { seat, isShared } = it.share("guy");
  assert.deepEqual([seat, isShared], ["guests", true]);
  assert.equal(numbersOf(it.share("guy")).used, 10);
});

test("what pays a debt is used by the debtor", () => {
  const it = team(["ana", "ben"], 100, { preset: "balanced" }, { overage: debtUpTo(1_000) });
  it.run(debit("dbt_1", 160, { member: "ana" }));
  assert.equal(numbersOf(it.share("ana")).used, 100);
  it.run(grant("grt_2", 200));
  assert.equal(numbersOf(it.share("ana")).used, 160);
});

test("the journal gives the same shares again", () => {
  const it = team(["ana", "ben"], 1_000);
  const event = it.run(ask("ana", 400));
  assert(event.kind === "hold.opened");
  it.later(day / 2);
  it.run(settle(event.hold, 100), refund("rfd_1", event.hold), ask("ben", 20));
  const other = it.run(ask("ben", 20));
  assert(other.kind === "hold.opened");
  it.later(2 * day);
  it.run(ask("ana", 20));
  assert.deepEqual(dump(it.journal.replayed().state), dump(it.journal.state));
});
