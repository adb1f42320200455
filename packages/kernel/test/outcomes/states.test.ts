import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Command, dueMax } from "@cistern/kernel";
import { type Life, atEnd, booksOf, change, ofKind } from "../subscriptions/life.ts";
import {
  begun,
  bookedOf,
  claim,
  confirm,
  dispute,
  pending,
  reopen,
  resolutions,
  rowOf,
  signal,
  standing,
  thing,
  things,
} from "./life.ts";

const minuteTo = (day: string): string => `2026-02-${day}T23:59:59.999Z`;

suite("a claim of a conversation", () => {
  test("of a chat matures after a day without contact, and is billed without traffic", () => {
    const life = begun();
    life.run(claim("out_1"), "2026-02-02T00:00Z");
    assert.equal(standing(life, "out_1"), "claimed");
    assert.deepEqual(life.passed(minuteTo("02")), []);
    assert.deepEqual(life.passed("2026-02-03T00:00Z"), ["2026-02-03T00:00 outcome.matured"]);
    assert.equal(standing(life, "out_1"), "billed");
    assert.deepEqual(pending(life), [["outcome", "resolution", 1n, 99n]]);
    life.check();
  });

  test("of a ticket matures after three days", () => {
    const life = begun();
    life.run(claim("out_1", { channel: "ticket" }), "2026-02-02T00:00Z");
    life.pass(minuteTo("04"));
    assert.equal(standing(life, "out_1"), "claimed");
    life.pass("2026-02-05T00:00Z");
    assert.equal(standing(life, "out_1"), "billed");
  });

  test("rests anew after each contact before it has matured", () => {
    const life = begun();
    life.run(claim("out_1"), "2026-02-02T00:00Z");
    life.run(signal("contact"), "2026-02-02T20:00Z");
    life.pass("2026-02-03T19:59Z");
    assert.equal(standing(life, "out_1"), "claimed");
    life.pass("2026-02-03T20:00Z");
    assert.equal(standing(life, "out_1"), "billed");
    life.check();
  });

  test("is billed at once when it is confirmed", () => {
    const life = begun();
    life.run(claim("out_1"), "2026-02-02T00:00Z");
    const confirmed = life.run(confirm("out_1"), "2026-02-02T00:05Z");
    assert.deepEqual(booksOf([confirmed]), { Unbilled: 99n, Outcomes: -99n });
    assert.deepEqual(life.passed("2026-02-10T00:00Z"), [], "and not once more when it matures");
    life.check();
  });

  test("that is billed comes back with contact within the reopen window, and the case can be billed again", () => {
    const life = begun();
    life.run(claim("out_1"), "2026-02-02T00:00Z");
    const contact = life.run(signal("contact"), "2026-02-16T23:59:59.999Z");
    assert.equal(standing(life, "out_1"), "reversed contacted_again");
    assert.deepEqual(booksOf([contact]), { Unbilled: -99n, Outcomes: 99n });
    assert(contact.kind === "outcome.signalled");
    const [move] = contact.changes[0]?.moves ?? [];
    assert.equal(move?.of?.line, "lin_00000001", "it names the line that it takes back from");
    life.run(claim("out_2"), "2026-02-17T01:00Z");
    life.pass("2026-02-20T00:00Z");
    assert.equal(standing(life, "out_2"), "billed");
    assert.deepEqual(pending(life), [
      ["outcome", "resolution", 2n, 198n],
      ["outcome_reversed", "resolution", -1n, -99n],
    ]);
    life.check();
  });

  test("that came back is billed again when it is confirmed, but not when a person had to help", () => {
    const life = begun();
    life.run(claim("out_1"), "2026-02-02T00:00Z");
    life.run(signal("contact"), "2026-02-05T00:00Z");
    assert.equal(standing(life, "out_1"), "reversed contacted_again");
    const content = life.run(confirm("out_1"), "2026-02-05T00:10Z");
    assert.deepEqual(booksOf([content]), { Unbilled: 99n, Outcomes: -99n });
    life.run(signal("handover"), "2026-02-06T00:00Z");
    life.run(confirm("out_1"), "2026-02-06T01:00Z");
    assert.equal(standing(life, "out_1"), "reversed human_took_over");
    life.check();
  });

  test("that is billed stays so with contact after the reopen window", () => {
    const life = begun();
    life.run(claim("out_1"), "2026-02-02T00:00Z");
    life.run(signal("contact"), "2026-02-17T00:00Z");
    assert.equal(standing(life, "out_1"), "billed");
  });

  test("in a conversation within the link window is of the same case: two are billed once", () => {
    const life = begun();
    life.run(claim("out_1"), "2026-02-02T00:00Z");
    life.run(claim("out_2", { conversation: "c2" }), "2026-02-02T12:00Z");
    assert.equal(standing(life, "out_1"), "superseded");
    life.pass("2026-02-10T00:00Z");
    assert.equal(standing(life, "out_2"), "billed");
    assert.deepEqual(pending(life), [["outcome", "resolution", 1n, 99n]]);
    life.check();
  });

  test("in a conversation after the link window is of another case, and so is another topic", () => {
    const life = begun();
    life.run(claim("out_1"), "2026-02-02T00:00Z");
    life.run(claim("out_2", { conversation: "c2" }), "2026-02-05T00:00Z");
    life.run(claim("out_3", { conversation: "c3", topic: "address" }), "2026-02-05T00:00Z");
    life.pass("2026-02-10T00:00Z");
    for (const id of ["out_1", "out_2", "out_3"]) assert.equal(standing(life, id), "billed", id);
    assert.deepEqual(pending(life), [["outcome", "resolution", 3n, 297n]]);
  });

  test("that was reopened is one case with what comes after, however long after", () => {
    const life = begun();
    life.run(claim("out_1"), "2026-02-02T00:00Z");
    life.run(reopen("out_1"), "2026-02-09T00:00Z");
    life.run(claim("out_2", { conversation: "c2" }), "2026-02-09T01:00Z");
    life.pass("2026-02-28T00:00Z");
    assert.equal(standing(life, "out_1"), "reversed reopened");
    assert.equal(standing(life, "out_2"), "billed");
    life.check();
  });

  test("of another type in the same case is billed beside it", () => {
    const life = begun([resolutions(), resolutions({ type: "sale" })]);
    life.run(claim("out_1"), "2026-02-02T00:00Z");
    life.run(claim("out_2", { type: "sale" }), "2026-02-02T00:00Z");
    life.pass("2026-02-10T00:00Z");
    assert.deepEqual([standing(life, "out_1"), standing(life, "out_2")], ["billed", "billed"]);
  });

  test("of a part costs the declared fraction, with one rounding of all of the period", () => {
    const life = begun();
    for (const id of ["1", "2"]) {
      life.run(
        claim(`out_${id}`, { customer: `cus_${id}`, part: "assisted" }),
        "2026-02-02T00:00Z",
      );
      life.run(confirm(`out_${id}`), "2026-02-02T00:00Z");
    }
    assert.deepEqual(pending(life), [["outcome", "resolution (assisted)", 2n, 99n]]);
    assert.equal(bookedOf(life, "out_1")?.amount, 50n);
    assert.equal(bookedOf(life, "out_2")?.amount, 49n);
    life.check();
  });
});

