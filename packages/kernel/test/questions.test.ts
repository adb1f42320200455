import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type Allowance,
  allowance,
  holdsTouched,
  instant,
  poolBalance,
  priorAnswer,
  subjectOf,
  usageRows,
} from "@cistern/kernel";
import { calendar } from "./calendar.ts";
import { Journal } from "./journal.ts";
import {
  cap,
  createWorkspace,
  day,
  deactivate,
  debit,
  debtUpTo,
  grant,
  group,
  hour,
  limit,
  member,
  minute,
  noon,
  open,
  policy,
  rate,
  refund,
  release,
  revoke,
  settle,
  update,
} from "./scenario/commands.ts";

function lived(...commands: Parameters<Journal["run"]>[0][]): Journal {
  const journal = new Journal();
  for (const command of commands)
    assert.equal(journal.run(command, noon).kind, "accepted", command.kind);
  return journal;
}

function allowanceOf(journal: Journal, who = "ana", at = noon): Allowance {
  const answer = allowance(journal.state, who, instant(at), calendar);
  assert(answer !== undefined);
  return answer;
}

suite("what a member may spend now", () => {
  test("is the least of the pool and all limits on its path, with the binding one named", () => {
    const journal = lived(
      createWorkspace(),
      grant("a", 500),
      group("red"),
      member("ana", { groups: ["red"] }),
      limit("each", "eachMember", cap(200, "day")),
      limit("team", "group red", cap(120, "day")),
      open("h", 50, { ttlMs: day }),
    );
    const { remaining, binding, limits } = allowanceOf(journal);
    assert.equal(remaining, 70n);
    assert.deepEqual(binding, {
      scope: { kind: "group", id: "red", limit: "team" },
      reason: "cap",
      resetsAt: noon + 12 * hour,
    });
    assert.deepEqual(
      limits.map((one) => [one.id, one.used, one.left]),
      [
        ["each", 50n, 150n],
        ["team", 50n, 70n],
      ],
    );
  });

  test("counts the overage that is left", () => {
    const journal = lived(
      createWorkspace({ overage: debtUpTo(100) }),
      grant("a", 10),
      open("h", 30, { ttlMs: day }),
    );
    assert.equal(allowanceOf(journal).remaining, 80n);
    assert.equal(allowanceOf(journal).binding.reason, "pool");
  });

  test("counts personal credits beside the pool", () => {
    const journal = lived(
      createWorkspace(),
      grant("a", 10),
      grant("own", 5, { appliesTo: { members: ["ana"] } }),
    );
    assert.equal(allowanceOf(journal).remaining, 15n);
    assert.equal(allowanceOf(journal, "ben").remaining, 10n);
  });

  test("is nothing while a rate of requests has none left, and says until when", () => {
    const journal = lived(
      createWorkspace(),
      grant("a", 10),
      limit("r", "eachMember", rate("requests", { quantity: 1, perMs: minute, burst: 1 })),
      open("h", 1),
    );
    const { remaining, binding } = allowanceOf(journal);
    assert.equal(remaining, 0n);
    assert.deepEqual([binding.reason, binding.resetsAt], ["rate", noon + minute]);
    assert.equal(allowanceOf(journal, "ana", noon + minute).remaining, 9n);
  });

  test("is bounded by a rate of credits", () => {
    const journal = lived(
      createWorkspace(),
      grant("a", 100),
      limit("r", "eachMember", rate("credits", { quantity: 1, perMs: minute, burst: 30 })),
      open("h", 10),
    );
    assert.equal(allowanceOf(journal).remaining, 20n);
  });

  test("a cap without a number bounds nothing", () => {
    const journal = lived(
      createWorkspace(),
      grant("a", 7),
      limit("c", "workspace", cap(null, "day")),
    );
    assert.equal(allowanceOf(journal).remaining, 7n);
  });

  test("is nothing for who may not spend, with the reason", () => {
    const journal = lived(createWorkspace(), grant("a", 7), member("ana"), deactivate("ana"));
    assert.equal(allowanceOf(journal).binding.reason, "member_inactive");
    journal.run(update({ members: "known" }), noon);
    assert.equal(allowanceOf(journal, "eve").binding.reason, "unknown_member");
    journal.run(update({ status: "suspended" }), noon);
    assert.equal(allowanceOf(journal).binding.reason, "workspace_suspended");
    assert.equal(allowanceOf(journal).remaining, 0n);
  });

  test("tells who may not spend now what is its own, and what its limits have left", () => {
    const journal = lived(
      createWorkspace({ fairness: { preset: "strict" } }),
      member("ana"),
      member("ben"),
      limit("c", "member ana", cap(3, "day")),
      grant("a", 8),
      policy("rules", "workspace", { text: "1", mustAccept: true }),
    );
    const own = (): readonly unknown[] => {
      const { remaining, binding, share, limits } = allowanceOf(journal);
      return [remaining, binding.reason, share?.reserved, limits.map(({ left }) => left)];
    };
    assert.deepEqual(own(), [0n, "policy_not_accepted", 4n, [3n]]);
    journal.run(update({ status: "suspended" }), noon);
    assert.deepEqual(own(), [0n, "workspace_suspended", 4n, [3n]]);
  });

  test("is asked of no workspace in vain", () => {
    assert.equal(allowance(new Journal().state, "ana", instant(noon), calendar), undefined);
  });
});

