/**
 * The one check that runs every scenario: given a workspace and what happened in it, when one more command comes, then the
 * event (or the refusal), the pool, the lots, the books and the windows are these. Whatever the scenario, a refusal changes
 * nothing (K10), postings sum to zero (K1), and the journal replays to the same state (K6).
 */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type Balance,
  type Command,
  type Event,
  type Hold,
  type Lot,
  type Rejection,
  type Run,
  type Workspace,
  postings,
} from "@cistern/kernel";
import { Journal, dump } from "../journal.ts";
import { checkPostings } from "../oracle/compare.ts";
import { createWorkspace, noon } from "./commands.ts";

/** A command, or one that comes some time after the one before it. */
export type Step = Command | { readonly afterMs: number; readonly command: Command };

/** The time that passes before a command. */
export const after = (afterMs: number, command: Command): Step => ({ afterMs, command });

/** Any of the fields; numbers stand for bigints and instants. */
type Fields<Row> = Readonly<Partial<Record<keyof Row, unknown>>>;

/** What is expected; what is left out is not looked at. All that is named must be equal in depth. */
export interface Outcome {
  readonly rejected?: Rejection;
  readonly event?: Readonly<Record<string, unknown>>;
  readonly notices?: readonly Readonly<Record<string, unknown>>[];
  readonly balance?: Fields<Balance>;
  readonly lots?: Readonly<Record<string, Fields<Lot>>>;
  readonly holds?: Readonly<Record<string, Fields<Hold>>>;
  readonly owed?: Readonly<Record<string, number>>;
  readonly runs?: Readonly<Record<string, Fields<Run>>>;
  /** Use by limit, or by `limit member`. */
  readonly used?: Readonly<Record<string, number>>;
  /** Money by account that the event posted. */
  readonly books?: Readonly<Record<string, number>>;
  /** Credits by account that the event posted. */
  readonly moved?: Readonly<Record<string, number>>;
  /** Kinds of what happened by itself between the last given command and this one. */
  readonly due?: readonly string[];
}

/** One row of a table. */
export interface Scenario {
  readonly name: string;
  readonly workspace?: Partial<Workspace>;
  readonly startsAt?: number;
  readonly given?: readonly Step[];
  /** Left out: time passes and nothing is asked. */
  readonly when?: Step | { readonly afterMs: number };
  readonly expect: Outcome;
}

/** Declares a table of scenarios. */
export function scenarios(title: string, table: readonly Scenario[]): void {
  suite(title, () => {
    for (const row of table) test(row.name, () => check(row));
  });
}

/** Runs one scenario. */
export function check({ workspace, startsAt = noon, given = [], when, expect }: Scenario): void {
  const journal = new Journal();
  let at = startsAt;
  for (const step of [createWorkspace(workspace), ...given]) {
    at += "command" in step ? step.afterMs : 0;
    const command = "command" in step ? step.command : step;
    const decision = journal.run(command, at);
    assert(
      decision.kind === "accepted",
      `given: ${command.kind} is accepted, not ${JSON.stringify(decision, text)}`,
    );
  }
  at += when !== undefined && "afterMs" in when ? when.afterMs : 0;
  const due = journal.pass(at);
  if (expect.due !== undefined)
    assert.deepEqual(
      due.map((event) => event.kind),
      expect.due,
      "what happened by itself",
    );
  const before = dump(journal.state);
  const event =
    when === undefined || !isAsking(when) ? due.at(-1) : ask(journal, when, { at, expect });
  if (expect.rejected !== undefined) assert.deepEqual(dump(journal.state), before, "K10");
  if (event !== undefined) compareEvent(event, expect);
  compareState(journal, expect);
  for (const row of journal.rows) checkPostings(row.event);
  assert.deepEqual(dump(journal.replayed().state), dump(journal.state), "K6");
}

const isAsking = (when: NonNullable<Scenario["when"]>): when is Step =>
  "kind" in when || "command" in when;

function ask(
  journal: Journal,
  when: Step,
  { at, expect }: { at: number; expect: Outcome },
): Event | undefined {
  const decision = journal.run("command" in when ? when.command : when, at);
  if (decision.kind === "rejected") {
    assert.deepEqual(decision.rejection, expect.rejected);
    return undefined;
  }
  assert.equal(expect.rejected, undefined, "the command is accepted");
  if (expect.notices !== undefined) {
    assert.equal(decision.notices.length, expect.notices.length, "notices");
    for (const [index, notice] of expect.notices.entries())
      compareFields({ ...decision.notices[index] }, notice, "notice");
  }
  return decision.event;
}

function compareEvent(event: Event, expect: Outcome): void {
  compareFields({ ...event }, expect.event ?? {}, event.kind);
  for (const [commodity, expected] of [
    ["MONEY", expect.books],
    ["CREDIT", expect.moved],
  ] as const) {
    if (expected === undefined) continue;
    const lines = postings(event).filter((one) => one.commodity === commodity);
    const sums = Object.fromEntries(lines.map((one) => [one.account, Number(one.amount)]));
    assert.deepEqual(sums, expected, `${commodity} posted by ${event.kind}`);
  }
}

function compareState(journal: Journal, expect: Outcome): void {
  const { pool, limits } = journal.state;
  const { totals } = pool;
  const held = totals.held - totals.restrictedHeld;
  compareFields({ ...totals, held }, expect.balance ?? {}, "balance");
  for (const [id, expected] of Object.entries(expect.lots ?? {})) {
    const lot = pool.lots.get(id);
    assert(lot !== undefined, `lot ${id} exists`);
    compareFields({ ...lot }, expected, `lot ${id}`);
  }
  for (const [id, expected] of Object.entries(expect.holds ?? {})) {
    const hold = journal.hold(id);
    assert(hold !== undefined, `hold ${id} exists`);
    compareFields({ ...hold }, expected, `hold ${id}`);
  }
  for (const [id, expected] of Object.entries(expect.runs ?? {})) {
    const run = journal.state.runs.runs.get(id);
    assert(run !== undefined, `run ${id} is known`);
    compareFields({ ...run }, expected, `run ${id}`);
  }
  if (expect.owed !== undefined) {
    const owed = pool.owing.rows.map((debt) => [debt.of, Number(debt.credits)]);
    assert.deepEqual(Object.fromEntries(owed), expect.owed);
  }
  for (const [name, expected] of Object.entries(expect.used ?? {})) {
    const [id = "", node] = name.split(" ");
    const key = `${id}@${limits.limits.get(id)?.epoch}${node === undefined ? "" : `|${node}`}`;
    assert.equal(Number(limits.counters.get(key)?.used ?? 0n), expected, `use of ${name}`);
  }
}

/** Numbers stand for bigints, so that tables are easy to read. */
function compareFields(
  actual: Readonly<Record<string, unknown>>,
  expected: Readonly<Record<string, unknown>>,
  what: string,
): void {
  for (const [field, value] of Object.entries(expected))
    assert.deepEqual(plain(actual[field]), plain(value), `${what}: ${field}`);
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}

const text = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;
