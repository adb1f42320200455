// Owns: how a call that was authorized ends. N1: what was delivered is settled, never released. N2: nothing is settled twice: where
// the work ended the hold itself, nothing is done, and where it settled parts, only the rest is closed. N3: the caller's signal
// stops the work, never the settling. N4: a use that could not be settled is handed to the caller, not lost.
import type { HoldRequest } from "@cistern/contract";
import type { AuthorizedHold, Deferred, RunningCall, RunOptions, Spent } from "./cistern.ts";
import { CisternProblem, CisternUnavailable, CisternUnsettled } from "./errors.ts";
import type { Progress } from "./holds.ts";

/** Authorizes, works, settles. */
export async function run<Result>(
  authorize: (progress: Progress) => Promise<AuthorizedHold<Deferred>>,
  request: HoldRequest,
  work: (call: RunningCall<Deferred>) => Promise<Result> | Result,
  options: RunOptions<Result>,
): Promise<Result> {
  const progress: Progress = { parts: 0, isEnded: false };
  const hold = await authorize(progress);
  let reported: Spent | undefined;
  const report = (spent: Spent) => {
    reported = spent;
  };
  let result: Result;
  try {
    result = await work({ hold, signal: options.signal, report });
  } catch (error) {
    await endFailed(hold, progress, reported, error);
    throw error;
  }
  const assumed = reported ?? (progress.parts > 0 ? { credits: "0" } : estimateOf(request));
  let spent: Spent;
  try {
    spent = options.spent?.(result) ?? assumed;
  } catch (error) {
    await settle(hold, progress, assumed, { kind: "returned", result });
    throw error;
  }
  await settle(hold, progress, spent, { kind: "returned", result });
  return result;
}

async function endFailed(
  hold: AuthorizedHold<Deferred>,
  progress: Progress,
  reported: Spent | undefined,
  error: unknown,
): Promise<void> {
  const delivered = reported ?? (progress.parts > 0 ? { credits: "0" } : undefined);
  if (delivered !== undefined) {
    await settle(hold, progress, delivered, { kind: "threw", error });
    return;
  }
  if (progress.isEnded) return;
  try {
    await hold.release();
  } catch (fault) {
    // The hold expires by itself and the credits return then; the error of the work is what the caller has to see.
    if (!(fault instanceof CisternProblem || fault instanceof CisternUnavailable)) throw fault;
  }
}

async function settle(
  hold: AuthorizedHold<Deferred>,
  progress: Progress,
  spent: Spent,
  outcome: CisternUnsettled["outcome"],
): Promise<void> {
  if (progress.isEnded) return;
  try {
    await hold.settle(spent);
  } catch (error) {
    throw new CisternUnsettled(hold.id, spent, outcome, error);
  }
}

/** Where nobody says what was used, it is what was asked for. */
function estimateOf(request: HoldRequest): Spent {
  return request.credits === undefined
    ? { usage: request.estimate ?? {} }
    : { credits: request.credits };
}
