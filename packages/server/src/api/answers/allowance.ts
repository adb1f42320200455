import {
  type Allowance,
  type AllowanceLimit,
  type DeniedByReason,
  printCredits,
  printInstant,
} from "@cistern/contract";
import type { Allowance as KernelAllowance, AllowanceInRun, PolicyStanding } from "@cistern/kernel";
import { scopeOf } from "../problems/shortage.ts";
import { policyStandingBody } from "./policy.ts";
import { moneyBody } from "./subscription.ts";
import { memberShareBody } from "./fairness.ts";
import { windowBody } from "./limit.ts";

type Standing = KernelAllowance["limits"][number];

/** What a member may still spend, as it is told. */
export function allowanceBody(
  { remaining, binding, limits, share, overage }: AllowanceInRun,
  policies: readonly PolicyStanding[],
  denied: readonly DeniedByReason[],
): Allowance {
  return {
    remaining: printCredits(remaining),
    binding: {
      scope: binding.scope,
      reason: reasonOf(binding.reason),
      ...("policy" in binding && binding.policy !== undefined
        ? policedBy(binding.policy, binding.resetsAt)
        : {}),
    },
    limits: limits.map(limitStanding),
    ...(share === undefined ? {} : { share: memberShareBody(share, denied) }),
    ...(policies.length === 0 ? {} : { policies: policies.map(policyStandingBody) }),
    ...(overage === undefined ? {} : { overage: overageBody(overage) }),
  };
}

const policedBy = (
  policy: string,
  opensAt: KernelAllowance["binding"]["resetsAt"],
): Pick<Allowance["binding"], "policy" | "retryAt"> => ({
  policy,
  ...(opensAt === null ? {} : { retryAt: printInstant(opensAt) }),
});

function overageBody({
  currency,
  cap,
  billed,
  inFlight,
  credits,
}: NonNullable<KernelAllowance["overage"]>): NonNullable<Allowance["overage"]> {
  const left = (cap ?? 0n) - billed - inFlight;
  return {
    ...(cap === null ? {} : { spendCap: moneyBody(cap, currency) }),
    billed: moneyBody(billed, currency),
    inFlight: moneyBody(inFlight, currency),
    ...(cap === null ? {} : { left: moneyBody(left > 0n ? left : 0n, currency) }),
    ...(credits === null ? {} : { credits: printCredits(credits) }),
  };
}

function reasonOf(reason: AllowanceInRun["binding"]["reason"]): Allowance["binding"]["reason"] {
  switch (reason) {
    case "pool":
    case "fairness":
    case "spend_cap":
    case "cap":
    case "overage":
    case "rate":
    case "run":
      return reason;
    case "policy_not_accepted":
    case "not_allowed":
      return "policy";
    case "member_inactive":
    case "unknown_member":
    case "seat_required":
    case "workspace_suspended":
      return "status";
  }
}

function limitStanding({
  id,
  scope,
  rule,
  used,
  cap,
  lent,
  units,
  resetsAt,
}: Standing): AllowanceLimit {
  const base = { id, scope: scopeOf(scope) };
  const resets = resetsAt === null ? {} : { resetsAt: printInstant(resetsAt) };
  if (rule.kind === "rate") {
    const left = units ?? 0n;
    const remaining = rule.unit === "requests" ? left.toString() : printCredits(left);
    return { ...base, rate: { unit: rule.unit, remaining }, ...resets };
  }
  return {
    ...base,
    ...(rule.kind === "overage" ? { counts: "overage" } : {}),
    used: printCredits(used),
    cap: cap === null ? null : printCredits(cap),
    ...(lent === 0n ? {} : { lent: printCredits(lent) }),
    window: windowBody(rule.window),
    ...resets,
  };
}
