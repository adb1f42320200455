/** Owns how replays of the past, and what they speak for, are answered. */
import { printInstant } from "@cistern/contract";
import type { Interval } from "@cistern/kernel";
import { recommendPreset } from "../../insights/index.ts";
import { because, replayBody } from "../answers/fairness-replay.ts";
import type { HandlersOf } from "../calls/call.ts";
import type { ApiParts } from "../parts.ts";
import { type Refusal, invalid, refuse, unknownWorkspace } from "../problems/problem.ts";
import type { NoPast, Replayed } from "../../recommending/index.ts";

/** Replays of the past, and what they speak for. */
export function fairnessReplayHandlers({
  replays,
}: Pick<ApiParts, "replays">): HandlersOf<"replayFairness" | "getFairnessRecommendation"> {
  const replayed = async (
    workspace: string,
    period: string,
  ): Promise<Replayed | NoPast | Refusal> => {
    const found = await replays.replay(workspace, period);
    return found.kind === "replayed" || found.kind === "no_past"
      ? found
      : unknownWorkspace(workspace);
  };
  return {
    async replayFairness({ params: { workspace }, query }) {
      const { period: named = "last" } = query;
      const found = await replayed(workspace, named);
      if (found.kind === "refused") return found;
      if (found.kind === "no_past")
        return invalid([{ pointer: "/period", detail: noPastText(workspace, named, found) }]);
      const { report, period, inForce, cutAt } = found;
      const cut = cutAt === undefined ? {} : { cutAt: printInstant(cutAt) };
      const around = { period: periodBody(period), inForce, ...cut };
      return { kind: "done", status: 200, body: replayBody(report, around) };
    },

    async getFairnessRecommendation({ params: { workspace } }) {
      const found = await replayed(workspace, "last");
      if (found.kind === "refused") return found;
      if (found.kind === "no_past")
        return refuse(
          "invalid_request",
          `Nothing speaks for a preset yet: ${noneOverText(workspace, found)}. Ask once one is, or replay the one that runs (period=current).`,
        );
      const { report, period, inForce } = found;
      const { preset, isChange: change } = recommendPreset(report, inForce);
      const outcomes = report.policies.map(({ light, idle, ...policy }) => ({
        ...policy,
        fair: light,
        left: idle,
      }));
      const body = {
        period: periodBody(period),
        inForce,
        preset,
        change,
        because: because({ outcomes, preset, inForce }),
      };
      return { kind: "done", status: 200, body };
    },
  };
}

/** What follows the name of the field. */
function noPastText(workspace: string, named: string, past: NoPast): string {
  if (named === "last")
    return `names nothing to replay: ${noneOverText(workspace, past)}. Ask for \`current\`.`;
  const since = `Ask for \`current\`, or for a month since workspace ${workspace} was created at ${printInstant(past.createdAt)}.`;
  return `names nothing to replay: ${named} ${past.hasBegun ? "was over before the workspace was there" : "has not begun"}. ${since}`;
}

const noneOverText = (workspace: string, { createdAt }: NoPast): string =>
  `no period of workspace ${workspace} is over, which was created at ${printInstant(createdAt)}`;

const periodBody = ({ start, end }: Interval) => ({
  from: printInstant(start),
  to: printInstant(end),
});
