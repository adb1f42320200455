import { match, ok, strictEqual } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { beancountJudges, canJudge, hledgerJudges } from "../books/accounting-tools.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";

const main = join(import.meta.dirname, "../../src/cli/main.ts");

/** Runs the command line as a process of its own; gives its exit code and what it wrote. */
async function cistern(...args: string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, ["--conditions=cistern-source", main, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [code] = await once(child, "close");
  return { code: Number(code), output };
}

test("the demo replays a real trace, says who was denied and why, is verified, and hledger and beancount accept its books", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "cistern-demo-books-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [hledger, beancount] = [join(folder, "demo.hledger"), join(folder, "demo.beancount")];
  const { code, output } = await cistern("demo", "--speed", "200", "--books", hledger, beancount);
  strictEqual(code, 0, output);
  for (const part of [
    /8000 real requests for 3 workspaces/,
    /northwind\/ana +\d+ calls/,
    /northwind\/ana +\d+ x limit_reached \(ana-daily\)/,
    /lumen\/yuki +\d+ x pool_exhausted/,
    /lumen: credits available/,
    /authorize: p50 [\d.]+ ms, p99 [\d.]+ ms/,
    /Verified: 4 workspaces/,
  ])
    match(output, part);
  const operations = Number(/(\d+) durable operations/.exec(output)?.[1]);
  ok(operations >= 8_000 && operations <= 16_000, `${operations} operations for 8,000 requests`);
  const text = readFileSync(hledger, "utf8");
  ok(text.split("hold.settled").length > 1_000, "every settlement is an entry");
  if (!canJudge(t)) return;
  const { isAccepted, said } = hledgerJudges(text);
  ok(isAccepted, said);
  const other = beancountJudges(readFileSync(beancount, "utf8"));
  ok(other.isAccepted, other.said);
});

test("on a machine that is too slow for the speed a pool runs out all the same", async () => {
  const { code, output } = await cistern("demo", "--speed", "20000");
  strictEqual(code, 0, output);
  match(output, /lumen\/yuki +\d+ x pool_exhausted/);
});

test("a speed that is no number is refused with its reason", async () => {
  const { code } = await cistern("demo", "--speed", "fast");
  strictEqual(code, 2);
});
