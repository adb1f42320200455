import type { PaymentProvider, PaymentReceived } from "./port.ts";

/**
 * Bank transfer: the customer pays by the invoice, and somebody who sees the money says so (`POST …/invoices/{invoice}/pay`).
 * `collect` and `poll` therefore never know of an end.
 */
export const manualPayments: PaymentProvider & {
  /** The statement of whoever saw the money. */
  readonly markPaid: (received: PaymentReceived) => {
    readonly kind: "succeeded";
    readonly received: PaymentReceived;
  };
} = {
  name: "manual",
  collect: async ({ payment }) => ({
    kind: "requires_action",
    payment,
    action: "Transfer the amount to the account that the invoice names, with its number.",
  }),
  poll: async ({ payment }) => ({ kind: "processing", payment }),
  markPaid: (received) => ({ kind: "succeeded", received }),
};
