import type {
  BillingProfile,
  BillingProfileRequest,
  Issuer,
  IssuerRequest,
} from "@cistern/contract";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { Calls, Within } from "./calls.ts";
import { paths } from "./paths.ts";

/**
 * What a workspace's next invoices are made with: the customer, tax in basis points (1900 is 19 %), days to pay, purchase order.
 * What was issued stays as it was.
 *
 * @example
 * await acme.billing.put({ customer: { name: "Acme GmbH" }, tax: { basisPoints: 1900, name: "VAT" }, termsDays: 14 });
 */
export interface BillingProfileClient {
  get(options?: CallOptions): Promise<BillingProfile>;
  /** The profile as it shall be: what is left out is unset. */
  put(request: BillingProfileRequest, options?: ChangeOptions): Promise<BillingProfile>;
  /** Erases name and address, from all invoices that were issued too: mind how long the law has you keep them. */
  eraseCustomer(options?: ChangeOptions): Promise<BillingProfile>;
}

export function billingProfileClient(calls: Calls, within: Within): BillingProfileClient {
  return {
    get: async (options) => await calls.read(within("billing"), {}, options),
    put: async (request, options) => await calls.change("PUT", within("billing"), request, options),
    eraseCustomer: async (options) =>
      await calls.change("DELETE", within("billing", "customer"), undefined, options),
  };
}

/**
 * Who sends the invoices of all workspaces. It takes a key that is not bound to a workspace, else `forbidden`.
 *
 * @example
 * await cistern.issuer.put({ name: "Vendor Ltd", invoicePrefix: "V-" });
 */
export interface IssuerClient {
  get(options?: CallOptions): Promise<Issuer>;
  put(request: IssuerRequest, options?: ChangeOptions): Promise<Issuer>;
}

export function issuerClient(calls: Calls): IssuerClient {
  return {
    get: async (options) => await calls.read(paths.issuer, {}, options),
    put: async (request, options) => await calls.change("PUT", paths.issuer, request, options),
  };
}
