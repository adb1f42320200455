import type {
  Approve,
  AskForMore,
  Decline,
  RequestForMore,
  RequestForMorePage,
  RequestForMoreQuery,
} from "@cistern/contract";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { Calls, Within } from "./calls.ts";

/**
 * Members who ask for more than a limit gives. Credits are decimal texts. Refusals: `request_open`, `request_over`,
 * `request_outdated`, `not_an_approver`, `unknown_request`, `unknown_limit`, `limit_of_plan`.
 *
 * @example
 * const { id } = await acme.requests.ask({ member: "ana", limit: "each-monthly", credits: "500", reason: "Launch week" });
 * await acme.requests.approve(id, { by: "kim", as: "period" });
 */
export interface RequestsClient {
  /** Of one member one request waits for one limit; nobody's answer in `ttl` (7 days) ends it. */
  ask(request: AskForMore, options?: ChangeOptions): Promise<RequestForMore>;
  list(query?: RequestForMoreQuery, options?: CallOptions): Promise<RequestForMorePage>;
  get(id: string, options?: CallOptions): Promise<RequestForMore>;
  /** Gives more: once, for the window that is open, or as the limit's new value. */
  approve(id: string, answer: Approve, options?: ChangeOptions): Promise<RequestForMore>;
  decline(id: string, answer: Decline, options?: ChangeOptions): Promise<RequestForMore>;
  /** Erases its reason, and the note of its answer. */
  eraseWords(id: string, options?: ChangeOptions): Promise<RequestForMore>;
}

export function requestsClient(calls: Calls, within: Within): RequestsClient {
  return {
    ask: async (request, options) =>
      await calls.change("POST", within("requests"), request, options),
    list: async (query, options) => await calls.read(within("requests"), query, options),
    get: async (id, options) => await calls.read(within("requests", id), {}, options),
    approve: async (id, answer, options) =>
      await calls.change("POST", within("requests", id, "approve"), answer, options),
    decline: async (id, answer, options) =>
      await calls.change("POST", within("requests", id, "decline"), answer, options),
    eraseWords: async (id, options) =>
      await calls.change("DELETE", within("requests", id, "words"), undefined, options),
  };
}
