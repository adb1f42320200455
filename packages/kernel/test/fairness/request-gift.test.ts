/** A request that is answered with reserved credits of another member. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "@cistern/kernel";
import { approve, askFor, cap, decline, limit, update } from "../scenario/commands.ts";
import { dump } from "../journal.ts";
import { type Team, numbersOf, team } from "./team.ts";

const reserved = (it: Team, id: string): number => numbersOf(it.share(id)).reserved;
const asks = (given: Parameters<typeof askFor>[1] = {}): Command =>
  askFor("r", { limit: null, ...given });

test("who answers gives of its own reserve, and replay gives the same", () => {
  const it = team(["ana", "ben"], 1_000);
  it.run(asks(), approve("r", "gift", { by: "ben", credits: 50 }));
  assert.deepEqual([reserved(it, "ana"), reserved(it, "ben")], [400, 300]);
  assert.deepEqual(dump(it.journal.replayed().state), dump(it.journal.state));
});

test("of others' reserve only who answers all requests gives", () => {
  const it = team(["ana", "ben", "kim", "lea"], 1_000);
  it.run({ kind: "putGroup", group: "red", leads: ["lea"] });
  it.run({
    kind: "putMember",
    member: "ana",
    memberKind: "person",
    groups: ["red"],
    home: null,
    sponsor: null,
  });
  it.run(update({ owners: ["kim"] }), asks());
  assert.deepEqual(it.refused(approve("r", "gift", { by: "lea", from: "ben" })), {
    code: "not_an_approver",
    request: "r",
    by: "lea",
  });
  const before = reserved(it, "ben");
  it.run(approve("r", "gift", { by: "kim", from: "ben" }));
  assert.equal(reserved(it, "ben"), before - 5);
});

test("no more is given than is reserved, and the request still waits", () => {
  const it = team(["ana", "ben"], 1_000);
  it.run(asks());
  assert.equal(
    it.refused(approve("r", "gift", { by: "ben", credits: 351 })).code,
    "gift_exceeds_reserve",
  );
  it.run(decline("r"));
});

test("a request without a limit has nothing to raise, one for a limit may be answered with a gift", () => {
  const it = team(["ana", "ben"], 1_000);
  it.run(asks());
  assert.deepEqual(it.refused(approve("r", "period")), {
    code: "invalid_request",
    field: "as",
    reason: "The request names no limit: give reserved credits (`gift`).",
  });
  it.run(limit("c", "eachMember", cap(10, "day")), askFor("s"));
  it.run(approve("s", "gift", { by: "ben" }));
  assert.equal(reserved(it, "ana"), 355);
});

test("where the pool is not shared there is nothing to give", () => {
  const it = team(["ana", "ben"], 1_000);
  it.run(asks(), update({ fairness: { preset: "off" } }));
  assert.equal(it.refused(approve("r", "gift", { by: "ben" })).code, "fairness_off");
  it.run(decline("r"));
  assert.equal(it.refused(asks({ request: "s" })).code, "fairness_off");
});
