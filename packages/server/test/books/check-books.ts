/** A random year of many workspaces: generated, closed month by month, exported, judged by both tools, and tampered with. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { closeBooks, exportBooks, monthReports } from "../../src/books/index.ts";
import { monthAfter } from "../../src/books/days.ts";
import { createCalendar } from "../../src/host/index.ts";
import { engineOn } from "../engine/fixtures.ts";
import { TestClock } from "../engine/test-clock.ts";
import { beancountJudges, hledgerJudges } from "./accounting-tools.ts";
import { happenings } from "./happenings.ts";
import { booksOf, textOf } from "./journals.ts";
import { randomJournals } from "./random-journals.ts";
import { moved, pairsOfLegs, postingsTo, tampered } from "./tamper.ts";

/** What to check, and whom to tell. */
export interface CheckOptions {
  readonly seed: number;
  readonly workspaces: number;
  /** What is asked of each workspace, about: a hundred and fifty fill a year. */
  readonly wishes: number;
  readonly say: (line: string) => void;
}

/** Accounts in which one unit too much must be found. */
const tamperedWith = [
  /Liabilities:Deferred/,
  /Liabilities:Deferred:Access /,
  /Liabilities:Credits/,
  /Liabilities:CustomerBalance/,
  /Assets:Receivable/,
  /Assets:Unbilled/,
  /Revenue:/,
  /Expenses:ModelCost/,
];

/** At how many places a unit moves between two legs. */
const movedMax = 6;

/** Throws an `AssertionError` where the books do not hold. */
export async function checkBooks({ seed, workspaces, wishes, say }: CheckOptions): Promise<void> {
  const journals = randomJournals(workspaces, wishes, seed);
  const events = Object.values(journals).flat();
  const last = Math.max(...events.map(({ at }) => at));
  const lastMonth = new Date(last).toISOString().slice(0, 7);
  say(`${workspaces} workspaces, ${events.length} events, until ${lastMonth}; seed ${seed}`);
  if (workspaces >= 50) {
    const lives = Object.values(journals);
    const missing = happenings.filter(({ isIn }) => !lives.some(isIn)).map(({ name }) => name);
    assert(missing.length === 0, `a year without ${missing.join(", ")}`);
    say(`${happenings.length} things that must happen do`);
  }
  const { source, store } = await booksOf(journals);
  // Two days into the month after the last, so that it is over in every zone.
  const clock = new TestClock(Date.parse(`${monthAfter(lastMonth)}-02T12:00:00Z`));
  const engine = engineOn(store, { clock });
  const progress: number[] = [];
  const closed = await closeBooks({
    engine,
    calendar: createCalendar(),
    workspaces: () => source.workspaces(),
    month: lastMonth,
    onProgress: (done) => progress.push(done.closed + done.closedBefore + done.notBegun),
  });
  assert.deepEqual(closed.refused, []);
  // Told while it goes on, and of all at the end.
  assert.equal(progress.at(-1), Object.keys(journals).length);
  assert(workspaces < 50 || progress.length > 1, "closing many tells no progress");
  say(`${lastMonth} and all before it are closed in ${closed.closed} workspaces`);
  for (const [format, judges] of [
    ["hledger", hledgerJudges],
    ["beancount", beancountJudges],
  ] as const) {
    const text = await textOf(exportBooks({ source, format }));
    const { isAccepted, said } = judges(text);
    assert(isAccepted, said);
    say(`${format} accepts ${text.length} characters`);
    let refused = 0;
    for (const account of tamperedWith) {
      const postings = postingsTo(text, account);
      assert(workspaces < 50 || postings > 0, `a year without ${account}`);
      if (postings === 0) continue;
      const nth = seed % postings;
      assert(!judges(tampered(text, account, nth)).isAccepted, `${account} ${nth}`);
      refused += 1;
    }
    say(`${format} refuses each of ${refused} that are one unit off`);
    for (const [legs, wrong] of movedIn(text, seed))
      assert(!judges(wrong).isAccepted, `a unit moved between lines ${legs.join(" and ")}`);
    say(`${format} refuses each of ${movedMax} with a unit moved between two legs of an entry`);
  }
  await checkReports(source, lastMonth);
  say("every month opens as the one before closed");
}

/** The text with a unit moved between two legs, at random places all over it. */
function movedIn(text: string, from: number) {
  const entries = pairsOfLegs(text);
  const place = fc.integer({ min: 0, max: entries.length - 1 });
  return fc
    .sample(fc.tuple(place, fc.nat()), { seed: from, numRuns: movedMax })
    .map(([nth, which]) => {
      const pairs = entries[nth] ?? [];
      const legs = pairs[which % pairs.length];
      assert(legs !== undefined, "books without an entry of two legs");
      return [legs, moved(text, legs)] as const;
    });
}

/** I7, by what the reports say: per customer each month opens as the one before closed. */
async function checkReports(source: Parameters<typeof monthReports>[0]["source"], until: string) {
  let before = new Map<string, string>();
  for (let month = "2026-03"; month <= until; month = monthAfter(month)) {
    const { rollForward } = await monthReports({ source, month });
    for (const { workspace, opening } of rollForward) {
      const was = before.get(workspace) ?? opening.replaceAll(/[1-9]/g, "0");
      assert.equal(opening, was, `${workspace} opens ${month}`);
    }
    before = new Map(rollForward.map(({ workspace, closing }) => [workspace, closing]));
  }
}
