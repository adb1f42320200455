/**
 * Lives of teams that share a pool: whatever happens, reserves and pots are what is available (F1, which the kernel asserts after
 * every event), and whoever reads the journal, or a snapshot, or asked early, has the same shares.
 */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type Command,
  type State,
  credits,
  emptyState,
  instant,
  memberShare,
  nextDue,
} from "@cistern/kernel";
import * as fc from "fast-check";
import { calendar } from "../calendar.ts";
import { Journal, dump } from "../journal.ts";
import { runs, seed } from "../oracle/life.ts";
import {
  agent,
  createWorkspace,
  day,
  debit,
  debtUpTo,
  deactivate,
  extend,
  grant,
  group,
  hour,
  member,
  minute,
  noon,
  open,
  part,
  refund,
  release,
  revoke,
  settle,
  update,
} from "../scenario/commands.ts";
import { included, put, plan, seatsAt } from "../subscriptions/life.ts";

const people = ["ana", "ben", "eva", "ida"] as const;
const spenders = [...people, "bot", "key", "gus", "sub"] as const;

type Wish = readonly [what: number, who: number, size: number, which: number, waitMs: number];

const wishes = (most: number): fc.Arbitrary<readonly Wish[]> =>
  fc.array(
    fc.tuple(
      fc.nat(99),
      fc.nat(spenders.length - 1),
      fc.integer({ min: 0, max: 400 }),
      fc.nat(99),
      fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 0, max: 30 * minute }) },
        { weight: 2, arbitrary: fc.integer({ min: hour, max: 20 * hour }) },
        { weight: 1, arbitrary: fc.integer({ min: day, max: 12 * day }) },
      ),
    ),
    { minLength: 5, maxLength: most },
  );

/** A team, and what it is asked. `isCurious` asks in between, which changes nothing. */
class Life {
  readonly journal: Journal = new Journal();
  readonly holds: string[] = [];
  readonly lots: string[] = [];
  at = noon;
  refusals = 0;
  #count = 0;
  readonly #isCurious: boolean;

  constructor(isCurious: boolean, isOnPlan: boolean) {
    this.#isCurious = isCurious;
    this.#run(
      createWorkspace({
        overage: debtUpTo(100),
        currency: "USD",
        ...(isOnPlan ? {} : { fairness: { preset: "balanced" } }),
      }),
    );
    if (isOnPlan) this.#run(subscribed);
    this.#run(group("red"));
    this.#run(member("ana"));
    this.#run(member("ben", { groups: ["red"] }));
    this.#run(agent("bot", "ben"));
    this.#run(agent("sub", "bot"));
    this.#run(member("key", { memberKind: "key" }));
    this.#run(grant("grt_0", 3_000));
    this.lots.push("grt_0");
  }

  live(all: readonly Wish[]): this {
    for (const wish of all) this.#do(wish);
    return this;
  }

  #do([what, who, size, which, waitMs]: Wish): void {
    if (this.#isCurious) {
      for (const id of spenders) memberShare(this.journal.state, id, instant(this.at));
      const later = this.at + Math.floor(waitMs / 2);
      this.journal.pass(later);
      this.journal.decide(open("hld_x", 1_000_000, { member: spenders[who] ?? "" }), later);
      for (const id of spenders) memberShare(this.journal.state, id, instant(later));
    }
    this.at += waitMs;
    const spender = spenders[who] ?? "ana";
    const id = (prefix: string): string => `${prefix}_${(this.#count += 1)}`;
    const hold = this.holds.at(which % Math.max(1, this.holds.length)) ?? "hld_none";
    const lot = this.lots.at(which % Math.max(1, this.lots.length)) ?? "grt_none";
    const other = people[which % people.length] ?? "ana";
    if (what < 34) {
      const name = id("hld");
      this.holds.push(name);
      return this.#run(open(name, size, { member: spender, ttlMs: (1 + which) * 10 * minute }));
    }
    if (what < 50) return this.#run(settle(hold, Math.floor(size * (which % 3 === 0 ? 1 : 0.4))));
    if (what < 54) return this.#run(part(hold, Math.floor(size / 4)));
    if (what < 58) return this.#run(extend(hold, Math.floor(size / 3)));
    if (what < 63) return this.#run(release(hold));
    if (what < 68) {
      const name = id("dbt");
      this.holds.push(name);
      const occurredAt = which < 30 ? instant(this.at - which * day) : null;
      return this.#run(debit(name, Math.floor(size / 2), { member: spender, occurredAt }));
    }
    if (what < 73) return this.#run(refund(id("rfd"), hold, which < 50 ? null : 1 + (size % 20)));
    if (what < 80) return this.#grant(id("grt"), { size, which });
    if (what < 83) return this.#run(revoke(lot, which < 40 ? null : size));
    if (what < 86) {
      const groups = which < 40 ? ["red"] : [];
      return this.#run(member(people[who % people.length] ?? "ana", { groups }));
    }
    if (what < 88) return this.#run(deactivate(spender));
    if (what < 91)
      return this.#run({
        kind: "giftReserve",
        gift: id("gft"),
        from: spender,
        to: other,
        credits: credits(BigInt(1 + size)),
      });
    if (what < 93)
      return this.#run({ kind: "setGuarantee", member: other, credits: credits(BigInt(size * 2)) });
    if (what < 95) return this.#run({ kind: "setReach", member: other, reach: size * 2 });
    if (what < 97) {
      const preset = (["off", "strict", "lend_early", "plan"] as const)[which % 4] ?? "off";
      return this.#run(update({ fairness: { preset } }));
    }
    if (what < 98) return this.#run({ kind: "assignSeat", member: other });
    if (what < 99) return this.#run(put({ seats: 2 + (which % 3), when: "now" }));
    this.#run(which < 20 ? { kind: "cancelSubscription" } : { kind: "releaseSeat", member: other });
  }

  #grant(id: string, { size, which }: { size: number; which: number }): void {
    this.lots.push(id);
    const soon = { until: this.at + day };
    const later = { from: this.at + hour };
    const apart = { appliesTo: { members: ["ana"] }, priority: which < 90 ? 50 : 60 };
    const kind = which < 40 ? {} : which < 60 ? soon : which < 80 ? later : apart;
    this.#run(grant(id, size * 3, kind));
  }

  #run(command: Command): void {
    const decision = this.journal.run(command, this.at);
    if (decision.kind === "rejected") this.refusals += 1;
  }
}

