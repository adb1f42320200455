import type { Event } from "@cistern/kernel";
import { type Books, demand } from "./accounts.ts";

interface Due {
  readonly at: number;
  /** Hold expiries, then lot expiries, then lots that become effective (RULES 10). */
  readonly kind: "hold.expired" | "credits.expired" | "credits.effective";
  readonly id: string;
}

const ranks = { "hold.expired": 0, "credits.expired": 1, "credits.effective": 2 } as const;

/** What is due happens in its order and at its time, and nothing else happens before it. */
export function checkDue(books: Books, event: Event, lastAt: number): void {
  const due = dueUntil(books, event.at);
  if (event.kind === "limit.reached") return;
  const ids = idsOf(event);
  if (ids === undefined) {
    const [first] = due;
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

function dueUntil(books: Books, at: number): Due[] {
  const due: Due[] = [];
  for (const { id, status, expiresAt } of books.holds.values())
    if (status === "open" && expiresAt <= at) due.push({ at: expiresAt, kind: "hold.expired", id });
  for (const { id, phase, expiresAt, effectiveAt } of books.lots.values()) {
    const isOver = phase === "expired" || phase === "revoked";
    if (!isOver && expiresAt !== null && expiresAt <= at)
      due.push({ at: expiresAt, kind: "credits.expired", id });
    if (phase === "pending" && effectiveAt <= at)
      due.push({ at: effectiveAt, kind: "credits.effective", id });
  }
  return due.toSorted(
    (a, b) => a.at - b.at || ranks[a.kind] - ranks[b.kind] || (a.id < b.id ? -1 : 1),
  );
}

function idsOf(event: Event): readonly string[] | undefined {
  if (event.kind === "hold.expired") return event.holds.map(({ hold }) => hold);
  if (event.kind === "credits.expired" || event.kind === "credits.effective") return event.lots;
  return undefined;
}
