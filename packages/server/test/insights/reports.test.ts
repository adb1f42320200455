/** Reports on use as folds: what a raise would have covered, which seats are idle, where credits go for little. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Outcome, type Usage, instant } from "@cistern/kernel";
import {
  type CallPart,
  type Hint,
  Inefficiency,
  type Priced,
  type RefusedOnDay,
  idleSeats,
  powerUsers,
  retryWithinMs,
  usersOfSeats,
} from "../../src/insights/index.ts";
import { seatsAt, start } from "../../../kernel/test/subscriptions/life.ts";

const refused = (day: number, credits: number, code = "limit_reached"): RefusedOnDay => ({
  member: "ana",
  day: `2026-01-${String(day).padStart(2, "0")}`,
  code,
  times: 1n,
  credits: BigInt(credits),
});
const used = (days: number) =>
  Array.from({ length: days }, (_, index) => ({
    member: "ana",
    day: refused(index + 1, 0).day,
    credits: 10n,
  }));

suite("members who need more", () => {
  test("the raise is the least that covers 95 of 100 active days, those without a refusal among them", () => {
    const [one] = powerUsers([refused(1, 500), refused(2, 40), refused(3, 70)], used(20));
    assert(one !== undefined);
    const { raise, coveredDays, activeDays, daysAtLimit, credits } = one;
    assert.deepEqual([raise, coveredDays, activeDays, daysAtLimit], [70n, 19, 20, 3]);
    assert.equal(credits, 610n);
    const [more] = powerUsers([refused(1, 500), refused(2, 40), refused(3, 70)], used(19));
    assert.equal(more?.raise, 500n, "of 19 days 95 % are all of them");
  });

  test("no raise covers days that need none: a limit that refused on one day of twenty", () => {
    const [one] = powerUsers([refused(1, 500)], used(20));
    assert.deepEqual([one?.raise, one?.coveredDays], [0n, 19]);
  });

  test("an empty pool and how it is shared refuse too, and are no reason for a raise (RULES 32)", () => {
    const rows = [refused(1, 30), refused(1, 900, "pool_exhausted"), refused(4, 8, "borrow_limit")];
    const [one] = powerUsers(rows, []);
    assert.deepEqual(one, {
      member: "ana",
      times: 3n,
      credits: 938n,
      byLimits: 30n,
      byShares: 8n,
      used: 0n,
      activeDays: 2,
      refusedDays: 2,
      daysAtLimit: 1,
      raise: 30n,
      coveredDays: 2,
      codes: [
        { code: "borrow_limit", times: 1n, credits: 8n },
        { code: "limit_reached", times: 1n, credits: 30n },
        { code: "pool_exhausted", times: 1n, credits: 900n },
      ],
    });
  });

  test("each code of the sharing of the pool is told as its own, and no raise is made of it", () => {
    const codes = ["never_this_period", "reserved_for_others", "borrow_limit"];
    const [one] = powerUsers(
      codes.map((code) => refused(1, 700, code)),
      [],
    );
    assert.deepEqual(
      [one?.byLimits, one?.byShares, one?.daysAtLimit, one?.raise],
      [0n, 2_100n, 0, 0n],
    );
  });

  test("days are added up before they are compared, and members stand by what they were refused", () => {
    const bob = { ...refused(1, 11), member: "bob" };
    const all = powerUsers([refused(1, 5), refused(1, 5), bob], []);
    assert.deepEqual(
      all.map(({ member, raise }) => [member, raise]),
      [
        ["bob", 11n],
        ["ana", 10n],
      ],
    );
  });
});

const dayMs = 86_400_000;
const seat = (member: string, day = 0) => ({ member, since: instant(day * dayMs) });

suite("idle seats", () => {
  const begun = start({ seats: seatsAt(2_000n, { minimum: 3 }) }, 5);
  assert(begun.kind === "putSubscription" && begun.plan !== null);
  const { plan } = begun;
  const asked = (uses: Record<string, number>, days = 30) => ({
    lastUsed: new Map(Object.entries(uses).map(([member, day]) => [member, day * dayMs])),
    now: 100 * dayMs,
    days,
  });

  test("are those without use for so many days, by use or by when they were assigned", () => {
    const seats = [seat("ana"), seat("ben"), seat("cy"), seat("dan", 71)];
    const found = idleSeats(plan, 5, seats, asked({ ana: 70, ben: 71 }));
    assert.deepEqual(
      found.seats.map(({ member, idleDays }) => [member, idleDays]),
      [
        ["cy", 100],
        ["ana", 30],
      ],
    );
    assert.deepEqual([found.fee, found.saving], [2_000n, 4_000n]);
  });

  test("save no more than the plan lets go: it has a least number of seats", () => {
    const seats = [seat("ana"), seat("ben"), seat("cy"), seat("dan")];
    const found = idleSeats(plan, 5, seats, asked({}));
    assert.equal(found.seats.length, 4);
    assert.equal(found.saving, 4_000n);
    assert.equal(idleSeats(plan, 2, [seat("ana")], asked({})).saving, 0n);
  });

  test("are used by what acts for their member, but for what has a seat of its own", () => {
    const sponsored = new Map([
      ["ana", new Set(["bot", "own"])],
      ["bot", new Set(["sub"])],
      ["own", new Set(["aide"])],
    ]);
    assert.deepEqual(Object.fromEntries(usersOfSeats([seat("ana"), seat("own")], sponsored)), {
      aide: "own",
      ana: "ana",
      bot: "ana",
      own: "own",
      sub: "ana",
    });
  });
});

/** Large costs ten a unit, small one; a cached unit a tenth of it. */
const price: Readonly<Record<string, bigint>> = { large: 10n, small: 1n, medium: 3n };
const priced: Priced = {
  cost: (_meter, model, usage) => {
    const unit = price[model];
    const { input_text: input = 0, output_text: output = 0, cache_read: cached = 0 } = usage;
    return unit === undefined ? undefined : unit * BigInt(input * 10 + output * 10 + cached);
  },
  cheapest: () => "small",
  hasCache: (meter) => meter === "chat",
};

