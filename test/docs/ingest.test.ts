/** The page about usage in the words of others: its program runs as it stands, and prints what became of each event and call. */
import { strictEqual } from "node:assert";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "../..");

test("events are charged once each, and a call that nobody settled is found", async () => {
  const page = await readFile(join(root, "docs/ingest.md"), "utf8");
  const snippet = /^```ts\n(.*?)^```/ms.exec(page)?.[1] ?? "";
  const flags = [
    "--conditions=cistern-source",
    "--input-type=module-typescript",
    "--eval",
    snippet,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: root });
  strictEqual(
    stdout,
    [
      "1 accepted 12",
      "2 accepted 9",
      "1 duplicate 12",
      "3 refused /data/tokens must be a whole number from 0 to 1000000000000",
      "unsettled chatcmpl-9 { input_text: 700 }",
      "",
    ].join("\n"),
  );
});
