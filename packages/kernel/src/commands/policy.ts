import { type Decision, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import { spender } from "../members/spender.ts";
import { answersFor } from "../policies/forbidden.ts";
import { minutesOfDay } from "../policies/hours.ts";
import type { Policy, WeeklyHours } from "../policies/policy.ts";
import { policiesAt } from "../policies/slice.ts";
import { type State, workspaceOf } from "../state/state.ts";

/** Sets a policy of acceptable use. */
export interface PutPolicy {
  readonly kind: "putPolicy";
  readonly policy: Policy;
}

/** Removes a policy. */
export interface RemovePolicy {
  readonly kind: "removePolicy";
  readonly policy: string;
}

/** Says that a member accepted the text of a policy. */
export interface AcceptPolicy {
  readonly kind: "acceptPolicy";
  readonly policy: string;
  readonly member: string;
  /** Of the text, as the member read it. */
  readonly version: string;
}

/** Policies at one node: a call is checked against all of its path. */
export const policiesPerNodeMax = 20;

/** Sets a policy. Its group must exist; meters and models are names, in a catalog or not. */
export function putPolicy(state: State, { policy }: PutPolicy, at: Instant): Decision {
  const { id, scope, text, mustAccept, hours } = policy;
  if (scope.kind === "group" && state.members.groups.get(scope.id) === undefined)
    return reject({ code: "unknown_group", group: scope.id });
  if (policy.meters === null && policy.models === null && hours === null && text === null)
    return invalid("meters", "A policy says meters, models, hours or a text.");
  if (mustAccept && text === null)
    return invalid("mustAccept", "There is no text that could be accepted.");
  if (hours?.some((one) => !isHours(one)) === true)
    return invalid("hours", "Hours are of days 1 to 7, from a minute of the day to another.");
  const before = state.policies.policies.get(id)?.text ?? null;
  if (before !== null && before.version === text?.version && before.hash !== text.hash)
    return invalid(
      "text",
      `Version ${before.version} is another text. A text that changed is another version.`,
    );
  if (policiesAt(state.policies, scope).filter((one) => one.id !== id).length >= policiesPerNodeMax)
    return invalid(
      "scope",
      `There are ${policiesPerNodeMax} policies there, and that is the most.`,
    );
  return accept({ kind: "policy.updated", at, policy });
}

/** Removes a policy, and what was accepted of it. */
export function removePolicy(state: State, command: RemovePolicy, at: Instant): Decision {
  const policy = state.policies.policies.get(command.policy);
  if (policy === undefined) return reject({ code: "unknown_policy", policy: command.policy });
  return accept({ kind: "policy.removed", at, policy });
}

/** Records who accepted what. Only the text that stands can be accepted, and only by who answers for its calls. */
export function acceptPolicy(state: State, command: AcceptPolicy, at: Instant): Decision {
  const workspace = workspaceOf(state);
  if (workspace === undefined) return reject({ code: "unknown_workspace" });
  const policy = state.policies.policies.get(command.policy);
  if (policy === undefined) return reject({ code: "unknown_policy", policy: command.policy });
  const { text } = policy;
  if (text === null || text.version !== command.version)
    return reject({
      code: "policy_text_differs",
      policy: policy.id,
      version: command.version,
      stands: text?.version ?? null,
    });
  const who = spender(state.members, workspace, command.member);
  if (who.kind === "refused") return reject(who.rejection);
  const answering = answersFor(who.path);
  if (answering !== command.member)
    return invalid("member", `${answering} answers for ${command.member}, and accepts for it.`);
  const acceptance = { policy: policy.id, member: command.member, text, at };
  return accept({ kind: "policy.accepted", at, acceptance, guest: who.guest });
}

const isHours = ({ days, fromMinute, toMinute }: WeeklyHours): boolean =>
  days.length > 0 &&
  days.every((day) => Number.isInteger(day) && day >= 1 && day <= 7) &&
  [fromMinute, toMinute].every((one) => Number.isInteger(one) && one >= 0) &&
  fromMinute < minutesOfDay &&
  toMinute <= minutesOfDay &&
  fromMinute !== toMinute;

const invalid = (field: string, reason: string): Decision =>
  reject({ code: "invalid_request", field, reason });
