/** Owns which runs a call is in, and whether they still take calls: all of them are asked, not the nearest alone. */
import type { Instant } from "../instant.ts";
import type { Path } from "../members/member.ts";
import type { Rejection } from "../rejections.ts";
import type { Run, RunRef } from "./run.ts";
import type { RunSlice } from "./slice.ts";

/** The runs of a call, near ones first; none where it names none. */
export type RunStanding =
  | { readonly kind: "standing"; readonly path: readonly Run[] }
  | { readonly kind: "refused"; readonly rejection: Rejection };

/** The run that a caller names, for a call of this path or a run inside it. */
export function runNamed(slice: RunSlice, id: string | null, who: Path, at: Instant): RunStanding {
  if (id === null) return outside;
  const run = slice.runs.get(id);
  if (run === undefined) return refused({ code: "unknown_run", run: id });
  if (run.member !== who.member && !who.sponsors.includes(run.member))
    return refused({ code: "run_of_another", run: id, member: who.member });
  return stand(slice, [id, ...run.ancestors], at);
}

/** The runs of a hold that is open, when more is asked for it. */
export function runsOfHold(
  slice: RunSlice,
  refs: readonly RunRef[] | undefined,
  at: Instant,
): RunStanding {
  const [own] = refs ?? [];
  if (refs === undefined || own === undefined) return outside;
  // An open hold keeps its runs in memory, and so no other has their ids.
  return stand(
    slice,
    refs.map(({ id }) => id),
    at,
  );
}

/** The run that a debit names, which refuses nothing: what it reports has happened (RULES 1). */
export function runReported(slice: RunSlice, id: string | null): RunStanding {
  if (id === null) return outside;
  const run = slice.runs.get(id);
  if (run === undefined) return refused({ code: "unknown_run", run: id });
  return {
    kind: "standing",
    path: [run, ...run.ancestors.flatMap((one) => slice.runs.get(one) ?? [])],
  };
}

/** Why no call passes in a run now, whatever it asks for. */
export function blockedBy(run: Run, at: Instant): Rejection | undefined {
  const { deadline } = run.bounds;
  if (run.status !== "open") return { code: "run_ended", run: run.id, status: run.status };
  if (run.pausedBy !== null) return { code: "run_paused", run: run.id, bound: run.pausedBy };
  if (deadline !== null && at >= deadline)
    return { code: "run_deadline_passed", run: run.id, deadline };
  return undefined;
}

function stand(slice: RunSlice, ids: readonly string[], at: Instant): RunStanding {
  const path: Run[] = [];
  for (const id of ids) {
    const run = slice.runs.get(id);
    // What is inside a run keeps it in memory while it is open.
    if (run === undefined) return refused({ code: "unknown_run", run: id });
    const rejection = blockedBy(run, at);
    if (rejection !== undefined) return refused(rejection);
    path.push(run);
  }
  return { kind: "standing", path };
}

const outside: RunStanding = { kind: "standing", path: [] };
const refused = (rejection: Rejection): RunStanding => ({ kind: "refused", rejection });
