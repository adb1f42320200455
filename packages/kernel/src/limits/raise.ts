/**
 * Owns raises: credits above a cap that somebody approved, at one counter (docs/decisions/0039).
 *
 * Y1 a raise of a window holds until `until`, and never in the next window. Y2 `once` lends its credits to approvals that do not fit
 * below the cap, each credit one time: what comes back to the window does not fill it again. Y3 `standing` replaces the credits of a
 * default limit for one member, until the limit counts anew or is removed.
 */
import { assert } from "../bug.ts";
import { type Credits, beyond, credits, creditsMax, least, minus, noCredits } from "../amount.ts";
import type { Instant, Interval } from "../instant.ts";
import type { Count, Window } from "./limit.ts";

/** What was approved, by the request that asked for it. */
export type Raise = {
  readonly request: string;
  readonly limit: string;
  /** The counter whose cap is raised. */
  readonly counter: string;
  readonly at: Instant;
} & (
  | {
      readonly kind: "once";
      /** Not lent yet. */
      readonly left: Credits;
      readonly until: Instant;
    }
  | { readonly kind: "period"; readonly credits: Credits; readonly until: Instant }
  | {
      readonly kind: "standing";
      /** The cap itself. */
      readonly credits: Credits;
    }
);

/** A cap with its raises at one instant. */
export interface Raised {
  readonly cap: Credits;
  /** What `once` still lends on top. */
  readonly lent: Credits;
}

/** What raises make of a cap of `base` credits. */
export function raisedCap(
  raises: readonly Raise[] | undefined,
  base: Credits,
  { kind }: Window,
  open: Pick<Interval, "start">,
  at: Instant,
): Raised {
  if (raises === undefined) return { cap: base, lent: noCredits };
  let cap: bigint = base;
  let more = 0n;
  let lent = 0n;
  for (const raise of raises) {
    if (raise.kind === "standing") cap = raise.credits;
    else if (!isActive(raise, kind, open, at)) continue;
    else if (raise.kind === "period") more += raise.credits;
    else lent += raise.left;
  }
  return { cap: bounded(cap + more), lent: bounded(lent) };
}

/** What a cap of `base` credits is when every raise of a window is over (Y3). */
export function capForGood(raises: readonly Raise[] | undefined, base: Credits): Credits {
  let cap = base;
  for (const raise of raises ?? []) if (raise.kind === "standing") cap = raise.credits;
  return cap;
}

/** Which raises lend what an approval of `amount` needs beyond `left`, the first that end first. */
export function lentTo(
  raises: readonly Raise[],
  amount: Credits,
  left: Credits,
  { window, open, at }: { window: Window; open: Pick<Interval, "start">; at: Instant },
): NonNullable<Count["lent"]> {
  const lent: { request: string; credits: Credits }[] = [];
  let missing = beyond(amount, left);
  for (const raise of raises) {
    if (missing === 0n) break;
    if (raise.kind !== "once" || !isActive(raise, window.kind, open, at)) continue;
    const part = least(raise.left, missing);
    lent.push({ request: raise.request, credits: part });
    missing = minus(missing, part);
  }
  assert(missing === 0n, "K3 an approval beyond a cap is lent by raises");
  return lent;
}

/** Y1. A calendar window that begins after the approval is another one, whatever the zone was then. */
const isActive = (
  { at: approvedAt, until }: Raise & { readonly until: Instant },
  kind: Window["kind"],
  open: Pick<Interval, "start">,
  at: Instant,
): boolean => at < until && (kind !== "calendar" || open.start <= approvedAt);

const bounded = (amount: bigint): Credits => credits(amount > creditsMax ? creditsMax : amount);

/** In the order in which they lend: the first that end first, then the first approved; so the last that is for good stands. */
export const byEnd = (a: Raise, b: Raise): number =>
  endOf(a) - endOf(b) || a.at - b.at || (a.request < b.request ? -1 : 1);

const endOf = (raise: Raise): number => (raise.kind === "standing" ? 0 : raise.until);
