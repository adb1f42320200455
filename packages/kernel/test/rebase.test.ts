/** A priced change of a lot (RULES 14), as a plan change makes it: no command of its own does that. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type Command,
  type Event,
  apply,
  credits,
  deferred,
  instant,
  money,
  noCredits,
  postings,
} from "@cistern/kernel";
import * as fc from "fast-check";
import { Draft } from "../src/pool/draft.ts";
import { Journal, dump } from "./journal.ts";
import { seed } from "./oracle/life.ts";
import {
  createWorkspace,
  debit,
  grant,
  noon,
  open,
  refund,
  release,
  reviseBreakage,
} from "./scenario/commands.ts";

/** Lot B of E12: 15,000 credits for 125.00. */
const bought = grant("B", 15_000, { cost: 12_500 });

function after(...commands: readonly Command[]): Journal {
  const journal = new Journal();
  for (const command of [createWorkspace(), bought, ...commands]) run(journal, command);
  return journal;
}

function run(journal: Journal, command: Command): Event {
  const decision = journal.run(command, noon);
  assert(decision.kind === "accepted");
  return decision.event;
}

/** Takes credits back and leaves the lot deferring `left`. */
function change(journal: Journal, { taken, left }: { taken: number; left: number }): Event {
  const draft = new Draft(journal.state.pool);
  const amount = credits(BigInt(taken));
  draft.rebase("B", { credits: amount, left: money(BigInt(left)), into: "CustomerBalance" });
  const lot = journal.state.pool.lots.get("B");
  assert(lot !== undefined);
  const event: Event = {
    kind: "credits.revoked",
    at: instant(noon),
    lot: "B",
    credits: amount,
    owed: noCredits,
    isWhole: false,
    left: lot,
    ...draft.finish(),
  };
  const position = { seq: journal.rows.length + 1, index: 0 };
  apply(journal.state, structuredClone(event), position);
  journal.rows.push({ event, position });
  return event;
}

const moneyOf = (event: Event): Record<string, number> =>
  Object.fromEntries(
    postings(event)
      .filter((one) => one.commodity === "MONEY")
      .map((one) => [one.account, Number(one.amount)]),
  );

const left = (journal: Journal): bigint => {
  const lot = journal.state.pool.lots.get("B");
  assert(lot !== undefined);
  return deferred(lot);
};

suite("a lot whose price changes", () => {
  test("E12.j gives 4063 up and defers 937 for the 1,000 credits that are left", () => {
    const journal = after(debit("d", 9_000));
    const event = change(journal, { taken: 5_000, left: 937 });
    assert.deepEqual(moneyOf(event), { "Deferred:B": 4_063, CustomerBalance: -4_063 });
    assert.deepEqual(moneyOf(run(journal, debit("d2", 400))), { "Deferred:B": 375, Usage: -375 });
    assert.deepEqual(moneyOf(run(journal, debit("d3", 600))), { "Deferred:B": 562, Usage: -562 });
    assert.equal(left(journal), 0n);
    assert.deepEqual(dump(journal.replayed().state), dump(journal.state));
  });

  test("may defer more than before", () => {
    const journal = after(debit("d", 9_000));
    const event = change(journal, { taken: 0, left: 6_000 });
    assert.deepEqual(moneyOf(event), { "Deferred:B": -1_000, CustomerBalance: 1_000 });
    assert.deepEqual(moneyOf(run(journal, debit("d2", 6_000))), {
      "Deferred:B": 6_000,
      Usage: -6_000,
    });
  });

  test("E12.c with nothing left defers nothing, and keeps its series", () => {
    const journal = after(debit("d", 13_000));
    const event = change(journal, { taken: 2_000, left: 0 });
    assert.deepEqual(moneyOf(event), { "Deferred:B": 1_667, CustomerBalance: -1_667 });
    assert.equal(journal.state.pool.lots.get("B")?.finance?.base, null);
  });

  test("counts what is held as left", () => {
    const journal = after(debit("d", 9_000), open("h", 500));
    change(journal, { taken: 5_000, left: 937 });
    run(journal, release("h"));
    assert.equal(left(journal), 937n);
    run(journal, debit("d2", 1_000));
    assert.equal(left(journal), 0n);
  });

  test("gives money for usage that came before also where it defers more than it cost", () => {
    const journal = after(debit("d", 1_000));
    change(journal, { taken: 0, left: 20_000 });
    const event = run(journal, refund("rfd_1", "d", 500));
    // 1,000 credits had come to 833.
    assert.deepEqual(moneyOf(event), { "Deferred:B": -417, Usage: 417 });
  });

  test("takes usage back that came before at the price that it had", () => {
    const journal = after(debit("d", 9_000));
    change(journal, { taken: 5_000, left: 937 });
    // 9,000 credits had come to 7500.
    const event = run(journal, refund("rfd_1", "d", 7_000));
    assert.deepEqual(moneyOf(event), { "Deferred:B": -5_833, Usage: 5_833 });
  });

  test("K8 I5 any partition of what is left recognises what is deferred, whatever changed before", () => {
    const changes = fc.array(fc.record({ taken: fc.nat(3_000), left: fc.nat(20_000) }), {
      maxLength: 4,
    });
    const uses = fc.array(fc.integer({ min: 1, max: 4_000 }), { maxLength: 6 });
    fc.assert(
      fc.property(changes, uses, fc.constantFrom(null, 0, 1_500), (made, used, breakage) => {
        const journal = after(debit("d", 1_000));
        if (breakage !== null) run(journal, reviseBreakage("B", breakage));
        for (const one of made) {
          change(journal, one);
          assert.equal(left(journal), BigInt(one.left));
        }
        const before = left(journal);
        let sum = 0;
        const available = Number(journal.state.pool.totals.available);
        let rest = available;
        for (const [index, wish] of [...used, available].entries()) {
          const amount = Math.min(wish, rest);
          rest -= amount;
          const { Usage = 0, Breakage = 0 } = moneyOf(run(journal, debit(`u${index}`, amount)));
          sum += Usage + Breakage;
        }
        assert.equal(BigInt(-sum), before);
        assert.equal(left(journal), 0n);
      }),
      { seed, numRuns: 100 },
    );
  });
});
