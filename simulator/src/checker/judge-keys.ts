/**
 * Asks of every key what callers were told of it: was it another's where they were told so? Was nobody refused under a key that
 * had been accepted before? And where all that was heard is that nothing happened, did nothing happen?
 */
import type { Call } from "../history/call.ts";
import { carriesOut } from "./claims.ts";
import { type Answered, answeredWith } from "./judge-answers.ts";
import { type Placed, type Timeline, eventAt, told } from "./timeline.ts";
import type { Violation } from "./violation.ts";

/** A timeline with its events by key: keys of their own, and default keys by hold, verb and body. */
interface Keyed {
  readonly timeline: Timeline;
  readonly own: ReadonlyMap<string, Placed>;
  readonly closings: ReadonlyMap<string, readonly Placed[]>;
}

/** Judges what one workspace's callers were told of their keys. */
export function judgeKeys(
  calls: readonly Call[],
  timelines: readonly Timeline[],
  violations: Violation[],
): void {
  const workspaceId = timelines[0]?.workspaceId ?? "";
  const keyed = timelines.map(keysOn);
  const tell = (text: string): void => {
    violations.push({ question: "keys", workspaceId, text });
  };
  for (const one of answeredWith(calls, "key_reused"))
    if (!isAnothers(one, calls, keyed))
      tell(`call ${one.call.number} was told that its key is another's, and it is not`);
  for (const one of answeredWith(calls, "rejected")) {
    const first = acceptedBefore(one, keyed);
    if (first !== undefined)
      tell(`call ${one.call.number} was refused, though its key stands at ${told(first.position)}`);
  }
  for (const [opId, same] of byKey(calls)) {
    if (!same.every(isNothing)) continue;
    for (const { own } of keyed) {
      const found = own.get(opId);
      if (found !== undefined)
        tell(`key ${opId} was told each time that nothing happened; see ${told(found.position)}`);
    }
  }
}

function keysOn(timeline: Timeline): Keyed {
  const own = new Map<string, Placed>();
  for (const { ops } of timeline.branch.rows)
    for (const { opId, seq, index } of ops) {
      const placed = eventAt(timeline, { seq, index });
      if (placed !== undefined) own.set(opId, placed);
    }
  const closings = new Map<string, Placed[]>();
  for (const placed of timeline.events) {
    const { event } = placed;
    if (event.kind !== "hold.settled" && event.kind !== "hold.released") continue;
    if (event.fingerprint === null) continue;
    const name = `${event.kind} ${event.hold}`;
    closings.set(name, [...(closings.get(name) ?? []), placed]);
  }
  return { timeline, own, closings };
}

/** Events that a call's default key may name: the hold's end by its verb. */
function closingsOf(
  { ask }: Pick<Answered<"rejected">, "ask">,
  { closings }: Keyed,
): readonly Placed[] {
  const { command } = ask.request;
  if (command.kind === "settleHold") return closings.get(`hold.settled ${command.hold}`) ?? [];
  if (command.kind === "releaseHold") return closings.get(`hold.released ${command.hold}`) ?? [];
  return [];
}

const fingerprintOf = ({ event }: Placed): string | null =>
  "fingerprint" in event ? event.fingerprint : null;

function isAnothers(
  one: Answered<"key_reused">,
  calls: readonly Call[],
  keyed: readonly Keyed[],
): boolean {
  const { opId, fingerprint } = one.ask.request;
  return keyed.some((keys) => {
    const isThere = ({ committed }: Placed): boolean => committed.committedUs <= one.answeredUs;
    if (opId === null)
      return closingsOf(one, keys).some(
        (placed) => isThere(placed) && fingerprintOf(placed) !== fingerprint,
      );
    const found = keys.own.get(opId);
    if (found === undefined || !isThere(found)) return false;
    return calls.some(({ ask }) => {
      if (ask.kind !== "command" || ask.request.opId !== opId) return false;
      return (
        ask.request.fingerprint !== fingerprint && carriesOut(found.event, ask.request.command)
      );
    });
  });
}

/** The event that a refused key had been accepted with, before the call began and for as long as it took. */
function acceptedBefore(one: Answered<"rejected">, keyed: readonly Keyed[]): Placed | undefined {
  const { call, ask, answeredUs } = one;
  const { opId, fingerprint } = ask.request;
  for (const keys of keyed) {
    const { fromUs, untilUs } = keys.timeline.branch;
    if (fromUs > call.askedUs || untilUs < answeredUs) continue;
    const own = opId === null ? undefined : keys.own.get(opId);
    const named =
      opId === null
        ? closingsOf(one, keys).filter((placed) => fingerprintOf(placed) === fingerprint)
        : own === undefined
          ? []
          : [own];
    const found = named.find(({ committed }) => committed.committedUs < call.askedUs);
    if (found !== undefined) return found;
  }
  return undefined;
}

function byKey(calls: readonly Call[]): ReadonlyMap<string, readonly Call[]> {
  const keys = new Map<string, Call[]>();
  for (const call of calls) {
    const opId = call.ask.kind === "command" ? call.ask.request.opId : null;
    if (opId !== null) keys.set(opId, [...(keys.get(opId) ?? []), call]);
  }
  return keys;
}

const nothingHappened = new Set(["overloaded", "stopping", "unavailable"]);

const isNothing = ({ reply }: Call): boolean =>
  reply?.kind === "unreachable" || (reply?.kind === "fault" && nothingHappened.has(reply.code));