let calls = 0;
function call(given: Partial<CallPart> & { readonly usage?: Usage | null } = {}): CallPart {
  calls += 1;
  return {
    id: `h${calls}`,
    atMs: calls,
    member: "ana",
    meter: "chat",
    model: "small",
    project: null,
    attributes: {},
    usage: { input_text: 1, cache_read: 2, output_text: 1_000 },
    credits: 100n,
    isPart: false,
    outcome: null,
    isPriced: true,
    isUnrated: false,
    isLate: false,
    ...given,
  };
}

function hintsOf(...parts: readonly CallPart[]): readonly Hint[] {
  const fold = new Inefficiency(priced);
  for (const one of parts) fold.add(one);
  return fold.hints();
}

suite("where credits go for little", () => {
  test("calls that went well give no hint", () => {
    assert.deepEqual(hintsOf(call(), call({ outcome: "delivered" }), call({ meter: null })), []);
  });

  test("calls that failed are counted by how they ended, of all of their meter and model", () => {
    const ended = (outcome: Outcome) => call({ outcome });
    const found = hintsOf(
      ended("failed"),
      ended("failed"),
      ended("cancelled"),
      ended("partial"),
      call({ usage: null }),
      call({ usage: null, isPriced: false }),
      call({ isUnrated: true }),
      call({ isLate: true }),
      call(),
    );
    const rows = found.flatMap((one) =>
      one.kind === "failed_calls" ? [[one.failure, one.calls, one.ofCalls, one.saves]] : [],
    );
    assert.deepEqual(rows, [
      ["failed", 2, 9, 200n],
      ["cancelled", 1, 9, 100n],
      ["late", 1, 9, 0n],
      ["no_usage", 1, 9, 0n],
      ["partial", 1, 9, 0n],
      ["unrated", 1, 9, 0n],
    ]);
  });

  test("I2 a retry has the attributes of a call that failed, ten minutes after it at most", () => {
    const action = { attributes: { feature: "draft", page: "1" } };
    const retriesOf = (...parts: readonly CallPart[]) =>
      hintsOf(...parts).flatMap((one) => (one.kind === "retries" ? [one] : []));
    const failed = call({ ...action, outcome: "failed", atMs: 0 });
    const again = { attributes: { page: "1", feature: "draft" } };
    assert.deepEqual(retriesOf(failed, call({ ...again, atMs: retryWithinMs, credits: 7n })), [
      { kind: "retries", meter: "chat", member: "ana", calls: 1, credits: 7n, saves: 7n },
    ]);
    for (const other of [
      { ...again, atMs: retryWithinMs + 1 },
      { atMs: 1, attributes: { feature: "draft" } },
      { ...again, atMs: 1, member: "bob" },
      { ...again, atMs: 1, project: "spring" },
      { ...again, atMs: 1, meter: "image" },
    ])
      assert.deepEqual(retriesOf(failed, call(other)), [], JSON.stringify(other));
    const plain = [call({ outcome: "failed", atMs: 0 }), call({ atMs: 1 })];
    assert.deepEqual(retriesOf(...plain), [], "calls without attributes say no action");
    const chain = [
      failed,
      call({ ...again, outcome: "partial", atMs: 5 }),
      call({ ...again, atMs: 9 }),
    ];
    assert.equal(retriesOf(...chain)[0]?.calls, 2);
    const over = [failed, call({ ...again, atMs: 5 }), call({ ...again, atMs: 9 })];
    assert.equal(retriesOf(...over)[0]?.calls, 1, "what came through ends it");
  });

  test("I3 input that was not found in a cache is told where it is half or more, with what caching saves", () => {
    const misses = (usage: Usage, meter = "chat") =>
      hintsOf(call({ usage: { output_text: 1_000, ...usage }, meter })).filter(
        ({ kind }) => kind === "cache_misses",
      );
    const [one] = misses({ input_text: 60, cache_read: 60 });
    assert(one?.kind === "cache_misses");
    assert.deepEqual([one.missed, one.found, one.saves], [60n, 60n, 540n]);
    assert.deepEqual(misses({ input_text: 59, cache_read: 60 }), []);
    assert.deepEqual(misses({ input_text: 60 }, "image"), [], "its meter has no cache");
  });

  test("I4 a model is larger than its answers need where the cheapest costs a third or less of it", () => {
    const larger = (model: string, given: Partial<CallPart> = {}) =>
      hintsOf(
        call({ model, usage: { input_text: 10, output_text: 300, cache_read: 99 }, ...given }),
      ).filter(({ kind }) => kind === "larger_model");
    const [one] = larger("large");
    assert(one?.kind === "larger_model");
    assert.deepEqual(
      [one.cheaper, one.own, one.other, one.saves],
      ["small", 31_990n, 3_199n, 28_791n],
    );
    assert.deepEqual(larger("medium"), [], "three times as much is not more than three times");
    assert.deepEqual(larger("small"), []);
    assert.deepEqual(larger("unknown"), []);
    assert.deepEqual(larger("large", { usage: { output_text: 301 } }), [], "a long answer");
    assert.deepEqual(larger("large", { outcome: "failed" }), [], "no answer");
  });

  test("I1 parts of one call are one call, with all that they used", () => {
    const part = { id: "h", model: "large" } as const;
    const found = hintsOf(
      call({ ...part, isPart: true, usage: { output_text: 200 }, credits: 30n }),
      call({ ...part, usage: { output_text: 101 }, credits: 12n, outcome: "failed" }),
    );
    assert.deepEqual(
      found.map((one) => [one.kind, one.calls, one.credits]),
      [["failed_calls", 1, 42n]],
    );
  });
});
