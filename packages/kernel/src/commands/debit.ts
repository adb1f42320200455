import { type TakenUnits, unitsForDebit } from "../allowances/ask.ts";
import { unitsOnLines } from "../allowances/lines.ts";
import { credits, minus } from "../amount.ts";
import { payableBy } from "../billed/bill.ts";
import { payBeyond } from "../billed/pay-beyond.ts";
import { accruedCost } from "../costs/slice.ts";
import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import type { Instant, Interval } from "../instant.ts";
import { untold } from "../levels/slice.ts";
import { lengthOf } from "../levels/spans.ts";
import { countAll, countPast } from "../limits/admission.ts";
import { drawnAnyway, takenFrom } from "../fairness/call.ts";
import { isOfPeriod } from "../fairness/period.ts";
import { reachedBy } from "../limits/reached.ts";
import type { Path } from "../members/member.ts";
import { type Spender, reportedSpender } from "../members/spender.ts";
import { chargesOf, consumeAvailable } from "../pool/consume.ts";
import { isTooMuchDebt, tooMuchDebt } from "../pool/debt.ts";
import { Draft } from "../pool/draft.ts";
import { cardChanged } from "../rating/card-changed.ts";
import { type ReportRated, ratedReport } from "../rating/late.ts";
import { type SaidProvenance, provenanceOf } from "../rating/provenance.ts";
import type { Amount, Level } from "../rating/reported.ts";
import type { Rejection } from "../rejections.ts";
import { beginIn } from "../runs/counting.ts";
import type { Run } from "../runs/run.ts";
import { runReported } from "../runs/standing.ts";
import { type State, workspaceOf } from "../state/state.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Reports usage that was not held. */
export interface Debit extends SaidProvenance {
  readonly kind: "debit";
  readonly debit: string;
  readonly member: string;
  readonly meter: string | null;
  readonly model: string | null;
  readonly amount: Amount | Level;
  /** null: now, and of a level when it began. */
  readonly occurredAt: Instant | null;
  readonly run: string | null;
  readonly project: string | null;
  readonly attributes: Readonly<Record<string, string>> | null;
}

/** A caller's clock may run ahead of ours by this; usage that it dates later than now happened now. */
const clockSkewMaxMs = 5 * 60 * 1_000;

/** Usage is reported within this: of what is older the terms of its time may be forgotten (`outcomes/slice.ts`), so nobody could say who pays it. */
export const reportedMaxMs: number = 180 * 24 * 60 * 60 * 1_000;

/** A level is reported for so long at most. */
const levelMaxMs = 366 * 24 * 60 * 60 * 1_000;

/** Charges usage that already happened: never refused for credits or limits (RULES 1); counted where its window is open. */
export function debit(state: State, command: Debit, at: Instant, around: Surroundings): Decision {
  const workspace = workspaceOf(state);
  if (workspace === undefined) return reject({ code: "unknown_workspace" });
  const who = reportedSpender(state.members, workspace, command.member);
  if (who.kind === "refused") return reject(who.rejection);
  const time = timeOf(state, command, who.path, at);
  const { occurredAt, fresh } = time;
  const units = unitsForDebit(state, command, { occurredAt, fresh });
  const levelMs = lengthOf(fresh);
  const { free } = units;
  const cost = ratedReport(state, command, { occurredAt, at, cards: around, levelMs, free });
  if (cost.kind === "refused") return reject(cost.rejection);
  const within = runReported(state.runs, command.run);
  if (within.kind === "refused") return reject(within.rejection);
  const wrong = untimely(command, at);
  if (wrong !== undefined) return reject(wrong);
  const runs = within.path;
  return charge(state, command, at, around, { workspace, who, time, units, cost, runs });
}

interface Refused {
  readonly kind: "refused";
}

/** What is known of usage when nothing refuses it. */
interface Reported {
  readonly workspace: Workspace;
  readonly who: Exclude<Spender, Refused>;
  readonly time: Time;
  readonly runs: readonly Run[];
  readonly units: TakenUnits;
  readonly cost: Exclude<ReportRated, Refused>;
}

