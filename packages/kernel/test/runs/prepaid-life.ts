/**
 * Lives of teams with prepaid runs, judged after every step: what was prepaid is not refused for the pool's, the shares' or a cap's
 * sake; credits are in one place; caps and shares count each call once.
 */
import assert from "node:assert/strict";
import { type Command, type Decision, type Hold, credits, instant } from "@cistern/kernel";
import * as fc from "fast-check";
import { Journal } from "../journal.ts";
import {
  agent,
  cap,
  createWorkspace,
  day,
  debit,
  debtUpTo,
  extend,
  grant,
  group,
  hour,
  limit,
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
import { closeRun, prepaid, raise, run } from "../scenario/run-commands.ts";

/** What is asked, of which, how much, and after how long. */
export type Wish = readonly [
  what: number,
  which: number,
  size: number,
  other: number,
  waitMs: number,
];

export const prepaidWishes: fc.Arbitrary<readonly Wish[]> = fc.array(
  fc.tuple(
    fc.nat(99),
    fc.nat(99),
    fc.integer({ min: 0, max: 120 }),
    fc.nat(99),
    fc.oneof(
      { weight: 16, arbitrary: fc.integer({ min: 0, max: 5 * minute }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 5 * hour }) },
      { weight: 1, arbitrary: fc.integer({ min: hour, max: 2 * day }) },
    ),
  ),
  { minLength: 20, maxLength: 70, size: "max" },
);

const spenders = ["ana", "ben", "bot", "gus"] as const;
/** What a call is refused for that has what it needs in its purse. */
const ofThePool = [
  "pool_exhausted",
  "credits_held",
  "reserved_for_others",
  "borrow_limit",
  "never_this_period",
  "limit_reached",
];

/** A team, and what it is asked. */
export class PrepaidLife {
  readonly journal: Journal = new Journal();
  readonly calls: string[] = [];
  readonly opened: string[] = [];
  readonly lots: string[] = ["grt_0"];
  at = noon;
  taken = 0;
  /** As they last were, also those that memory let go of. */
  readonly #known = new Map<string, Hold>();
  #made = 0;

  constructor(isShared: boolean) {
    this.journal.state.holds.holds.watch((id, _before, after) => {
      if (after !== undefined) this.#known.set(id, after);
    });
    const fairness = isShared ? { fairness: { preset: "balanced" } as const } : {};
    this.run(createWorkspace({ overage: debtUpTo(100), ...fairness }));
    this.run(group("red"));
    this.run(member("ana"));
    this.run(member("ben", { groups: ["red"] }));
    this.run(agent("bot", "ana"));
    for (const scope of ["workspace", "eachMember", "group red"])
      this.run(limit(scope.slice(0, 2), scope, cap(2_000, "month")));
    this.run(limit("da", "eachMember", cap(900, "day")));
    this.run(
      limit("ov", "workspace", {
        kind: "overage",
        credits: credits(80n),
        window: { kind: "calendar", unit: "month" },
      }),
    );
    this.run(grant("grt_0", 1_000));
  }

  do([what, which, size, other, waitMs]: Wish): void {
    this.at += waitMs;
    this.journal.pass(this.at);
    const command = this.#commandOf(what, which, size, other);
    const left = command.kind === "openHold" ? this.#leftFor(command.run, command.member) : 0n;
    const decision = this.run(command);
    if (decision.kind === "rejected" && command.kind === "openHold" && command.run !== null) {
      const isPrepaid = size > 0 && BigInt(size) <= left;
      const { code } = decision.rejection;
      assert(!isPrepaid || !ofThePool.includes(code), `${code} of ${left} that are prepaid`);
    }
    if (decision.kind === "accepted") this.taken += Number("fromPurse" in decision.event);
    this.check();
  }

