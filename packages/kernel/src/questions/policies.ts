/** Owns what is told of acceptable use before a call: which policies bind a member, and what they close. */
import type { Calendar, Instant } from "../instant.ts";
import type { Path } from "../members/member.ts";
import { pathOf } from "../members/slice.ts";
import { answersFor, isListed } from "../policies/forbidden.ts";
import { isWithin, nextWithin } from "../policies/hours.ts";
import type { Policy } from "../policies/policy.ts";
import { acceptanceKey, policiesOn } from "../policies/slice.ts";
import { type RateCard, hasMeter } from "../rating/rate-card.ts";
import { type State, workspaceOf } from "../state/state.ts";
import { type EntitledKind, featuresOf } from "../subscriptions/entitled.ts";

/** A policy as it stands for a member. */
export interface PolicyStanding {
  readonly policy: Policy;
  /** Its hours allow now; when they do next, by themselves. Both as if always where it has none. */
  readonly isOpen: boolean;
  readonly opensAt: Instant | null;
  /** Who accepts the text for the member, and the version that it accepted last; null where there is no text. */
  readonly text: { readonly member: string; readonly accepted: string | null } | null;
}

/** All policies that bind calls of a member, from near to far. */
export function policiesFor(
  state: State,
  member: string,
  at: Instant,
  calendar: Calendar,
): readonly PolicyStanding[] {
  const path = pathFor(state, member);
  const zone = { calendar, timeZone: workspaceOf(state)?.timeZone ?? "UTC" };
  const answering = answersFor(path);
  return policiesOn(state.policies, path).map((policy) => {
    const { id, hours, text } = policy;
    const isOpen = hours === null || isWithin(hours, at, zone);
    const accepted = state.policies.acceptances.get(acceptanceKey(id, answering))?.text.version;
    return {
      policy,
      isOpen,
      opensAt: hours === null || isOpen ? null : nextWithin([hours], at, zone),
      text: text === null ? null : { member: answering, accepted: accepted ?? null },
    };
  });
}

/** The policy that closes a meter or a model to a member (null: to everybody), by name; features are never closed by one. */
export function closedByPolicy(
  state: State,
  card: RateCard,
  asked: {
    readonly name: string;
    readonly kind: EntitledKind | null;
    readonly member: string | null;
  },
): Policy | undefined {
  const { name, kind, member } = asked;
  if (kind === "feature" || (kind === null && featuresOf(state).includes(name))) return undefined;
  const isMeter = kind === "meter" || (kind === null && hasMeter(card, name));
  const path = member === null ? everybody : pathFor(state, member);
  return policiesOn(state.policies, path).find(
    ({ meters, models }) => !isListed(isMeter ? meters : models, name),
  );
}

const everybody: Path = { member: "", sponsors: [], groups: [] };

const pathFor = (state: State, member: string): Path =>
  pathOf(state.members, member, state.members.members.get(member));
