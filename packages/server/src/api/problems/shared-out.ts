/** Owns how it is told that the pool has credits, but not for this member now (FAIRNESS 1.8). */
import { printCredits, printInstant } from "@cistern/contract";
import { type Refusal, freesAt, refuse } from "./problem.ts";
import type { Of, RefusedAt } from "./refused-at.ts";
import { shortage } from "./shortage.ts";

/** The reason, with its numbers, and what can be done. */
export function sharedOut(
  rejection: Of<"never_this_period" | "reserved_for_others" | "borrow_limit">,
  { asker }: RefusedAt,
): Refusal {
  const print = printCredits;
  const { code, requested, maxNow, renewsAt } = rejection;
  const asks = `${asker} asks for ${print(requested)} credits;`;
  const ways = `Ask for at most ${print(maxNow)}, have an owner give you reserved credits, or top up.`;
  switch (code) {
    case "reserved_for_others":
      return refuse(
        code,
        `${asks} the pool has ${print(rejection.poolLeft)} left, of which ${print(rejection.reservedForOthers)} are reserved for ${rejection.others} other(s) and ${print(rejection.openToYou)} are open to ${rejection.member}. ${ways}${freesAt(rejection.retryAt)}`,
        shortage(rejection),
      );
    case "borrow_limit":
      return refuse(
        code,
        `${asks} ${rejection.member} has a share of ${print(rejection.share)}, used ${print(rejection.used)}, and may have ${print(rejection.limit)} above it now, with ${print(rejection.potLeft)} in the team pot. ${ways}${freesAt(rejection.retryAt)}`,
        shortage(rejection),
      );
    case "never_this_period":
      return refuse(
        code,
        `${asks} so much is not open to ${rejection.member} in this period, even if nobody else spends. All is shared anew at ${printInstant(renewsAt)}. ${ways}`,
        shortage(rejection),
      );
  }
}
