/** The audit of RULES 15: claims on credits that calls in flight held while a plan was changed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Event, credits, money } from "@cistern/kernel";
import { open, release, settle } from "../../../kernel/test/scenario/commands.ts";
import { Life, change, fee, included, start } from "../../../kernel/test/subscriptions/life.ts";
import { auditOf } from "./audit-of.ts";

function lived(): readonly Event[] {
  const life = new Life("2026-06-01T00:00Z");
  life.run(start({ base: fee(25_000n, 15_000n), included: included(15_000n, 15_000n) }));
  const before = "2026-06-15T23:59Z";
  for (const id of ["hld_a", "hld_b", "hld_c"]) life.run(open(id, 5_000), before);
  const to = { version: "less@1", base: fee(10_000n, 6_000n), included: included(5_000n, 5_000n) };
  life.run(change({ plan: to, when: "now" }), "2026-06-16T00:00Z");
  life.run(release("hld_a"), "2026-06-16T00:01Z");
  life.run(settle("hld_b", 4_000), "2026-06-16T00:02Z");
  life.pass("2026-06-16T01:00Z");
  return life.journal.rows.map(({ event }) => event);
}

const life = lived();

const tampered = (change_: (event: Event) => Event): string =>
  auditOf(life.map((event) => change_(event)))?.rule ?? "no fault";

test("a life in which held credits are clawed back is without fault", () => {
  assert.equal(auditOf(life), undefined);
  const met = life.filter((event) => "clawedBack" in event);
  assert.deepEqual(
    met.map(({ kind }) => kind),
    ["hold.released"],
    "5,000 of 15,000 were to be taken: the first return is all of them",
  );
});

test("a claim that is too large, another price, and a credit of another amount are found", () => {
  assert.match(
    tampered((event) =>
      event.kind === "subscription.changed" && event.clawback !== undefined
        ? { ...event, clawback: { ...event.clawback, owed: credits(5_001n) } }
        : event,
    ),
    /^V10 a claim is of what/,
  );
  assert.match(
    tampered((event) =>
      event.kind === "subscription.changed" && event.clawback !== undefined
        ? { ...event, clawback: { ...event.clawback, price: money(9_000n) } }
        : event,
    ),
    /^V10 the price/,
  );
  assert.match(
    tampered((event) => {
      if (event.kind !== "hold.released" || event.clawedBack === undefined) return event;
      const [one] = event.clawedBack.taken;
      assert(one !== undefined);
      const taken = [{ ...one, money: money(one.money + 1n) }];
      return { ...event, clawedBack: { ...event.clawedBack, taken } };
    }),
    /^V12 what clb_.* credits/,
  );
});

test("what returns and stays with the customer, though it was claimed, is found", () => {
  assert.match(
    tampered((event) => {
      if (event.kind !== "hold.released") return event;
      const { clawedBack: _left, ...rest } = event;
      return {
        ...rest,
        transfers: event.transfers.map(({ lot, from, credits: amount }) => {
          return { lot, from, to: "available", credits: amount, money: money(0n) } as const;
        }),
        balance: { ...event.balance, available: credits(5_000n) },
      };
    }),
    /^V11 what returns meets a claim/,
  );
});
