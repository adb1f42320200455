/** `cistern fairness replay` on a running server, in words and as JSON. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startApi, workspaceWith } from "../api/api-server.ts";
import { startCistern } from "./cistern-process.ts";

test("a replay is told for people, and for programs with --json", async () => {
  const api = await startApi();
  await workspaceWith(api, "acme", "100");
  const spend = (member: string, credits: string) =>
    api.post("/v1/workspaces/acme/debits", { member, credits });
  await spend("ana", "30");
  await api.post("/v1/workspaces/acme/holds", { member: "ben", credits: "80" });
  const start = (...more: string[]) =>
    startCistern(
      { CISTERN_URL: api.url, CISTERN_KEY: api.key },
      "fairness",
      "replay",
      "--workspace",
      "acme",
      ...more,
    );
  const run = async (...more: string[]) => {
    const cistern = start("--period", "current", ...more);
    assert.equal(await cistern.ended(), 0, cistern.stderr());
    return cistern.stdout();
  };
  const text = await run();
  assert.match(text, /^what happened \(off is in force\) +80 +1 /m);
  for (const preset of ["off", "strict", "balanced", "lend_early"])
    assert.match(text, new RegExp(`^${preset} `, "m"));
  assert.match(text, /What a replay cannot know:\n- /);
  assert.equal(JSON.parse(await run("--json")).happened.denied.calls, 1);
  const early = start();
  assert.notEqual(await early.ended(), 0);
  assert.match(early.stderr(), /no period of workspace acme is over, .* Ask for `current`\./);
});
