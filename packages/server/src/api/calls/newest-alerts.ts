import { type AlertQuery, limits } from "@cistern/contract";
import type { RaisedAlert, State } from "@cistern/kernel";
import type { PageOfRows } from "./pages.ts";

/**
 * Alerts that are kept, newest first. A cursor names when the last of the page before was raised, and its id: so it holds when that one
 * is kept no more.
 */
export function newestAlerts(
  { awaiting, raised }: State["alerts"],
  { limit = limits.pageRowsDefault, cursor, awaiting: wanted }: AlertQuery,
): PageOfRows<RaisedAlert> {
  const kept = new Map<string, RaisedAlert>();
  if (wanted !== true)
    for (const one of raised.values())
      if (awaiting.get(one.id) === undefined) kept.set(one.id, one);
  if (wanted !== false)
    for (const one of awaiting.values()) kept.set(one.id, { ...one, verdict: null });
  const after = cursor ?? "";
  const rows = [...kept.values()]
    .map((one) => ({ one, place: placeOf(one) }))
    .filter(({ place }) => after === "" || place < after)
    .toSorted((a, b) => (a.place < b.place ? 1 : -1));
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const data = page.map(({ one }) => one);
  if (rows.length <= limit || last === undefined) return { rows: data };
  return { rows: data, nextCursor: last.place };
}

/** Digits of an instant of 1970 to 9999. */
const instantDigits = 15;

/** A text in the order of time. */
const placeOf = ({ raisedAt, id }: RaisedAlert): string =>
  `${String(raisedAt).padStart(instantDigits, "0")}.${id}`;
