import { WorkspaceAudit, isFault } from "cistern/audit";
import { utcCalendar } from "../world/utc-calendar.ts";
import { type Timeline, told } from "./timeline.ts";
import type { Violation } from "./violation.ts";

/** Asks the product's own auditor of a timeline: `cistern verify` finds no fault with a right journal. */
export function judgeAudit({ workspaceId, branch }: Timeline, violations: Violation[]): void {
  const audit = new WorkspaceAudit(workspaceId, utcCalendar);
  const fault = faultIn(audit, branch) ?? audit.finish();
  if (fault === undefined) return;
  const text = `at ${told(fault.position)}: ${fault.rule}: ${fault.found}`;
  violations.push({ question: "audit", workspaceId, text });
}

function faultIn(audit: WorkspaceAudit, { rows }: Timeline["branch"]) {
  for (const { row } of rows) {
    const result = audit.row(row);
    if (isFault(result)) return result;
  }
  return undefined;
}
