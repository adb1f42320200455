import type { PaymentOutcome, PaymentProvider, PaymentReceived } from "./port.ts";

/**
 * Bank transfer: somebody who sees the money, or knows that none will come, says so: `POST …/invoices/{invoice}/pay`,
 * `POST …/top-ups/{topUp}/mark-paid` or `mark-failed`. `collect` and `poll` therefore never know of an end.
 */
export const manualPayments: PaymentProvider & {
  /** The statement of whoever saw the money. */
  readonly markPaid: (received: PaymentReceived) => PaymentOutcome;
} = {
  name: "manual",
  collect: async ({ payment, subject }) =>
    subject.kind === "top_up"
      ? { kind: "processing", payment }
      : {
          kind: "requires_action",
          payment,
          action: "Transfer the amount to the account that the invoice names, with its number.",
        },
  poll: async ({ payment }) => ({ kind: "processing", payment }),
  markPaid: (received) => ({ kind: "succeeded", received }),
};
