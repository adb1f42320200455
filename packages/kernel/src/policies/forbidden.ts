/**
 * Owns what acceptable use refuses: the rungs `policy_not_accepted` and `not_allowed`, after the plan's features and before
 * unknown meters (RULES 2). Usage that happened is not refused (RULES 1).
 *
 * A1 all policies of the path bind: each must allow. A2 who must accept is who answers for the call: the member, or of what is
 * sponsored the farthest sponsor. A3 a list of meters closes calls that name none; a list of models too, but where the prices of
 * the call's meter tell no models apart. A4 what stays forbidden is told before what hours forbid, and of several policies the
 * nearest is named; `retryAt` is when the hours of all of them allow.
 */
import type { Instant } from "../instant.ts";
import type { Zone } from "../limits/cap.ts";
import type { Scope } from "../limits/limit.ts";
import type { Path } from "../members/member.ts";
import { fits } from "../rating/match.ts";
import type { RateCard } from "../rating/rate-card.ts";
import type { Rejection } from "../rejections.ts";
import { type State, workspaceOf } from "../state/state.ts";
import { isWithin, nextWithin } from "./hours.ts";
import type { Policy } from "./policy.ts";
import { acceptanceKey, policiesOn } from "./slice.ts";

/** A call, as far as policies look at it. */
export interface PolicedCall {
  readonly path: Path;
  readonly meter: string | null;
  readonly model: string | null;
}

/** Why policies refuse a call at an instant; undefined where they do not. */
export function forbidden(
  state: State,
  call: PolicedCall,
  card: () => RateCard,
  at: Instant,
  zone: Zone,
): Rejection | undefined {
  const policies = policiesOn(state.policies, call.path);
  if (policies.length === 0) return undefined;
  return (
    unaccepted(state, policies, call.path) ??
    unlisted(state, policies, call, card) ??
    outsideHours(state, policies, at, zone)
  );
}

/** The first text on the path that is still to be accepted. */
export function unaccepted(
  { policies: { acceptances } }: State,
  policies: readonly Policy[],
  path: Path,
): Rejection | undefined {
  const member = answersFor(path);
  for (const { id, text, mustAccept } of policies) {
    if (!mustAccept || text === null) continue;
    const last = acceptances.get(acceptanceKey(id, member))?.text.version ?? null;
    if (last === text.version) continue;
    return { code: "policy_not_accepted", policy: id, text, member, last };
  }
  return undefined;
}

/** Who accepts for a path (A2). */
export const answersFor = ({ member, sponsors }: Path): string => sponsors.at(-1) ?? member;

/** The nearest hours that do not allow an instant. */
export function outsideHours(
  state: State,
  policies: readonly Policy[],
  at: Instant,
  zone: Zone,
): Rejection | undefined {
  const closed = policies.find(({ hours }) => hours !== null && !isWithin(hours, at, zone));
  if (closed === undefined) return undefined;
  return {
    code: "not_allowed",
    policy: closed.id,
    scope: scopeOf(state, closed),
    forbids: { kind: "hours", timeZone: zone.timeZone, allowed: closed.hours ?? [] },
    retryAt: nextWithin(
      policies.flatMap(({ hours }) => (hours === null ? [] : [hours])),
      at,
      zone,
    ),
  };
}

function unlisted(
  state: State,
  policies: readonly Policy[],
  { meter, model }: PolicedCall,
  card: () => RateCard,
): Rejection | undefined {
  const noMeter = policies.find(({ meters }) => !isListed(meters, meter));
  if (noMeter !== undefined) return refusal(state, noMeter, "meter", meter);
  const noModel = policies.find(({ models }) => !isListed(models, model));
  if (noModel === undefined || (model === null && hasNoModels(card(), meter))) return undefined;
  return refusal(state, noModel, "model", model);
}

/** Whether a list has a name; nothing stands in a list but names. */
export const isListed = (allowed: readonly string[] | null, name: string | null): boolean =>
  allowed === null || (name !== null && allowed.some((pattern) => fits(pattern, name)));

/** A meter whose prices tell no models apart. */
const hasNoModels = ({ rows }: RateCard, meter: string | null): boolean =>
  meter !== null && rows.every((row) => row.meter !== meter || row.model === null);

const refusal = (
  state: State,
  policy: Policy,
  kind: "meter" | "model",
  name: string | null,
): Rejection => ({
  code: "not_allowed",
  policy: policy.id,
  scope: scopeOf(state, policy),
  forbids: { kind, name, allowed: (kind === "meter" ? policy.meters : policy.models) ?? [] },
  retryAt: null,
});

const scopeOf = (state: State, { scope }: Policy): Scope =>
  scope.kind === "workspace" ? { kind: scope.kind, id: workspaceOf(state)?.id ?? "" } : scope;
