import { workspaceOf } from "../history/call.ts";
import type { Run } from "../run.ts";
import type { Violation } from "./violation.ts";

/**
 * Asks of the service itself: no caller ever sees something broken, nothing hangs, and once all is calm everybody is answered.
 */
export function judgeService({ history, isOver }: Run, violations: Violation[]): void {
  if (!isOver)
    violations.push({ question: "service", workspaceId: "", text: "somebody waits for ever" });
  const answered = new Set<number>();
  for (const call of history.calls) {
    const { reply, operation, number } = call;
    if (reply?.kind === "answer" || reply?.kind === "read") answered.add(operation);
    const isBroken =
      reply?.kind === "broken" || (reply?.kind === "fault" && reply.code === "workspace_stopped");
    if (!isBroken) continue;
    const text = `call ${number} to ${call.node} met: ${reply.message}`;
    violations.push({ question: "service", workspaceId: workspaceOf(call), text });
  }
  const calmFromUs = history.calmFromUs;
  for (const call of history.calls) {
    if (calmFromUs === undefined || call.askedUs < calmFromUs) continue;
    if (answered.has(call.operation)) continue;
    const text = `call ${call.number} was not answered, though all was calm`;
    violations.push({ question: "service", workspaceId: workspaceOf(call), text });
  }
}
