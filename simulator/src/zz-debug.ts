// @ts-nocheck
import { run } from "./run.ts";
import { readTimeline } from "./checker/timeline.ts";
import { WorkspaceAudit } from "../../packages/server/src/audit/workspace-audit.ts";
import { FairFold } from "../../packages/server/src/audit/fair-fold.ts";
import { apply, emptyState } from "@cistern/kernel";
const [seed, kind, ws, tail = "6"] = process.argv.slice(2);
const text = (x) => JSON.stringify(x, (_k, v) => (typeof v === "bigint" ? `${v}` : v));
const done = await run(Number(seed), { [kind]: true });
for (const workspaceId of done.workspaces) {
  if (ws && ws !== workspaceId) continue;
  for (const branch of done.database.branches(workspaceId)) {
    const { events } = readTimeline(workspaceId, branch, []);
    const state = emptyState();
    const log = [];
    globalThis.fold = undefined;
    const audit = new WorkspaceAudit(workspaceId);
    const orig = FairFold.prototype.fold;
    let failed;
    FairFold.prototype.fold = function (e) {
      globalThis.fold = this;
      orig.call(this, e);
    };
    let n = 0;
    for (const { row } of branch.rows) {
      const r = audit.row(row);
      const evs = Array.isArray(r)
        ? r
        : events.filter((x) => x.position.seq === row.seq).map((x) => x.event);
      for (const [index, event] of evs.entries()) {
        try {
          apply(state, event, { seq: row.seq, index });
        } catch (e) {
          log.push("APPLY " + e);
        }
        state.undo.forgetTo(state.undo.mark());
        log.push(`${row.seq}.${index} ${text(event).slice(0, 1500)}`);
      }
      if (!Array.isArray(r)) {
        failed = r;
        break;
      }
      try {
        globalThis.fold.compare(state);
      } catch (e) {
        failed = `compare ${e}`;
        break;
      }
    }
    if (failed === undefined) continue;
    console.log(workspaceId, text(failed));
    console.log(log.slice(-Number(tail)).join("\n"));
    const f = globalThis.fold;
    console.log("TREE", f.debug?.());
    console.log(
      "KERNEL",
      text(state.fairness.current.period),
      [...state.fairness.nodes.values()]
        .map(
          (x) =>
            text(x) +
            ` value=${x.isLeaf ? state.fairness.standing.valueOf(x) : state.fairness.standing.valueOf(x) + " below " + state.fairness.standing.below(x.id)}`,
        )
        .join("\n"),
    );
  }
}
