/** `cistern reconcile` on a running server: in words, as JSON and as CSV. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "csv-parse/sync";
import { startApi, workspaceWith } from "../api/api-server.ts";
import { requestOf, send, span } from "../ingest/otlp-calls.ts";
import { startCistern } from "./cistern-process.ts";

test("a call that was observed and settled by nobody is told in words, as JSON and as CSV", async () => {
  const api = await startApi();
  await workspaceWith(api, "acme", "100");
  const chat = {
    "gen_ai.operation.name": "chat",
    "gen_ai.response.model": "gpt-5",
    "gen_ai.response.id": "resp-leak",
    "gen_ai.usage.input_tokens": 7,
    "gen_ai.usage.output_tokens": 2,
  };
  await send(api, requestOf([span(chat)]));
  const now = Date.now();
  const [from, to] = [now - 60_000, now + 60_000].map((at) => new Date(at).toISOString());
  const run = async (...more: string[]): Promise<string> => {
    const cistern = startCistern(
      { CISTERN_URL: api.url, CISTERN_KEY: api.key },
      "reconcile",
      `--workspace=acme`,
      `--from=${from}`,
      `--to=${to}`,
      ...more,
    );
    assert.equal(await cistern.ended(), 0, cistern.stderr());
    return cistern.stdout();
  };
  assert.match(
    await run(),
    /^1 call\(s\) were observed, .*\nequal 0, different 0, unsettled 1, .*\n- unsettled at .*: resp-leak ana gpt-5, observed 7 input_text \+ 2 output_text\n$/,
  );
  const all: { readonly unsettled: number } = JSON.parse(await run("--format", "json"));
  assert.equal(all.unsettled, 1);
  const [row]: readonly Record<string, string>[] = parse(await run("--format", "csv"), {
    columns: true,
  });
  assert.deepEqual([row?.["kind"], row?.["response"]], ["unsettled", "resp-leak"]);
});
