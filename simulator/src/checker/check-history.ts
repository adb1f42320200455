/**
 * The one checker: every history, clean or with a bug planted, is asked the same questions, and none of them knows of a bug.
 * Linear in the length of the history but for sorting by time: each timeline is read, folded and replayed once.
 */
import { type Call, workspaceOf } from "../history/call.ts";
import type { Run } from "../run.ts";
import { judgeAnswers } from "./judge-answers.ts";
import { judgeAudit } from "./judge-audit.ts";
import { judgeBooks } from "./judge-books.ts";
import { judgeClocks, judgeGuard, judgeLateness } from "./judge-clocks.ts";
import { judgeEffects, judgeKept } from "./judge-effects.ts";
import { judgeFeed } from "./judge-feed.ts";
import { judgeKeys } from "./judge-keys.ts";
import { judgeLosses } from "./judge-losses.ts";
import { judgeOrder, provenCalls } from "./judge-order.ts";
import { judgePast, judgeProof } from "./judge-proof.ts";
import { judgeService } from "./judge-service.ts";
import { readTimeline } from "./timeline.ts";
import type { Violation } from "./violation.ts";

/** All that is wrong with a run; nothing, when it is right. */
export function checkHistory(run: Run): Violation[] {
  const violations: Violation[] = [];
  judgeService(run, violations);
  judgeGuard(run.history, violations);
  for (const workspaceId of run.workspaces)
    checkWorkspace(
      run,
      run.history.calls.filter((call) => workspaceOf(call) === workspaceId),
      workspaceId,
      violations,
    );
  return violations;
}

function checkWorkspace(
  run: Run,
  calls: readonly Call[],
  workspaceId: string,
  violations: Violation[],
): void {
  const { history, database, startMs } = run;
  const timelines = database
    .branches(workspaceId)
    .map((branch) => readTimeline(workspaceId, branch, violations));
  const grounded = judgeAnswers(calls, timelines, violations);
  for (const timeline of timelines) {
    judgeEffects(calls, timeline, violations);
    judgeOrder(timeline, grounded, violations);
    judgeBooks(calls, grounded, timeline, violations);
    judgeAudit(timeline, violations);
    judgeLateness(history, startMs, timeline, violations);
    if (timeline.isStanding) judgeKept(timeline, database.keys(workspaceId), violations);
  }
  judgeKeys(calls, timelines, violations);
  judgeProof(provenCalls(calls), timelines, violations);
  judgePast(calls, timelines, violations);
  judgeLosses(run, grounded, timelines, violations);
  judgeFeed(
    history.feed.filter((read) => read.workspaceId === workspaceId),
    timelines,
    violations,
  );
  judgeClocks(history, startMs, grounded, violations);
}
