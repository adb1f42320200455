import {
  type Acceptance,
  type Policy,
  type PolicyHours,
  type PolicyStanding,
  type Weekday,
  printInstant,
} from "@cistern/contract";
import type {
  Acceptance as KernelAcceptance,
  Policy as KernelPolicy,
  PolicyStanding as KernelStanding,
  Position,
  WeeklyHours,
} from "@cistern/kernel";

/** Days of the week in the order of their numbers, from 1 on. */
export const weekdays: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** A policy as it is told. */
export function policyBody(policy: KernelPolicy, at: Position): Policy {
  const { id, scope, text, mustAccept } = policy;
  return {
    id,
    scope,
    ...listsOf(policy),
    ...(text === null ? {} : { text }),
    mustAccept,
    at,
  };
}

/** Who accepted which text, and when. */
export function acceptanceBody(
  { policy, member, text, at }: KernelAcceptance,
  position: Position,
): Acceptance {
  return { policy, member, text, acceptedAt: printInstant(at), at: position };
}

/** A policy as it stands for a member. */
export function policyStandingBody({
  policy,
  isOpen,
  opensAt,
  text,
}: KernelStanding): PolicyStanding {
  const named =
    policy.text === null || text === null
      ? {}
      : {
          text: {
            ...policy.text,
            mustAccept: policy.mustAccept,
            member: text.member,
            ...(text.accepted === null ? {} : { accepted: text.accepted }),
          },
        };
  return {
    id: policy.id,
    scope: policy.scope,
    ...listsOf(policy),
    open: isOpen,
    ...(opensAt === null ? {} : { opensAt: printInstant(opensAt) }),
    ...named,
  };
}

/** Hours as they are told. */
export const hoursBody = ({ days, fromMinute, toMinute }: WeeklyHours): PolicyHours => ({
  days: days.flatMap((day) => weekdays[day - 1] ?? []),
  from: clockText(fromMinute),
  to: clockText(toMinute),
});

function listsOf({
  meters,
  models,
  hours,
}: KernelPolicy): Pick<Policy, "meters" | "models" | "hours"> {
  return {
    ...(meters === null ? {} : { meters }),
    ...(models === null ? {} : { models }),
    ...(hours === null ? {} : { hours: hours.map(hoursBody) }),
  };
}

function clockText(minute: number): string {
  const two = (part: number): string => `${part}`.padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}
