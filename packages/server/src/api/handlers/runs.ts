import {
  type Run as RunAnswer,
  type RunRaise,
  type RunRequest,
  limits,
  parseCredits,
} from "@cistern/contract";
import {
  type Command,
  type HoldExtended,
  type HoldOpened,
  type Instant,
  type Position,
  type Run,
  type RunBounds,
  type RunClosed,
  type RunOpened,
  type RunRaised,
  type State,
  credits,
  prepaidLeft,
  runStatus,
} from "@cistern/kernel";
import { openedRunBody, raisedRunBody, runBody, runEventBody } from "../answers/run.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import type { RequestKey } from "../calls/idempotency.ts";
import { pageById } from "../calls/pages.ts";
import { readDuration, readInstant } from "../calls/read-field.ts";
import type { ApiParts } from "../parts.ts";
import { refuse } from "../problems/problem.ts";

/** Envelopes around calls: opened, read, raised, closed. */
export function runHandlers({
  engine,
  newId,
}: ApiParts): HandlersOf<"openRun" | "listRuns" | "getRun" | "raiseRun" | "closeRun"> {
  const change = async (
    { command, kinds }: { readonly command: Command; readonly kinds: readonly RunChange["kind"][] },
    { workspaceId, key }: { readonly workspaceId: string; readonly key: RequestKey },
  ) => {
    const answer = await carryOut(engine, kinds, { workspaceId, key, command, asker: "The run" });
    if (answer.kind === "refused") return answer;
    const { event, position, isReplayed } = answer;
    return { kind: "done", status: 200, body: changedBody(event, position), isReplayed } as const;
  };

  return {
    async openRun({ params: { workspace: workspaceId }, body, key }) {
      const purse = body.prepay === true ? newId("hld") : null;
      const kinds = ["run.opened", "hold.opened"] as const;
      const opened = { command: openRunCommand(body, purse), kinds };
      const answer = await change(opened, { workspaceId, key });
      return answer.kind === "done" ? { ...answer, status: 201 } : answer;
    },

    async listRuns({ params, query }) {
      const answer = await ask(engine, params.workspace, (state, now) => {
        const { rows, nextCursor } = pageById(state.runs.runs.values(), query);
        return { rows: rows.map((run) => toldOf(state, run, now)), nextCursor };
      });
      if (answer.kind === "refused") return answer;
      const { rows, nextCursor } = answer.value;
      return {
        kind: "done",
        status: 200,
        body: {
          data: rows.map(({ run, told, left }) => runBody(run, told, { at: answer.at, left })),
          ...(nextCursor === undefined ? {} : { nextCursor }),
        },
      };
    },

    async getRun({ params: { workspace, run: id } }) {
      const answer = await ask(engine, workspace, (state, now) => standing(state, id, now));
      if (answer.kind === "refused") return answer;
      if (answer.value === undefined)
        return refuse(
          "unknown_run",
          `There is no run ${id} in workspace ${workspace}, or it ended more than a week ago: then the feed tells of it.`,
        );
      const { run, told, left } = answer.value;
      return { kind: "done", status: 200, body: runBody(run, told, { at: answer.at, left }) };
    },

    async raiseRun({ params: { workspace: workspaceId, run }, body, key }) {
      const command = { kind: "raiseRun", run, bounds: boundsOf(body) } as const;
      const kinds = ["run.raised", "hold.extended"] as const;
      return await change({ command, kinds }, { workspaceId, key });
    },

    async closeRun({ params: { workspace: workspaceId, run }, key }) {
      const command = { kind: "closeRun", run } as const;
      return await change({ command, kinds: ["run.closed"] }, { workspaceId, key });
    },
  };
}

type RunChange = RunOpened | RunRaised | RunClosed | HoldOpened | HoldExtended;

/** What a run was opened, raised or closed by: of one that is prepaid, what became of its purse. */
function changedBody(event: RunChange, at: Position): RunAnswer {
  switch (event.kind) {
    case "hold.opened":
      if (event.opens === undefined) throw new Error(`A run became the hold ${event.hold}.`);
      return openedRunBody(event, event.opens, at);
    case "hold.extended":
      if (event.raises === undefined) throw new Error(`A run became the hold ${event.hold}.`);
      return raisedRunBody(event, event.raises.run, at);
    case "run.raised":
      return runEventBody(event.run, at, event.left);
    case "run.opened":
    case "run.closed":
      return runEventBody(event.run, at);
  }
}

function standing(state: State, id: string, now: Instant) {
  const run = state.runs.runs.get(id);
  return run === undefined ? undefined : toldOf(state, run, now);
}

/** A run as it stands, and what it has prepaid. */
function toldOf(state: State, run: Run, now: Instant) {
  const left = run.purse === undefined ? undefined : prepaidLeft(state, run.purse);
  return { run, told: runStatus(state, run, now), left };
}

function openRunCommand(body: RunRequest, purse: string | null): Command {
  const { maxSameAction = limits.runSameActionDefault } = body;
  return {
    kind: "openRun",
    run: body.id,
    member: body.member,
    parent: body.parent ?? null,
    bounds: { ...boundsOf(body), maxSameAction },
    idleMs: body.idle === undefined ? limits.runIdleDefaultMs : readDuration("/idle", body.idle),
    purse,
  };
}

const boundsOf = (body: RunRaise | RunRequest): RunBounds => ({
  limit: body.limit === undefined ? null : credits(parseCredits(body.limit)),
  maxSteps: body.maxSteps ?? null,
  maxToolCalls: body.maxToolCalls ?? null,
  deadline: readInstant("/deadline", body.deadline),
  maxSameAction: body.maxSameAction ?? null,
});
