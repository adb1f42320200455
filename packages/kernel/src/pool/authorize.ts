/**
 * Owns the last rung of the ladder: whether the pool as it is shared, and the overage behind it, carry an amount (RULES 2).
 *
 * Let a = available, m = the most that is open to the member now (a, where the pool is not shared), room = what the overage still allows.
 * e <= m: from the pool. Else m = a and e - a <= room: the rest is a permission to go into debt. Else e <= a: the refusal of the
 * shares. Else e <= a + held (+ limit - debt with overage): `credits_held`. Else `pool_exhausted`. Where usage past the pool is billed, room is what the spend cap leaves. K3 is asserted on what is approved.
 */
import { assert } from "../bug.ts";
import { type Credits, beyond, credits, least, minus, noCredits } from "../amount.ts";
import { type Beyond, beyondPool, lineIn, overageNow } from "../billed/bill.ts";
import { spendWith } from "../billed/spend.ts";
import type { PinnedLine } from "../billed/terms.ts";
import { type Asked, askFor, drawOn, drawnAs } from "../fairness/ask.ts";
import { mostDrawn } from "../fairness/draw.ts";
import type { Drawn } from "../fairness/events.ts";
import { shareRefusal } from "../fairness/refuse.ts";
import { overageInFlight } from "../holds/slice.ts";
import { type Instant, instant } from "../instant.ts";
import type { Rejection } from "../rejections.ts";
import type { State } from "../state/state.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { partsOf } from "./unrestricted-part.ts";
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
      /** What of `fromPool` lots that are shared may give at most; left out: all. */
      readonly sharedMost?: Credits;
      /** What it draws of shares; left out where the pool is not shared. */
      readonly drawn?: Drawn;
    }
  | { readonly kind: "refused"; readonly rejection: Rejection };

/** A call that asks the pool. */
export interface PoolAsk {
  readonly requested: Credits;
  /** Whose share it may be, beside the member's own. */
  readonly sponsors: readonly string[];
  /** When the call was authorized first: an extension is billed as its hold is. */
  readonly at: Instant;
  readonly now: Instant;
  /** An extension of a call of a trial takes lots that were effective by then. */
  readonly by?: Instant | undefined;
  /** What the call drew before: in one period it stays on one seat, where all of it returns. */
  readonly drew?: Drawn | undefined;
}

/** Where the call stands in the shares; undefined where the pool is not shared. */
function shareOf(
  state: State,
  { member }: UsageScope,
  { sponsors, now, drew }: PoolAsk,
): Asked | undefined {
  const isOfPeriod = drew?.period === state.fairness.current.period?.number;
  return askFor(state, { member, sponsors }, now, isOfPeriod ? drew?.seat : undefined);
}

/** Asks the pool for `requested`. */
export function authorize(
  state: State,
  workspace: Workspace,
  usage: UsageScope,
  ask: PoolAsk,
): Authorized {
  const { requested, at, by } = ask;
  const { available, held } = openTo(state.pool, usage, by);
  if (requested <= available) return withinPool(state, workspace, usage, ask);
  const all = drawAll(state, usage, ask, available);
  const drawn = all === "refused" ? notShared : all;
  // Of a trial nothing is lent, also when it is over.
  const overage = by === undefined && all !== "refused" ? overageNow(state) : deny;
  const billing = overage.kind === "bill" ? beyondPool(state, usage.meter, at) : undefined;
  // What the plan has no price for is neither billed nor lent.
  if (billing?.kind === "bill")
    return billBeyond(state, billing, { requested, available, workspace: workspace.id, ...drawn });
  const limit = overage.kind === "debt" ? overage.limit : noCredits;
  const debt = credits(state.pool.totals.debt);
  const overageHeld = overageInFlight(state.holds);
  const room = beyond(limit, credits(debt + overageHeld));
  const missing = credits(requested - available);
  if (missing <= room) {
    assert(debt + overageHeld + missing <= limit, "K3 overage in flight stays within its limit");
    return { kind: "authorized", fromPool: available, overage: missing, ...drawn };
  }
  // What comes back pays debt first: past the limit, debt takes from what calls in flight would free.
  const lender = by === undefined ? overageNow(state) : deny;
  const lent = lender.kind === "debt" ? lender.limit - debt : 0n;
  const isFreeing = requested <= available + held + lent;
  const shortage = {
    scope: { kind: "workspace", id: workspace.id },
    requested,
    available: credits(available + room),
    missing: credits(missing - room),
    ...largestNow(state, usage, ask, { available, room }),
  } as const;
  if (isFreeing) return refused({ code: "credits_held", ...shortage, retryAt: nextExpiry(state) });
  return refused({
    code: "pool_exhausted",
    ...shortage,
    retryAt: nextCredits(state, usage, shortage.missing),
  });
}