suite("not billable", () => {
  const cases: readonly {
    readonly name: string;
    readonly steps: readonly (readonly [Command, string])[];
    readonly is: string;
  }[] = [
    {
      name: "without a substantive answer",
      steps: [[claim("out_1", { isSubstantive: false }), "2026-02-02T00:00Z"]],
      is: "not_billable not_substantive",
    },
    {
      name: "when a person took over before it had matured",
      steps: [
        [claim("out_1"), "2026-02-02T00:00Z"],
        [signal("handover", { conversation: "c9" }), "2026-02-02T20:00Z"],
      ],
      is: "not_billable human_took_over",
    },
    {
      name: "when a person had taken the conversation over before it was claimed",
      steps: [
        [signal("handover"), "2026-02-02T00:00Z"],
        [claim("out_1"), "2026-02-02T01:00Z"],
      ],
      is: "not_billable human_took_over",
    },
    {
      name: "with negative feedback",
      steps: [
        [claim("out_1"), "2026-02-02T00:00Z"],
        [signal("negative_feedback"), "2026-02-02T01:00Z"],
      ],
      is: "not_billable negative_feedback",
    },
    {
      name: "with evidence that another claim had used",
      steps: [
        [claim("out_0", { proof: "h1", topic: "other" }), "2026-02-01T00:00Z"],
        [dispute("out_0"), "2026-02-01T00:00Z"],
        [dispute("out_0", "upheld"), "2026-02-01T00:00Z"],
        [claim("out_1", { proof: "h1" }), "2026-02-02T00:00Z"],
      ],
      is: "not_billable duplicate_evidence",
    },
    {
      name: "of test traffic",
      steps: [[claim("out_1", { isTest: true }), "2026-02-02T00:00Z"]],
      is: "not_billable test_traffic",
    },
    {
      name: "when it was reopened before it had matured",
      steps: [
        [claim("out_1"), "2026-02-02T00:00Z"],
        [reopen("out_1"), "2026-02-02T01:00Z"],
      ],
      is: "not_billable reopened",
    },
    {
      name: "when a dispute of it was upheld",
      steps: [
        [claim("out_1"), "2026-02-02T00:00Z"],
        [dispute("out_1"), "2026-02-02T01:00Z"],
        [dispute("out_1", "upheld"), "2026-02-02T02:00Z"],
      ],
      is: "not_billable dispute_upheld",
    },
  ];
  for (const { name, steps, is } of cases)
    test(name, () => {
      const life = begun();
      for (const [command, when] of steps) life.run(command, when);
      life.pass("2026-02-28T00:00Z");
      assert.equal(standing(life, "out_1"), is);
      assert.deepEqual(pending(life), []);
      life.check();
    });

  test("in a trial, also when it matures after it", () => {
    const life = begun([resolutions()], { trialDays: 14 });
    life.run(claim("out_1"), "2026-02-14T12:00Z");
    life.pass("2026-02-20T00:00Z");
    assert.equal(standing(life, "out_1"), "not_billable trial");
    life.check();
  });

  test("negative feedback after it was billed takes it back, and a hand-over too", () => {
    for (const what of ["negative_feedback", "handover"] as const) {
      const life = begun();
      life.run(claim("out_1"), "2026-02-02T00:00Z");
      life.run(signal(what), "2026-02-04T00:00Z");
      assert.match(standing(life, "out_1"), /^reversed /);
      assert.deepEqual(booksOf(life.journal.rows.map(({ event }) => event)), {});
      life.check();
    }
  });

  test("test traffic neither uses up evidence nor disturbs the case", () => {
    const life = begun();
    life.run(claim("out_0", { isTest: true, proof: "h1" }), "2026-02-01T20:00Z");
    life.run(claim("out_1", { proof: "h1" }), "2026-02-02T00:00Z");
    life.run(claim("out_2", { isTest: true, conversation: "c2" }), "2026-02-02T20:00Z");
    life.pass("2026-02-03T00:00Z");
    assert.equal(standing(life, "out_1"), "billed");
  });

  test("of two claims with the same evidence the earlier one counts, though it is heard of later", () => {
    const life = begun();
    life.run(claim("out_1", { proof: "h1" }), "2026-02-05T00:00Z");
    life.pass("2026-02-07T00:00Z");
    assert.equal(standing(life, "out_1"), "billed");
    const earlier = { proof: "h1", topic: "other", occurred: "2026-02-04T00:00Z" };
    const late = life.run(claim("out_2", earlier), "2026-02-08T00:00Z");
    assert.equal(standing(life, "out_1"), "not_billable duplicate_evidence");
    assert.equal(standing(life, "out_2"), "billed", "it had matured when it was heard of");
    assert.deepEqual(booksOf([late]), {});
    assert.deepEqual(pending(life), [
      ["outcome", "resolution", 2n, 198n],
      ["outcome_reversed", "resolution", -1n, -99n],
    ]);
    life.check();
  });
});

