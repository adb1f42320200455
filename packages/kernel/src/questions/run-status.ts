import type { Instant } from "../instant.ts";
import type { Run, RunBound } from "../runs/run.ts";
import { blockedBy } from "../runs/standing.ts";
import type { State } from "../state/state.ts";

/** Whether a run takes calls now. */
export type RunStatus =
  | { readonly status: "open" }
  | {
      readonly status: "paused";
      /** Which run, it or one around it, and what of that refuses until somebody raises it. */
      readonly by: { readonly run: string; readonly bound: RunBound };
    }
  | {
      readonly status: "closed" | "expired";
      /** Which run has ended: it or one around it. */
      readonly by: { readonly run: string };
    };

/** The nearest reason why a run takes no calls: its own, or of a run around it. */
export function runStatus({ runs }: State, run: Run, at: Instant): RunStatus {
  for (const one of [run, ...run.ancestors.flatMap((id) => runs.runs.get(id) ?? [])]) {
    const rejection = blockedBy(one, at);
    const by = { run: one.id };
    if (rejection?.code === "run_ended") return { status: rejection.status, by };
    if (rejection?.code === "run_paused")
      return { status: "paused", by: { ...by, bound: rejection.bound } };
    if (rejection !== undefined) return { status: "paused", by: { ...by, bound: "deadline" } };
  }
  return { status: "open" };
}
