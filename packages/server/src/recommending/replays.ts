/**
 * Owns which past is replayed, and reads it: the state when its period began, then every fact of it, in slices, so that other calls are
 * answered between them.
 */
import { parseInstant } from "@cistern/contract";
import {
  type Calendar,
  type FairnessPreset,
  type Instant,
  type Interval,
  type RateCards,
  type State,
  balanceOf,
  instant,
  memberShare,
  presetInForce,
  workspaceOf,
} from "@cistern/kernel";
import type { Engine, FeedCursor } from "../engine/index.ts";
import { FairnessReplay, type FairnessReport, type RefusedInHour } from "../insights/index.ts";

/** What replays are made from. */
export interface ReplaysOptions {
  readonly engine: Pick<Engine, "read" | "readAt" | "events">;
  readonly calendar: Calendar;
  readonly refusals: {
    inSpan(asked: {
      readonly workspaceId: string;
      readonly from: Instant;
      readonly to: Instant;
    }): Promise<readonly RefusedInHour[]>;
  };
  readonly rateCards: (at: Instant) => RateCards;
  /** Calls back as soon as what is ready to run has run. */
  readonly soon: (callBack: () => void) => void;
}

/** A past that was replayed. */
export interface Replayed {
  readonly kind: "replayed";
  readonly report: FairnessReport;
  readonly period: Interval;
  readonly inForce: FairnessPreset;
  /** It ends here: the period has more facts than are replayed at once. */
  readonly cutAt?: Instant;
}

/** The last period, and the one that runs. */
export interface Standing {
  readonly kind: "standing";
  readonly now: Instant;
  readonly createdAt: Instant;
  /** The period of credits, or of sharing, that runs now. */
  readonly current: Interval;
}

/** `last` where none is over yet, or a month that was over before the workspace was there, or that has not begun. */
export interface NoPast {
  readonly kind: "no_past";
  readonly createdAt: Instant;
  readonly hasBegun: boolean;
}

type Unknown = { readonly kind: "unknown_workspace" };

/** Replays the past of workspaces. Every method rejects with `EngineFault`, or with what reading refusals met. */
export interface Replays {
  /** `last`, `current`, or a month such as `2026-10`. `stopped`: `isOver` said so. */
  replay(
    workspaceId: string,
    period: string,
    isOver?: () => boolean,
  ): Promise<Replayed | NoPast | Unknown | { readonly kind: "stopped" }>;
  standing(workspaceId: string): Promise<Standing | Unknown>;
}

const hourMs = 3_600_000;
/** Facts that one replay takes, a page of them, and steps of a replay that are made before others are served. */
const eventsMax = 100_000;
const pageMax = 100;
const stepsAtOnce = 16;
/** Places of replayed facts are none of the journal: they come after all that it has. */
const lastSeq = 1_000_000_000;

/**
 * See the file head.
 *
 * @example await createReplays({ engine, calendar, refusals, rateCards, soon }).replay("acme", "last")
 */
export function createReplays(options: ReplaysOptions): Replays {
  const { engine, calendar, refusals, rateCards } = options;
  const standing: Replays["standing"] = async (workspaceId) => {
    const read = await engine.read(workspaceId, (state, now) => ({
      now,
      createdAt: workspaceOf(state)?.createdAt ?? now,
      current: periodOf(state, now, "current", calendar),
    }));
    return read.kind === "read"
      ? { kind: "standing", ...read.value }
      : { kind: "unknown_workspace" };
  };
  return {
    standing,
    async replay(workspaceId, named, isOver = () => false) {
      const asked = await engine.read(workspaceId, (state, at) => ({
        at,
        period: periodOf(state, at, named, calendar),
        createdAt: workspaceOf(state)?.createdAt ?? at,
        inForce: presetInForce(workspaceOf(state)?.fairness, state.subscriptions.live.row?.plan),
      }));
      if (asked.kind === "unknown_workspace") return asked;
      const { at: now, createdAt, inForce, period: found } = asked.value;
      const { start, end } =
        named === "last" ? await before(options, workspaceId, found, createdAt) : found;
      const from = instant(Math.min(Math.max(start, createdAt), now));
      const to = instant(Math.max(Math.min(end, now), from));
      if (to === from && named !== "current")
        return { kind: "no_past", createdAt, hasBegun: start <= now };
      const counted = await refusals.inSpan({ workspaceId, from, to });
      const refused = within(counted, { from, to, createdAt, now });
      const begun = await engine.readAt(workspaceId, from, (state, at) => ({
        replay: new FairnessReplay({ state, seq: lastSeq, at, to }, refused, (then) => ({
          calendar,
          ...rateCards(then),
        })),
      }));
      if (begun.kind === "unknown_workspace") return begun;
      const { replay: running } = begun.value;
      const slices = new Slices(options.soon, isOver);
      const cutAt = await follow(options, workspaceId, { running, after: begun.at, to, slices });
      const last = instant(Math.max((cutAt ?? to) - 1, from));
      await slices.through(running.upTo(last));
      if (isOver()) return { kind: "stopped" };
      const left = await engine.readAt(workspaceId, last, (state) => ({
        credits: balanceOf(state.pool).available,
      }));
      const report = running.report(last, left.kind === "read" ? left.value.credits : 0n);
      return {
        kind: "replayed",
        report,
        period: { start: from, end: to },
        inForce,
        ...(cutAt === undefined ? {} : { cutAt }),
      };
    },
  };
}

