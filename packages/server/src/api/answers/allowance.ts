import { type Allowance, type AllowanceLimit, printCredits, printInstant } from "@cistern/contract";
import type { Allowance as KernelAllowance } from "@cistern/kernel";
import { scopeOf } from "../problems/rejection-problem.ts";
import { windowBody } from "./limit.ts";

type Standing = KernelAllowance["limits"][number];

/** What a member may still spend, as it is told. */
export function allowanceBody({ remaining, binding, limits }: KernelAllowance): Allowance {
  return {
    remaining: printCredits(remaining),
    binding: { scope: scopeOf(binding.scope), reason: reasonOf(binding.reason) },
    limits: limits.map(limitStanding),
  };
}

function reasonOf(reason: KernelAllowance["binding"]["reason"]): Allowance["binding"]["reason"] {
  switch (reason) {
    case "pool":
    case "cap":
    case "rate":
      return reason;
    case "member_inactive":
    case "unknown_member":
    case "seat_required":
    case "workspace_suspended":
      return "status";
  }
}

function limitStanding({ id, scope, rule, used, units, resetsAt }: Standing): AllowanceLimit {
  const base = { id, scope: scopeOf(scope) };
  const resets = resetsAt === null ? {} : { resetsAt: printInstant(resetsAt) };
  if (rule.kind === "rate") {
    const left = units ?? 0n;
    const remaining = rule.unit === "requests" ? left.toString() : printCredits(left);
    return { ...base, rate: { unit: rule.unit, remaining }, ...resets };
  }
  const cap = rule.credits === null ? null : printCredits(rule.credits);
  return { ...base, used: printCredits(used), cap, window: windowBody(rule.window), ...resets };
}
