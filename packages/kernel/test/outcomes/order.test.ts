/**
 * What an outcome comes to never depends on the order in which facts came: the same facts are told in the order in which they
 * happened, and in any other, and the books are the same in the end.
 */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import {
  type BillableOutcome,
  type CaseFact,
  type Command,
  type OutcomeTerms,
  type UnitPrice,
  conversationDefaults,
  instant,
  priceAt,
} from "@cistern/kernel";
import { Journal, dump } from "../journal.ts";
import { runs, seed } from "../oracle/life.ts";
import { createWorkspace, hour } from "../scenario/commands.ts";
import { booksOf, change, start } from "../subscriptions/life.ts";
import { claim, dispute, resolutions, signal, things } from "./life.ts";

/** When the plan began; facts are of the 30 days from the twentieth on, so that a period ends among them. */
const begins = Date.UTC(2026, 1, 1);
const first = Date.UTC(2026, 1, 20);
const factsHours = 30 * 24;
/** A change of plan in between. */
const changesAt: number = first + 5.5 * hour;

/** A fact, when it happened, and how much later it was told. */
interface Told {
  readonly what: "claim" | "thing" | "signal" | "reopen" | "confirm" | "dispute";
  readonly hours: number;
  readonly delay: number;
  readonly customer: string;
  readonly topic: string;
  readonly conversation: string;
  /** A signal says no conversation. */
  readonly isUnnamed: boolean;
  readonly type: string;
  readonly channel: "chat" | "ticket";
  readonly signal: "contact" | "handover" | "negative_feedback";
  readonly part: string | null;
  readonly proof: string | undefined;
  readonly isTest: boolean;
  readonly isSubstantive: boolean;
  readonly quantity: bigint;
  /** Which of the claims before it. */
  readonly of: number;
  readonly isUpheld: boolean;
}

const seldom = (weight: number): fc.Arbitrary<boolean> =>
  fc.integer({ min: 1, max: weight }).map((one) => one === 1);

const told: fc.Arbitrary<Told> = fc.record({
  what: fc.constantFrom(
    "claim",
    "claim",
    "claim",
    "thing",
    "signal",
    "signal",
    "reopen",
    "confirm",
    "dispute",
  ),
  hours: fc.integer({ min: 0, max: factsHours }),
  delay: fc.integer({ min: 0, max: 30 * 24 }),
  customer: fc.constantFrom("zoe", "max"),
  topic: fc.constantFrom("bill", "address"),
  conversation: fc.constantFrom("c1", "c2", "c3"),
  isUnnamed: fc.boolean(),
  type: fc.constantFrom("resolution", "resolution", "sale"),
  channel: fc.constantFrom("chat", "chat", "ticket"),
  signal: fc.constantFrom("contact", "contact", "handover", "negative_feedback"),
  part: fc.constantFrom(null, null, "assisted"),
  proof: fc.constantFrom(undefined, undefined, undefined, "h1", "h2"),
  isTest: seldom(8),
  isSubstantive: seldom(6).map((one) => !one),
  quantity: fc.bigInt({ min: 1n, max: 9n }),
  of: fc.nat({ max: 40 }),
  isUpheld: fc.boolean(),
});

const stepped: OutcomeTerms["price"] = {
  kind: "graduated",
  per: 1n,
  tiers: [
    { upTo: 3n, price: 101n },
    { upTo: null, price: 53n },
  ],
};
const terms = (dearer: bigint): readonly OutcomeTerms[] => [
  resolutions({ price: stepped, expectedBps: 4_000 }),
  resolutions({ type: "sale", price: { kind: "per_unit", per: 3n, price: 100n + dearer } }),
  things("document", { price: { kind: "volume", per: 1n, tiers: stepped.tiers } }),
];

/** One thing to say, when; `claim` is its number, or that of the claim which it is about. */
interface Saying {
  readonly at: number;
  readonly claim: number;
  readonly command: (outcome: string) => Command;
}

