/** Owns what is asked of runs themselves: opened, raised, paused, closed. */
import { type Credits, beyond, credits, noCredits } from "../amount.ts";
import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import type { Event } from "../events.ts";
import { setAside } from "../holds/counted.ts";
import { type Instant, after } from "../instant.ts";
import { spender } from "../members/spender.ts";
import type { Rejection } from "../rejections.ts";
import { type RunAsk, boundReached } from "../runs/admission.ts";
import { openPurse, purseFor } from "../runs/purse.ts";
import type { Run, RunBound, RunBounds } from "../runs/run.ts";
import { openRunsMax, runDepthMax, runIdleMaxMs } from "../runs/slice.ts";
import { blockedBy, runNamed } from "../runs/standing.ts";
import { seatMissing } from "../seats/seat-of.ts";
import { type State, workspaceOf } from "../state/state.ts";
import { extend } from "./extend-hold.ts";
import { holdLifeMaxMs, openHold } from "./open-hold.ts";

/** Asks for an envelope around the calls of one piece of work. */
export interface OpenRun {
  readonly kind: "openRun";
  readonly run: string;
  readonly member: string;
  readonly parent: string | null;
  readonly bounds: RunBounds;
  readonly idleMs: number;
  /** The hold that its limit is set aside with at once; left out or null: nothing is prepaid. */
  readonly purse?: string | null;
}

/** Raises bounds (null: stays as it is), and ends a pause. */
export interface RaiseRun {
  readonly kind: "raiseRun";
  readonly run: string;
  readonly bounds: RunBounds;
}

/** Pauses a run that has just refused a call, if it would refuse it still. */
export interface PauseRun {
  readonly kind: "pauseRun";
  readonly run: string;
  /** What it refused. */
  readonly credits: Credits;
  readonly step?: RunAsk["step"];
}

/** Ends a run. */
export interface CloseRun {
  readonly kind: "closeRun";
  readonly run: string;
}

/** Opens a run, or one inside another. All that stands around it must still take calls. */
export function openRun(
  state: State,
  command: OpenRun,
  at: Instant,
  around: Surroundings,
): Decision {
  const workspace = workspaceOf(state);
  if (workspace === undefined) return reject({ code: "unknown_workspace" });
  if (workspace.status === "suspended") return reject({ code: "workspace_suspended" });
  const who = spender(state.members, workspace, command.member);
  if (who.kind === "refused") return reject(who.rejection);
  const unseated = seatMissing(state, who.path);
  if (unseated !== undefined) return reject(unseated);
  const within = runNamed(state.runs, command.parent, who.path, at);
  if (within.kind === "refused") return reject(within.rejection);
  if (state.runs.runs.get(command.run) !== undefined)
    return reject({ code: "run_exists", run: command.run });
  if (within.path.length >= runDepthMax)
    return invalid("parent", `Runs stand inside one another at most ${runDepthMax} deep.`);
  if (command.idleMs <= 0 || command.idleMs > runIdleMaxMs)
    return invalid("idle", "A run that nobody uses lives more than nothing and at most 30 days.");
  if (command.bounds.deadline !== null && command.bounds.deadline <= at)
    return invalid("deadline", "The deadline must lie ahead.");
  if (state.runs.totals.open >= openRunsMax)
    return reject({ code: "too_many_runs", open: openRunsMax });
  const run = newRun(command, within.path, at);
  const purse = command.purse ?? null;
  return purse === null
    ? accept({ kind: "run.opened", at, run, guest: who.guest })
    : openPrepaid(state, { run, purse, within: within.path }, at, around);
}

/** Its purse is asked for like any hold, and is there with it: one event tells of both. */
function openPrepaid(
  state: State,
  { run, purse, within }: { run: Run; purse: string; within: readonly Run[] },
  at: Instant,
  around: Surroundings,
): Decision {
  const { limit } = run.bounds;
  const latest = after(at, holdLifeMaxMs);
  const deadline = run.bounds.deadline ?? latest;
  if (limit === null || limit === 0n)
    return invalid("limit", "What a run prepays is its limit: say one above 0.");
  if (deadline > latest) return invalid("deadline", prepaidForADay);
  if (purseFor(state, within, run.member, at) !== undefined)
    return invalid("prepay", "A run around it is prepaid already: its calls are taken from that.");
  const asked = {
    ...({ kind: "openHold", hold: purse, member: run.member, meter: null, model: null } as const),
    amount: { kind: "credits", credits: limit } as const,
    ttlMs: deadline - at,
    run: null,
    project: null,
    attributes: null,
  };
  const opens = { ...run, bounds: { ...run.bounds, deadline }, purse };
  return told(openHold(state, asked, at, around), (event) =>
    event.kind === "hold.opened" ? { ...event, opens } : event,
  );
}

const prepaidForADay =
  "What is prepaid is set aside for at most 24 hours in all: the deadline lies within them.";

/** The same decision with more in its event. */
const told = (decision: Decision, more: (event: Event) => Event): Decision =>
  decision.kind === "rejected" ? decision : { ...decision, event: more(decision.event) };

const newRun = (
  { run, member, bounds, idleMs }: OpenRun,
  around: readonly Run[],
  at: Instant,
): Run => ({
  id: run,
  member,
  ancestors: around.map(({ id }) => id),
  bounds,
  idleMs,
  status: "open",
  pausedBy: null,
  used: noCredits,
  steps: 0,
  toolCalls: 0,
  holds: 0,
  children: 0,
  actions: 0,
  openedAt: at,
  touchedAt: at,
  endedAt: null,
});