  #commandOf(what: number, which: number, size: number, other: number): Command {
    const who = spenders[which % spenders.length] ?? "ana";
    const going = this.opened.filter(
      (id) => this.journal.state.runs.runs.get(id)?.status === "open",
    );
    const name = going.at(-1 - (other % Math.max(1, Math.min(4, going.length))));
    if (name === undefined && which % 4 !== 0) return this.#prepays(size * 3, who, other);
    return this.#commandIn(name ?? "none", { what, which, size, other, who });
  }

  #commandIn(
    name: string,
    {
      what,
      which,
      size,
      other,
      who,
    }: { what: number; which: number; size: number; other: number; who: string },
  ): Command {
    const call =
      this.calls.at(-1 - (other % Math.max(1, Math.min(8, this.calls.length)))) ?? "none";
    const lot = this.lots.at(other % this.lots.length) ?? "none";
    if (what < 40)
      return this.#opens(size, which % 5 === 0 ? null : name, which % 4 === 0 ? who : undefined);
    if (what < 52) return settle(call, Math.floor(size * (other % 3 === 0 ? 1 : 0.4)));
    if (what < 56) return part(call, Math.floor(size / 4));
    if (what < 60)
      return extend(call, Math.floor(size / 3), other % 3 === 0 ? { ttlMs: hour } : {});
    if (what < 65) return release(call);
    if (what < 69) return refund(this.#name("rfd"), call, other < 50 ? null : 1 + (size % 20));
    if (what < 77) return this.#prepays(size * 3, who, other);
    if (what < 80) return this.#inside(name, who, other, size);
    if (what < 83) return raise(name, { limit: credits(BigInt(this.#limitOf(name) + size)) });
    if (what < 85) return raise(name, { deadline: instant(this.at + 3 * hour) });
    if (what < 88) return closeRun(name);
    if (what < 92) {
      const id = this.#name("grt");
      this.lots.push(id);
      const apart = { appliesTo: { members: ["ana"] }, priority: which < 90 ? 50 : 60 };
      return grant(
        id,
        size * 2,
        which < 40 ? {} : which < 75 ? { until: this.at + day / 2 } : apart,
      );
    }
    if (what < 94) return revoke(lot, which < 40 ? null : size);
    if (what < 96)
      return debit(this.#name("dbt"), Math.floor(size / 2), { run: which < 50 ? name : null });
    if (what < 98) return member("ben", { groups: which < 50 ? [] : ["red"] });
    return update({ fairness: { preset: which < 50 ? "balanced" : "off" } });
  }

  #opens(size: number, inRun: string | null, by?: string): Command {
    const id = this.#name("hld");
    this.calls.push(id);
    const owner = this.journal.state.runs.runs.get(inRun ?? "")?.member;
    return open(id, size, { run: inRun, member: by ?? owner ?? "ana", ttlMs: (1 + size) * minute });
  }

  #prepays(size: number, who: string, other: number): Command {
    const id = this.#name("run");
    this.opened.push(id);
    return prepaid(
      id,
      size,
      { deadline: other < 60 ? null : instant(this.at + (1 + other) * 10 * minute) },
      { member: who, idleMs: 4 * hour },
    );
  }

  #inside(name: string, who: string, other: number, size: number): Command {
    const id = this.#name("run");
    this.opened.push(id);
    const given = { parent: name, member: who };
    return other < 30 ? prepaid(id, size, {}, given) : run(id, {}, given);
  }

  #limitOf(name: string): number {
    return Number(this.journal.state.runs.runs.get(name)?.bounds.limit ?? 0n);
  }

  /** What is left of what a run, or one around it, has prepaid for its own member. */
  #leftFor(name: string | null, who: string): bigint {
    const { runs: slice, holds, pool } = this.journal.state;
    const own = slice.runs.get(name ?? "");
    for (const id of own === undefined ? [] : [own.id, ...own.ancestors]) {
      const purse = holds.holds.get(slice.runs.get(id)?.purse ?? "");
      if (purse?.status !== "open" || purse.path.member !== who) continue;
      const legs = purse.legs.filter(({ lot }) => {
        const only = pool.lots.get(lot)?.appliesTo?.members;
        return only === undefined || only.includes(who);
      });
      return sum(legs.map((leg) => leg.credits)) + purse.overage;
    }
    return 0n;
  }

  #name(prefix: string): string {
    return `${prefix}_${(this.#made += 1)}`;
  }

  run(command: Command): Decision {
    const decision = this.journal.run(command, this.at);
    this.journal.pass(this.at);
    return decision;
  }

  check(): void {
    const { state } = this.journal;
    const holds = [...this.#known.values()];
    for (const one of holds)
      assert.equal(
        sum(one.counted.map((parcel) => parcel.credits)),
        countsNow(one),
        `N1 ${one.id}`,
      );
    for (const one of state.runs.runs.values())
      if (one.purse !== undefined && one.status !== "open")
        assert.notEqual(
          state.holds.holds.get(one.purse)?.status,
          "open",
          "a purse ends with its run",
        );
    for (const purse of holds.filter((one) => one.kind === "purse")) {
      assert.equal(purse.charged, 0n, "a purse is charged nothing");
      const { period } = state.fairness.current;
      const isNow = purse.drawn?.period === period?.number && this.at < (period?.end ?? 0);
      if (purse.status === "open" && purse.drawn !== undefined && isNow)
        assert.equal(
          wholeOf(purse),
          sharedOf(this.journal, purse),
          `what ${purse.id} drew is what it has`,
        );
    }
    this.#checkCaps(holds);
    this.#checkShares(holds);
  }

  /** The use of a month is what its holds count there: each once. */
  #checkCaps(holds: readonly Hold[]): void {
    const { limits } = this.journal.state;
    for (const counter of limits.counters.values()) {
      if (counter.end <= this.at) continue;
      const mine = holds.flatMap((hold) => [...hold.counted, ...(hold.past?.counted ?? [])]);
      const counted = mine.flatMap((parcel) =>
        parcel.windows.some((one) => one.counter === counter.key && one.start === counter.start)
          ? [parcel.credits]
          : [],
      );
      assert.equal(counter.used, sum(counted), `use of ${counter.key}`);
    }
  }

  /** The use of a seat is what its calls of the period have, and purses with them. */
  #checkShares(holds: readonly Hold[]): void {
    const { fairness } = this.journal.state;
    const { period } = fairness.current;
    if (period === undefined || !period.isLaid || this.at >= period.end) return;
    for (const node of fairness.nodes.values()) {
      if (!node.isLeaf) continue;
      const mine = holds.filter(({ drawn }) =>
        isOf(drawn, { seat: node.id, period: period.number }),
      );
      // What was opened before the period stays outside of it, and a late settle of that is use of now.
      if (mine.some(({ drawn }) => drawn?.outside !== undefined)) continue;
      const used = sum(mine.map((hold) => usedBy(this.journal, hold)));
      assert.equal(node.used, used, `use of ${node.id}`);
    }
  }
}