/** The facts as things to say; in the order in which they happened, or when each was told. */
function sayings(facts: readonly Told[], isLate: boolean): readonly Saying[] {
  const happened = facts.toSorted((a, b) => a.hours - b.hours);
  const claims: { readonly at: number; readonly toldAt: number }[] = [];
  const disputed = new Set<number>();
  const said: Saying[] = [];
  for (const fact of happened) {
    const at = first + fact.hours * hour;
    const occurredAt = instant(at);
    let toldAt = isLate ? at + fact.delay * hour : at;
    if (fact.what === "claim" || fact.what === "thing") {
      said.push({
        at: toldAt,
        claim: claims.length,
        command: (id) => ({ ...claimed(fact, id), occurredAt }),
      });
      claims.push({ at, toldAt });
      continue;
    }
    if (fact.what === "signal") {
      const conversation = fact.isUnnamed ? null : fact.conversation;
      const { signal: what, customer, topic } = fact;
      const command = { ...signal(what, { customer, topic, conversation }), occurredAt };
      said.push({ at: toldAt, claim: -1, command: () => command });
      continue;
    }
    if (claims.length === 0) continue;
    const of = fact.of % claims.length;
    // Nobody can speak of an outcome before it has its id.
    toldAt = Math.max(toldAt, claims[of]?.toldAt ?? 0);
    if (fact.what === "dispute") {
      if (disputed.has(of)) continue;
      disputed.add(of);
      const resolution = fact.isUpheld ? "upheld" : "rejected";
      const resolvedAt = toldAt + (isLate ? fact.delay : 1) * hour;
      said.push({ at: toldAt, claim: of, command: (id) => dispute(id) });
      said.push({ at: resolvedAt, claim: of, command: (id) => dispute(id, resolution) });
      continue;
    }
    said.push({
      at: toldAt,
      claim: of,
      command: (outcome) =>
        fact.what === "reopen"
          ? { kind: "reopenOutcome", outcome, occurredAt }
          : { kind: "confirmOutcome", outcome, occurredAt, attestor: null },
    });
  }
  return said
    .map((one, index) => ({ one, index }))
    .toSorted((a, b) => a.one.at - b.one.at || a.index - b.index)
    .map(({ one }) => one);
}

type Claimed = Extract<Command, { kind: "claimOutcome" }>;

function claimed(fact: Told, outcome: string): Claimed {
  const { type, customer, topic, conversation, channel, part, proof, isTest, isSubstantive } = fact;
  const about =
    fact.what === "claim"
      ? { type, customer, topic, conversation, channel, part }
      : { ...nothing, type: "document", quantity: fact.quantity };
  const command = claim(outcome, {
    ...about,
    ...(proof === undefined ? {} : { proof }),
    isTest,
    isSubstantive,
  });
  assert(command.kind === "claimOutcome");
  return command;
}

const nothing = { customer: null, topic: null, conversation: null, channel: null };

/** A workspace in which things were said, and the ids that their claims got, by the order in which they came. */
class Telling {
  readonly journal: Journal = new Journal();
  readonly ids: string[] = [];
  #isChanged = false;
  #made = 0;

  constructor() {
    this.journal.run(createWorkspace({ currency: "USD" }), begins);
    this.journal.run(start({ outcomes: terms(0n) }), begins);
  }

  say({ at, claim: number, command }: Saying): void {
    if (at > changesAt) this.#change();
    const said = command(this.ids[number] ?? `out_${String(this.#made).padStart(4, "0")}`);
    if (said.kind === "claimOutcome") {
      this.ids[number] = said.outcome;
      this.#made += 1;
    }
    this.#run(said, at);
  }

  /** Everything that can still happen has. */
  end(): void {
    this.#change();
    this.journal.pass(Date.UTC(2026, 8, 1));
  }

  outcome(number: number): BillableOutcome | undefined {
    return this.journal.state.outcomes.outcomes.get(this.ids[number] ?? "");
  }

  get outcomesRevenue(): bigint {
    return booksOf(this.journal.rows.map(({ event }) => event))["Outcomes"] ?? 0n;
  }

  #change(): void {
    if (this.#isChanged) return;
    this.#isChanged = true;
    const plan = { version: "team@2", outcomes: terms(7n) };
    this.#run(change({ plan, when: "now" }), changesAt);
  }

  #run(command: Command, at: number): void {
    const decision = this.journal.run(command, at);
    assert(decision.kind === "accepted", `${command.kind} is accepted`);
  }
}

/** All that is said, in the order of time. */
function tell(facts: readonly Told[], isLate: boolean): Telling {
  const telling = new Telling();
  for (const saying of sayings(facts, isLate)) telling.say(saying);
  telling.end();
  return telling;
}

