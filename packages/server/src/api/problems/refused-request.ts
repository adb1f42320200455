/** Owns how it is told that a request for more, or its answer, is refused. */
import { type Refusal, refuse } from "./problem.ts";
import type { Of, RefusedAt } from "./refused-at.ts";

/** A request that cannot be made, or not be answered so. */
export function refusedRequest(
  rejection: Of<
    "unknown_request" | "request_open" | "request_over" | "request_outdated" | "not_an_approver"
  >,
  { workspaceId }: RefusedAt,
): Refusal {
  const { code, request } = rejection;
  switch (code) {
    case "unknown_request":
      return refuse(code, `There is no request ${request} in workspace ${workspaceId}.`);
    case "request_open":
      return refuse(
        code,
        `Request ${request} of ${rejection.member} for ${rejection.limit === null ? "reserved credits" : `limit ${rejection.limit}`} waits already. Wait for its answer, or have it declined first.`,
      );
    case "request_over":
      return refuse(
        code,
        `Request ${request} is over: it was ${rejection.status === "expired" ? "not answered in time" : rejection.status}. Ask anew with POST /v1/workspaces/${workspaceId}/requests.`,
      );
    case "request_outdated":
      return refuse(
        code,
        `Limit ${rejection.limit} was removed, counts anew, or applies to the member no longer, since request ${request} was made. Decline it, and ask anew with POST /v1/workspaces/${workspaceId}/requests.`,
      );
    case "not_an_approver":
      return refuse(
        code,
        `${rejection.by} may not answer request ${request}: name an owner of the workspace, or a lead of a group of the member who asks.`,
      );
  }
}
