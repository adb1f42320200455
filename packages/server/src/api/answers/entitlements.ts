import {
  type Entitlements,
  type MeterAllowance,
  printCredits,
  printInstant,
} from "@cistern/contract";
import type { Entitlements as KernelEntitlements, Position } from "@cistern/kernel";
import { planLimitBody, rateBody } from "./limit.ts";
import { moneyBody } from "./subscription.ts";
import { unitsText } from "./units.ts";

/** What a plan opens, as it is told. */
export function entitlementsBody(
  one: KernelEntitlements,
  currency: string,
  at: Position,
): Entitlements {
  const { subscription, features, meters, models, included, allowances, seats, reserved, spend } =
    one;
  const { limits } = one;
  const plan = subscription?.plan;
  return {
    ...(plan === undefined ? {} : { plan: plan.name, planVersion: plan.version }),
    features,
    ...(meters === null ? {} : { meters }),
    ...(models === null ? {} : { models }),
    includedCredits: {
      included: printCredits(included.credits),
      used: printCredits(included.used),
    },
    allowances: allowances.map(allowanceBody),
    ...(seats === null ? {} : { seats }),
    ...(reserved === null ? {} : { reservedCapacity: reservedBody(reserved) }),
    ...(limits.length === 0 ? {} : { limits: limits.map(planLimitBody) }),
    spend: {
      ...(spend.cap === null ? {} : { cap: moneyBody(spend.cap, currency) }),
      billed: moneyBody(spend.billed, currency),
    },
    at,
  };
}

function reservedBody({
  rule,
  left,
  group,
  shareBps,
}: NonNullable<KernelEntitlements["reserved"]>): NonNullable<Entitlements["reservedCapacity"]> {
  return {
    rate: rateBody(rule),
    left: rule.unit === "requests" ? left.toString() : printCredits(left),
    ...(group === null ? {} : { group }),
    ...(shareBps === 0 ? {} : { share: `${shareBps / 100}` }),
  };
}

/** Units as they are, credits in credits. */
function allowanceBody(one: KernelEntitlements["allowances"][number]): MeterAllowance {
  const { meter, bucket, isLevel, beyond, resetsAt } = one;
  const text = (amount: bigint): string =>
    bucket === null ? printCredits(amount) : unitsText(amount, isLevel);
  return {
    ...(meter === null ? {} : { meter }),
    ...(bucket === null ? {} : { bucket }),
    ...(isLevel ? { perHour: true } : {}),
    included: text(one.included),
    used: text(one.used),
    held: text(one.held),
    left: text(one.left),
    past: text(one.over),
    beyond,
    ...(resetsAt === null ? {} : { resetsAt: printInstant(resetsAt) }),
  };
}
