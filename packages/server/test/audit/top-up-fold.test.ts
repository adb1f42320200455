import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Event,
  type InvoiceNote,
  type TopUpRequested,
  type TopUpSucceeded,
  credits,
  money,
} from "@cistern/kernel";
import { chargeBack, debit, repay } from "../../../kernel/test/scenario/commands.ts";
import { Life } from "../../../kernel/test/subscriptions/life.ts";
import { request, succeeded, told } from "../../../kernel/test/topups/buying.ts";
import type { AuditFault } from "../../src/audit/index.ts";
import { auditOf } from "./audit-of.ts";
import { lifeOfAWorkspace } from "./life-of-a-workspace.ts";

const life = lifeOfAWorkspace();

const statuses = life.flatMap((event) =>
  "topUp" in event && typeof event.topUp !== "string" ? [event.topUp.status] : [],
);

test("a life with top-ups is without fault, and has all that can become of them", () => {
  assert.equal(auditOf(life), undefined);
  assert.deepEqual(
    new Set(statuses),
    new Set(["requested", "processing", "requires_action", "succeeded", "failed"]),
  );
  const spent = life.flatMap((event) =>
    event.kind === "top_up.succeeded" && event.topUp.isAutomatic
      ? [[event.topUp.quantity, event.rule?.month?.spent]]
      : [],
  );
  // The second takes what the ceiling leaves; the third is of the month after.
  assert.deepEqual(spent, [
    [3, 3_000n],
    [3, 6_000n],
    [5, 5_000n],
  ]);
});

/** The first event that `change` changes, in a chain that is valid again. */
function tampered(change: (event: Event) => readonly Event[] | undefined): AuditFault | undefined {
  const index = life.findIndex((event) => change(event) !== undefined);
  assert.ok(index >= 0, "the life has something to tamper with");
  return auditOf(life.flatMap((event, at) => (at === index ? (change(event) ?? []) : [event])));
}

const onRequest = (change: (event: TopUpRequested) => Event) => () =>
  tampered((event) => (event.kind === "top_up.requested" ? [change(event)] : undefined));
const onSuccess = (change: (event: TopUpSucceeded) => readonly Event[]) => () =>
  tampered((event) => (event.kind === "top_up.succeeded" ? change(event) : undefined));
const automatic = (event: Event): event is TopUpRequested =>
  event.kind === "top_up.requested" && event.topUp.isAutomatic;

const tamperings: readonly {
  readonly name: string;
  readonly found: () => AuditFault | undefined;
  readonly rule: RegExp;
}[] = [
  {
    name: "a request at another price",
    found: onRequest((event) => ({
      ...event,
      topUp: { ...event.topUp, amount: money(event.topUp.amount - 1n) },
    })),
    rule: /^V8 the price/,
  },
  {
    name: "a request of more credits than its packs have",
    found: onRequest((event) => ({
      ...event,
      topUp: { ...event.topUp, credits: credits(event.topUp.credits + 1n) },
    })),
    rule: /^V8 the credits/,
  },
  {
    name: "a grant without a request",
    found: onSuccess((event) => [{ ...event, topUp: { ...event.topUp, id: "top_none" } }]),
    rule: /^V8 a top-up is granted once/,
  },
  {
    name: "a second grant for one payment",
    found: () => {
      let first: string | null | undefined;
      return tampered((event) => {
        if (event.kind !== "top_up.succeeded") return undefined;
        if (first === undefined) {
          first = event.topUp.payment;
          return undefined;
        }
        return event.topUp.payment === first
          ? undefined
          : [{ ...event, topUp: { ...event.topUp, payment: first } }];
      });
    },
    rule: /^V7/,
  },
  {
    name: "more tax than was paid",
    found: onSuccess((event) => [
      { ...event, payment: { ...event.payment, tax: money(event.payment.tax + 1n) } },
    ]),
    rule: /^(V8 the tax|K1)/,
  },
  {
    name: "an invoice of another amount than was paid",
    found: onSuccess((event) =>
      event.purchase === undefined
        ? [event]
        : [
            {
              ...event,
              purchase: {
                ...event.purchase,
                invoice: { ...event.purchase.invoice, total: money(1n) },
              },
            },
          ],
    ),
    rule: /^V20 .* with its tax/,
  },
  {
    name: "a second request of the rule while one waits",
    found: () =>
      tampered((event) =>
        automatic(event) && event.topUp.id.endsWith("4")
          ? [event, { ...event, topUp: { ...event.topUp, id: "top_r999999" } }]
          : undefined,
      ),
    rule: /^V9 one request/,
  },
  {
    name: "a request beyond the ceiling",
    found: () =>
      tampered((event) =>
        automatic(event) && event.rule !== null && event.topUp.id.endsWith("5")
          ? [{ ...event, rule: { ...event.rule, monthlyCeiling: money(5_999n) } }]
          : undefined,
      ),
    rule: /^V9 the rule stays/,
  },
  {
    name: "a month that forgets what was granted in it",
    found: () =>
      tampered((event) =>
        event.kind === "top_up.succeeded" &&
        event.topUp.id.endsWith("5") &&
        event.rule !== null &&
        event.rule.month !== null
          ? [
              {
                ...event,
                rule: { ...event.rule, month: { ...event.rule.month, spent: money(0n) } },
              },
            ]
          : undefined,
      ),
    rule: /^V9 a month counts/,
  },
];

for (const { name, found, rule } of tamperings)
  test(`${name} is found`, () => {
    const fault = found();
    assert.match(fault?.rule ?? "nothing", rule);
  });

/** 100.00 and tax for a pack, of which three quarters go back, and a bank takes the rest. */
function givenBack(): readonly Event[] {
  const one = new Life("2026-01-01T00:00Z");
  one.run(request("top_a"));
  one.run(told("top_a", "pay_1", succeeded(825n)));
  one.run(debit("dbt_1", 2_500));
  one.run(repay("grt_top_a_x"));
  one.run(chargeBack("grt_top_a_x"), "2026-01-02T00:00Z");
  return one.journal.rows.map(({ event }) => event);
}

test("money of a purchase that goes back without a credit note, or with one of another amount, is found", () => {
  const events = givenBack();
  assert.equal(auditOf(events), undefined);
  const bent = (change: (event: Extract<Event, { note?: InvoiceNote }>) => Event) =>
    auditOf(
      events.map((event) =>
        event.kind === "credits.repaid" || event.kind === "credits.charged_back"
          ? change(event)
          : event,
      ),
    )?.rule;
  assert.match(
    bent(({ note: _note, ...event }) => event) ?? "no fault",
    /^V20 money of a purchase goes back/,
  );
  assert.match(
    bent((event) =>
      event.note === undefined
        ? event
        : { ...event, note: { ...event.note, amount: money(event.note.amount - 1n) } },
    ) ?? "no fault",
    /^V20 the credit note crn_/,
  );
});
