import {
  allowance,
  allowanceInRun,
  balanceOf,
  burnOrder,
  policiesFor,
  type Instant,
  type State,
} from "@cistern/kernel";
import { allowanceBody } from "../answers/allowance.ts";
import { balanceBody } from "../answers/balance.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask } from "../calls/carry-out.ts";
import { readInstant } from "../calls/read-field.ts";
import type { ApiParts } from "../parts.ts";
import { unknownWorkspace } from "../problems/problem.ts";
import { rejectionRefusal } from "../problems/rejection-problem.ts";

/** Where pool and members stand: now, or (the balance) at an instant of the past. */
export function standingHandlers({
  engine,
  calendar,
  refusals,
}: ApiParts): HandlersOf<"getBalance" | "getAllowance"> {
  return {
    async getBalance({ params: { workspace }, query }) {
      const past = readInstant("/query/at", query.at);
      const answer = await (past === null
        ? engine.read(workspace, pool)
        : engine.readAt(workspace, past, pool));
      if (answer.kind === "unknown_workspace") return unknownWorkspace(workspace);
      const { value, asOf, at } = answer;
      return { kind: "done", status: 200, body: balanceBody(value, asOf, at) };
    },

    async getAllowance({ params: { workspace, member }, query: { run } }) {
      const answer = await ask(engine, workspace, (state: State, at: Instant) => ({
        standing:
          run === undefined
            ? allowance(state, member, at, calendar)
            : allowanceInRun(state, { member, run }, at, calendar),
        policies: policiesFor(state, member, at, calendar),
      }));
      if (answer.kind === "refused") return answer;
      const { standing, policies } = answer.value;
      if (standing === undefined) return unknownWorkspace(workspace);
      if ("code" in standing)
        return rejectionRefusal(standing, {
          workspaceId: workspace,
          decidedAt: answer.asOf,
          at: answer.at,
          asker: "The question",
        });
      const { share } = standing;
      const denied =
        share === undefined
          ? []
          : await refusals.byReason({ workspaceId: workspace, member, since: share.period.start });
      return { kind: "done", status: 200, body: allowanceBody(standing, policies, denied) };
    },
  };
}

/** Totals, and the lots that still have credits in burn order: those that are over do not make the answer longer. */
function pool(state: State) {
  const lots = [...state.pool.lots.values()]
    .filter((lot) => lot.available > 0n || lot.held > 0n)
    .toSorted(burnOrder);
  return { balance: balanceOf(state.pool), lots };
}
