/** Owns what facts of requests do: to the request, and to the limit of which more was given. */
import type { Position } from "../holds/hold.ts";
import { setLimit, setRaise } from "../limits/evolve.ts";
import type { State } from "../state/state.ts";
import type {
  CreditRequestApproved,
  CreditRequestCreated,
  CreditRequestDeclined,
  CreditRequestsExpired,
} from "./events.ts";
import { setRequest } from "./slice.ts";

type RequestEvent =
  | CreditRequestCreated
  | CreditRequestApproved
  | CreditRequestDeclined
  | CreditRequestsExpired;

/** Carries out what became of requests. */
export function applyToRequests(
  { requests, limits }: State,
  event: RequestEvent,
  position: Position,
): void {
  switch (event.kind) {
    case "credit_request.created":
    case "credit_request.declined":
      return setRequest(requests, event.request);
    case "credit_request.approved":
      if (event.raise !== undefined) setRaise(limits, event.raise);
      if (event.limit !== undefined)
        setLimit(limits, { limit: event.limit, restarts: false }, position);
      return setRequest(requests, event.request);
    case "credit_request.expired":
      for (const request of event.requests) setRequest(requests, request);
      return undefined;
  }
}
