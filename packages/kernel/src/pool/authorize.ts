/**
 * Owns the last rung of the ladder: whether the pool, and the overage behind it, carry an amount (RULES 2).
 *
 * Let a = available, m = a (fairness comes between the two), room = what the overage still allows.
 * e <= a: from the pool. Else e - a <= room: the rest is a permission to go into debt. Else e <= a + held (+ limit - debt
 * with overage): `credits_held`. Else `pool_exhausted`. Where usage past the pool is billed, room is what the spend cap leaves. K3 is asserted on what is approved.
 */
import { assert } from "../bug.ts";
import { type Credits, beyond, credits, least, minus, noCredits } from "../amount.ts";
import { type Beyond, beyondPool, lineIn, overageNow } from "../billed/bill.ts";
import { spendWith } from "../billed/spend.ts";
import type { PinnedLine } from "../billed/terms.ts";
import { overageInFlight } from "../holds/slice.ts";
import { type Instant, instant } from "../instant.ts";
import type { Rejection } from "../rejections.ts";
import type { State } from "../state/state.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { openTo } from "./slice.ts";
import { type UsageScope, applies } from "./usage-scope.ts";

/** Parts of an approved amount: what lots carry, and what overage permits. */
export type Authorized =
  | {
      readonly kind: "authorized";
      readonly fromPool: Credits;
      readonly overage: Credits;
      /** The line that `overage` would be billed on; left out where it would be owed. */
      readonly billing?: PinnedLine;
    }
  | { readonly kind: "refused"; readonly rejection: Rejection };

/**
 * Asks the pool for `requested`. `at` is when the call was authorized first: an extension is billed as its hold is, and that of a call of a
 * trial takes lots that were effective `by` then.
 */
export function authorize(
  state: State,
  workspace: Workspace,
  usage: UsageScope,
  {
    requested,
    at,
    by,
  }: { readonly requested: Credits; readonly at: Instant; readonly by?: Instant | undefined },
): Authorized {
  const { available, held } = openTo(state.pool, usage, by);
  if (requested <= available)
    return { kind: "authorized", fromPool: requested, overage: noCredits };
  // Of a trial nothing is lent, also when it is over.
  const overage = by === undefined ? overageNow(state) : ({ kind: "deny" } as const);
  const billing = overage.kind === "bill" ? beyondPool(state, usage.meter, at) : undefined;
  // What the plan has no price for is neither billed nor lent.
  if (billing?.kind === "bill")
    return billBeyond(state, billing, { requested, available, workspace: workspace.id });
  const limit = overage.kind === "debt" ? overage.limit : noCredits;
  const debt = credits(state.pool.totals.debt);
  const overageHeld = overageInFlight(state.holds);
  const room = beyond(limit, credits(debt + overageHeld));
  const missing = credits(requested - available);
  if (missing <= room) {
    assert(debt + overageHeld + missing <= limit, "K3 overage in flight stays within its limit");
    return { kind: "authorized", fromPool: available, overage: missing };
  }
  // What comes back pays debt first: past the limit, debt takes from what calls in flight would free.
  const lent = overage.kind === "debt" ? limit - debt : 0n;
  const isFreeing = requested <= available + held + lent;
  const shortage = {
    scope: { kind: "workspace", id: workspace.id },
    requested,
    available: credits(available + room),
    missing: credits(missing - room),
  } as const;
  if (isFreeing) return refused({ code: "credits_held", ...shortage, retryAt: nextExpiry(state) });
  return refused({
    code: "pool_exhausted",
    ...shortage,
    retryAt: nextCredits(state, usage, shortage.missing),
  });
}

/** What the pool has comes first; the rest is a permission to bill, within the spend cap of the period. */
function billBeyond(
  state: State,
  billing: Extract<Beyond, { readonly kind: "bill" }>,
  {
    requested,
    available,
    workspace,
  }: { requested: Credits; available: Credits; workspace: string },
): Authorized {
  const amount = minus(requested, available);
  const { cap, billed, asked } = spendWith(state, billing, amount);
  if (cap === null || billed + asked <= cap)
    return {
      kind: "authorized",
      fromPool: available,
      overage: amount,
      billing: lineIn(state, billing),
    };
  const { plan, period } = state.subscriptions.live.row ?? {};
  return refused({
    code: "spend_cap_reached",
    workspace,
    currency: plan?.currency ?? "",
    cap,
    billed,
    asked,
    resetsAt: period?.end ?? null,
  });
}

const refused = (rejection: Rejection): Authorized => ({ kind: "refused", rejection });

function nextExpiry(state: State): Instant | null {
  const firstAt = state.holds.expiring.firstAt();
  return firstAt === undefined ? null : instant(firstAt);
}

/** When lots that are granted but not yet effective will have covered what is missing. */
function nextCredits(state: State, usage: UsageScope, missing: Credits): Instant | null {
  let left: bigint = missing;
  for (const lot of state.pool.starting.rows) {
    if (!applies(lot, usage)) continue;
    left -= least(lot.available, credits(left));
    if (left === 0n) return lot.effectiveAt;
  }
  return null;
}