suite("what is told of the pool", () => {
  test("lots that still matter come first, in burn order, then those that are over", () => {
    const journal = lived(
      createWorkspace(),
      grant("over", 5, { priority: 0 }),
      debit("d", 5),
      grant("last", 5, { priority: 90 }),
      grant("first", 5, { priority: 10 }),
    );
    const { balance, lots } = poolBalance(journal.state);
    assert.deepEqual(
      lots.map((lot) => lot.id),
      ["first", "last", "over"],
    );
    assert.deepEqual([balance.available, balance.consumed], [10n, 5n]);
  });

  test("a refund is a usage row of its own, below zero, with what its usage was", () => {
    const journal = lived(
      createWorkspace(),
      grant("a", 50),
      debit("d", 5, { meter: "chat", model: "small", project: "spring" }),
      refund("r", "d", 2),
    );
    const rows = journal.rows.flatMap(({ event }) => usageRows(event));
    assert.deepEqual(
      rows.map((row) => [row.id, row.credits, row.meter, row.model, row.project, row.refundOf]),
      [
        ["d", 5n, "chat", "small", "spring", null],
        ["r", -2n, "chat", "small", "spring", "d"],
      ],
    );
  });

  test("usage of a hold is dated when it was authorized", () => {
    const journal = lived(createWorkspace(), grant("a", 50), open("h", 5));
    journal.run(settle("h", 4), noon + minute);
    const [row] = journal.rows.flatMap(({ event }) => usageRows(event));
    assert.deepEqual([row?.id, row?.occurredAt, row?.credits], ["h", noon, 4n]);
  });
});

suite("what an event touches", () => {
  test("every event has a subject", () => {
    const journal = lived(
      createWorkspace(),
      group("red"),
      grant("a", 50),
      open("h", 5),
      revoke("a", 1),
      limit("c", "workspace", cap(5, "day")),
      open("i", 5),
    );
    journal.pass(noon + day);
    assert.deepEqual(
      journal.rows.map(({ event }) => [event.kind, subjectOf(event)]),
      [
        ["workspace.created", "acme"],
        ["group.updated", "red"],
        ["credits.granted", "a"],
        ["hold.opened", "h"],
        ["credits.revoked", "a"],
        ["limit.updated", "c"],
        ["hold.opened", "i"],
        ["limit.reached", "c"],
        ["hold.expired", "h"],
      ],
    );
  });

  test("a grant touches the holds whose debt it pays", () => {
    const journal = lived(createWorkspace(), debit("d", 5), grant("a", 3));
    assert.deepEqual(
      journal.rows.map(({ event }) => holdsTouched(event)),
      [[], ["d"], ["d"]],
    );
  });
});

suite("the first answer of a default key (RULES 20)", () => {
  const fingerprint = "a".repeat(64);

  test("is where the hold was settled, for a settle under that key", () => {
    const journal = lived(
      createWorkspace(),
      grant("a", 50),
      open("h", 5),
      settle("h", 4, { fingerprint }),
    );
    const again = settle("h", 4, { fingerprint: "b".repeat(64) });
    assert.deepEqual(priorAnswer(journal.state, again), {
      position: { seq: 4, index: 0 },
      fingerprint,
    });
    assert.equal(priorAnswer(journal.state, release("h", fingerprint)), undefined);
  });

  test("is none for a key of one's own, an open hold, or another command", () => {
    const journal = lived(
      createWorkspace(),
      grant("a", 50),
      open("h", 5),
      open("i", 5),
      release("i"),
    );
    assert.equal(priorAnswer(journal.state, settle("h", 4, { fingerprint })), undefined);
    assert.equal(priorAnswer(journal.state, release("i", fingerprint)), undefined);
    assert.equal(priorAnswer(journal.state, release("i")), undefined);
    assert.equal(priorAnswer(journal.state, open("j", 1)), undefined);
  });

  test("is read from the journal when memory no longer has the hold", () => {
    const journal = lived(
      createWorkspace(),
      grant("a", 50),
      open("h", 5),
      release("h", fingerprint),
    );
    journal.run(debit("t", 0), noon + 2 * day);
    assert.equal(journal.state.holds.holds.get("h"), undefined);
    const again = { ...release("h", fingerprint), recalled: journal.recall("h") ?? null };
    assert.deepEqual(priorAnswer(journal.state, again)?.position, { seq: 4, index: 0 });
  });
});