suite("a dispute", () => {
  test("holds an outcome back; when it is rejected, the outcome is billed", () => {
    const life = begun();
    life.run(claim("out_1"), "2026-02-02T00:00Z");
    life.run(dispute("out_1"), "2026-02-02T01:00Z");
    life.pass("2026-02-10T00:00Z");
    assert.equal(standing(life, "out_1"), "disputed");
    assert.deepEqual(pending(life), []);
    const rejected = life.run(dispute("out_1", "rejected"), "2026-02-10T00:00Z");
    assert.deepEqual(booksOf([rejected]), { Unbilled: 99n, Outcomes: -99n });
    assert.equal(rowOf(life, "out_1")?.billedAt, Date.UTC(2026, 1, 3), "since it had matured");
    life.check();
  });

  test("of what is billed and not invoiced takes it off its line until it is resolved", () => {
    for (const [resolution, status, amount] of [
      ["rejected", "billed", 30n],
      ["upheld", "not_billable dispute_upheld", 0n],
    ] as const) {
      const life = begun();
      life.run(thing("out_1", 3n), "2026-02-02T00:00Z");
      const raised = life.run(dispute("out_1"), "2026-02-03T00:00Z");
      assert.equal(standing(life, "out_1"), "disputed");
      assert.deepEqual(booksOf([raised]), { Unbilled: -30n, Outcomes: 30n });
      life.pass("2026-03-05T00:00Z");
      assert.equal(standing(life, "out_1"), "disputed");
      life.run(dispute("out_1", resolution), "2026-03-05T00:00Z");
      assert.equal(standing(life, "out_1"), status);
      assert.equal(life.books()["Outcomes"] ?? 0n, -amount);
      life.check();
    }
  });

  test("of what is on an issued invoice leaves it there, and takes it back when it is upheld", () => {
    for (const [resolution, books] of [
      ["rejected", {}],
      ["upheld", { Unbilled: -30n, Outcomes: 30n }],
    ] as const) {
      const life = begun();
      life.run(thing("out_1", 3n), "2026-02-02T00:00Z");
      life.pass("2026-03-01T00:00Z");
      const draft = life.invoices.find(({ status }) => status === "draft");
      assert(draft !== undefined);
      const issue = { number: "R-1", taxBps: 0, termsDays: 14, purchaseOrder: null };
      life.run({ kind: "finalizeInvoice", invoice: draft.id, ...issue }, "2026-03-01T01:00Z");
      const raised = life.run(dispute("out_1"), "2026-03-02T00:00Z");
      assert.equal(standing(life, "out_1"), "billed");
      assert.deepEqual(booksOf([raised]), {});
      const resolved = life.run(dispute("out_1", resolution), "2026-03-03T00:00Z");
      assert.deepEqual(booksOf([resolved]), books);
      life.check();
    }
  });

  test("of what is on a draft takes it off there", () => {
    const life = begun([resolutions(), things("document")], { graceMs: 48 * 3_600_000 });
    life.run(thing("out_1", 3n), "2026-02-02T00:00Z");
    life.pass("2026-03-01T00:00Z");
    life.run(dispute("out_1"), "2026-03-01T01:00Z");
    const lines = life.invoices.flatMap((one) => (one.status === "draft" ? one.lines : []));
    assert.deepEqual(
      lines.map(({ kind, amount }) => [kind, amount]),
      [
        ["outcome", 30n],
        ["outcome_reversed", -30n],
      ],
    );
    life.check();
  });

  test("is raised once at a time, and resolved only where it waits", () => {
    const life = begun();
    life.run(thing("out_1", 3n), "2026-02-02T00:00Z");
    const now = "2026-02-02T00:00Z";
    assert.equal(life.refused(dispute("out_1", "upheld"), now).code, "outcome_not_disputed");
    life.run(dispute("out_1"), now);
    assert.equal(life.refused(dispute("out_1"), now).code, "outcome_disputed");
    life.run(dispute("out_1", "rejected"), now);
    life.run(dispute("out_1"), now);
    life.check();
  });
});

