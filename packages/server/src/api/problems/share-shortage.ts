/** Owns how it is told that the pool has credits, but not for this member now (FAIRNESS 1.8). */
import { type NextStep, type ShareFigures, printCredits, printInstant } from "@cistern/contract";
import { type Refusal, refuse } from "./problem.ts";
import type { Of, RefusedAt } from "./refused-at.ts";
import { shortage } from "./shortage.ts";

type SharedOut = Of<"never_this_period" | "reserved_for_others" | "borrow_limit">;

/** The reason, with its numbers, and what can be done. */
export function sharedOut(rejection: SharedOut, { asker, workspaceId }: RefusedAt): Refusal {
  const detail = `${asker} asks for ${printCredits(rejection.requested)} credits. ${reason(rejection)} ${ways(rejection, workspaceId)}`;
  return refuse(rejection.code, detail, {
    ...shortage(rejection),
    maxNow: printCredits(rejection.maxNow),
    figures: figuresOf(rejection),
    next: nextSteps(rejection),
  });
}

function reason(rejection: SharedOut): string {
  const print = printCredits;
  const { member, poolLeft, share, used, renewsAt } = rejection;
  switch (rejection.code) {
    case "reserved_for_others":
      return `The pool has ${print(poolLeft)} left, of which ${print(rejection.reservedForOthers)} are reserved for ${people(rejection.others)} and ${print(rejection.openToYou)} are open to ${member}. What they leave unused fades to the team until ${printInstant(renewsAt)}.`;
    case "borrow_limit":
      return `${member} has used ${print(used)} of a fair share of ${print(share)}. Above the share it may have ${print(rejection.limit)} in all now, with ${print(rejection.potLeft)} in the team pot; that grows as the period runs out.`;
    case "never_this_period":
      return `So much does not become open to ${member} in this period, even if nobody else spends: it has used ${print(used)} of a fair share of ${print(share)}, and the pool has ${print(poolLeft)} left.`;
  }
}

function ways({ maxNow, retryAt, renewsAt }: SharedOut, workspaceId: string): string {
  const less = maxNow === 0n ? "" : `Ask for at most ${printCredits(maxNow)} now. `;
  const wait =
    retryAt === null
      ? ""
      : ` The same call passes at ${printInstant(retryAt)} at the earliest, if nobody else spends.`;
  return `${less}An owner can give you reserved credits of another member (ask with POST /v1/workspaces/${workspaceId}/requests), or top up the pool.${wait} All is shared anew at ${printInstant(renewsAt)}.`;
}

function figuresOf(rejection: SharedOut): ShareFigures {
  return {
    poolLeft: printCredits(rejection.poolLeft),
    reservedForOthers: printCredits(rejection.reservedForOthers),
    others: rejection.others,
    openToYou: printCredits(rejection.openToYou),
    share: printCredits(rejection.share),
    used: printCredits(rejection.used),
    limit: printCredits(rejection.limit),
    potLeft: printCredits(rejection.potLeft),
    renewsAt: printInstant(rejection.renewsAt),
  };
}

function nextSteps({ maxNow, retryAt }: SharedOut): readonly NextStep[] {
  return [
    ...(maxNow === 0n ? [] : [{ kind: "ask_for_less", credits: printCredits(maxNow) } as const]),
    ...(retryAt === null ? [] : [{ kind: "wait", until: printInstant(retryAt) } as const]),
    { kind: "ask_owner_for_gift" },
    { kind: "top_up" },
  ];
}

const people = (count: number): string => (count === 1 ? "1 other" : `${count} others`);
