/** Owns how it is told that too little is left: of a rate, a cap, credits or the units of a plan. */
import { type BindingScope, type Problem, printCredits, printInstant } from "@cistern/contract";
import { type Instant, type Scope, isOfPlan } from "@cistern/kernel";
import { rateLimitOf, ruleText } from "../answers/rate-limit.ts";
import { type Refusal, freesAt, refuse, secondsUntil } from "./problem.ts";
import type { Of, RefusedAt } from "./refused-at.ts";

/** A rate that lets no more through now. */
export function rateLimited(
  rejection: Of<"rate_limited">,
  { asker, decidedAt }: RefusedAt,
): Refusal {
  const { scope, rule, requested, remaining, retryAt } = rejection;
  const print = (units: bigint): string =>
    rule.unit === "requests" ? units.toString() : printCredits(units);
  const missing = requested > remaining ? requested - remaining : 0n;
  return {
    ...refuse(
      "rate_limited",
      `${asker} asks for ${print(requested)} ${rule.unit}; ${nameOf(scope)} has ${print(remaining)} left of ${ruleText(rule)} (limit ${scope.limit ?? ""}).${retryAt === null ? " It is more than may ever come at once." : ` Retry at ${printInstant(retryAt)}.`}`,
      {
        scope: scopeOf(scope),
        requested: print(requested),
        available: print(remaining),
        missing: print(missing),
        ...(rule.unit === "requests" ? { unit: "requests" } : {}),
        ...(retryAt === null ? {} : { retryAt: printInstant(retryAt) }),
      },
    ),
    retryAfter: retryAt === null ? 1 : secondsUntil(retryAt, decidedAt),
    rateLimit: rateLimitOf(
      [{ limit: scope.limit ?? "", rule, remaining, resetsAt: retryAt ?? decidedAt }],
      decidedAt,
    ),
  };
}

/** A cap that has too little left. */
export function limitReached(
  rejection: Of<"limit_reached">,
  { asker, workspaceId }: RefusedAt,
): Refusal {
  const { scope, requested, available, cap, used, retryAt, isOverage = false } = rejection;
  const inherited =
    scope.kind === "member" && scope.inherited === true ? ", set for each member" : "";
  const way =
    scope.limit !== undefined && isOfPlan(scope.limit)
      ? "It comes with the plan: ask for less, or change the plan."
      : `Raise the limit, ask its owner for more (POST /v1/workspaces/${workspaceId}/requests), or ask for less.`;
  if (isOverage)
    return refuse(
      "limit_reached",
      `${asker} takes ${printCredits(requested)} credits past the pool; ${nameOf(scope)} may take ${printCredits(available)} more of ${printCredits(cap)} (ceiling on overage ${scope.limit ?? ""}${inherited}, ${printCredits(used)} taken). Raise the ceiling, grant credits, or ask for less.${freesAt(retryAt)}`,
      shortage(rejection),
    );
  return refuse(
    "limit_reached",
    `${asker} asks for ${printCredits(requested)} credits; ${nameOf(scope)} has ${printCredits(available)} left of ${printCredits(cap)} (limit ${scope.limit ?? ""}${inherited}, ${printCredits(used)} used). ${way}${freesAt(retryAt)}`,
    shortage(rejection),
  );
}

/**
 * What calls in flight hold is free by `retryAt` at the latest, when they expire; most end long before. So `Retry-After` asks back
 * soon, and the problem says when there is nothing left to wait for.
 */
const heldRetrySecondsMax = 5;

/** Credits that calls in flight hold. */
export function creditsHeld(
  rejection: Of<"credits_held">,
  { asker, decidedAt }: RefusedAt,
): Refusal {
  const { requested, available, retryAt } = rejection;
  return {
    ...refuse(
      "credits_held",
      `${asker} asks for ${printCredits(requested)} credits; ${printCredits(available)} are available, and calls in flight hold the rest. Retry when they have ended${orLess(rejection)}.`,
      { ...shortage(rejection), ...largestNow(rejection) },
    ),
    retryAfter: heldRetryAfter(retryAt, decidedAt),
  };
}

