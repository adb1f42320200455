/**
 * Owns what a payment provider is to Cistern, whichever it is.
 *
 * Y1 a payment has one id for ever, and is booked once under it: whichever of the provider's answer, its webhook or a poll says
 * first that it succeeded. Y2 what nobody knows is `unknown`, and is asked for again under the same id; it is never taken for
 * declined.
 */
import type { Money } from "@cistern/kernel";

/** Money to be had for an invoice. */
export interface PaymentRequest {
  readonly workspaceId: string;
  readonly invoice: string;
  /** Ours, made before the provider is asked: a retry asks for the same payment. */
  readonly payment: string;
  readonly amount: Money;
  readonly currency: string;
}

/** Money that came in. */
export interface PaymentReceived {
  readonly workspaceId: string;
  readonly invoice: string;
  readonly payment: string;
  /** null: all that is due. */
  readonly amount: Money | null;
  /** null: the workspace's. */
  readonly currency: string | null;
  /** What the provider kept. */
  readonly fee: Money;
  /** The provider's word for it, such as the text of a bank transfer. */
  readonly reference: string | null;
}

/** What is known of a payment. */
export type PaymentOutcome =
  | { readonly kind: "succeeded"; readonly received: PaymentReceived }
  /** Under way: a webhook or a poll tells the end. */
  | { readonly kind: "processing"; readonly payment: string }
  /** The customer has something to do, at this address or by this text. */
  | { readonly kind: "requires_action"; readonly payment: string; readonly action: string }
  | {
      readonly kind: "declined";
      readonly payment: string;
      readonly reason: string;
      /** Whether another try of the same means may succeed. */
      readonly isRetryable: boolean;
    }
  /** The provider did not answer, or not clearly. */
  | { readonly kind: "unknown"; readonly payment: string };

/** A way to be paid. */
export interface PaymentProvider {
  readonly name: string;
  /** Asks for money. The same payment id asked for again is the same payment. */
  collect(request: PaymentRequest): Promise<PaymentOutcome>;
  /** What has become of a payment. */
  poll(request: PaymentRequest): Promise<PaymentOutcome>;
}
