/**
 * Owns what a dry run asks the server: a quote for one row of each kind of call, member and run, in each workspace. What stands in the way
 * of one stands in the way of all of its kind; for want of credits, or by a limit, no usage that happened is refused.
 */
import {
  BatchResponseSchema,
  type DebitRequest,
  type HoldRequest,
  type Operation,
  type OperationResult,
  ProblemSchema,
  limits,
} from "@cistern/contract";
import { reportedMaxMs } from "@cistern/kernel";
import { Check } from "typebox/value";
import type { HistoryRow, RefusedRow, StagedHistory } from "../../ingest/index.ts";
import type { CallServer } from "../catalog-server.ts";
import { print } from "../print.ts";

/** What refuses a debit too. */
const refusing: ReadonlySet<string> = new Set([
  "unknown_workspace",
  "unknown_member",
  "unknown_run",
  "unknown_meter",
  "unknown_model",
  "invalid_request",
]);

/** Tells what would be refused. Nothing is changed. */
export async function checkKinds(
  staged: StagedHistory,
  call: CallServer,
  onRefused: (row: RefusedRow) => Promise<void>,
): Promise<void> {
  for (const kind of ["calls", "members", "runs"] as const)
    for await (const chunk of staged.samples(kind))
      for (let from = 0; from < chunk.length; from += limits.batchOperationsMax) {
        const part = chunk.slice(from, from + limits.batchOperationsMax);
        const operations = part.map((row) => quote(row, kind));
        const { results } = await call("POST", "/v1/batch", BatchResponseSchema, { operations });
        for (const [index, row] of part.entries()) {
          const problem = problemIn(results[index]);
          if (problem === undefined || !refusing.has(problem.code)) continue;
          const { file, line, workspace, debit } = row;
          const reason = `${problem.detail} So it is with every row of the kind.`;
          await onRefused({
            file,
            line,
            code: problem.code,
            reason,
            row: JSON.stringify({ workspace, ...debit }),
          });
        }
      }
  const old = await staged.countBefore(Date.now() - reportedMaxMs);
  if (old > 0)
    await print(
      `${old} rows are older than 180 days and would be refused; leave them out with --since\n`,
    );
}

/** A call is asked whole; a member and a run without what else could be wrong. */
function quote({ workspace, debit }: HistoryRow, kind: "calls" | "members" | "runs"): Operation {
  const { member, run } = debit;
  return {
    method: "POST",
    path: `/v1/workspaces/${encodeURIComponent(workspace)}/quotes`,
    // A level is reported, and never held.
    body:
      kind === "calls" && debit.from === undefined
        ? asked(debit)
        : { member, credits: "0", ...(kind === "members" || run === undefined ? {} : { run }) },
  };
}

function asked({ member, credits, meter, model, usage, attributes }: DebitRequest): HoldRequest {
  return {
    member,
    ...(credits === undefined ? {} : { credits }),
    ...(meter === undefined ? {} : { meter }),
    ...(model === undefined ? {} : { model }),
    ...(usage === undefined ? {} : { estimate: usage }),
    ...(attributes === undefined ? {} : { attributes }),
  };
}

function problemIn(
  result: OperationResult | undefined,
): { code: string; detail: string } | undefined {
  if (result === undefined) return undefined;
  const { status, body } = result;
  const problem: unknown =
    status < 300 && typeof body === "object" && body !== null ? Reflect.get(body, "problem") : body;
  return Check(ProblemSchema, problem) ? problem : undefined;
}
