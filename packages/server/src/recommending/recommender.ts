/**
 * Owns that what the last period speaks for is offered when another has begun: the past is replayed once, beside all calls, and where it
 * speaks for another preset than the one in force one event says so. Applying it is an owner's.
 *
 * R1 the event stands in the journal before the look is noted, under a key that the end of the period gives: however often a period is
 * replayed, and by how many nodes, it is one event. R2 a period in which nobody shared (fewer than two asked for credits) speaks for nothing.
 */
import { createHash } from "node:crypto";
import { type AskedFor, type PresetAdvice, credits } from "@cistern/kernel";
import type { Engine } from "../engine/index.ts";
import { type FairnessReport, recommendPreset } from "../insights/index.ts";
import type { LookRows } from "./look-rows.ts";
import type { Replayed, Replays } from "./replays.ts";

/** What a recommender stands on. */
export interface RecommenderOptions {
  readonly engine: Pick<Engine, "execute">;
  readonly replays: Replays;
  readonly rows: LookRows;
  readonly now: () => number;
  /** After a period has ended, until it is looked at: other nodes write what they refused every few seconds. */
  readonly graceMs: number;
}

/** Offers what is over. */
export interface Recommender {
  /** Replays the last period of a workspace if that was not done, and offers what it speaks for. */
  look(workspaceId: string, isOver?: () => boolean): Promise<void>;
}

/** As long as a node has a workspace to itself, and the longest until it is looked at again: a period may end before it was to. */
const takenMs = 10 * 60_000;
const lookMsMax = 7 * 86_400_000;

/**
 * See the file head.
 *
 * @example await createRecommender({ engine, replays, rows, now, graceMs: 60_000 }).look("acme")
 */
export function createRecommender(options: RecommenderOptions): Recommender {
  const { rows, replays, now, graceMs } = options;
  return {
    async look(workspaceId, isOver) {
      const at = now();
      const taken = await rows.take(workspaceId, at, at + takenMs);
      if (taken === undefined) return;
      const standing = await replays.standing(workspaceId);
      if (standing.kind === "unknown_workspace") return;
      const { current, createdAt } = standing;
      if (current.start > createdAt && current.start > taken.replayedToMs) {
        const replayed = await replays.replay(workspaceId, "last", isOver);
        if (replayed.kind === "stopped") return;
        if (replayed.kind === "replayed") await offer(options, workspaceId, replayed);
      }
      const nextAtMs = Math.min(current.end + graceMs, at + lookMsMax);
      await rows.looked(workspaceId, nextAtMs, current.start);
    },
  };
}

/** R1, R2. Where somebody has chosen another preset meanwhile, the kernel refuses it, and nothing is said. */
async function offer(
  { engine }: RecommenderOptions,
  workspaceId: string,
  replayed: Replayed,
): Promise<void> {
  const { report, inForce } = replayed;
  const askers = report.happened.members.filter(({ asked }) => asked.credits > 0n);
  const { preset, isChange } = recommendPreset(report, inForce);
  if (!isChange || askers.length < 2) return;
  const advice = adviceOf(replayed, preset);
  const command = { kind: "recommendFairness", advice } as const;
  await engine.execute({ workspaceId, command, ...keyOf(advice) });
}

function adviceOf(
  { report, period, inForce, cutAt }: Replayed,
  preset: PresetAdvice["preset"],
): PresetAdvice {
  const outcomes = report.policies.map((policy) => ({
    preset: policy.preset,
    asked: askedFor(policy.asked),
    denied: askedFor(policy.denied),
    fair: { asked: askedFor(policy.light.asked), denied: askedFor(policy.light.denied) },
    used: notBelowNothing(policy.used),
    left: notBelowNothing(policy.idle),
  }));
  return { period, cutAt: cutAt ?? null, inForce, preset, outcomes };
}

const askedFor = (tally: FairnessReport["refused"]): AskedFor => ({
  calls: tally.calls,
  credits: credits(tally.credits),
});

/** More may be given back in a period than is used in it. */
const notBelowNothing = (amount: bigint) => credits(amount > 0n ? amount : 0n);

function keyOf({ period: { end } }: PresetAdvice): {
  readonly opId: string;
  readonly fingerprint: string;
} {
  const fingerprint = createHash("sha256").update(`recommended ${end}`).digest("hex");
  return { opId: `recommend:${fingerprint}`, fingerprint };
}
