import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, credits } from "@cistern/kernel";
import {
  cap,
  createWorkspace,
  debtUpTo,
  extend,
  grant,
  limit,
  open,
  part,
  refund,
  settle,
} from "../../../kernel/test/scenario/commands.ts";
import { auditOf } from "./audit-of.ts";
import { lived } from "./lived.ts";

const limited: readonly Command[] = [
  createWorkspace(),
  grant("grt_1", 1_000),
  limit("burst", "workspace", cap(500, { kind: "onFirstUse", durationMs: 60_000 })),
];

/** One after the other, each a moment later. */
const livedBy = (commands: readonly Command[]) =>
  lived(commands.map((command, index) => [1_000 + index, command] as const));

/** A hold of 0 opens no window that waits for its first use; its extension does (RULES 4). */
const life = livedBy([
  ...limited,
  open("hld_1", 0),
  extend("hld_1", 10),
  part("hld_1", 4),
  settle("hld_1", 40),
  refund("rfd_1", "hld_1"),
]);

test("K14 a hold of 0 that is extended, and settled above that, counts what its windows allow", () => {
  assert.equal(auditOf(life), undefined);
});

test("K14 what such a hold counts by its extension is looked at all the same", () => {
  const wrong = life.map((event) =>
    event.kind === "hold.extended"
      ? { ...event, counts: event.counts.map((one) => ({ ...one, credits: credits(7n) })) }
      : event,
  );
  assert.match(auditOf(wrong)?.rule ?? "", /K14/);
});

test("K14 an extension counts in the member's own limit once that has replaced the default, and the default keeps the opening", () => {
  const day = { kind: "calendar", unit: "day" } as const;
  const commands = [
    ...limited,
    limit("each", "eachMember", cap(200, day)),
    open("hld_1", 50),
    limit("own", "member ana", cap(300, day)),
    extend("hld_1", 10),
    part("hld_1", 4),
    settle("hld_1", 20),
  ];
  const own = livedBy(commands);
  assert.equal(auditOf(own), undefined);
  const uncounted = own.map((event) =>
    event.kind === "hold.extended" ? { ...event, counts: [] } : event,
  );
  assert.notEqual(auditOf(uncounted), undefined);
});

test("K14 a hold of which a part was refunded before it ended counts what it was charged less that", () => {
  const commands = [
    ...limited,
    open("hld_1", 50),
    part("hld_1", 20),
    refund("rfd_1", "hld_1", 5),
    settle("hld_1", 10),
    refund("rfd_2", "hld_1"),
  ];
  assert.equal(auditOf(livedBy(commands)), undefined);
});

/** A hold that goes past the pool, is settled with a part of that, and refunded. */
const lent = livedBy([
  createWorkspace({ overage: debtUpTo(100) }),
  grant("grt_1", 10),
  limit("past", "eachMember", {
    kind: "overage",
    credits: credits(50n),
    window: { kind: "calendar", unit: "month" },
  }),
  open("hld_1", 40),
  settle("hld_1", 25),
  refund("rfd_1", "hld_1", 5),
]);

test("V24 a ceiling on overage counts what is taken past the pool", () => {
  assert.equal(auditOf(lent), undefined);
  for (const kind of ["hold.opened", "hold.settled", "usage.refunded"] as const) {
    const wrong = lent.map((event) =>
      event.kind === kind
        ? {
            ...event,
            pastPool: (event.pastPool ?? []).map((one) => ({ ...one, credits: one.credits + 1n })),
          }
        : event,
    );
    assert.match(auditOf(wrong)?.rule ?? "", /K14/, kind);
  }
});
