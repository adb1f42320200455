/**
 * Asks what became of what was acknowledged: everything stands at the end, but what a failover of the world took away; and of
 * that, exactly that is reported lost, neither less nor more (RULES 24). A node that says that the tail was lost is right.
 */
import { type History, workspaceOf } from "../history/call.ts";
import type { Run } from "../run.ts";
import type { Grounded } from "./judge-answers.ts";
import { type Timeline, told } from "./timeline.ts";
import type { Violation } from "./violation.ts";

/** Judges one workspace; `timelines` oldest first, the last one stands. */
export function judgeLosses(
  run: Run,
  grounded: readonly Grounded[],
  timelines: readonly Timeline[],
  violations: Violation[],
): void {
  const { history } = run;
  const workspaceId = timelines[0]?.workspaceId ?? "";
  const tell = (text: string): void => {
    violations.push({ question: "losses", workspaceId, text });
  };
  const standing = new Set<number>();
  const places = new Map<number, string>();
  for (const { call, timeline, placed } of grounded) {
    if (timeline.isStanding) standing.add(call.number);
    places.set(call.number, told(placed.position));
  }
  const reported = new Map(history.standing.map(({ call, isLost }) => [call, isLost]));
  for (const [call, place] of places) {
    const isLost = !standing.has(call);
    const isSaid = reported.get(call);
    if (isSaid === undefined) tell(`nobody could say what became of call ${call}, at ${place}`);
    else if (isLost && !isSaid) tell(`call ${call}, at ${place}, is lost, and nobody says so`);
    else if (!isLost && isSaid) tell(`call ${call}, at ${place}, stands, and is reported lost`);
  }
  if (keepsAll(run))
    for (const one of grounded) {
      const { timeline, call, placed } = one;
      const isSilent =
        !timeline.isStanding && !standing.has(call.number) && !isToldBy(history, one);
      if (isSilent) tell(`${call.node} lost ${told(placed.position)} and never said so`);
    }
  for (const { node, atUs, loss } of history.losses) {
    if (loss.workspaceId !== workspaceId) continue;
    const wrong = wrongOf({ atUs, loss }, timelines);
    if (wrong !== undefined) tell(`${node} reports a lost tail, and ${wrong}`);
  }
}

/** Whether no workspace ever leaves the memory of a node that lives. */
const keepsAll = ({ limits, workspaces }: Run): boolean =>
  (limits.workspacesCachedMax ?? 0) >= workspaces.length &&
  (limits.rowsCachedMax ?? 0) >= 1_000_000;

/**
 * Whether the node that acknowledged a lost answer told of the loss, or had no cause to: it died, or nobody asked it for that
 * workspace again.
 */
function isToldBy(history: History, { call, answeredUs, timeline, placed }: Grounded): boolean {
  const { untilUs } = timeline.branch;
  if (answeredUs > untilUs) return true;
  const isReported = history.losses.some(
    ({ node, atUs, loss }) =>
      node === call.node &&
      atUs >= untilUs &&
      loss.workspaceId === timeline.workspaceId &&
      loss.lost.seq >= placed.position.seq &&
      (loss.kept === undefined || loss.kept.seq < placed.position.seq),
  );
  if (isReported) return true;
  const death = history.starts.find(({ node, atUs }) => node === call.node && atUs > call.askedUs);
  const asked = history.calls.find(
    (other) =>
      other.node === call.node &&
      other.askedUs > untilUs &&
      (other.reply?.kind === "answer" || other.reply?.kind === "read") &&
      workspaceOf(other) === timeline.workspaceId,
  );
  return asked === undefined || (death !== undefined && death.atUs < (asked.answeredUs ?? 0));
}

/** What a node lost was once durable, on a timeline that a failover had ended; what it kept stands on the one that goes on. */
function wrongOf(
  { atUs, loss }: Pick<History["losses"][number], "atUs" | "loss">,
  timelines: readonly Timeline[],
): string | undefined {
  const has = ({ branch }: Timeline, head: { seq: number; hash: string }): boolean =>
    head.seq === 0 || branch.rows[head.seq - 1]?.row.hash === head.hash;
  const { kept, lost, found } = loss;
  const ended = timelines.filter(({ branch }) => branch.untilUs <= atUs);
  if (!ended.some((one) => has(one, lost))) return `row ${lost.seq} was never lost`;
  const later = timelines.filter(({ branch }) => branch.untilUs > atUs);
  const next = later.find((one) => has(one, found)) ?? later[0];
  if (next === undefined || kept === undefined) return undefined;
  if (!has(next, kept)) return `row ${kept.seq}, which it kept, is not there`;
  const after = next.branch.rows[kept.seq]?.row.hash;
  const isExact = !ended.some(
    (one) => has(one, lost) && one.branch.rows[kept.seq]?.row.hash === after,
  );
  return isExact || after === undefined ? undefined : `row ${kept.seq + 1} was not lost`;
}
