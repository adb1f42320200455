/**
 * Asks of every event: who asked for it, and was it asked for as often as it happened? Of every key: does it name one event,
 * in its own row, and does the database still know it?
 */
import type { OpRow } from "cistern/journal";
import type { Call } from "../history/call.ts";
import { carriesOut } from "./claims.ts";
import { happensByItself } from "./happens-by-itself.ts";
import { idMade, idMadeBy } from "./made-ids.ts";
import { type Placed, type Timeline, eventAt, told } from "./timeline.ts";
import type { Violation } from "./violation.ts";

/** What the calls of one workspace asked for, by what tells them apart. */
interface Asked {
  readonly byKey: ReadonlyMap<string, readonly Call[]>;
  readonly byId: ReadonlyMap<string, Call>;
  readonly unkeyed: readonly Call[];
}

/** Judges the events of one timeline against all calls of its workspace. */
export function judgeEffects(
  calls: readonly Call[],
  timeline: Timeline,
  violations: Violation[],
): void {
  const { workspaceId } = timeline;
  const asked = index(calls);
  const keys = keysOf(timeline, violations);
  const budget = new Map<string, number>();
  for (const placed of timeline.events) {
    if (happensByItself(placed.event)) continue;
    const key = keys.get(told(placed.position));
    const wrong =
      key === undefined ? judgeUnkeyed(placed, asked, budget) : judgeKeyed(placed, key, asked);
    if (wrong === undefined) continue;
    const text = `${placed.event.kind} at ${told(placed.position)} ${wrong}`;
    violations.push({ question: "effects", workspaceId, text });
  }
}

/** Keys must all be there at the end, and one key names one event. */
export function judgeKept(
  timeline: Timeline,
  known: ReadonlyMap<string, OpRow>,
  violations: Violation[],
): void {
  const { workspaceId } = timeline;
  for (const { ops } of timeline.branch.rows)
    for (const { opId, seq, index: place } of ops) {
      const op = known.get(opId);
      if (op?.seq === seq && op.index === place) continue;
      const text = `key ${opId} of ${seq}.${place} names ${op?.seq}.${op?.index} in the end`;
      violations.push({ question: "keys", workspaceId, text });
    }
}

function index(calls: readonly Call[]): Asked {
  const byKeyId = new Map<string, Call[]>();
  const byId = new Map<string, Call>();
  const unkeyed: Call[] = [];
  for (const call of calls) {
    if (call.ask.kind !== "command") continue;
    const { opId, command } = call.ask.request;
    if (opId === null) unkeyed.push(call);
    else byKeyId.set(opId, [...(byKeyId.get(opId) ?? []), call]);
    const id = idMade(command);
    if (id !== undefined) byId.set(id, call);
  }
  return { byKey: byKeyId, byId, unkeyed };
}

/** Keys by the place that they name; a key that names nothing of its row, or is there twice, is a violation. */
function keysOf(timeline: Timeline, violations: Violation[]): ReadonlyMap<string, string> {
  const { workspaceId } = timeline;
  const places = new Map<string, string>();
  const seen = new Set<string>();
  for (const { row, ops } of timeline.branch.rows)
    for (const { opId, seq, index: place } of ops) {
      const isThere = seq === row.seq && eventAt(timeline, { seq, index: place }) !== undefined;
      if (isThere && !seen.has(opId) && !places.has(`${seq}.${place}`)) {
        places.set(`${seq}.${place}`, opId);
        seen.add(opId);
        continue;
      }
      const text = `key ${opId} of row ${row.seq} names ${seq}.${place}, which is not its own`;
      violations.push({ question: "keys", workspaceId, text });
    }
  return places;
}

function judgeKeyed({ event, committed }: Placed, key: string, asked: Asked): string | undefined {
  const sources = asked.byKey.get(key) ?? [];
  const isAsked = sources.some(
    ({ ask, askedUs }) =>
      ask.kind === "command" &&
      askedUs <= committed.committedUs &&
      carriesOut(event, ask.request.command),
  );
  return isAsked ? undefined : `under key ${key} was not asked for`;
}

/**
 * An event without a key of its own ends a hold under its default key, or carries out a PUT. What made something new must
 * have a key. Each call accounts for one event at most.
 */
function judgeUnkeyed(
  { event, text, committed }: Placed,
  asked: Asked,
  budget: Map<string, number>,
): string | undefined {
  const id = idMadeBy(event);
  if (id !== undefined) {
    const call = asked.byId.get(id);
    return call === undefined ? "was made by nobody" : `of call ${call.number} has lost its key`;
  }
  const sources = asked.unkeyed.filter(
    ({ ask, askedUs }) =>
      ask.kind === "command" &&
      askedUs <= committed.committedUs &&
      carriesOut(event, ask.request.command),
  );
  if (sources.length === 0) return "was not asked for";
  // The same done twice differs in nothing but its instant.
  const what = text.replace(/"at":\d+/, "");
  const times = (budget.get(what) ?? 0) + 1;
  budget.set(what, times);
  return times > sources.length
    ? `happened ${times} times, asked for ${sources.length}`
    : undefined;
}
