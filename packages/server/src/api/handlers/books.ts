import type { routes } from "@cistern/contract";
import {
  type MonthReports,
  type ReportName,
  costAllocation,
  isDay,
  marginReport,
  hasBegun,
  monthReports,
  spanOfMonth,
  statusOf,
} from "../../books/index.ts";
import { closingBody } from "../answers/closing.ts";
import type { Call, HandlersOf } from "../calls/call.ts";
import { carryOut } from "../calls/carry-out.ts";
import { reportsInTurn } from "../calls/in-turn.ts";
import { ofOperator } from "../calls/of-operator.ts";
import type { ApiParts } from "../parts.ts";
import { InvalidField } from "../problems/invalid-field.ts";
import type { Refusal } from "../problems/problem.ts";

interface Reported<Name extends ReportName> {
  readonly body: {
    readonly month: string;
    readonly status: "closed" | "provisional";
    readonly data: MonthReports[Name];
  };
}

type ReportCall = Call<(typeof routes)["getTrialBalance"]>;

/** Closing months, and the reports of a month. */
export function booksHandlers(
  parts: ApiParts,
): HandlersOf<
  | "closeMonth"
  | "closeBooks"
  | "getTrialBalance"
  | "getRollForward"
  | "getRevenue"
  | "getUnbilled"
  | "getCreditsOutstanding"
  | "getBreakage"
  | "getCostAllocation"
  | "getMargin"
> {
  const { engine, books } = parts;
  const inTurn = reportsInTurn(engine);
  const report = async <Name extends ReportName>(
    name: Name,
    { query, caller }: Pick<ReportCall, "query" | "caller">,
    expectedBreakageBps?: number,
  ): Promise<Reported<Name> | Refusal> => {
    const { month, workspace: workspaceId } = query;
    if (caller?.workspace !== undefined) return ofOperator(caller, "the books take");
    if (!hasBegun(month, parts.catalog.now()))
      throw new InvalidField("/month", `${month} has not begun. Ask for it once it has.`);
    return await inTurn(workspaceId, async () => {
      const { source } = books;
      const all = await monthReports({ source, month, workspaceId, expectedBreakageBps });
      return { body: { month, status: statusOf(all.standing), data: all[name] } };
    });
  };

  return {
    async closeMonth({ params: { workspace: workspaceId }, body: { month }, key }) {
      const answer = await carryOut(engine, "period.closed", {
        workspaceId,
        key,
        command: { kind: "closeMonth", month },
        asker: "The close",
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return { kind: "done", status: 201, body: closingBody(event, position), isReplayed };
    },

    async closeBooks({ body: { month }, caller }) {
      if (caller?.workspace !== undefined) return ofOperator(caller, "the books take");
      const { refused, ...counts } = await books.close(month);
      const body = {
        month,
        ...counts,
        refused: refused.map(({ workspaceId: workspace, reason }) => ({ workspace, reason })),
      };
      return { kind: "done", status: 200, body };
    },

    async getTrialBalance(call) {
      const made = await report("trialBalance", call);
      if ("kind" in made) return made;
      return { kind: "done", status: 200, body: made.body };
    },

    async getRollForward(call) {
      const made = await report("rollForward", call);
      if ("kind" in made) return made;
      return { kind: "done", status: 200, body: made.body };
    },

    async getRevenue(call) {
      const made = await report("revenue", call);
      if ("kind" in made) return made;
      return { kind: "done", status: 200, body: made.body };
    },

    async getUnbilled(call) {
      const made = await report("unbilled", call);
      if ("kind" in made) return made;
      return { kind: "done", status: 200, body: made.body };
    },

    async getCreditsOutstanding(call) {
      const made = await report("creditsOutstanding", call);
      if ("kind" in made) return made;
      return { kind: "done", status: 200, body: made.body };
    },

    async getCostAllocation({ params: { workspace: workspaceId }, query: { from, to, by } }) {
      checkSpan(from, to);
      return await inTurn(workspaceId, async () => {
        const data = await costAllocation({ source: books.source, workspaceId, from, to, by });
        return { kind: "done" as const, status: 200 as const, body: { from, to, by, data } };
      });
    },

    async getMargin({ query, caller }) {
      if (caller?.workspace !== undefined) return ofOperator(caller, "the books take");
      const { from, to } = spanOf(query);
      checkSpan(from, to);
      const { workspace: workspaceId } = query;
      return await inTurn(workspaceId, async () => {
        const data = await marginReport({ source: books.source, workspaceId, from, to });
        return { kind: "done" as const, status: 200 as const, body: { from, to, data } };
      });
    },

    async getBreakage(call) {
      const made = await report("breakage", call, call.query.expectedBps);
      if ("kind" in made) return made;
      return { kind: "done", status: 200, body: made.body };
    },
  };
}

/** A month, or the days that are given instead. */
function spanOf({ month, from, to }: Call<(typeof routes)["getMargin"]>["query"]): {
  readonly from: string;
  readonly to: string;
} {
  if (month !== undefined && from === undefined && to === undefined) return spanOfMonth(month);
  if (month === undefined && from !== undefined && to !== undefined) return { from, to };
  throw new InvalidField("/month", "Say a month, or the first and the last day (from, to).");
}

function checkSpan(from: string, to: string): void {
  for (const [field, day] of [
    ["from", from],
    ["to", to],
  ] as const)
    if (!isDay(day)) throw new InvalidField(`/${field}`, `${day} is no day of the calendar.`);
  if (to < from) throw new InvalidField("/to", `is before ${from}.`);
}