suite("things", () => {
  test("that need confirmation wait for it as long as it takes", () => {
    const life = begun([things("document", { needsConfirmation: true })]);
    life.run(thing("out_1", 5n), "2026-02-02T00:00Z");
    assert.deepEqual(life.passed("2026-02-28T00:00Z"), []);
    const confirmed = life.run(confirm("out_1"), "2026-02-28T00:00Z");
    assert.deepEqual(booksOf([confirmed]), { Unbilled: 50n, Outcomes: -50n });
    life.check();
  });

  test("are outcomes of their own, but not with the same evidence", () => {
    const life = begun();
    life.run(thing("out_1", 5n, { proof: "d1" }), "2026-02-02T00:00Z");
    life.run(thing("out_2", 5n, { proof: "d2" }), "2026-02-02T00:00Z");
    life.run(thing("out_3", 5n, { proof: "d1" }), "2026-02-02T00:01Z");
    assert.equal(standing(life, "out_3"), "not_billable duplicate_evidence");
    assert.deepEqual(pending(life), [["outcome", "document", 10n, 100n]]);
    life.check();
  });
});

suite("periods", () => {
  test("an outcome that matures as a period ends is on its invoice; taken back, it is on the next one", () => {
    const life = begun();
    life.run(claim("out_1"), "2026-02-28T00:00Z");
    assert.deepEqual(
      life.pass("2026-03-01T00:00Z").map(({ kind }) => kind),
      ["outcome.matured", "subscription.renewed"],
    );
    const [february] = life.invoices;
    assert(february?.status === "draft");
    assert.deepEqual(
      february.lines.map(({ kind, amount }) => [kind, amount]),
      [["outcome", 99n]],
    );
    const again = life.run(confirm("out_1"), "2026-03-02T00:00Z");
    assert.deepEqual(booksOf([again]), {}, "read again it still belongs to February");
    assert.equal(life.journal.state.invoices.pending.size, 0);
    life.run(reopen("out_1"), "2026-03-05T00:00Z");
    const [line] = life.journal.state.invoices.pending.values();
    assert.deepEqual([line?.kind, line?.amount], ["outcome_reversed", -99n]);
    assert.deepEqual([line?.from, line?.to], [Date.UTC(2026, 2), Date.UTC(2026, 3)]);
    life.check();
  });

  test("what is told late is priced with its own period and stands on the current one's line", () => {
    const tiers = [
      { upTo: 1n, price: 100n },
      { upTo: null, price: 60n },
    ];
    const life = begun([things("document", { price: { kind: "graduated", per: 1n, tiers } })]);
    life.run(thing("out_1", 1n), "2026-02-20T00:00Z");
    const late = thing("out_2", 1n, { occurred: "2026-02-25T00:00Z" });
    life.run(late, "2026-03-02T00:00Z");
    assert.equal(bookedOf(life, "out_2")?.amount, 60n, "the second of February");
    life.run(thing("out_3", 1n), "2026-03-03T00:00Z");
    assert.equal(bookedOf(life, "out_3")?.amount, 100n, "the first of March");
    assert.deepEqual(pending(life), [["outcome", "document", 2n, 160n]]);
    life.check();
  });

  test("after a change of plan an outcome that had matured before keeps its price", () => {
    const life = begun([things("document"), resolutions()]);
    const dearer = {
      version: "team@2",
      outcomes: [things("document", { price: { kind: "per_unit", per: 1n, price: 25n } })],
    };
    life.run(change({ plan: dearer, when: "now" }), "2026-02-10T00:00Z");
    life.run(thing("out_1", 1n, { occurred: "2026-02-09T00:00Z" }), "2026-02-11T00:00Z");
    life.run(thing("out_2", 1n), "2026-02-11T00:00Z");
    assert.deepEqual(
      [bookedOf(life, "out_1")?.amount, bookedOf(life, "out_2")?.amount],
      [10n, 25n],
    );
    life.check();
  });
});

