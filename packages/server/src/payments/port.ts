/**
 * Owns what a payment provider is to Cistern, whichever it is and whatever is paid: an invoice, or a top-up.
 *
 * Y1 a payment has one id for ever, made before the provider is asked, and is booked (or becomes credits) once under it: whichever
 * of the provider's answer, its webhook or a poll says first that it succeeded. Y2 what nobody knows is `unknown`, and is asked for
 * again under the same id; it is never taken for declined. Y3 money that is taken back, by a bank or by the provider, takes what is
 * left of the credits that it paid for, once.
 */
import type { Money } from "@cistern/kernel";

/** What a payment is for. */
export type PaymentSubject =
  | { readonly kind: "invoice"; readonly workspaceId: string; readonly invoice: string }
  | { readonly kind: "top_up"; readonly workspaceId: string; readonly topUp: string };

/** Money to be had. */
export interface PaymentRequest {
  readonly subject: PaymentSubject;
  /** Ours, the same for every call about this subject: a retry asks for the same payment. */
  readonly payment: string;
  /** Of a top-up without tax; of an invoice all that is due. */
  readonly amount: Money;
  readonly currency: string;
  /** The vendor's own words, such as which card is to be charged. */
  readonly note: string | null;
  /** Nobody is there to confirm it: the workspace's rule asked. */
  readonly isAutomatic: boolean;
}

/** Money that came in. */
export interface PaymentReceived {
  /** Usually ours; the provider's own where it knows no other. */
  readonly payment: string;
  /** Of a top-up without tax. null: the price, or all that is due. */
  readonly amount: Money | null;
  /** Of all of it; null: the workspace's. */
  readonly currency: string | null;
  /** Of a top-up, beside the amount; that of an invoice stands on it. */
  readonly tax: Money;
  /** What the provider kept. */
  readonly fee: Money;
  /** The provider's word for it, such as the text of a bank transfer. */
  readonly reference: string | null;
  /** Of an invoice: what is beyond what is due goes to the customer's balance. Left out: such a payment is refused. */
  readonly excessToBalance?: boolean;
}

/** What is known of a payment. */
export type PaymentOutcome =
  | { readonly kind: "succeeded"; readonly received: PaymentReceived }
  /** Under way: a webhook or a poll tells the end. */
  | { readonly kind: "processing"; readonly payment: string }
  /** The customer has something to do, at this address or by this text. */
  | { readonly kind: "requires_action"; readonly payment: string; readonly action: string }
  | { readonly kind: "declined"; readonly payment: string; readonly reason: string }
  /** The provider did not answer, or not clearly. */
  | { readonly kind: "unknown"; readonly payment: string };

/** Money of a payment that went back. */
export interface PaymentReversal {
  /** `charged_back`: a bank took all that was paid and not given back; `refunded`: the vendor gave it back, at the provider. */
  readonly kind: "charged_back" | "refunded";
  /** The provider's own id of it: told again it is the same. */
  readonly reversal: string;
  readonly payment: string;
  /** What of a refund went back, without tax; null: all that is left of it. A bank takes all that was paid. */
  readonly amount: Money | null;
  /** What the bank charges for a dispute. */
  readonly fee: Money;
  readonly reason: string | null;
}

/** A way to be paid. Both calls may throw: that is `unknown`. */
export interface PaymentProvider {
  readonly name: string;
  /** Asks for money. The same payment id asked for again is the same payment. */
  collect(request: PaymentRequest): Promise<PaymentOutcome>;
  /** What has become of a payment that was asked for. */
  poll(request: PaymentRequest): Promise<PaymentOutcome>;
}
