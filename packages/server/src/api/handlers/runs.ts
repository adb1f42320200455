import { type RunRaise, type RunRequest, limits, parseCredits } from "@cistern/contract";
import {
  type Command,
  type Instant,
  type RunBounds,
  type RunClosed,
  type RunOpened,
  type RunRaised,
  type State,
  credits,
  runStatus,
} from "@cistern/kernel";
import { runBody, runEventBody } from "../answers/run.ts";
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
}: ApiParts): HandlersOf<"openRun" | "listRuns" | "getRun" | "raiseRun" | "closeRun"> {
  const change = async (
    { command, kind }: { readonly command: Command; readonly kind: RunChange["kind"] },
    { workspaceId, key }: { readonly workspaceId: string; readonly key: RequestKey },
  ) => {
    const answer = await carryOut(engine, kind, { workspaceId, key, command, asker: "The run" });
    if (answer.kind === "refused") return answer;
    const { event, position, isReplayed } = answer;
    const body = runEventBody(event.run, position);
    return { kind: "done", status: 200, body, isReplayed } as const;
  };

  return {
    async openRun({ params: { workspace: workspaceId }, body, key }) {
      const opened = { command: openRunCommand(body), kind: "run.opened" } as const;
      const answer = await change(opened, { workspaceId, key });
      return answer.kind === "done" ? { ...answer, status: 201 } : answer;
    },

    async listRuns({ params, query }) {
      const answer = await ask(engine, params.workspace, (state, now) => {
        const { rows, nextCursor } = pageById(state.runs.runs.values(), query);
        return { rows: rows.map((run) => ({ run, told: runStatus(state, run, now) })), nextCursor };
      });
      if (answer.kind === "refused") return answer;
      const { rows, nextCursor } = answer.value;
      return {
        kind: "done",
        status: 200,
        body: {
          data: rows.map(({ run, told }) => runBody(run, told, answer.at)),
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
      const { run, told } = answer.value;
      return { kind: "done", status: 200, body: runBody(run, told, answer.at) };
    },

    async raiseRun({ params: { workspace: workspaceId, run }, body, key }) {
      const command = { kind: "raiseRun", run, bounds: boundsOf(body) } as const;
      return await change({ command, kind: "run.raised" }, { workspaceId, key });
    },

    async closeRun({ params: { workspace: workspaceId, run }, key }) {
      const command = { kind: "closeRun", run } as const;
      return await change({ command, kind: "run.closed" }, { workspaceId, key });
    },
  };
}

type RunChange = RunOpened | RunRaised | RunClosed;

function standing(state: State, id: string, now: Instant) {
  const run = state.runs.runs.get(id);
  return run === undefined ? undefined : { run, told: runStatus(state, run, now) };
}

function openRunCommand(body: RunRequest): Command {
  const { maxSameAction = limits.runSameActionDefault } = body;
  return {
    kind: "openRun",
    run: body.id,
    member: body.member,
    parent: body.parent ?? null,
    bounds: { ...boundsOf(body), maxSameAction },
    idleMs: body.idle === undefined ? limits.runIdleDefaultMs : readDuration("/idle", body.idle),
  };
}

const boundsOf = (body: RunRaise | RunRequest): RunBounds => ({
  limit: body.limit === undefined ? null : credits(parseCredits(body.limit)),
  maxSteps: body.maxSteps ?? null,
  maxToolCalls: body.maxToolCalls ?? null,
  deadline: readInstant("/deadline", body.deadline),
  maxSameAction: body.maxSameAction ?? null,
});