suite("refused", () => {
  const now = "2026-02-02T00:00Z";
  const code = (life: Life, command: Command): string => {
    const rejection = life.refused(command, now);
    return rejection.code === "invalid_request" ? rejection.field : rejection.code;
  };

  test("a type that the plan has not", () => {
    assert.equal(code(begun(), claim("out_1", { type: "sale" })), "outcome_not_in_plan");
    assert.equal(code(begun([]), claim("out_1")), "outcome_not_in_plan");
  });

  test("a workspace whose subscription is over or paused", () => {
    for (const what of ["end", "pause"] as const) {
      const life = begun();
      life.run(atEnd(what), now);
      const rejection = life.refused(claim("out_1"), "2026-03-02T00:00Z");
      assert.equal(rejection.code, "no_subscription");
      assert.equal(life.refused(signal("contact"), "2026-03-02T00:00Z").code, "no_subscription");
    }
  });

  test("an outcome that nobody claimed", () => {
    const life = begun();
    for (const command of [reopen("out_9"), confirm("out_9"), dispute("out_9")])
      assert.equal(code(life, command), "unknown_outcome");
  });

  test("a conversation that is not named, and a thing that is one", () => {
    const life = begun();
    assert.equal(code(life, claim("out_1", { customer: null })), "customer");
    assert.equal(code(life, claim("out_1", { topic: null })), "topic");
    assert.equal(code(life, claim("out_1", { conversation: null })), "conversation");
    assert.equal(code(life, claim("out_1", { quantity: 2n })), "quantity");
    assert.equal(code(life, claim("out_1", { part: "tenth" })), "part");
    assert.equal(code(life, thing("out_1", 0n)), "quantity");
    assert.equal(code(life, thing("out_1", 1n, { customer: "zoe" })), "customer");
  });

  test("what is yet to happen, or happened too long ago", () => {
    const life = begun();
    assert.equal(code(life, claim("out_1", { occurred: "2026-02-02T00:05:01Z" })), "occurredAt");
    assert.equal(code(life, claim("out_1", { occurred: "2025-12-28T00:00Z" })), "occurredAt");
    life.pass("2026-03-08T00:00Z");
    life.run(claim("out_1", { occurred: "2026-02-01T00:00Z" }), "2026-03-08T00:00Z");
    assert.equal(standing(life, "out_1"), "billed");
  });
});

