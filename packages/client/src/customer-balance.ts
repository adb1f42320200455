import type { CustomerBalance, Payout, PayoutRequest } from "@cistern/contract";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { Calls, Within } from "./calls.ts";

/**
 * What the vendor owes the customer of a workspace, in minor units of its currency. It pays invoices by itself; what is free can be
 * paid out. Refused as a `CisternProblem`: `payout_exceeds_balance`, `period_closed`, `currency_mismatch`.
 *
 * @example
 * const { free } = await acme.customerBalance.get();
 * await acme.customerBalance.payOut({ amount: free, reference: "transfer 4712" });
 */
export interface CustomerBalanceClient {
  get(options?: CallOptions): Promise<CustomerBalance>;
  /** Books money that went to the customer: all that is free where no amount is said. */
  payOut(request?: PayoutRequest, options?: ChangeOptions): Promise<Payout>;
}

export function customerBalanceClient(calls: Calls, within: Within): CustomerBalanceClient {
  return {
    get: async (options) => await calls.read(within("customer-balance"), {}, options),
    payOut: async (request = {}, options = {}) =>
      await calls.change("POST", within("customer-balance", "payouts"), request, options),
  };
}
