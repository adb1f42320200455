import assert from "node:assert/strict";
import { test } from "node:test";
import { credits } from "@cistern/kernel";
import { ask, team, tickMs } from "./team.ts";

test("a gift is reserved for who has a guarantee too, though its line has faded below that", () => {
  const it = team(["ana", "ben"], 1_000);
  it.run({ kind: "setGuarantee", member: "ana", credits: credits(400n) }, ask("ben", 0));
  it.later(600 * tickMs);
  assert.deepEqual([it.share("ana").reserved, it.share("ben").reserved], [400n, 35n]);
  it.run({ kind: "giftReserve", gift: "gft_1", from: "ben", to: "ana", credits: credits(30n) });
  assert.deepEqual([it.share("ana").reserved, it.share("ben").reserved], [430n, 5n]);
  it.later(119 * tickMs);
  assert.equal(it.share("ana").reserved, 400n, "the gift has faded, the guarantee never does");
});