suite("reviews", () => {
  const raised = (life: Life): readonly unknown[] =>
    ofKind(
      life.journal.rows.map(({ event }) => event),
      "outcome.review_raised",
    ).map(({ reason, case: id, count }) => [reason, id, count]);

  test("many topics of one end customer within the link window are raised once", () => {
    const life = begun();
    for (let index = 1; index <= 6; index += 1)
      life.run(
        claim(`out_${index}`, { topic: `t${index}`, conversation: `c${index}` }),
        `2026-02-02T0${index}:00Z`,
      );
    life.run(claim("out_9", { topic: "t9", customer: "max" }), "2026-02-02T07:00Z");
    assert.deepEqual(raised(life), [["many_topics", "zoe t5", 5]]);
    life.pass("2026-02-10T00:00Z");
    assert.equal(standing(life, "out_5"), "billed", "it changes nothing by itself");
    life.check();
  });

  test("many conversations of one case are raised once", () => {
    const life = begun();
    for (let index = 10; index < 22; index += 1)
      life.run(claim(`out_${index}`, { conversation: `c${index}` }), `2026-02-02T${index}:00Z`);
    assert.deepEqual(raised(life), [["many_conversations", "zoe bill", 10]]);
    life.check();
  });
});

test("cases that mature at one instant are carried in events of at most 512", () => {
  const life = begun();
  for (let index = 0; index < dueMax + 1; index += 1)
    life.run(claim(`out_${index}`, { customer: `cus_${index}` }), "2026-02-02T00:00Z");
  const matured = ofKind(life.pass("2026-02-03T00:00Z"), "outcome.matured");
  assert.deepEqual(
    matured.map(({ changes }) => changes.length),
    [dueMax, 1],
  );
  assert.deepEqual(pending(life), [["outcome", "resolution", 513n, 50_787n]]);
});

test("a case is forgotten when nothing that may be said can meet it any more", () => {
  const life = begun();
  life.run(claim("out_1", { proof: "h1" }), "2026-02-02T00:00Z");
  life.run(claim("out_2", { customer: "max" }), "2026-06-01T00:00Z");
  assert.equal(standing(life, "out_1"), "billed");
  life.run(claim("out_3", { customer: "eve" }), "2026-06-05T00:00Z");
  assert.equal(standing(life, "out_1"), "unknown");
  life.run(claim("out_4", { customer: "eve", proof: "h1" }), "2026-06-06T00:00Z");
  assert.equal(standing(life, "out_4"), "not_billable duplicate_evidence");
  life.check();
});
