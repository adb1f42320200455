/**
 * Allowances beside a naive reading: whatever is held, settled, released, expired, debited, refunded and changed, and in which order, what
 * stands and what is charged is what adding everything up says (L1, L2, Q1 to Q3).
 */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Command, type Plan, instant } from "@cistern/kernel";
import * as fc from "fast-check";
import { calendar } from "../calendar.ts";
import { Journal, dump } from "../journal.ts";
import { runs, seed } from "../oracle/life.ts";
import {
  createWorkspace,
  day,
  debit,
  grant,
  hour,
  open,
  part,
  refund,
  release,
  settle,
} from "../scenario/commands.ts";
import { change, fee, seatsAt, start } from "../subscriptions/life.ts";
import { imagesAllowed } from "./terms.ts";

const price = 4n;
const startAt = Date.UTC(2026, 0, 31, 9);

interface Terms {
  readonly perSeat: bigint;
  readonly beyond: "credits" | "refuse";
}

type Act =
  | { readonly do: "open" | "part" | "settle" | "debit"; readonly units: number }
  | { readonly do: "late"; readonly units: number; readonly daysAgo: number }
  | { readonly do: "release" | "refund" }
  | { readonly do: "seats"; readonly seats: number }
  | { readonly do: "plan"; readonly terms: Terms };

interface Step {
  readonly afterMs: number;
  readonly of: number;
  readonly act: Act;
}

const units = fc.integer({ min: 0, max: 30 });
const terms: fc.Arbitrary<Terms> = fc.record({
  perSeat: fc.bigInt({ min: 0n, max: 40n }),
  beyond: fc.constantFrom("credits", "refuse"),
});
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constantFrom("open", "part", "settle", "debit"), units }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("late"),
      units,
      daysAgo: fc.integer({ min: 0, max: 60 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("release", "refund") }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("seats"), seats: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("plan"), terms }) },
);
const steps = fc.array(
  fc.record({
    afterMs: fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 0, max: hour }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 20 * day }) },
    ),
    of: fc.nat(),
    act,
  }),
  { maxLength: 60 },
);

interface Call {
  readonly id: string;
  readonly span: Span | undefined;
  status: "open" | "ended" | "expired";
  readonly expiresAt: number;
  held: bigint;
  used: bigint;
  over: bigint;
  charged: bigint;
}

interface Span {
  readonly start: number;
  readonly end: number;
  included: bigint;
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** Adds up all calls, each time anew. */
class Model {
  readonly calls: Call[] = [];
  readonly spans: Span[] = [];
  at = startAt;
  seats = 2;
  terms: Terms;

  constructor(first: Terms) {
    this.terms = first;
    this.#begin(0);
  }

  #begin(index: number): void {
    const [from, to] = [index, index + 1].map((one) =>
      calendar.boundary(instant(startAt), { unit: "month", count: 1 }, one, "UTC"),
    );
    assert(from !== undefined && to !== undefined);
    this.spans.push({ start: from, end: to, included: this.terms.perSeat * BigInt(this.seats) });
  }

  pass(at: number): void {
    this.at = at;
    while ((this.spans.at(-1)?.end ?? 0) <= at) this.#begin(this.spans.length);
    for (const one of this.calls)
      if (one.status === "open" && one.expiresAt <= at) {
        one.status = "expired";
        one.held = 0n;
      }
  }

  get span(): Span {
    const span = this.spans.at(-1);
    assert(span !== undefined);
    return span;
  }

  of(span: Span): { held: bigint; used: bigint; over: bigint } {
    const own = this.calls.filter((one) => one.span === span);
    const sum = (what: "held" | "used" | "over"): bigint =>
      own.reduce((total, one) => total + one[what], 0n);
    return { held: sum("held"), used: sum("used"), over: sum("over") };
  }

  left(span: Span | undefined): bigint {
    if (span === undefined) return 0n;
    const { held, used } = this.of(span);
    return most(0n, span.included - held - used);
  }

  open(id: string, asked: bigint): "accepted" | "allowance_exhausted" | "allowance_held" {
    const { span } = this;
    const left = this.left(span);
    if (this.terms.beyond === "refuse" && asked > left)
      return asked + this.of(span).used <= span.included ? "allowance_held" : "allowance_exhausted";
    const base = { id, span, status: "open", used: 0n, over: 0n, charged: 0n } as const;
    this.calls.push({ ...base, expiresAt: this.at + hour, held: least(asked, left) });
    return "accepted";
  }

  use(call: Call, asked: bigint, isFinal: boolean): void {
    const used = least(asked, call.held + this.left(call.span));
    call.held = most(0n, call.held - used);
    call.used += used;
    call.over += asked - used;
    call.charged += (asked - used) * price;
    if (!isFinal && call.status === "open") return;
    call.held = 0n;
    call.status = "ended";
  }

  debit(id: string, asked: bigint, at: number): void {
    const span = this.spans.find((one) => one.start <= at && at < one.end);
    const base = { id, span, status: "open", used: 0n, over: 0n, charged: 0n } as const;
    const call: Call = { ...base, expiresAt: at, held: 0n };
    this.calls.push(call);
    this.use(call, asked, true);
    if (span === undefined) call.over = 0n;
  }

  change(seats: number, to: Terms): void {
    const { span } = this;
    const difference = to.perSeat * BigInt(seats) - this.terms.perSeat * BigInt(this.seats);
    const [share, whole] = [BigInt(span.end - this.at), BigInt(span.end - span.start)];
    const doubled = 2n * difference * share;
    const prorated =
      doubled < 0n ? -((-doubled + whole) / (2n * whole)) : (doubled + whole) / (2n * whole);
    span.included = most(0n, span.included + prorated);
    this.seats = seats;
    this.terms = to;
  }
}

