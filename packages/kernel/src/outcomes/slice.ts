/**
 * Owns the outcomes of one workspace, what is known of their cases, and what was billed by period and type.
 *
 * O1 a case rests here for `keptForMs` after it was last touched; evidence for `evidenceKeptForMs`. What happened longer ago than
 * `lateMaxMs` is not taken, so nothing that is said meets a case that was forgotten.
 */
import type { Money } from "../amount.ts";
import { type Instant, instant } from "../instant.ts";
import { DueQueue } from "../state/due-queue.ts";
import { SortedIndex } from "../state/sorted-index.ts";
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import type { BillableOutcome, Case } from "./case.ts";
import type { EvidenceUse } from "./change.ts";
import { type OutcomePeriod, termsIn } from "./period.ts";
import type { OutcomeTerms } from "./terms.ts";

const dayMs = 24 * 60 * 60 * 1_000;

/** Facts are taken for so long after they happened. */
const lateMaxMs: number = 35 * dayMs;
/** Longer than a reopen window and what may come late. */
export const keptForMs: number = 120 * dayMs;
/** Evidence is recognised again for so long. */
export const evidenceKeptForMs: number = 400 * dayMs;
/** Stretches of periods are kept for so long after they were over. */
export const periodsKeptForMs: number = 200 * dayMs;

/** What was billed of a type in a period. */
export interface OutcomeCount {
  /** Units, in basis points. */
  readonly share: bigint;
  readonly start: Instant;
}

/** The next estimate, or what is to be released: one row. */
export interface Estimate {
  readonly dueAt: Instant;
  /** Posted and not released yet; 0 where an estimate is due. */
  readonly open: Money;
}

/** Outcomes of one workspace. */
export interface OutcomeSlice {
  readonly outcomes: Table<BillableOutcome>;
  readonly cases: Table<Case>;
  readonly evidence: Table<EvidenceUse>;
  readonly periods: Table<OutcomePeriod>;
  readonly counts: Table<OutcomeCount>;
  readonly estimates: Table<Estimate>;
  /** The one row of `estimates`. */
  readonly estimate: { row: Estimate | undefined };
  /** Stretches in order of time. */
  readonly byTime: SortedIndex<OutcomePeriod>;
  /** Cases of conversations by end customer. */
  readonly byCustomer: ReadonlyMap<string, ReadonlySet<string>>;
  /** By when their outcomes change by themselves. */
  readonly finalizing: DueQueue;
  /** By when they were last touched. */
  readonly resting: DueQueue;
  readonly evidenceResting: DueQueue;
}

/** An empty slice. */
export function outcomeSlice(undo: UndoLog): OutcomeSlice {
  const cases = new Table<Case>("cases", undo, isCase);
  const evidence = new Table<EvidenceUse>("evidence", undo, isEvidenceUse);
  const periods = new Table<OutcomePeriod>("outcome_periods", undo, isPeriod);
  const byTime = new SortedIndex<OutcomePeriod>(
    (a, b) => a.from - b.from || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
  periods.watch((_id, before, after) => byTime.replace(before, after));
  const byCustomer = new Map<string, Set<string>>();
  const finalizing = new DueQueue((id, dueAt) => cases.get(id)?.nextAt === dueAt);
  const resting = new DueQueue((id, dueAt) => restsSince(cases.get(id)) === dueAt);
  cases.watch((id, before, after) => {
    index(byCustomer, id, { before, after });
    finalizing.change(id, before?.nextAt ?? undefined, after?.nextAt ?? undefined);
    resting.change(id, restsSince(before), restsSince(after));
  });
  const estimates = new Table<Estimate>("outcome_estimates", undo, isEstimate);
  const estimate: OutcomeSlice["estimate"] = { row: undefined };
  estimates.watch((_key, _before, after) => {
    estimate.row = after;
  });
  const evidenceResting = new DueQueue((id, dueAt) => evidence.get(id)?.at === dueAt);
  evidence.watch((id, before, after) => evidenceResting.change(id, before?.at, after?.at));
  return {
    outcomes: new Table<BillableOutcome>("outcomes", undo, isOutcome),
    cases,
    evidence,
    periods,
    counts: new Table<OutcomeCount>("outcome_counts", undo, isCount),
    estimates,
    estimate,
    byTime,
    byCustomer,
    finalizing,
    resting,
    evidenceResting,
  };
}

/** The stretch that was in force for a type at an instant, or the one nearest to it that has the type. */
export function periodAt(
  { byTime }: OutcomeSlice,
  type: string,
  at: Instant,
): OutcomePeriod | undefined {
  const having = byTime.rows.filter((one) => termsIn(one, type) !== undefined);
  return having.findLast(({ from }) => from <= at) ?? having[0];
}

/** The terms of a type at an instant. */
export function termsAt(slice: OutcomeSlice, type: string, at: Instant): OutcomeTerms | undefined {
  const period = periodAt(slice, type, at);
  return period === undefined ? undefined : termsIn(period, type);
}

/** The earliest instant that may still be told of. */
export const earliestAt = (now: Instant): Instant => instant(Math.max(0, now - lateMaxMs));

function index(
  byCustomer: Map<string, Set<string>>,
  id: string,
  { before, after }: { before: Case | undefined; after: Case | undefined },
): void {
  if (before !== undefined && after !== undefined) return;
  const customer = (before ?? after)?.about?.customer;
  if (customer === undefined) return;
  const cases = byCustomer.get(customer) ?? new Set<string>();
  if (after === undefined) cases.delete(id);
  else cases.add(id);
  if (cases.size === 0) byCustomer.delete(customer);
  else byCustomer.set(customer, cases);
}

/** What waits for time or for somebody's word is not forgotten. */
function restsSince(one: Case | undefined): number | undefined {
  if (one === undefined || one.nextAt !== null) return undefined;
  const waits = one.facts.some((fact) => fact.kind === "dispute" && fact.resolution === null);
  return waits ? undefined : one.touchedAt;
}

const isCase = (value: unknown): value is Case =>
  typeof value === "object" && value !== null && "facts" in value;
const isOutcome = (value: unknown): value is BillableOutcome =>
  typeof value === "object" && value !== null && "booked" in value;
const isEvidenceUse = (value: unknown): value is EvidenceUse =>
  typeof value === "object" && value !== null && "content" in value;
const isPeriod = (value: unknown): value is OutcomePeriod =>
  typeof value === "object" && value !== null && "terms" in value;
const isEstimate = (value: unknown): value is Estimate =>
  typeof value === "object" && value !== null && "open" in value;
const isCount = (value: unknown): value is OutcomeCount =>
  typeof value === "object" && value !== null && "share" in value;
