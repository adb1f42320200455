/**
 * Owns what happens by itself, and in which order (RULES 10, 11): at one instant hold expiries, then lot expiries, then lots
 * becoming effective; ties by id; at most `dueMax` ids in one event. Cap windows need no event: they open when they are used.
 *
 * Z1 an event takes one instant, so that what happens does not depend on when somebody asked for it.
 */
import type { CreditsEffective, CreditsExpired, Event, HoldsExpired } from "./events.ts";
import { corrections, countable, setAside } from "./holds/counted.ts";
import { type Instant, instant } from "./instant.ts";
import { Draft } from "./pool/draft.ts";
import { onExpiry } from "./pool/finance.ts";
import type { Lot } from "./pool/lot.ts";
import { type State, lastAt } from "./state/state.ts";
import type { DueEntry } from "./state/due-queue.ts";

/** Ids in one event at most. */
export const dueMax = 512;

const never = Number.POSITIVE_INFINITY;

/** The next instant at which something happens by itself; undefined when nothing will. */
export function nextDueAt(state: State): number | undefined {
  const first = Math.min(
    state.holds.expiring.firstAt() ?? never,
    state.pool.ending.firstAt() ?? never,
    state.pool.starting.rows[0]?.effectiveAt ?? never,
  );
  return first === never ? undefined : first;
}

/** The next event that is due at or before `at`; apply it and ask again, until there is none. */
export function nextDue(state: State, at: Instant): Event | undefined {
  const holdAt = state.holds.expiring.firstAt() ?? never;
  const endAt = state.pool.ending.firstAt() ?? never;
  const startAt = state.pool.starting.rows[0]?.effectiveAt ?? never;
  const first = Math.min(holdAt, endAt, startAt);
  if (first > at) return undefined;
  if (holdAt === first) return expireHolds(state, state.holds.expiring.upTo(first, dueMax));
  if (endAt === first) return expireLots(state, state.pool.ending.upTo(first, dueMax));
  return startLots(state, startingAt(state.pool.starting.rows, first));
}

function expireHolds(state: State, due: readonly DueEntry[]): HoldsExpired {
  const draft = new Draft(state.pool);
  const holds = due.flatMap(({ id, dueAt }) => {
    const hold = state.holds.holds.get(id);
    if (hold === undefined) return [];
    for (const leg of hold.legs) draft.giveBack(leg.lot, leg.credits);
    const target = countable("expired", hold, hold);
    return {
      hold: id,
      member: hold.path.member,
      expiredAt: instant(dueAt),
      returned: setAside(hold),
      counts: corrections(state.limits, hold.counted, target, instant(dueAt)),
    };
  });
  draft.payDebts();
  return { kind: "hold.expired", at: atOf(state, due), holds, ...draft.finish() };
}

function expireLots(state: State, due: readonly DueEntry[]): CreditsExpired {
  const draft = new Draft(state.pool);
  for (const { id } of due) {
    const lot = draft.lot(id);
    draft.put({ ...lot, phase: "expired" });
    draft.move(id, "available", "expired", lot.available, { into: onExpiry(lot) });
  }
  return {
    kind: "credits.expired",
    at: atOf(state, due),
    lots: due.map(({ id }) => id),
    ...draft.finish(),
  };
}

function startLots(state: State, lots: readonly Lot[]): CreditsEffective {
  const draft = new Draft(state.pool);
  for (const lot of lots) draft.put({ ...lot, phase: "live" });
  draft.payDebts();
  return {
    kind: "credits.effective",
    at: instant(Math.max(lastAt(state), lots[0]?.effectiveAt ?? 0)),
    lots: lots.map(({ id }) => id),
    ...draft.finish(),
  };
}

/** Of lots in order of their time, those that are effective at one instant. */
function startingAt(lots: readonly Lot[], at: number): readonly Lot[] {
  const later = lots.findIndex((lot) => lot.effectiveAt !== at);
  return lots.slice(0, Math.min(later === -1 ? lots.length : later, dueMax));
}

/** The instant of the last one: what is due never lies before the last event. */
const atOf = (state: State, due: readonly DueEntry[]): Instant =>
  instant(Math.max(lastAt(state), due.at(-1)?.dueAt ?? 0));
