/** Owns the bugs in the kernel's functions that acceptable use is there for. */
import type { Acceptance, State } from "@cistern/kernel";
import { type Rules } from "cistern/engine";
import { onlyFor, overlaid, seeing, unasserted } from "./bent-rules.ts";
import type { PlantedBug } from "./planted-bug.ts";

/** The rules with such a bug; undefined for all others. */
export function plantInPolicies(bug: PlantedBug | undefined): Rules | undefined {
  switch (bug) {
    case "policyOfGroupIgnored":
      return unasserted({ decide: onlyFor("openHold", seeing(withoutPoliciesOfGroups)) });
    case "acceptedByAnybody":
      return unasserted({ decide: onlyFor("openHold", seeing(withAcceptancesOfAnybody)) });
    default:
      return undefined;
  }
}

function withoutPoliciesOfGroups(state: State): State {
  const byNode = new Map(
    [...state.policies.byNode].filter(([, policies]) =>
      policies.every(({ scope }) => scope.kind !== "group"),
    ),
  );
  return { ...state, policies: { ...state.policies, byNode } };
}

function withAcceptancesOfAnybody(state: State): State {
  const { acceptances } = state.policies;
  const get = (key: string): Acceptance | undefined =>
    acceptances.get(key) ?? acceptances.values().find(({ policy }) => key.startsWith(`${policy}|`));
  return {
    ...state,
    policies: { ...state.policies, acceptances: overlaid(acceptances, { get }) },
  };
}
