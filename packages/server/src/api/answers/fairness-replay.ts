/** Owns how a replay is told, and in which words it speaks for a preset. */
import {
  type CallTally,
  type FairnessOffer,
  type FairnessReplay,
  type ReplayOutcome,
  printCredits,
  printInstant,
} from "@cistern/contract";
import type { FairnessPreset, PresetAdvice } from "@cistern/kernel";
import type { FairnessReport, ReplayOutcome as Outcome } from "../../insights/index.ts";

/** Members that are told of each way of sharing: those who were denied most. */
const membersMax = 100;

/** What a replay came to. */
export function replayBody(
  { happened, policies, refused, leftOut }: FairnessReport,
  around: Pick<FairnessReplay, "period" | "inForce"> & { readonly cutAt?: string },
): FairnessReplay {
  return {
    ...around,
    happened: outcomeBody(happened),
    policies: policies.map(({ preset, ...outcome }) => ({ preset, ...outcomeBody(outcome) })),
    refusedAsks: tally(refused),
    leftOut,
    limits,
  };
}

/** What no replay can know. */
const limits: readonly string[] = [
  "Of calls that were refused the hour, the number and the sum are known: they are asked in equal parts, evenly through their hour, and use all that they ask for. Those of an hour that is only partly in the period, or that were lost in a crash, are missing, and a call that was tried again counts each time.",
  "A call that a preset denies is counted with what was set aside for it, which may be more than it would have used.",
  "Members may have asked for less because they were refused, or for more because they were not: what they would have wanted is not known.",
  "Changes of plans and of settings are made as they were, but for how the pool is shared; what a workspace that went another way refuses of them is not made. What is listed as left out is not replayed.",
];

function outcomeBody(outcome: Outcome): ReplayOutcome {
  const { asked, denied, limited, used, idle, light, members } = outcome;
  const leftOut = members.length - membersMax;
  return {
    asked: tally(asked),
    denied: tally(denied),
    limited: tally(limited),
    used: printCredits(used),
    idle: printCredits(idle),
    light: {
      asked: printCredits(light.asked.credits),
      denied: printCredits(light.denied.credits),
      deniedCalls: light.denied.calls,
    },
    members: members.slice(0, membersMax).map((one) => ({
      member: one.member,
      asked: tally(one.asked),
      denied: tally(one.denied),
      used: printCredits(one.used),
    })),
    ...(leftOut > 0 ? { membersLeftOut: leftOut } : {}),
  };
}

const tally = ({ calls, credits }: { calls: number; credits: bigint }): CallTally => ({
  calls,
  credits: printCredits(credits),
});

/** Why, with the figures: of a replay, or of what was offered. */
export function because({
  outcomes,
  preset,
  inForce,
}: {
  readonly outcomes: readonly Figures[];
  readonly preset: FairnessPreset;
  readonly inForce: FairnessPreset;
}): string {
  const of = (name: FairnessPreset): string => {
    const outcome = outcomes.find((one) => one.preset === name);
    if (outcome === undefined) return name;
    const { fair, denied, left } = outcome;
    return `${name} denies ${printCredits(fair.denied.credits)} of ${printCredits(fair.asked.credits)} credits to members within their fair share, ${printCredits(denied.credits)} in all, and leaves ${printCredits(left)} unused`;
  };
  return preset === inForce
    ? `On what was asked for in this period ${of(inForce)}, and no other preset does clearly better.`
    : `On what was asked for in this period ${of(preset)}; ${of(inForce)}.`;
}

/** What is said of one preset. */
interface Figures {
  readonly preset: FairnessPreset;
  readonly denied: { readonly credits: bigint };
  readonly fair: {
    readonly asked: { readonly credits: bigint };
    readonly denied: { readonly credits: bigint };
  };
  readonly left: bigint;
}

/** What was offered when a period was over. */
export function offerBody({
  period,
  cutAt,
  inForce,
  preset,
  outcomes,
}: PresetAdvice): FairnessOffer {
  return {
    period: { from: printInstant(period.start), to: printInstant(period.end) },
    inForce,
    preset,
    because: because({ outcomes, preset, inForce }),
    presets: outcomes.map((one) => ({
      preset: one.preset,
      asked: tally(one.asked),
      denied: tally(one.denied),
      fair: { asked: tally(one.fair.asked), denied: tally(one.fair.denied) },
      used: printCredits(one.used),
      idle: printCredits(one.left),
    })),
    ...(cutAt === null ? {} : { cutAt: printInstant(cutAt) }),
  };
}
