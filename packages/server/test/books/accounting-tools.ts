/**
 * The third parties that judge our books: Debian's hledger and beancount. Where CISTERN_REQUIRE_ACCOUNTING_TOOLS is set (the
 * continuous integration does), their absence is a failure; elsewhere the tests say that nobody judged.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** What a tool said. */
export interface Judgement {
  readonly isAccepted: boolean;
  readonly said: string;
}

const isRequired =
  process.env["CISTERN_REQUIRE_ACCOUNTING_TOOLS"] !== undefined || process.env["CI"] !== undefined;

/** Tools that are not there. */
const has = (tool: string): boolean => spawnSync(tool, ["--version"]).error === undefined;
export const missing: readonly string[] = ["hledger", "bean-check"].filter((tool) => !has(tool));

/** Whether the tools are there. A test that lacks them is skipped, loudly, and fails where they are required. */
export function canJudge(t: TestContext): boolean {
  if (missing.length === 0) return true;
  const advice = `${missing.join(" and ")} not found: NOBODY JUDGED THESE BOOKS. Install them with \`apt-get install hledger beancount\`.`;
  assert(!isRequired, advice);
  process.stderr.write(`SKIPPED ${t.name}: ${advice}\n`);
  t.skip(advice);
  return false;
}

/** `hledger check --strict ordereddates payees`. */
export const hledgerJudges = (text: string): Judgement =>
  judge("books.hledger", text, (file) => [
    "hledger",
    "-f",
    file,
    "check",
    "--strict",
    "ordereddates",
    "payees",
  ]);

/** `bean-check`. */
export const beancountJudges = (text: string): Judgement =>
  judge("books.beancount", text, (file) => ["bean-check", file]);

function judge(
  name: string,
  text: string,
  command: (file: string) => readonly string[],
): Judgement {
  const folder = mkdtempSync(join(tmpdir(), "cistern-judge-"));
  try {
    const file = join(folder, name);
    writeFileSync(file, text);
    const [tool = "", ...args] = command(file);
    const { status, stdout, stderr, error } = spawnSync(tool, args, { encoding: "utf8" });
    if (error !== undefined) throw error;
    return { isAccepted: status === 0, said: `${stdout}${stderr}`.slice(0, 4_000) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
