/** Owns how it is told that a run refuses. A bound of a run is a limit like any other: `limit_reached`, at a scope of kind `run`. */
import { printCredits, printInstant } from "@cistern/contract";
import type { Of, RefusedAt } from "./refused-at.ts";
import { type Refusal, refuse } from "./problem.ts";

type OfRuns = Of<
  | "run_of_another"
  | "run_ended"
  | "run_paused"
  | "run_deadline_passed"
  | "run_limit_reached"
  | "runaway_loop"
  | "run_exists"
  | "too_many_runs"
>;

/** A call, or a run, that a run refuses. */
export function runRefusal(rejection: OfRuns, { workspaceId, asker }: RefusedAt): Refusal {
  const runs = `/v1/workspaces/${workspaceId}/runs`;
  switch (rejection.code) {
    case "run_of_another":
      return refuse(
        "run_of_another",
        `Run ${rejection.run} is not ${rejection.member}'s, nor of a member that ${rejection.member} acts for. Open a run of its own with POST ${runs}.`,
        scopeOf(rejection.run),
      );
    case "run_ended":
      return refuse(
        "run_ended",
        `Run ${rejection.run} is ${rejection.status}: nothing more is approved in it. Its open holds may still end. Open another with POST ${runs}.`,
        scopeOf(rejection.run),
      );
    case "run_paused":
      return refuse(
        "run_paused",
        `Run ${rejection.run} is paused, since it refused a call by its ${rejection.bound}. Let it go on with POST ${runs}/${rejection.run}/raise.`,
        scopeOf(rejection.run, rejection.bound),
      );
    case "run_deadline_passed":
      return refuse(
        "run_deadline_passed",
        `The deadline of run ${rejection.run} was ${printInstant(rejection.deadline)}. Move it with POST ${runs}/${rejection.run}/raise, or close the run.`,
        scopeOf(rejection.run, "deadline"),
      );
    case "runaway_loop":
      return refuse(
        "runaway_loop",
        `${asker} does once more what was approved ${rejection.times} times in run ${rejection.run}, which pauses it. Look at what it does; POST ${runs}/${rejection.run}/raise lets it go on, and counts anew.`,
        scopeOf(rejection.run, "maxSameAction"),
      );
    case "run_exists":
      return refuse(
        "run_exists",
        `There is a run ${rejection.run} already. Read it with GET ${runs}/${rejection.run}, or take another id.`,
      );
    case "too_many_runs":
      return refuse(
        "too_many_runs",
        `${rejection.open} runs are open, which is the most. Close those that are done with POST ${runs}/{run}/close; idle ones expire by themselves.`,
      );
    case "run_limit_reached":
      return boundReached(rejection, `${runs}/${rejection.run}/raise`, asker);
  }
}

/** Of `credits` 1 is a millionth. */
const oneOf = { limit: "credits", maxSteps: "step", maxToolCalls: "tool call" } as const;
const unitOf = { limit: "credits", maxSteps: "steps", maxToolCalls: "tool_calls" } as const;

function boundReached(
  { run, bound, requested, available, used, most }: Of<"run_limit_reached">,
  raise: string,
  asker: string,
): Refusal {
  const unit = unitOf[bound];
  const print = (count: bigint): string => (bound === "limit" ? printCredits(count) : `${count}`);
  const words = requested === 1n ? oneOf[bound] : unit.replace("_", " ");
  return refuse(
    "limit_reached",
    `${asker} asks for ${print(requested)} ${words}; run ${run} has ${print(available)} left of its ${bound} of ${print(most)} (${print(used)} used). The run is paused: raise it with POST ${raise}.`,
    {
      ...scopeOf(run, bound),
      requested: print(requested),
      available: print(available),
      missing: print(requested - available),
      ...(bound === "limit" ? {} : { unit }),
    },
  );
}

const scopeOf = (id: string, limit?: string) => ({
  scope: { kind: "run", id, ...(limit === undefined ? {} : { limit }) } as const,
});
