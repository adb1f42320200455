/**
 * Owns how the watch over workspaces is run: it follows their journals, raises what it finds by commands, and does what alerts ask for.
 *
 * A1 an alert is raised before the cursor moves, under a key that its crossing gives: however often it is found, and by how many nodes,
 * it is one event. A2 what is found in rows that were told before is not raised again. A3 nobody waits for it: it comes when the rows are read.
 */
import { createHash } from "node:crypto";
import { type Calendar, type Command, type Event, type Position } from "@cistern/kernel";
import type { Engine } from "../engine/index.ts";
import {
  type CapTold,
  type Crossing,
  type Measure,
  WorkspaceWatch,
  capCrossings,
  capsOf,
  countersIn,
  spendersIn,
} from "../insights/index.ts";
import { type JournalRow, type JournalStore, decodeEvents } from "../journal/index.ts";
import type { WatchCursor, WatchRows } from "./watch-rows.ts";

/** What a watcher stands on. */
export interface WatcherOptions {
  readonly engine: Pick<Engine, "execute" | "read">;
  readonly store: Pick<JournalStore, "readRows">;
  readonly rows: WatchRows;
  readonly calendar: Calendar;
  readonly newId: (prefix: string) => string;
}

/** Watches workspaces. */
export interface Watcher {
  /** From now on; to be waited for before a rule can stand. */
  watch(workspaceId: string): Promise<void>;
  /** Takes in what the journal has, raises what it finds, and ends when nothing is left. Of a workspace that is not watched: nothing. */
  follow(workspaceId: string): Promise<void>;
}

interface Placed {
  readonly event: Event;
  readonly position: Position;
}

const readRowsMax = 64;

/**
 * See the file head.
 *
 * @example await createWatcher({ engine, store, rows, calendar, newId }).follow("acme")
 */
export function createWatcher(options: WatcherOptions): Watcher {
  const { store, rows } = options;
  return {
    watch: (workspaceId) => rows.watch(workspaceId),
    async follow(workspaceId) {
      for (;;) {
        const cursor = await rows.cursor(workspaceId);
        if (cursor === undefined) return;
        const journal = await store.readRows(workspaceId, cursor.seq, readRowsMax);
        if (journal.length === 0) return;
        // Where another node went on from here, it goes on.
        if (!(await takeIn(options, workspaceId, cursor, journal))) return;
      }
    },
  };
}

async function takeIn(
  options: WatcherOptions,
  workspaceId: string,
  cursor: WatchCursor,
  journal: readonly JournalRow[],
): Promise<boolean> {
  const { rows, calendar } = options;
  const events = journal.flatMap(placedEvents);
  const ids = new Set(events.flatMap(({ event }) => spendersIn(event)));
  const spenders = await rows.spenders(workspaceId, [...ids]);
  const watch = new WorkspaceWatch(cursor.state, spenders, calendar);
  const counters = new Set<string>();
  for (const { event, position } of events) {
    watch.fold(event, position);
    const [crossings, measures] = [watch.takeCrossings(), watch.takeMeasures()];
    if (position.seq <= cursor.toldSeq) continue;
    for (const counter of countersIn(event)) counters.add(counter);
    for (const one of crossings) await raise(options, workspaceId, one);
    for (const one of measures) await carryOut(options, workspaceId, one);
  }
  const caps = await lookAtCaps(options, workspaceId, watch, counters);
  const changed = [...watch.changed].flatMap((id) => {
    const row = watch.spenders.get(id);
    return row === undefined ? [] : [[id, row] as const];
  });
  const toSeq = journal.at(-1)?.seq ?? cursor.seq;
  const { state } = watch;
  return rows.advance(workspaceId, { cursor, toSeq, state, spenders: new Map(changed), caps });
}

function placedEvents({ seq, events, codec }: JournalRow): readonly Placed[] {
  return decodeEvents<Event>(events, codec).map((event, index) => ({
    event,
    position: { seq, index },
  }));
}

/** Caps are looked at as they stand now, with the limits that stand now: also those of a plan. */
async function lookAtCaps(
  options: WatcherOptions,
  workspaceId: string,
  watch: WorkspaceWatch,
  counters: ReadonlySet<string>,
): Promise<ReadonlyMap<string, CapTold>> {
  const { engine, rows, calendar } = options;
  const rules = watch.state.rules.filter(({ watch: { kind } }) => kind !== "unusual");
  if (rules.length === 0 || counters.size === 0) return new Map();
  const read = await engine.read(workspaceId, (state, at) => capsOf(state, at, counters, calendar));
  if (read.kind !== "read") return new Map();
  const before = await rows.caps(workspaceId, [...counters]);
  const caps = new Map<string, CapTold>();
  for (const use of read.value) {
    const { told, crossings } = capCrossings(before.get(use.counter), use, rules);
    for (const one of crossings) await raise(options, workspaceId, one);
    caps.set(use.counter, told);
  }
  return caps;
}

/** A1. A rule that is gone meanwhile raises nothing. */
async function raise(
  { engine, newId }: WatcherOptions,
  workspaceId: string,
  { rule, key: crossing, subject, finding, grade }: Crossing,
): Promise<void> {
  const alert = newId("alt");
  const command = { kind: "raiseAlert", alert, rule, crossing, subject, finding, grade } as const;
  await engine.execute({ workspaceId, command, ...keyOf(`alert ${crossing}`) });
}

/** What an alert asks for. A member that is gone meanwhile is left alone. */
async function carryOut(
  { engine }: WatcherOptions,
  workspaceId: string,
  measure: Measure,
): Promise<void> {
  const { kind, member, alert } = measure;
  const execute = (command: Command) =>
    engine.execute({ workspaceId, command, ...keyOf(`${kind} ${command.kind} ${alert}`) });
  switch (measure.kind) {
    case "lower":
      await execute({ kind: "setReach", member, reach: 0 });
      return;
    case "pause":
      await execute({ kind: "deactivateMember", member });
      return;
    case "restore": {
      const read = await engine.read(workspaceId, ({ members }) => members.members.get(member));
      const known = read.kind === "read" ? read.value : undefined;
      if (known?.status === "inactive") {
        const { kind: memberKind, groups, home, sponsor } = known;
        await execute({ kind: "putMember", member, memberKind, groups, home, sponsor });
      }
      const { reach } = measure;
      if (reach !== null) await execute({ kind: "setReach", member, reach });
    }
  }
}

/** The key of a command that a fact gives: whoever comes to it sends the same. */
function keyOf(fact: string): { readonly opId: string; readonly fingerprint: string } {
  const fingerprint = createHash("sha256").update(fact).digest("hex");
  return { opId: `watch:${fingerprint}`, fingerprint };
}