const lives = fc.array(told, { minLength: 1, maxLength: 40 });

/** What a claim comes to in the end; lines are of the order in which things were told. */
const verdictOf = ({ status, reason, billedAt, booked }: BillableOutcome): unknown => ({
  status,
  reason,
  billedAt,
  count: booked?.count,
  share: booked?.share,
});

suite("whatever is said of outcomes", () => {
  test("comes to the same in any order of arrival: every verdict, every count and all the money", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    fc.assert(
      fc.property(lives, (facts) => {
        const [inTime, late] = [tell(facts, false), tell(facts, true)];
        for (const number of inTime.ids.keys()) {
          const [a, b] = [inTime.outcome(number), late.outcome(number)];
          assert(a !== undefined && b !== undefined);
          assert.deepEqual(verdictOf(b), verdictOf(a), `claim ${number}`);
        }
        assert.equal(late.outcomesRevenue, inTime.outcomesRevenue);
      }),
      { seed, numRuns: runs(400) },
    );
  });

  test("of a case and type at most one is billed; what is billed less what is taken back is never below zero, and each time it is taken back that is told", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    let reversals = 0;
    fc.assert(
      fc.property(lives, (facts) => {
        const { journal } = tell(facts, true);
        checkMoves(journal);
        checkCases(journal);
        checkUnnamed(journal);
        reversals += checkReversals(journal);
      }),
      { seed, numRuns: runs(200) },
    );
    t.diagnostic(`${reversals} were taken back`);
    assert.ok(reversals > 0);
  });

  test("is replayed to the identical state (K6), and a batch that lost its race leaves no trace", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    fc.assert(
      fc.property(lives, fc.nat({ max: 40 }), (facts, kept) => {
        const telling = new Telling();
        const all = sayings(facts, true);
        for (const saying of all.slice(0, kept)) telling.say(saying);
        const { journal } = telling;
        const [mark, rows, untouched] = [
          journal.state.undo.mark(),
          journal.rows.length,
          dump(journal.state),
        ];
        for (const saying of all.slice(kept)) telling.say(saying);
        telling.end();
        assert.deepEqual(dump(journal.replayed().state), dump(journal.state));
        journal.undoTo(mark, rows);
        assert.deepEqual(dump(journal.state), untouched);
        assert.deepEqual(dump(journal.replayed().state), untouched);
      }),
      { seed, numRuns: runs(150) },
    );
  });

  test("splitting a case into conversations bills it once, however many they are", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 71 }), { minLength: 1, maxLength: 12 }),
        (gaps) => {
          const telling = new Telling();
          let at = first;
          for (const [number, gap] of gaps.entries()) {
            at += gap * hour;
            const conversation = `c${number}`;
            telling.say({ at, claim: number, command: (id) => claim(id, { conversation }) });
          }
          telling.end();
          const billed = [...gaps.keys()].filter(
            (one) => telling.outcome(one)?.status === "billed",
          );
          assert.equal(billed.length, 1);
          assert.equal(telling.outcomesRevenue, -101n);
        },
      ),
      { seed, numRuns: runs(100) },
    );
  });
});

/** What leaves an outcome on no line is told once, right after its fact; what matures takes nothing back. How many there were. */
function checkReversals({ rows }: Journal): number {
  let due: readonly string[] = [];
  let count = 0;
  for (const { event } of rows) {
    if (event.kind === "outcome.reversed") {
      assert.equal(event.reversed.id, due[0]);
      due = due.slice(1);
      count += 1;
      continue;
    }
    assert.deepEqual(due, [], `${event.kind} comes before they are told`);
    if (!("changes" in event)) continue;
    due = event.changes
      .filter(({ outcome, moves }) => moves.length > 0 && outcome.booked === null)
      .map(({ outcome }) => outcome.id);
    if (event.kind === "outcome.matured") assert.deepEqual(due, []);
  }
  assert.deepEqual(due, []);
  return count;
}

