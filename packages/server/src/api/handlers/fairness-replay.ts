/**
 * Owns which past is replayed, and reads it: the state when its period began, then every fact of it, page by page, so that other calls are
 * answered between the pages.
 */
import { type FairnessReplay as ReplayBody, parseInstant, printInstant } from "@cistern/contract";
import {
  type Calendar,
  type FairnessPreset,
  type Instant,
  type Interval,
  type State,
  balanceOf,
  instant,
  memberShare,
  presetInForce,
  workspaceOf,
} from "@cistern/kernel";
import type { FeedCursor } from "../../engine/index.ts";
import { FairnessReplay, type FairnessReport, recommendPreset } from "../../insights/index.ts";
import { because, replayBody } from "../answers/fairness-replay.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask } from "../calls/carry-out.ts";
import type { ApiParts } from "../parts.ts";
import { type Refusal, unknownWorkspace } from "../problems/problem.ts";

/** Facts that one replay takes, and a page of them. */
const eventsMax = 100_000;
const pageMax = 100;

interface Replayed {
  readonly kind: "replayed";
  readonly report: FairnessReport;
  readonly period: ReplayBody["period"];
  readonly inForce: FairnessPreset;
  readonly cutAt?: string;
}

/** Replays of the past, and what they speak for. */
export function fairnessReplayHandlers(
  parts: ApiParts,
): HandlersOf<"replayFairness" | "getFairnessRecommendation"> {
  return {
    async replayFairness({ params: { workspace }, query }) {
      const replayed = await replay(parts, workspace, query.period ?? "last");
      if (replayed.kind === "refused") return replayed;
      const { report, period, inForce, cutAt } = replayed;
      const around = { period, inForce, ...(cutAt === undefined ? {} : { cutAt }) };
      return { kind: "done", status: 200, body: replayBody(report, around) };
    },

    async getFairnessRecommendation({ params: { workspace } }) {
      const replayed = await replay(parts, workspace, "last");
      if (replayed.kind === "refused") return replayed;
      const { report, period, inForce } = replayed;
      const found = recommendPreset(report, inForce);
      const { preset, isChange: change } = found;
      const body = { period, inForce, preset, change, because: because(report, found, inForce) };
      return { kind: "done", status: 200, body };
    },
  };
}

async function replay(
  { engine, calendar, refusals, rateCards }: ApiParts,
  workspace: string,
  named: string,
): Promise<Replayed | Refusal> {
  const asked = await ask(engine, workspace, (state, at) => ({
    at,
    period: periodOf(state, at, named, calendar),
    createdAt: workspaceOf(state)?.createdAt ?? at,
    inForce: presetInForce(workspaceOf(state)?.fairness, state.subscriptions.live.row?.plan),
  }));
  if (asked.kind === "refused") return asked;
  const { at: now, createdAt, inForce } = asked.value;
  const { start, end } =
    named === "last"
      ? await before(engine, workspace, { next: asked.value.period, createdAt, calendar })
      : asked.value.period;
  const from = instant(Math.min(Math.max(start, createdAt), now));
  const to = instant(Math.max(Math.min(end, now), from));
  const refused = await refusals.inSpan({ workspaceId: workspace, from, to });
  const begun = await engine.readAt(workspace, from, (state, at) => ({
    replay: new FairnessReplay({ state, seq: lastSeq, at }, refused, (then) => ({
      calendar,
      ...rateCards(then),
    })),
  }));
  if (begun.kind === "unknown_workspace") return unknownWorkspace(workspace);
  const { replay: running } = begun.value;
  const cutAt = await follow(engine, workspace, { running, after: begun.at, to });
  const last = instant(Math.max((cutAt ?? to) - 1, from));
  const left = await engine.readAt(workspace, last, (state) => balanceOf(state.pool).available);
  const report = running.report(last, left.kind === "read" ? left.value : 0n);
  return {
    kind: "replayed",
    report,
    period: { from: printInstant(from), to: printInstant(to) },
    inForce,
    ...(cutAt === undefined ? {} : { cutAt: printInstant(cutAt) }),
  };
}

/** Places of replayed facts are none of the journal: they come after all that it has. */
const lastSeq = 1_000_000_000;

/** Adds the facts of the period in their order; told is where it had to stop. */
async function follow(
  engine: ApiParts["engine"],
  workspace: string,
  { running, after, to }: { running: FairnessReplay; after: FeedCursor; to: Instant },
): Promise<Instant | undefined> {
  let cursor = after;
  for (let added = 0; ;) {
    const page = await engine.events(workspace, cursor, pageMax);
    if (page.kind !== "page" || page.events.length === 0) return undefined;
    for (const { event } of page.events) {
      if (event.at >= to) return undefined;
      if (added >= eventsMax) return event.at;
      running.add(event);
      added += 1;
    }
    cursor = page.next;
  }
}

/** The period that ended where another begins. */
async function before(
  engine: ApiParts["engine"],
  workspace: string,
  { next, createdAt, calendar }: { next: Interval; createdAt: Instant; calendar: Calendar },
): Promise<Interval> {
  if (next.start <= createdAt) return { start: createdAt, end: next.start };
  const read = await engine.readAt(workspace, instant(next.start - 1), (state, at) =>
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
