/**
 * Owns how it is said that the pool has credits, but not for this member now (FAIRNESS 1.8).
 *
 * `retryAt` is the start of the first tick at which the same request passes if nobody else spends (`earliest.ts`).
 */
import { type Credits, beyond, credits } from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { Scope } from "../limits/limit.ts";
import type { Rejection } from "../rejections.ts";
import type { Asked } from "./ask.ts";
import { startOfTick } from "./clock.ts";
import { type Draw, mostDrawn } from "./draw.ts";
import { earliestTick } from "./earliest.ts";

/** What a call asks, and what of that comes from lots that stand apart. */
export interface Wanted {
  readonly member: string;
  readonly workspace: string;
  readonly requested: Credits;
  /** Of restricted lots that apply. */
  readonly apart: bigint;
}

type Refused = Exclude<Draw, { readonly kind: "drawn" }>;

/** The refusal of a draw that may not be. */
export function shareRefusal(asked: Asked, refused: Refused, wanted: Wanted): Rejection {
  const { period, path, now, leaf, available, standing } = asked;
  const { member, workspace, requested, apart } = wanted;
  const open = mostDrawn(path, now);
  const maxNow = credits(open + apart);
  const amount = requested - apart;
  const tick = earliestTick(asked, amount);
  const own = path[0]?.stock ?? 0n;
  const potLeft = path.reduce((sum, { stock }, place) => (place === 0 ? sum : sum + stock), 0n);
  const above = open + leaf.used - leaf.share;
  const numbers = {
    scope: scopeOf(asked, refused, { member, workspace }),
    requested,
    available: maxNow,
    missing: beyond(requested, maxNow),
    member,
    maxNow,
    poolLeft: credits(available),
    reservedForOthers: credits(available - potLeft - own),
    others: standing.reserving() - (own > 0n && !asked.isJoining ? 1 : 0),
    openToYou: credits(own + potLeft),
    share: credits(leaf.share),
    used: credits(leaf.used),
    limit: credits(above > 0n ? above : 0n),
    potLeft: credits(potLeft),
    renewsAt: period.end,
  };
  if (tick === undefined) return { code: "never_this_period", ...numbers, retryAt: null };
  return { code: refused.kind, ...numbers, retryAt: startOfTick(period, tick) };
}

/** When so much is open if nobody spends: the start of the first tick; undefined: not in this period. */
export function opensAt(asked: Asked, amount: bigint): Instant | undefined {
  const tick = earliestTick(asked, amount);
  return tick === undefined ? undefined : startOfTick(asked.period, tick);
}

/** The node that binds: the workspace's pot, or who may not take more out of the pot above it. */
function scopeOf(
  { path }: Asked,
  refused: Refused,
  { member, workspace }: { readonly member: string; readonly workspace: string },
): Scope {
  if (refused.kind === "reserved_for_others") return { kind: "workspace", id: workspace };
  const id = path[refused.below]?.id ?? "";
  const [kind, name = ""] = splitOnce(id);
  if (kind === "group") return { kind: "group", id: name };
  return { kind: "member", id: kind === "member" || kind === "own" ? name : member };
}

function splitOnce(id: string): readonly [string, string?] {
  const place = id.indexOf(":");
  return place === -1 ? [id] : [id.slice(0, place), id.slice(place + 1)];
}
