/** `cistern reports` on a running server: in words, as JSON and as CSV, with all rows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "csv-parse/sync";
import { startApi, workspaceWith } from "../api/api-server.ts";
import { startCistern } from "./cistern-process.ts";

test("who needs more is told in words, as JSON and as CSV", async () => {
  const api = await startApi();
  await workspaceWith(api, "acme", "100");
  for (const member of ["ana", "ben"])
    await api.post("/v1/workspaces/acme/holds", { member, credits: "180" });
  const today = new Date().toISOString().slice(0, 10);
  const run = async (...more: string[]) => {
    const cistern = startCistern(
      { CISTERN_URL: api.url, CISTERN_KEY: api.key },
      "reports",
      ...more,
      "--workspace",
      "acme",
    );
    assert.equal(await cistern.ended(), 0, cistern.stderr());
    return cistern.stdout();
  };
  const span = ["power-users", "--from", today, "--to", today];
  const text = await run(...span);
  assert.match(text, /^Members who need more:\n- .*\n- .*\n$/);
  const rows: readonly { member: string; why: string; refusedByShares: string }[] = JSON.parse(
    await run(...span, "--format", "json"),
  );
  assert.deepEqual(rows.map(({ member }) => member).toSorted(), ["ana", "ben"]);
  const table: readonly Record<string, string>[] = parse(await run(...span, "--format", "csv"), {
    columns: true,
  });
  assert.deepEqual(
    table.map(({ member, refusedByShares, why }) => [member, refusedByShares, why]),
    rows.map(({ member, refusedByShares, why }) => [member, refusedByShares, why]),
  );
  // More than one page has.
  for (let first = 0; first < 1_000; first += 100) {
    const operations = Array.from({ length: 100 }, (_, index) => ({
      method: "POST",
      path: "/v1/workspaces/acme/holds",
      idempotencyKey: `many-${first + index}`,
      body: { member: `m${first + index}`, credits: "180" },
    }));
    assert.equal((await api.post("/v1/batch", { operations })).status, 200);
  }
  const many: readonly { member: string }[] = JSON.parse(await run(...span, "--format", "json"));
  assert.equal(new Set(many.map(({ member }) => member)).size, 1_002);
  assert.equal(await run("idle-seats"), "Seats that nobody uses: none.\n");
});
