/** Owns how it is told that a policy of acceptable use refused. */
import { type Problem, printInstant } from "@cistern/contract";
import { hoursBody } from "../answers/policy.ts";
import { type Refusal, refuse } from "./problem.ts";
import type { Of, RefusedAt } from "./refused-at.ts";
import { scopeOf } from "./shortage.ts";

/** A text that is still to be accepted. */
export function policyNotAccepted(
  { policy, text, member, last }: Of<"policy_not_accepted">,
  { workspaceId }: RefusedAt,
): Refusal {
  const before = last === null ? "" : `; it accepted version ${last} before`;
  return refuse(
    "policy_not_accepted",
    `Policy ${policy} asks that ${member} accepts version ${text.version} of its text${before}. Show it (GET /v1/workspaces/${workspaceId}/policy-texts/${text.hash}), and record that it was accepted with POST /v1/workspaces/${workspaceId}/policies/${policy}/acceptances.`,
    {
      scope: { kind: "member", id: member },
      policy: { id: policy, text, member, ...(last === null ? {} : { accepted: last }) },
    },
  );
}

/** A meter, a model or an hour that a policy does not allow. */
export function notAllowed(rejection: Of<"not_allowed">, { asker }: RefusedAt): Refusal {
  const { policy, scope, forbids, retryAt } = rejection;
  const told: Pick<Problem, "scope" | "retryAt"> = {
    scope: scopeOf(scope),
    ...(retryAt === null ? {} : { retryAt: printInstant(retryAt) }),
  };
  if (forbids.kind === "hours") {
    const hours = forbids.allowed.map(hoursBody);
    const { timeZone } = forbids;
    const allowed = hours.map(({ days, from, to }) => `${days.join(" ")} ${from}-${to}`);
    const next =
      retryAt === null
        ? "There is no hour that all policies of this call allow."
        : `Retry at ${printInstant(retryAt)}.`;
    return refuse(
      "not_allowed",
      `${asker} comes outside the hours of policy ${policy}: ${allowed.length === 0 ? "none" : allowed.join(", ")} (${timeZone}). ${next}`,
      { ...told, policy: { id: policy, forbids: "hours", hours, timeZone } },
    );
  }
  const { kind, name, allowed } = forbids;
  const list = allowed.length === 0 ? "none" : allowed.join(", ");
  const asked = name === null ? `names no ${kind}` : `names the ${kind} ${name}`;
  return refuse(
    "not_allowed",
    `${asker} ${asked}; policy ${policy} allows ${list}. Use one that it allows, or change the policy.`,
    {
      ...told,
      policy: { id: policy, forbids: kind, ...(name === null ? {} : { name }), allowed },
    },
  );
}
