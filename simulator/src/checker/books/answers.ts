/** Owns who may answer a request for more (docs/decisions/0039): an owner any, a lead those of its groups for limits below the workspace. */
import type { Event } from "@cistern/kernel";
import { demand } from "./accounts.ts";
import type { Desk } from "./desk.ts";

/** Whoever answered might, by what stood before. */
export function checkAnswer(
  { workspace, people, limits }: Pick<Desk, "workspace" | "people" | "limits">,
  event: Event,
): void {
  if (event.kind !== "credit_request.approved" && event.kind !== "credit_request.declined") return;
  const { request } = event;
  const { end } = request;
  demand(end !== null && end.kind !== "expired", () => `nobody answered ${request.id}`);
  const { by } = end;
  demand(!people.isGone(by), () => `${by} has gone and answers ${request.id}`);
  const { owners = [] } = workspace;
  const isOwner = owners.length === 0 || owners.includes(by);
  const led = people.leads(by, request.member);
  demand(isOwner || led.length > 0, () => `${by} may not answer ${request.id}`);
  if (end.kind === "declined" || isOwner) return;
  const { approval } = end;
  if (approval.as === "gift")
    return demand(approval.from === by, () => `${by} gives away what ${approval.from} has`);
  const scope = request.limit === null ? undefined : limits.scopeOf(request.limit);
  const isBelow =
    scope?.kind !== "workspace" && (scope?.kind !== "group" || led.includes(scope.id));
  demand(isBelow, () => `${by} raises a limit that is not of its groups`);
}
