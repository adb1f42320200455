import type {
  PageQuery,
  TopUp,
  TopUpFailure,
  TopUpPage,
  TopUpPaid,
  TopUpRequest,
  TopUpRule,
  TopUpRuleRequest,
} from "@cistern/contract";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { Calls, Within } from "./calls.ts";

/**
 * Packs of credits that are bought. Nothing is granted before the payment has come, and a payment becomes credits once for ever.
 * Prices are in minor units, without tax. Refusals: `unknown_pack`, `pack_not_in_plan`, `unknown_top_up`, `top_up_status`,
 * `payment_known`, `currency_mismatch`, `no_top_up_rule`. The packs themselves stand in the catalog: `cistern.catalog.get()`.
 *
 * @example
 * const { id } = await acme.topUps.buy({ pack: "large" });
 * await acme.topUps.markPaid(id, { payment: "bank 4711" });
 */
export interface TopUpsClient {
  /** Asks for packs; whoever collects the payment says what became of it. */
  buy(request: TopUpRequest, options?: ChangeOptions): Promise<TopUp>;
  list(query?: PageQuery, options?: CallOptions): Promise<TopUpPage>;
  get(id: string, options?: CallOptions): Promise<TopUp>;
  /** The payment has come: grants the credits. Told again, it is answered as it was; after a failure it counts. */
  markPaid(id: string, request: TopUpPaid, options?: CallOptions): Promise<TopUp>;
  /** The payment will not come. */
  markFailed(id: string, request: TopUpFailure, options?: ChangeOptions): Promise<TopUp>;
  readonly rule: TopUpRuleClient;
}

/**
 * When a workspace buys by itself: below `threshold` as many packs as reach `target`, never beyond the ceiling of a month.
 *
 * @example
 * const monthlyCeiling = { amount: "10000", currency: "EUR" };
 * await acme.topUps.rule.put({ enabled: true, pack: "large", threshold: "500", target: "2000", monthlyCeiling });
 */
export interface TopUpRuleClient {
  /** With what it spent this month, and whether payments have failed. */
  get(options?: CallOptions): Promise<TopUpRule>;
  /** The rule as it shall be. An enabled one begins anew: failures before it do not count. */
  put(request: TopUpRuleRequest, options?: ChangeOptions): Promise<TopUpRule>;
}

export function topUpsClient(calls: Calls, within: Within): TopUpsClient {
  const rule = within("top-up-rule");
  return {
    buy: async (request, options) =>
      await calls.change("POST", within("top-ups"), request, options),
    list: async (query, options) => await calls.read(within("top-ups"), query, options),
    get: async (id, options) => await calls.read(within("top-ups", id), {}, options),
    markPaid: async (id, request, options) =>
      await calls.ask(within("top-ups", id, "mark-paid"), request, options),
    markFailed: async (id, request, options) =>
      await calls.change("POST", within("top-ups", id, "mark-failed"), request, options),
    rule: {
      get: async (options) => await calls.read(rule, {}, options),
      put: async (request, options) => await calls.change("PUT", rule, request, options),
    },
  };
}