const deny = { kind: "deny" } as const;

/** An amount that the pool has: it is the shares' to say whether the member may have it. */
function withinPool(
  state: State,
  workspace: Workspace,
  usage: UsageScope,
  ask: PoolAsk,
): Authorized {
  const { requested, by } = ask;
  const { member } = usage;
  const asked = shareOf(state, usage, ask);
  if (asked === undefined) return { kind: "authorized", fromPool: requested, overage: noCredits };
  const parts = partsOf(state.pool, usage, requested, by);
  const natural = drawOn(asked, parts.shared);
  const grant = { kind: "authorized", fromPool: requested, overage: noCredits } as const;
  if (natural.kind === "drawn") return { ...grant, drawn: drawnAs(asked, natural) };
  // Of lots that stand apart there may be more than burn order would take.
  const needed = beyond(requested, parts.apart);
  if (needed < parts.shared && drawOn(asked, needed).kind === "drawn") {
    const most = credits(mostDrawn(asked.path, asked.now));
    const sharedMost = most < parts.shared ? most : parts.shared;
    const draw = drawOn(asked, sharedMost);
    if (draw.kind === "drawn") return { ...grant, sharedMost, drawn: drawnAs(asked, draw) };
  }
  const apart = parts.apart < requested ? parts.apart : requested;
  const wanted = { member, workspace: workspace.id, requested, apart };
  return refused(shareRefusal(asked, natural, wanted));
}

/** What a call draws that takes all that is open to it; refused where the shares do not let it have that. */
function drawAll(
  state: State,
  usage: UsageScope,
  ask: PoolAsk,
  available: Credits,
): "refused" | { readonly drawn?: Drawn } {
  const asked = shareOf(state, usage, ask);
  if (asked === undefined) return notShared;
  const { shared } = partsOf(state.pool, usage, available, ask.by);
  const draw = drawOn(asked, shared);
  return draw.kind === "drawn" ? { drawn: drawnAs(asked, draw) } : "refused";
}

const notShared = {};

/** The largest amount that would pass, where the pool is shared: what the shares let the member have is at most what is available. */
function largestNow(
  state: State,
  usage: UsageScope,
  ask: PoolAsk,
  { available, room }: { readonly available: Credits; readonly room: Credits },
): { readonly maxNow?: Credits } {
  const asked = shareOf(state, usage, ask);
  if (asked === undefined) return notShared;
  const { shared, apart } = partsOf(state.pool, usage, available, ask.by);
  const open = mostDrawn(asked.path, asked.now);
  // With all of it open, what the overage allows comes on top.
  return { maxNow: open < shared ? credits(open + apart) : credits(available + room) };
}

/** What the pool has comes first; the rest is a permission to bill, within the spend cap of the period. */
function billBeyond(
  state: State,
  billing: Extract<Beyond, { readonly kind: "bill" }>,
  {
    requested,
    available,
    workspace,
    drawn,
  }: { requested: Credits; available: Credits; workspace: string; drawn?: Drawn },
): Authorized {
  const amount = minus(requested, available);
  const { cap, billed, asked } = spendWith(state, billing, amount);
  if (cap === null || billed + asked <= cap)
    return {
      kind: "authorized",
      fromPool: available,
      overage: amount,
      billing: lineIn(state, billing),
      ...(drawn === undefined ? {} : { drawn }),
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