const subscribed: Command = put({
  plan: plan({
    seats: seatsAt(100n, { minimum: 2 }),
    included: included(1_000n, 1_000n, {
      per: "seat",
      rollover: { shareBps: 5_000, amountMax: null, balanceMax: null, periods: 1 },
    }),
    overage: { kind: "deny" },
  }),
  seats: 2,
});

const sharesOf = (state: State, at: number): unknown =>
  spenders.map((id) => memberShare(state, id, instant(at)));

/** The same tables in another state: what a snapshot keeps. */
function restored(state: State): State {
  const other = emptyState();
  for (const [index, table] of state.tables.entries())
    for (const [key, row] of [...table.entries()].toReversed())
      other.tables[index]?.restore(key, row);
  return other;
}

suite("whatever happens in a team that shares its pool", () => {
  for (const isOnPlan of [false, true])
    test(`the journal, a snapshot and a curious reader have the same shares, ${isOnPlan ? "on a plan with seats" : "without a plan"} (A1, A24, A26)`, (t) => {
      t.diagnostic(`CISTERN_SEED=${seed}`);
      fc.assert(
        fc.property(wishes(60), (all) => {
          const { journal, at } = new Life(false, isOnPlan).live(all);
          const curious = new Life(true, isOnPlan).live(all);
          assert.deepEqual(dump(curious.journal.state), dump(journal.state));
          const shares = sharesOf(journal.state, at);
          assert.deepEqual(sharesOf(curious.journal.state, at), shares);
          const again = journal.replayed();
          assert.deepEqual(dump(again.state), dump(journal.state));
          assert.deepEqual(sharesOf(again.state, at), shares);
          assert.deepEqual(sharesOf(restored(journal.state), at), shares);
          for (const [id, hold] of journal.state.holds.holds.entries())
            assert.deepEqual(journal.recall(id), hold);
        }),
        { seed, numRuns: runs(150) },
      );
    });

  test("a batch that lost its race leaves the shares as they were", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    fc.assert(
      fc.property(wishes(30), wishes(20), (before, lost) => {
        const life = new Life(false, true).live(before);
        const { journal, at } = life;
        const [mark, rows] = [journal.state.undo.mark(), journal.rows.length];
        const [untouched, shares] = [dump(journal.state), sharesOf(journal.state, at)];
        life.live(lost);
        journal.undoTo(mark, rows);
        assert.deepEqual(dump(journal.state), untouched);
        assert.deepEqual(sharesOf(journal.state, at), shares);
        assert.equal(nextDue(journal.state, instant(at), calendar), undefined);
      }),
      { seed, numRuns: runs(100) },
    );
  });
});