const planOf = ({ perSeat, beyond }: Terms): Partial<Plan> => ({
  version: `team@${perSeat}${beyond}`,
  seats: seatsAt(100n),
  base: fee(0n),
  ...imagesAllowed(perSeat, { per: "seat", beyond }),
});

/** A journal and the model beside it. */
class Beside {
  readonly journal = new Journal();
  readonly model: Model;
  #serial = 0;

  constructor(first: Terms) {
    this.model = new Model(first);
    this.journal.run(createWorkspace({ currency: "USD" }), startAt);
    this.journal.run(grant("grt_a", 1_000_000_000), startAt);
    this.#must(start(planOf(first), 2));
  }

  step({ afterMs, of, act: wish }: Step): void {
    const { model, journal } = this;
    model.pass(model.at + afterMs);
    journal.pass(model.at);
    const before = dump(journal.state);
    this.#serial += 1;
    const id = `x${this.#serial}`;
    const inFlight = model.calls.filter(({ status }) => status === "open");
    const call = inFlight[of % Math.max(inFlight.length, 1)];
    switch (wish.do) {
      case "open": {
        const said = model.open(id, BigInt(wish.units));
        const asked = open(id, { images: wish.units }, { meter: "image", ttlMs: hour });
        const decision = journal.run(asked, model.at);
        assert.equal(decision.kind === "accepted" ? "accepted" : decision.rejection.code, said);
        if (said !== "accepted") assert.deepEqual(dump(journal.state), before, "K10");
        break;
      }
      case "part":
      case "settle": {
        const late = model.calls.filter(({ status }) => status === "expired");
        const one = call ?? late[of % Math.max(late.length, 1)];
        if (one === undefined || model.at >= one.expiresAt + 30 * day) return;
        model.use(one, BigInt(wish.units), wish.do === "settle");
        const says = wish.do === "settle" ? settle : part;
        this.#must(says(one.id, { images: wish.units }));
        break;
      }
      case "release":
        if (call === undefined) return;
        this.#must(release(call.id));
        call.held = 0n;
        call.status = "ended";
        break;
      case "debit":
        model.debit(id, BigInt(wish.units), model.at);
        this.#must(debit(id, { images: wish.units }, { meter: "image" }));
        break;
      case "late": {
        const occurredAt = instant(model.at - wish.daysAgo * day);
        model.debit(id, BigInt(wish.units), occurredAt);
        this.#must(debit(id, { images: wish.units }, { meter: "image", occurredAt }));
        break;
      }
      case "refund": {
        const used = model.calls.filter(({ charged: paid, used: own }) => paid > 0n || own > 0n);
        const one = used[of % Math.max(used.length, 1)];
        if (one === undefined) return;
        this.#must(refund(id, one.id));
        Object.assign(one, { used: 0n, over: 0n, charged: 0n });
        break;
      }
      case "seats":
        model.change(wish.seats, model.terms);
        this.#must(change({ seats: wish.seats, when: "now" }));
        break;
      case "plan":
        model.change(model.seats, wish.terms);
        this.#must(change({ plan: planOf(wish.terms), when: "now" }));
        break;
    }
    this.#compare();
  }

  #must(command: Command): void {
    const decision = this.journal.run(command, this.model.at);
    assert(
      decision.kind === "accepted",
      JSON.stringify(decision, (_, one: unknown) => (typeof one === "bigint" ? `${one}` : one)),
    );
  }

  #compare(): void {
    const { journal, model } = this;
    const counts = [...journal.state.allowances.counts.values()];
    for (const span of model.spans) {
      const count = counts.find(({ start: at }) => at === span.start);
      if (count === undefined) continue;
      const { included, held, used, over } = count;
      assert.deepEqual(
        { included, held, used, over },
        { included: span.included, ...model.of(span) },
      );
    }
    assert.ok(
      counts.some(({ start: at }) => at === model.span.start),
      "the span that runs is known",
    );
    const charged = model.calls.reduce((sum, one) => sum + one.charged, 0n);
    assert.equal(
      journal.state.pool.totals.consumed,
      charged,
      "what went past it, at the rate card",
    );
    const ofHolds = [...journal.state.holds.holds.values()].flatMap(({ units: own }) => own ?? []);
    const held = ofHolds.reduce((sum, one) => sum + one.held, 0n);
    assert.equal(
      counts.reduce((sum, one) => sum + one.held, 0n),
      held,
      "held is what open holds have set aside",
    );
  }
}

suite("whatever is asked of an allowance", () => {
  test("it stands as adding everything up says, and nothing past it is free", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    fc.assert(
      fc.property(terms, steps, (first, all) => {
        const beside = new Beside(first);
        for (const one of all) beside.step(one);
        const { journal } = beside;
        const end = dump(journal.state);
        assert.deepEqual(dump(journal.replayed().state), end, "K6");
        for (const [id, hold] of journal.state.holds.holds.entries())
          assert.deepEqual(journal.recall(id), hold);
        journal.state.undo.undoTo(0);
        assert.equal(journal.state.allowances.byMeter.size, 0, "undo takes the index back too");
      }),
      { seed, numRuns: runs(400) },
    );
  });

  test("used and held stay within what is included, as long as that does not fall", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    const growing = steps.map((all) =>
      all.filter(({ act: { do: what } }) => what !== "seats" && what !== "plan"),
    );
    fc.assert(
      fc.property(terms, growing, (first, all) => {
        const beside = new Beside(first);
        for (const one of all) {
          beside.step(one);
          for (const { included, used, held } of beside.journal.state.allowances.counts.values())
            assert.ok(used + held <= included, `${used} + ${held} of ${included}`);
        }
      }),
      { seed, numRuns: runs(200) },
    );
  });
});