/** Each outcome is put on a line and taken off in turn, and each count costs what all of it costs, rounded once. */
function checkMoves({ rows, state }: Journal): void {
  const shares = new Map<string, bigint>();
  const counts = new Map<string, { share: bigint; amount: bigint }>();
  for (const { event } of rows) {
    if (!("changes" in event)) continue;
    for (const { outcome, moves } of event.changes)
      for (const move of moves) {
        const share = (shares.get(outcome.id) ?? 0n) + move.share;
        assert.equal(share === 0n, move.kind === "reversed", "billed and taken back in turn");
        shares.set(outcome.id, share);
        const count = counts.get(move.count) ?? { share: 0n, amount: 0n };
        counts.set(move.count, {
          share: count.share + move.share,
          amount: count.amount + move.amount,
        });
      }
  }
  for (const [id, { share, amount }] of counts) {
    // Versions of one price count together.
    const [, , price = "", type] = id.split(" ");
    const found = [...terms(7n), ...terms(0n)].find(
      (one) => one.type === type && isPrice(one.price, price),
    );
    assert(found !== undefined);
    assert.ok(share >= 0n && amount >= 0n);
    assert.equal(amount, priceAt(byShare(found.price), share), `RULES 17, ${id}`);
    assert.equal(state.outcomes.counts.get(id)?.share, share);
  }
}

/** Whether a price is the one that a text names, by its amounts in order. */
function isPrice(price: UnitPrice, text: string): boolean {
  const amounts = "tiers" in price ? price.tiers.map((tier) => tier.price) : [price.price];
  const named = [...text.matchAll(/[:=]([0-9]+)(?:[+/])/gu)].map(([, amount]) =>
    BigInt(amount ?? 0),
  );
  return String(named) === String(amounts);
}

/** Cases by a naive reading: whatever is near, of one conversation, or reopened is one. Two that are billed are of two. */
function checkCases({ state }: Journal): void {
  for (const one of state.outcomes.cases.values()) {
    const facts = one.facts.filter(
      (fact) =>
        fact.kind !== "dispute" &&
        fact.kind !== "confirmation" &&
        !(fact.kind === "claim" && (fact.isTest || fact.duplicateOf !== null)),
    );
    const rest = new Set(facts);
    for (const origin of facts) {
      if (!rest.has(origin)) continue;
      const found = [origin];
      rest.delete(origin);
      for (const known of found)
        for (const other of rest)
          if (isOneCase(known, other)) {
            rest.delete(other);
            found.push(other);
          }
      const billed = found.flatMap((fact) =>
        fact.kind === "claim" && state.outcomes.outcomes.get(fact.outcome)?.status === "billed"
          ? [fact.type]
          : [],
      );
      assert.equal(new Set(billed).size, billed.length, "at most one of a case and type");
    }
  }
}

/**
 * By a naive reading: a signal that names no conversation leaves nothing billed that was the only claim of its case so far. What is
 * confirmed in the very millisecond of the signal is billed anew by that.
 */
function checkUnnamed({ state }: Journal): void {
  for (const { facts } of state.outcomes.cases.values())
    for (const fact of facts) {
      if (fact.kind !== "claim" || fact.conversation === null) continue;
      const { status, billedAt } = state.outcomes.outcomes.get(fact.outcome) ?? {};
      if (status !== "billed" || billedAt == null) continue;
      const isTaken = facts.some(
        (one) =>
          "conversation" in one &&
          one.kind !== "claim" &&
          one.conversation === null &&
          one.at > billedAt &&
          one.at < billedAt + conversationDefaults.reopenMs &&
          !facts.some(
            (other) =>
              other.kind === "claim" &&
              other !== fact &&
              other.type === fact.type &&
              other.at <= one.at,
          ),
      );
      assert.ok(!isTaken, `${fact.outcome} is taken back`);
    }
}

const linkMs = conversationDefaults.linkMs;

function isOneCase(a: CaseFact, b: CaseFact): boolean {
  if (Math.abs(a.at - b.at) < linkMs) return true;
  if ("conversation" in a && "conversation" in b) return a.conversation === b.conversation;
  return (a.kind === "reopening" || b.kind === "reopening") && outcomeOf(a) === outcomeOf(b);
}

const outcomeOf = (fact: CaseFact): string | null => ("outcome" in fact ? fact.outcome : null);

/** The price of a basis point of a unit. */
function byShare(price: UnitPrice): UnitPrice {
  const per = price.per * 10_000n;
  if (!("tiers" in price)) return { ...price, per };
  const tiers = price.tiers.map((tier) => ({
    ...tier,
    upTo: tier.upTo === null ? null : tier.upTo * 10_000n,
  }));
  return { ...price, per, tiers };
}