/** Credits that the pool has no more of. */
export function poolExhausted(rejection: Of<"pool_exhausted">, { asker }: RefusedAt): Refusal {
  const { requested, available, retryAt } = rejection;
  return refuse(
    "pool_exhausted",
    `${asker} asks for ${printCredits(requested)} credits; ${printCredits(available)} are available. Grant credits, or ask for less${orLess(rejection)}.${freesAt(retryAt)}`,
    { ...shortage(rejection), ...largestNow(rejection) },
  );
}

/** Of a shared pool less may be open to a member than is available. */
const orLess = ({ maxNow, available }: Of<"credits_held" | "pool_exhausted">): string =>
  maxNow === undefined || maxNow >= available
    ? ""
    : maxNow === 0n
      ? "; none of them are open to this member now"
      : `; at most ${printCredits(maxNow)} pass now`;

function largestNow({
  maxNow,
  retryAt,
}: Of<"credits_held" | "pool_exhausted">): Pick<Problem, "maxNow" | "next"> {
  if (maxNow === undefined) return {};
  const less = { kind: "ask_for_less", credits: printCredits(maxNow) } as const;
  const wait = retryAt === null ? [] : [{ kind: "wait", until: printInstant(retryAt) } as const];
  return {
    maxNow: printCredits(maxNow),
    next: [...(maxNow === 0n ? [] : [less]), ...wait, { kind: "top_up" }],
  };
}

/** Units of a plan that are used up. */
export function allowanceExhausted(
  rejection: Of<"allowance_exhausted">,
  { asker, workspaceId }: RefusedAt,
): Refusal {
  const { plan, meter, bucket, requested, available, included, used, held, resetsAt } = rejection;
  const renewal = resetsAt === null ? "" : ` It begins anew at ${printInstant(resetsAt)}.`;
  return refuse(
    "allowance_exhausted",
    `${asker} asks for ${requested} ${bucket} of ${meter}; the plan ${plan} has ${available} left of ${included} in this period (${used} used, ${held} held).${renewal} Ask for less, or take a plan with more: PUT /v1/workspaces/${workspaceId}/subscription.`,
    {
      ...unitShortage(rejection),
      ...(resetsAt === null ? {} : { retryAt: printInstant(resetsAt) }),
    },
  );
}

/** Units of a plan that calls in flight hold. */
export function allowanceHeld(
  rejection: Of<"allowance_held">,
  { asker, decidedAt }: RefusedAt,
): Refusal {
  const { plan, meter, bucket, requested, available, held, retryAt } = rejection;
  return {
    ...refuse(
      "allowance_held",
      `${asker} asks for ${requested} ${bucket} of ${meter}; the plan ${plan} has ${available} left, and calls in flight hold ${held}. Retry when they have ended.`,
      {
        ...unitShortage(rejection),
        ...(retryAt === null ? {} : { retryAt: printInstant(retryAt) }),
      },
    ),
    retryAfter: heldRetryAfter(retryAt, decidedAt),
  };
}

const unitShortage = ({
  requested,
  available,
  bucket,
}: Of<"allowance_exhausted" | "allowance_held">): Pick<
  Problem,
  "requested" | "available" | "missing" | "unit"
> => ({
  requested: `${requested}`,
  available: `${available}`,
  missing: `${requested - available}`,
  unit: bucket,
});

const heldRetryAfter = (retryAt: Instant | null, now: Instant): number =>
  retryAt === null ? 1 : Math.min(heldRetrySecondsMax, secondsUntil(retryAt, now));

/** What is asked for, what there is, and where. */
export function shortage(
  rejection: Of<
    | "limit_reached"
    | "never_this_period"
    | "reserved_for_others"
    | "borrow_limit"
    | "credits_held"
    | "pool_exhausted"
  >,
): Pick<Problem, "scope" | "requested" | "available" | "missing" | "retryAt"> {
  const { scope, requested, available, missing, retryAt } = rejection;
  return {
    scope: scopeOf(scope),
    requested: printCredits(requested),
    available: printCredits(available),
    missing: printCredits(missing),
    ...(retryAt === null ? {} : { retryAt: printInstant(retryAt) }),
  };
}

/** A scope as it is told; the kernel's has the same fields. */
export function scopeOf(scope: Scope): BindingScope {
  return scope;
}

function nameOf(scope: Scope): string {
  return scope.kind === "workspace" ? "the workspace" : `${scope.kind} ${scope.id}`;
}
