import type {
  Alert,
  AlertPage,
  AlertQuery,
  AlertReviewRequest,
  AlertRule,
  AlertRulePage,
  AlertRuleRemoved,
  AlertRuleRequest,
  PageQuery,
} from "@cistern/contract";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { Calls, Within } from "./calls.ts";

/**
 * Alerts: who is told when a pool, a group or a member nears its end, when the pool will not last, and when use is unusual.
 * Each is the event `alert.raised` in the feed. Refusals: `unknown_alert_rule`, `unknown_alert`, `unknown_group`.
 *
 * @example
 * await acme.alerts.rules.put("low", { watch: { kind: "pool", percents: [80, 100] }, recipients: [{ id: "ana" }] });
 */
export interface AlertsClient {
  /** Newest first: the last 100, and all that wait for a review; `awaiting` those alone. Older ones are in the feed. */
  list(query?: AlertQuery, options?: CallOptions): Promise<AlertPage>;
  /** `fine`: it is usual from now on, and nothing is held against the member any more. */
  review(id: string, request: AlertReviewRequest, options?: ChangeOptions): Promise<Alert>;
  readonly rules: AlertRulesClient;
}

/**
 * The rules of a workspace. Percents are whole ones of what may be used; quiet hours are times of its zone.
 *
 * @example
 * const quiet = { from: "22:00", until: "07:00" };
 * await acme.alerts.rules.put("odd", { watch: { kind: "unusual", most: "notify" }, recipients: [{ id: "ana", quiet }] });
 */
export interface AlertRulesClient {
  list(query?: PageQuery, options?: CallOptions): Promise<AlertRulePage>;
  get(id: string, options?: CallOptions): Promise<AlertRule>;
  put(id: string, request: AlertRuleRequest, options?: ChangeOptions): Promise<AlertRule>;
  remove(id: string, options?: ChangeOptions): Promise<AlertRuleRemoved>;
}

export function alertsClient(calls: Calls, within: Within): AlertsClient {
  return {
    list: async (query, options) => await calls.read(within("alerts"), query, options),
    review: async (id, request, options) =>
      await calls.change("POST", within("alerts", id, "review"), request, options),
    rules: {
      list: async (query, options) => await calls.read(within("alert-rules"), query, options),
      get: async (id, options) => await calls.read(within("alert-rules", id), {}, options),
      put: async (id, request, options) =>
        await calls.change("PUT", within("alert-rules", id), request, options),
      remove: async (id, options) =>
        await calls.change("DELETE", within("alert-rules", id), undefined, options),
    },
  };
}
