/** What is guaranteed to a home group: it never leaves the group, whatever hogs do, and is its members' together (FAIRNESS 1.6). */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Command, credits } from "@cistern/kernel";
import { runs, seed } from "../oracle/life.ts";
import {
  agent,
  deactivate,
  grant,
  group,
  member,
  release,
  settle,
  update,
} from "../scenario/commands.ts";
import { Chance } from "./chance.ts";
import { type Team, ask, numbersOf, periodMs, team, tickMs } from "./team.ts";

const guaranteed = (to: string, amount: number): Command => ({
  kind: "setGroupGuarantee",
  group: to,
  credits: credits(BigInt(amount)),
});

const own = (to: string, amount: number): Command => ({
  kind: "setGuarantee",
  member: to,
  credits: credits(BigInt(amount)),
});

/** Another setting shares the pool anew. */
const anew = update({ fairness: { preset: "balanced", reach: 1_001 } });

/** Red has ana and ben; eva and ida hang directly below the workspace. */
function redTeam(pool = 1_000): Team {
  const it = team(["eva", "ida"], pool);
  it.run(group("red"));
  for (const id of ["ana", "ben"]) it.run(member(id, { groups: ["red"] }));
  return it;
}

const red = (it: Team): Readonly<Record<string, number | string>> => {
  const { group: at } = it.share("ana");
  assert(at !== null, "ana shares with red");
  const { guarantee, reserved, pot, share } = at;
  return { group: at.group, ...numbers({ guarantee, reserved, pot, share }) };
};

const numbers = (all: Readonly<Record<string, bigint>>): Record<string, number> =>
  Object.fromEntries(Object.entries(all).map(([name, value]) => [name, Number(value)]));

/** Uses as much as is open to somebody, at once. */
function takeAll(it: Team, id: string): void {
  const { open } = numbersOf(it.share(id));
  if (open > 0) it.run(settle(held(it, id, open), open));
}

function held(it: Team, id: string, amount: number, ticks = 20): string {
  const event = it.run(ask(id, amount, ticks * tickMs));
  assert(event.kind === "hold.opened");
  return event.hold;
}

suite("the guarantee of a group", () => {
  test("counts from the next laying out: a share is the guarantee, and a part of the rest by weight", () => {
    const it = redTeam();
    it.run(ask("eva", 1), guaranteed("red", 600));
    assert.deepEqual(red(it), { group: "red", guarantee: 0, reserved: 350, pot: 0, share: 500 });
    it.run(anew);
    // 999 are there: 600, and half of 399. Seven tenths of each member's 399 are its own, and the group keeps what it is guaranteed.
    assert.deepEqual(red(it), { group: "red", guarantee: 600, reserved: 600, pot: 42, share: 799 });
    assert.equal(it.share("eva").group, null);
  });

  test("is in its pot in the last tick, open to its members alone", () => {
    const it = redTeam();
    it.run(guaranteed("red", 600));
    takeAll(it, "eva");
    it.later(periodMs - 2 * tickMs);
    takeAll(it, "eva");
    assert.equal(it.refused(ask("ida", 10)).code, "never_this_period");
    assert.equal(red(it)["reserved"], 600);
    const event = it.run(ask("ana", 300));
    assert(event.kind === "hold.opened");
    const [pot] = event.drawn?.pots ?? [];
    assert.deepEqual(pot, { node: "group:red", credits: credits(299n) });
    it.run(ask("ben", 300));
    assert.equal(red(it)["reserved"], 0);
  });

  test("is used by what its members use, wherever that came from, and open again when a call gives it back", () => {
    const it = redTeam();
    it.run(guaranteed("red", 300));
    it.later(periodMs - 2 * tickMs);
    takeAll(it, "eva");
    const hold = held(it, "ana", 100);
    assert.equal(red(it)["reserved"], 200);
    it.run(release(hold));
    assert.equal(red(it)["reserved"], 300);
  });

  test("leaves each member what is reserved for it, whatever a hog among them takes", () => {
    const it = redTeam();
    it.run(guaranteed("red", 600), own("ben", 150));
    it.later(300 * tickMs);
    const before = it.share("ben").reserved;
    takeAll(it, "ana");
    assert.equal(it.share("ben").reserved, before);
    it.later(periodMs - 302 * tickMs);
    takeAll(it, "ana");
    it.run(ask("ben", 150));
  });

  test("is at least what its members are guaranteed together", () => {
    const it = redTeam();
    it.run(guaranteed("red", 100), own("ana", 250), own("ben", 150), anew);
    assert.equal(red(it)["guarantee"], 400);
    it.run(guaranteed("red", 500), update({ fairness: { preset: "balanced" } }));
    assert.equal(red(it)["guarantee"], 500);
    assert.deepEqual([it.share("ana").guarantee, it.share("ben").guarantee], [250n, 150n]);
  });

  test("is scaled with all others to what the pool has, and those of its members to what it reserves", () => {
    const it = redTeam(300);
    it.run(guaranteed("red", 400), own("ana", 300), own("ben", 100), own("eva", 200), anew);
    assert.equal(red(it)["guarantee"], 200);
    assert.deepEqual(
      ["ana", "ben", "eva", "ida"].map((id) => Number(it.share(id).guarantee)),
      [150, 50, 100, 0],
    );
  });

  test("ends when the last member has left: what the group has is everybody's", () => {
    const it = redTeam();
    it.run(guaranteed("red", 600));
    it.later(5 * tickMs).run(ask("eva", 1), deactivate("ana"));
    const left = it.share("ben").group;
    assert.deepEqual([left?.guarantee, left?.reserved], [600n, 600n]);
    const pot = it.share("eva").potLeft;
    it.run(deactivate("ben"));
    assert.equal(it.share("eva").potLeft, pot + 600n);
    it.run(member("ben", { groups: ["red"] }));
    assert.deepEqual(it.share("ben").group?.guarantee, 0n);
  });

  test("is taken back with 0", () => {
    const it = redTeam();
    it.run(guaranteed("red", 600), guaranteed("red", 0));
    assert.equal(red(it)["guarantee"], 0);
  });

  test("is refused for a group that is not there, and beyond what a pool may have", () => {
    const it = redTeam();
    assert.deepEqual(it.refused(guaranteed("blue", 1)), { code: "unknown_group", group: "blue" });
    const most = 10n ** 18n;
    it.run({ kind: "setGroupGuarantee", group: "red", credits: credits(most) });
    const beyond = {
      kind: "setGroupGuarantee",
      group: "red",
      credits: credits(most + 1n),
    } as const;
    const refusal = it.refused(beyond);
    assert(refusal.code === "invalid_request");
    assert.equal(refusal.field, "credits");
  });
});