function charge(
  state: State,
  command: Debit,
  at: Instant,
  around: Surroundings,
  { workspace, who, time: { occurredAt, over, fresh }, units, cost, runs }: Reported,
): Decision {
  const { meter } = command;
  const draft = new Draft(state.pool);
  const usage = { member: command.member, groups: who.path.groups, meter };
  const lacking = consumeAvailable(draft, usage, cost.credits, payableBy(state, occurredAt));
  const { debt, billed, lost } = payBeyond(state, lacking, { meter, authorizedAt: occurredAt });
  if (isTooMuchDebt(state.pool, debt)) return reject(tooMuchDebt);
  const charged = minus(cost.credits, lost);
  if (debt > 0n) draft.owe(command.debit, debt);
  const { pool } = state;
  const zone = { calendar: around.calendar, timeZone: workspace.timeZone, pool };
  const ask = {
    path: who.path,
    workspace: workspace.id,
    credits: charged,
    requests: 0n,
    at: occurredAt,
    zone,
  } as const;
  const counts = countAll(state.limits, ask, at);
  const past = { ...ask, credits: credits(debt + (billed?.credits ?? 0n)) };
  const pastPool = countPast(state.limits, past, at);
  const { transfers, balance } = draft.finish();
  const reported = command.amount.kind === "credits" ? null : command.amount.usage;
  const heldMs = over && lengthOf(fresh);
  const event = {
    kind: "usage.debited",
    at,
    debit: command.debit,
    occurredAt,
    path: who.path,
    meter,
    model: command.model,
    project: command.project,
    price: cost.price,
    attributes: command.attributes,
    usage: reported,
    cost: accruedCost(state.costs, { price: cost.price, before: null, part: reported, heldMs }),
    charged,
    charges: chargesOf(transfers),
    debt,
    counts,
    counted: [{ credits: charged, windows: counts }],
    isUnrated: false,
    guest: who.guest,
    transfers,
    balance,
    // What most debits have none of comes last: a literal with a gap in its middle takes five times as long.
    ...(over === undefined ? {} : toldOf(over, fresh)),
    ...(cost.isPricedThen ? ({ isPricedThen: true } as const) : {}),
    ...provenanceOf(command),
    ...(billed === undefined ? {} : { billed }),
    ...(lost === 0n ? {} : { loss: lost }),
    ...drawnAnyway(state, takenFrom(state, transfers), {
      who: who.path,
      of: isOfPeriod(state, occurredAt) ? null : undefined,
      at,
    }),
    ...(pastPool === undefined ? {} : { pastPool }),
    ...beginIn(state.runs, runs, {
      credits: charged,
      isOpen: false,
      step: { isToolCall: false, action: null },
    }),
    ...unitsOnLines(state, units.moves, { at, billed }),
  } as const;
  const notices = reachedBy(state.limits, [...counts, ...(pastPool ?? [])], {
    workspace: workspace.id,
    at,
    pool: state.pool,
  });
  const changed = cost.isPricedThen ? [] : cardChanged(state, cost.price, at, around);
  return accept(event, notices, changed);
}

/** When usage happened; of a level: all of its time, and what of that was not told before. */
interface Time {
  readonly occurredAt: Instant;
  readonly over: Interval | undefined;
  readonly fresh: readonly Interval[];
}

function timeOf({ levels }: State, command: Debit, path: Path, at: Instant): Time {
  const { amount } = command;
  const over = amount.kind === "level" ? amount.over : undefined;
  const said = over?.start ?? command.occurredAt ?? at;
  const isEmpty = over === undefined || over.end <= over.start;
  return {
    occurredAt: said > at ? at : said,
    over,
    fresh: isEmpty ? [] : untold(levels, { ...command, path }, over),
  };
}

/** A level for all of its time, or for what of it was not told before. */
const toldOf = (
  over: Interval,
  fresh: readonly Interval[],
): { readonly over: Interval; readonly fresh?: readonly Interval[] } =>
  lengthOf(fresh) === over.end - over.start ? { over } : { over, fresh };

/** What is wrong with the time that usage is said to be of. */
function untimely({ amount, occurredAt }: Debit, at: Instant): Rejection | undefined {
  const invalid = (field: string, reason: string): Rejection => ({
    code: "invalid_request",
    field,
    reason,
  });
  const latest = at + clockSkewMaxMs;
  const earliest = at - reportedMaxMs;
  if (amount.kind !== "level") {
    const said = occurredAt ?? at;
    if (said > latest) return invalid("occurredAt", "Usage is reported after it happened.");
    return said < earliest ? invalid("occurredAt", tooOld("Usage")) : undefined;
  }
  const { start, end } = amount.over;
  if (occurredAt !== null)
    return invalid("occurredAt", "A level says from when to when it was so; leave occurredAt out.");
  if (end <= start) return invalid("to", "A level ends after it began.");
  if (end - start > levelMaxMs)
    return invalid("to", "A level is reported for at most 366 days at once.");
  if (end > latest) return invalid("to", "A level is reported when it has been so.");
  return end < earliest ? invalid("to", tooOld("A level")) : undefined;
}

const tooOld = (what: string): string =>
  `${what} is reported within 180 days: of older usage the terms of its time are not kept. Book it by hand, or leave the time out to charge it as of now.`;
