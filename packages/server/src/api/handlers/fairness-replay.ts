/** Owns how replays of the past, and what they speak for, are answered. */
import { printInstant } from "@cistern/contract";
import type { Interval } from "@cistern/kernel";
import { recommendPreset } from "../../insights/index.ts";
import { because, replayBody } from "../answers/fairness-replay.ts";
import type { HandlersOf } from "../calls/call.ts";
import type { ApiParts } from "../parts.ts";
import { type Refusal, unknownWorkspace } from "../problems/problem.ts";
import type { Replayed } from "../../recommending/index.ts";

/** Replays of the past, and what they speak for. */
export function fairnessReplayHandlers({
  replays,
}: Pick<ApiParts, "replays">): HandlersOf<"replayFairness" | "getFairnessRecommendation"> {
  const replayed = async (workspace: string, period: string): Promise<Replayed | Refusal> => {
    const found = await replays.replay(workspace, period);
    return found.kind === "replayed" ? found : unknownWorkspace(workspace);
  };
  return {
    async replayFairness({ params: { workspace }, query }) {
      const found = await replayed(workspace, query.period ?? "last");
      if (found.kind === "refused") return found;
      const { report, period, inForce, cutAt } = found;
      const cut = cutAt === undefined ? {} : { cutAt: printInstant(cutAt) };
      const around = { period: periodBody(period), inForce, ...cut };
      return { kind: "done", status: 200, body: replayBody(report, around) };
    },

    async getFairnessRecommendation({ params: { workspace } }) {
      const found = await replayed(workspace, "last");
      if (found.kind === "refused") return found;
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

const periodBody = ({ start, end }: Interval) => ({
  from: printInstant(start),
  to: printInstant(end),
});
