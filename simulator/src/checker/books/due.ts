import { isBalanceTold } from "./balance-levels.ts";
import type { Event } from "@cistern/kernel";
import { type Books, demand } from "./accounts.ts";
import type { Limits } from "./limits.ts";
import type { Runs } from "./runs.ts";
import type { Plans } from "./plans.ts";

interface Due {
  readonly at: number;
  /** Hold expiries, runs that idled, then lot expiries, then the end of a period, then lots that become effective (RULES 10). */
  readonly kind:
    | "hold.expired"
    | "run.expired"
    | "credits.expired"
    | "period"
    | "credits.effective"
    | "credit_request.expired";
  readonly id: string;
}

/** The order of what is due at one instant. */
const ranks: Partial<Record<Event["kind"] | Due["kind"], number>> = {
  "subscription.recognised": 0,
  "outcome.estimated": 1,
  "outcome.estimate_released": 1,
  "hold.expired": 2,
  "run.expired": 2.5,
  "credits.rolled_over": 3,
  "credits.expired": 4,
  "outcome.matured": 5,
  "commitment.trued_up": 6,
  period: 6,
  "subscription.renewed": 6,
  "subscription.paused": 6,
  "subscription.ended": 6,
  "subscription.granted": 7,
  "credits.effective": 8,
  // What else has no rank comes first at its instant.
  "credit_request.expired": 9.5,
};

const rankOf = ({ kind }: Pick<Due, "kind"> | Event): number => ranks[kind] ?? 9;

interface Folded {
  readonly books: Books;
  readonly plans: Plans;
  readonly runs: Runs;
  readonly limits: Limits;
}

/** What is due happens in its order and at its time, and nothing else happens before it. */
export function checkDue(
  { books, plans, runs, limits }: Folded,
  event: Event,
  lastAt: number,
): void {
  const due = dueUntil(books, { plans, runs, limits }, event.at);
  if (event.kind === "limit.reached" || isBalanceTold(event)) return;
  const ids = idsOf(event);
  if (ids === undefined) {
    // What happens by itself happens at its own instant: what comes after it then is still to come.
    const first = due.find((one) => one.at < event.at || rankOf(one) < rankOf(event));
    demand(
      first === undefined,
      () => `${event.kind} happens before ${first?.kind} of ${first?.id}`,
    );
    return;
  }
  demand(ids.length > 0, () => `${event.kind} of nothing`);
  for (const [index, id] of ids.entries()) {
    const one = due[index];
    const isNext = one?.id === id && one.kind === event.kind;
    demand(isNext, () => `${event.kind} of ${id} happens, ${one?.kind} of ${one?.id} is due`);
  }
  const at = Math.max(lastAt, due[ids.length - 1]?.at ?? 0);
  demand(event.at === at, () => `${event.kind} of ${ids.join()} is due at ${at}, not ${event.at}`);
}

function dueUntil(
  books: Books,
  { plans: { endsAt }, runs, limits }: Omit<Folded, "books">,
  at: number,
): Due[] {
  const due: Due[] = [];
  for (const { id, expiresAt } of limits.requests.waiting())
    if (expiresAt <= at) due.push({ at: expiresAt, kind: "credit_request.expired", id });
  for (const { at: idleAt, id } of runs.idle())
    if (idleAt <= at) due.push({ at: idleAt, kind: "run.expired", id });
  if (endsAt !== undefined && endsAt <= at)
    due.push({ at: endsAt, kind: "period", id: "the subscription" });
  for (const { id, status, expiresAt } of books.holds.values())
    if (status === "open" && expiresAt <= at) due.push({ at: expiresAt, kind: "hold.expired", id });
  for (const { id, phase, expiresAt, effectiveAt } of books.lots.values()) {
    const isOver = phase === "expired" || phase === "revoked";
    if (!isOver && expiresAt !== null && expiresAt <= at)
      due.push({ at: expiresAt, kind: "credits.expired", id });
    if (phase === "pending" && effectiveAt <= at)
      due.push({ at: effectiveAt, kind: "credits.effective", id });
  }
  return due.toSorted((a, b) => a.at - b.at || rankOf(a) - rankOf(b) || (a.id < b.id ? -1 : 1));
}

function idsOf(event: Event): readonly string[] | undefined {
  if (event.kind === "hold.expired") return event.holds.map(({ hold }) => hold);
  if (event.kind === "credit_request.expired") return event.requests.map(({ id }) => id);
  if (event.kind === "run.expired") return event.runs.map(({ id }) => id);
  if (event.kind === "credits.expired" || event.kind === "credits.effective") return event.lots;
  return undefined;
}