/**
 * Refusals are known by the hour: of one that is only partly in the period nobody knows which were in it, so none of it are counted.
 * Before the workspace was there, and after now, none were.
 */
function within(
  counted: readonly RefusedInHour[],
  span: Readonly<Record<"from" | "to" | "createdAt" | "now", Instant>>,
): readonly RefusedInHour[] {
  const { from, to, createdAt, now } = span;
  return counted.filter(
    ({ hour }) => (hour >= from || from === createdAt) && (hour + hourMs <= to || to === now),
  );
}

/** Goes through steps a few at a time. Mutable. */
class Slices {
  readonly #soon: ReplaysOptions["soon"];
  readonly #isOver: () => boolean;
  #steps = 0;

  constructor(soon: ReplaysOptions["soon"], isOver: () => boolean) {
    this.#soon = soon;
    this.#isOver = isOver;
  }

  get isOver(): boolean {
    return this.#isOver();
  }

  async through(steps: Iterator<void>): Promise<void> {
    while (steps.next().done !== true) {
      this.#steps += 1;
      if (this.#steps % stepsAtOnce !== 0) continue;
      await new Promise<void>((resolve) => {
        this.#soon(resolve);
      });
      if (this.isOver) return;
    }
  }
}

/** Adds the facts of the period in their order; told is where it had to stop. */
async function follow(
  { engine }: ReplaysOptions,
  workspaceId: string,
  {
    running,
    after,
    to,
    slices,
  }: {
    readonly running: FairnessReplay;
    readonly after: FeedCursor;
    readonly to: Instant;
    readonly slices: Slices;
  },
): Promise<Instant | undefined> {
  let cursor = after;
  for (let added = 0; !slices.isOver;) {
    const page = await engine.events(workspaceId, cursor, pageMax);
    if (page.kind !== "page" || page.events.length === 0) return undefined;
    for (const { event } of page.events) {
      if (event.at >= to) return undefined;
      if (added >= eventsMax) return event.at;
      await slices.through(running.add(event));
      added += 1;
    }
    cursor = page.next;
  }
  return undefined;
}

/** The period that ended where another begins. */
async function before(
  { engine, calendar }: ReplaysOptions,
  workspaceId: string,
  next: Interval,
  createdAt: Instant,
): Promise<Interval> {
  if (next.start <= createdAt) return { start: createdAt, end: next.start };
  const read = await engine.readAt(workspaceId, instant(next.start - 1), (state, at) =>
    periodOf(state, at, "current", calendar),
  );
  return { start: read.kind === "read" ? read.value.start : next.start, end: next.start };
}

/** A calendar month by its name, or the period of credits that holds an instant: of the plan, of the sharing of the pool, else the month. */
function periodOf(state: State, at: Instant, named: string, calendar: Calendar): Interval {
  const timeZone = workspaceOf(state)?.timeZone ?? "UTC";
  if (named !== "last" && named !== "current") {
    const middle = instant(parseInstant(`${named}-15T00:00:00Z`));
    return calendar.window("month", middle, timeZone);
  }
  const { row } = state.subscriptions.live;
  if (row !== undefined && row.plan.included !== null) return row.period;
  return memberShare(state, "", at)?.period ?? calendar.window("month", at, timeZone);
}
