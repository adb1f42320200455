import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Event, instant, postings } from "@cistern/kernel";
import { type BooksSource, type BookFormat, exportBooks } from "../../src/books/index.ts";
import { lifeOfAWorkspace } from "../audit/life-of-a-workspace.ts";
import { beancountJudges, canJudge, hledgerJudges } from "./accounting-tools.ts";
import { sourceOf, textOf } from "./journals.ts";
import { checkBooks } from "./check-books.ts";
import { randomJournals, seed } from "./random-journals.ts";
import { tampered } from "./tamper.ts";

const write = (source: BooksSource, format: BookFormat, more: object = {}): Promise<string> =>
  textOf(exportBooks({ source, format, ...more }));

/** Both tools accept the books. */
async function accepted(source: BooksSource, more: object = {}): Promise<void> {
  const hledger = hledgerJudges(await write(source, "hledger", more));
  assert(hledger.isAccepted, hledger.said);
  const beancount = beancountJudges(await write(source, "beancount", more));
  assert(beancount.isAccepted, beancount.said);
}

suite("hledger and beancount judge", () => {
  test("a life with every event of the pool", async (t) => {
    if (canJudge(t)) await accepted(await sourceOf({ acme: lifeOfAWorkspace() }));
  });

  test("random lives of workspaces with awkward names, in four zones and four currencies, in one file", async (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    if (!canJudge(t)) return;
    const source = await sourceOf(randomJournals(14));
    await accepted(source);
    await accepted(source, { from: "2026-04-15" });
    await accepted(source, { from: "2026-04-15", to: "2026-06-30" });
    await accepted(source, { workspaceId: "a:b" });
    await accepted(source, { names: { Usage: "Revenue:AI", Deferred: "Liabilities:Contracts" } });
  });

  test("a random year, closed month by month, as `npm run books:check` makes it", async (t) => {
    if (!canJudge(t)) return;
    await checkBooks({ seed, workspaces: 4, wishes: 60, say: (line) => t.diagnostic(line) });
  });

  test("one cent, or one millionth of a credit, that was changed is refused", async (t) => {
    if (!canJudge(t)) return;
    const source = await sourceOf({ acme: lifeOfAWorkspace() });
    const texts = [
      ["hledger", await write(source, "hledger"), hledgerJudges],
      ["beancount", await write(source, "beancount"), beancountJudges],
    ] as const;
    for (const [format, text, judges] of texts)
      for (const account of [
        /Revenue:Usage/,
        /Liabilities:Deferred/,
        /Liabilities:Credits/,
        /Debt/,
      ])
        for (const nth of [0, 1])
          assert(!judges(tampered(text, account, nth)).isAccepted, `${format} ${account} ${nth}`);
  });

  test("a cent moved between two accounts of one entry, which still balances, is refused too", async (t) => {
    if (!canJudge(t)) return;
    const source = await sourceOf({ acme: lifeOfAWorkspace() });
    const beancount = await write(source, "beancount");
    assert(beancount.includes("Grt-5fa  0.29 USD") && beancount.includes("Usage  -0.29 USD"));
    const moved = (text: string): string =>
      text
        .replace(/(grt_a|Grt-5fa)  0\.29 USD/, "$1  0.30 USD")
        .replace("Usage  -0.29 USD", "Usage  -0.30 USD");
    assert(!beancountJudges(moved(beancount)).isAccepted);
    const hledger = await write(source, "hledger");
    assert.notEqual(moved(hledger), hledger);
    assert(!hledgerJudges(moved(hledger)).isAccepted);
  });
});

suite("an export", () => {
  test("says of each posting what FINANCE shows, in hledger's form", async () => {
    const source = await sourceOf({ acme: lifeOfAWorkspace() });
    const text = await write(source, "hledger");
    assert.match(
      text,
      /^decimal-mark \.\ncommodity [0-9]+\.000000 CREDIT\ncommodity [0-9]+\.00 USD\n/,
    );
    assert.match(text, /\naccount Liabilities:Deferred:acme:grt_a {2}; type:L\n/);
    assert.match(
      text,
      /\n1970-01-01 \* \(6\.0\) acme \| hold\.settled hld_1\n(?: {4}.*\n)* {4}Liabilities:Deferred:acme:grt_a {2}0\.29 USD = -0\.72 USD\n/,
    );
  });

  test("is the same to the byte when it is made again (I9)", async () => {
    const source = await sourceOf(randomJournals(4));
    for (const format of ["hledger", "beancount", "csv"] as const)
      assert.equal(await write(source, format), await write(source, format));
  });

  test("that begins in the middle begins with the balances of what was before", async () => {
    const source = await sourceOf(randomJournals(3));
    const whole = rowsOf(await write(source, "csv"));
    const from = "2026-04-15";
    const part = rowsOf(await write(source, "csv", { from }));
    const later = whole.filter((line) => line.slice(0, 10) >= from);
    const opening = part.slice(0, part.length - later.length);
    assert.deepEqual(part.slice(opening.length), later);
    assert(opening.every((line) => line.startsWith(`${from},,,opening`)));
    const to = "2026-05-31";
    assert.deepEqual(
      rowsOf(await write(source, "csv", { to })),
      whole.filter((line) => line.slice(0, 10) <= to),
    );
  });

  test("of a workspace that is not there, or whose journal is broken, is refused by name", async () => {
    const source = await sourceOf({ acme: lifeOfAWorkspace() });
    await assert.rejects(write(source, "csv", { workspaceId: "nobody" }), {
      code: "unknown_workspace",
      message: "There is no workspace nobody.",
    });
  });

  test("puts what is dated back where it is posted", async () => {
    const day = 86_400_000;
    const events = lifeOfAWorkspace().flatMap((event): Event | [] => {
      const at = instant(event.at + 3 * day);
      if (event.kind === "credits.granted" && event.lot.id === "grt_c")
        return { ...event, at, postedAt: instant(at - 2 * day) };
      return event.postedAt !== undefined || "subscription" in event ? [] : { ...event, at };
    });
    const rows = rowsOf(await write(await sourceOf({ acme: events }), "csv"));
    assert.match(rows[0] ?? "", /^1970-01-02,acme,15\.0,credits\.granted,grt_c,/);
    const posting = events.findLast((event) => postings(event).length > 0);
    const last = new Date(posting?.at ?? 0).toISOString().slice(0, 10);
    assert.equal(rows.at(-1)?.slice(0, 10), last);
  });
});

/** The rows of a CSV, without its head. */
const rowsOf = (csv: string): readonly string[] => csv.split("\r\n").slice(1, -1);