const isOf = (drawn: Hold["drawn"], { seat, period }: { seat: string; period: number }): boolean =>
  drawn?.period === period && drawn.seat === seat;

export const sum = (all: readonly bigint[]): bigint => all.reduce((total, one) => total + one, 0n);

function countsNow(hold: Hold): bigint {
  const net = hold.charged - hold.refunded;
  return hold.status === "open"
    ? net + sum(hold.legs.map((leg) => leg.credits)) + hold.overage
    : net;
}

const isShared = (journal: Journal, lot: string): boolean =>
  journal.state.pool.lots.get(lot)?.appliesTo === null;

const sharedOf = (journal: Journal, { legs }: Hold): bigint =>
  sum(legs.filter(({ lot }) => isShared(journal, lot)).map((leg) => leg.credits));

const wholeOf = ({ drawn }: Hold): bigint =>
  drawn === undefined
    ? 0n
    : (drawn.outside ?? 0n) + drawn.reserve + sum(drawn.pots.map((one) => one.credits));

const usedBy = (journal: Journal, hold: Hold): bigint =>
  (hold.status === "open" ? sharedOf(journal, hold) : 0n) +
  sum(
    hold.charges
      .filter(({ lot }) => isShared(journal, lot))
      .map((charge) => charge.credits - charge.refunded),
  );