/** A pause ends with it, whatever is raised: if the same bound still refuses, it refuses again. */
export function raiseRun(
  state: State,
  command: RaiseRun,
  at: Instant,
  around: Surroundings,
): Decision {
  const run = openOf(state, command.run);
  if ("code" in run) return reject(run);
  const bounds = raised(run.bounds, command.bounds);
  if ("code" in bounds) return reject(bounds);
  if (command.bounds.deadline !== null && command.bounds.deadline <= at)
    return invalid("deadline", "The deadline must lie ahead.");
  const restarts = run.pausedBy === "maxSameAction";
  const actions = restarts ? 0 : run.actions;
  const raises = {
    run: { ...run, bounds, pausedBy: null, actions, touchedAt: at },
    restarts,
  } as const;
  return run.purse === undefined
    ? accept({ kind: "run.raised", at, ...raises })
    : raisePrepaid(state, { raises, before: run, purse: run.purse }, at, around);
}

/** What its limit grows by is prepaid as well, and is refused where a hold of it would be. */
function raisePrepaid(
  state: State,
  {
    raises,
    before,
    purse,
  }: { raises: { run: Run; restarts: boolean }; before: Run; purse: string },
  at: Instant,
  around: Surroundings,
): Decision {
  const hold = openPurse(state, purse, at);
  if (hold === undefined) return invalid("run", "What it prepaid has gone back: open another run.");
  const { limit, deadline } = raises.run.bounds;
  const more = beyond(limit ?? noCredits, before.bounds.limit ?? noCredits);
  const until = deadline ?? hold.expiresAt;
  if (until > hold.openedAt + holdLifeMaxMs) return invalid("deadline", prepaidForADay);
  if (more === 0n && until === hold.expiresAt)
    return accept({ kind: "run.raised", at, ...raises, left: setAside(hold) });
  const command = { credits: more, ttlMs: until - at };
  return told(extend(state, hold, { command, at, around }), (event) =>
    event.kind === "hold.extended" ? { ...event, raises } : event,
  );
}

/** Bounds with those that are given in place of what they were, never below it. */
function raised(before: RunBounds, asked: RunBounds): RunBounds | Rejection {
  for (const name of ["limit", "maxSteps", "maxToolCalls", "deadline", "maxSameAction"] as const) {
    const was = before[name];
    const now = asked[name];
    if (now !== null && (was === null || now < was))
      return {
        code: "invalid_request",
        field: name,
        reason: was === null ? "The run has no such bound." : "A bound is raised, never lowered.",
      };
  }
  return {
    limit: asked.limit ?? before.limit,
    maxSteps: asked.maxSteps ?? before.maxSteps,
    maxToolCalls: asked.maxToolCalls ?? before.maxToolCalls,
    deadline: asked.deadline ?? before.deadline,
    maxSameAction: asked.maxSameAction ?? before.maxSameAction,
  };
}

/** What refused is asked again, so that a raise between the two is not undone. */
export function pauseRun(state: State, command: PauseRun, at: Instant): Decision {
  const run = openOf(state, command.run);
  if ("code" in run) return reject(run);
  const ask = {
    credits: command.credits,
    ...(command.step === undefined ? {} : { step: command.step }),
  };
  const refusal = blockedBy(run, at) ?? boundReached(state.runs, [run], ask);
  const pausedBy = refusal === undefined ? undefined : boundThatRefused(refusal);
  return pausedBy === undefined
    ? invalid("run", "The run refuses nothing now that pauses it.")
    : accept({ kind: "run.paused", at, run: { ...run, pausedBy, touchedAt: at } });
}

/** The command that pauses a run which has refused a call; undefined: the refusal is none of a run, or it was paused before. */
export function pauseAfter(rejection: Rejection): PauseRun | undefined {
  const bound = boundThatRefused(rejection);
  if (bound === undefined || !("run" in rejection)) return undefined;
  const { run } = rejection;
  if (rejection.code === "run_limit_reached" && bound === "limit")
    return { kind: "pauseRun", run, credits: credits(rejection.requested) };
  const action = rejection.code === "runaway_loop" ? rejection.action : null;
  const step = { isToolCall: bound === "maxToolCalls", action };
  return { kind: "pauseRun", run, credits: noCredits, step };
}

function boundThatRefused(rejection: Rejection): RunBound | undefined {
  if (rejection.code === "run_limit_reached") return rejection.bound;
  if (rejection.code === "runaway_loop") return "maxSameAction";
  return rejection.code === "run_deadline_passed" ? "deadline" : undefined;
}

/** Nothing more is approved in it or inside it; its open holds settle or expire (RULES 7). */
export function closeRun(state: State, command: CloseRun, at: Instant): Decision {
  const run = openOf(state, command.run);
  if ("code" in run) return reject(run);
  return accept({
    kind: "run.closed",
    at,
    run: { ...run, status: "closed", pausedBy: null, actions: 0, touchedAt: at, endedAt: at },
  });
}

function openOf({ runs }: State, id: string): Run | Rejection {
  const run = runs.runs.get(id);
  if (run === undefined) return { code: "unknown_run", run: id };
  return run.status === "open" ? run : { code: "run_ended", run: id, status: run.status };
}

const invalid = (field: string, reason: string): Decision =>
  reject({ code: "invalid_request", field, reason });
