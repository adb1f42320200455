import { isMonth, monthAfter, monthAt, monthIn } from "../closing/month.ts";
import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import type { Calendar, Instant } from "../instant.ts";
import { type State, workspaceOf } from "../state/state.ts";

/** Closes a month of the books; months are closed in order. */
export interface CloseMonth {
  readonly kind: "closeMonth";
  /** `YYYY-MM`, in the workspace's zone. */
  readonly month: string;
}

/**
 * Closes a month of the books (RULES 16). All that was due in it has happened, since all that is due up to `at` has. A month
 * that is closed already never comes here under its default key: `priorAnswer` finds its close.
 */
export function closeMonth(
  state: State,
  { month }: CloseMonth,
  at: Instant,
  { calendar }: Surroundings,
): Decision {
  const workspace = workspaceOf(state);
  if (workspace === undefined) return reject({ code: "unknown_workspace" });
  const { createdAt, timeZone } = workspace;
  if (!isMonth(month)) return refuse("A month is written as in 2026-10.");
  const { row: latest } = state.closing.latest;
  const first = monthAt(calendar, createdAt, timeZone);
  if (month < first) return refuse(`The workspace begins in ${first}; close that month first.`);
  if (latest !== undefined && month <= latest.month)
    return reject({
      code: "period_closed",
      month: latest.month,
      openFrom: latest.end,
      asked: latest.start,
    });
  const next = monthToClose(state, calendar);
  if (month !== next) return refuse(`Months are closed in order: close ${next} first.`);
  const { start, end } = monthIn(calendar, month, timeZone);
  if (at < end) return refuse(`${month} is not over in ${timeZone}. Close it once it is.`);
  // Where the zone has changed since, the months still meet.
  return accept({ kind: "period.closed", at, month, start: latest?.end ?? start, end });
}

/** The month that is the next to be closed; the first is the one that the workspace begins in. "" where there is no workspace. */
export function monthToClose(state: State, calendar: Calendar): string {
  const { row: latest } = state.closing.latest;
  if (latest !== undefined) return monthAfter(latest.month);
  const workspace = workspaceOf(state);
  return workspace === undefined ? "" : monthAt(calendar, workspace.createdAt, workspace.timeZone);
}

const refuse = (reason: string): Decision =>
  reject({ code: "invalid_request", field: "month", reason });