/** A workspace of groups, of which the first is guaranteed something; its members have not spent. */
interface Grown {
  readonly it: Team;
  readonly chance: Chance;
  readonly mates: readonly string[];
  /** Those who left are taken off. */
  readonly others: string[];
}

function grown(chance: Chance): Grown {
  const preset = chance.pick(["strict", "balanced", "lend_early"] as const) ?? "balanced";
  const it = team([], 2_000 + chance.below(9_000), { preset });
  const mates: string[] = [];
  const others: string[] = [];
  for (let of = 0; of <= chance.below(4); of += 1) {
    const people = of === 0 ? mates : others;
    it.run(group(`g${of}`));
    for (let one = 0; one <= chance.below(4); one += 1) {
      people.push(`m${of}_${one}`);
      it.run(member(`m${of}_${one}`, { groups: [`g${of}`] }));
    }
    if (of > 0 && chance.happens(0.3)) it.run(guaranteed(`g${of}`, chance.below(2_000)));
  }
  for (let one = 0; one <= chance.below(4); one += 1) {
    others.push(`hog${one}`);
    it.run(member(`hog${one}`));
    if (chance.happens(0.3)) it.run(own(`hog${one}`, chance.below(500)));
  }
  if (chance.happens(0.3)) {
    others.push("bot");
    it.run(agent("bot", others[0] ?? ""));
  }
  it.run(guaranteed("g0", 1 + chance.below(chance.happens(0.2) ? 12_000 : 3_000)));
  return { it, chance, mates, others };
}

/** All the period long, up to its last tick: calls of others, and loud mates, for all that is open; some give back, and more may happen. */
function crowd({ it, chance, others }: Grown, loud: readonly string[] = []): void {
  const end = it.at + periodMs;
  while (it.at < end - 60 * tickMs) {
    const hog = chance.pick([...others, ...loud]) ?? "";
    const { open } = numbersOf(it.share(hog));
    if (open > 0) {
      const hold = held(it, hog, open, 1 + chance.below(20));
      if (chance.happens(0.4)) it.run(settle(hold, open));
      else if (chance.happens(0.6)) it.run(settle(hold, Math.floor(open * chance.fraction())));
    }
    if (chance.happens(0.06)) it.run(grant(`grt_c${it.at}`, 1 + chance.below(500)));
    if (chance.happens(0.06)) it.run(member(`new${it.at}`));
    if (chance.happens(0.06) && others.length > 1) it.run(deactivate(others.pop() ?? ""));
    it.later((1 + chance.below(50)) * tickMs);
  }
  it.later(end - 1 - it.at);
  for (const hog of [...others, ...loud]) takeAll(it, hog);
}

suite("in the last tick of random trees, after a crowd that took all that was open to it", () => {
  test("members of a guaranteed group that did not spend have all of it, in equal parts", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    for (let life = 0; life < runs(150); life += 1) {
      const one = grown(new Chance((seed + life) % 2 ** 31));
      const { it, mates } = one;
      crowd(one);
      const at = it.share(mates[0] ?? "").group;
      assert(at !== null && at.guarantee > 0n, `life ${life}: g0 is guaranteed something`);
      for (const mate of mates) it.run(ask(mate, Math.floor(Number(at.guarantee) / mates.length)));
    }
  });

  test("a member of such a group has what is guaranteed to it, also where its mates are of the crowd", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    for (let life = 0; life < runs(150); life += 1) {
      const one = grown(new Chance((seed + life + 7_919) % 2 ** 31));
      const { it, mates, chance } = one;
      const [quiet = "", ...loud] = mates;
      it.run(own(quiet, 1 + chance.below(300)));
      crowd(one, loud);
      const { guarantee } = it.share(quiet);
      it.run(ask(quiet, Number(guarantee)));
    }
  });
});
