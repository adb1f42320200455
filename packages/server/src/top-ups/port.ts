/**
 * Owns what a payment provider is to top-ups, whichever it is. Outcomes are those of every payment of Cistern.
 *
 * Y1 a payment has one id for ever, made before the provider is asked, and becomes credits once under it: whichever of the
 * provider's answer, its webhook or a poll says first that it succeeded. Y2 what nobody knows is `unknown`, and is asked for
 * again under the same id; it is never taken for declined.
 */
import type { Money } from "@cistern/kernel";

/** Money to be had for a top-up. */
export interface TopUpPaymentRequest {
  readonly workspaceId: string;
  readonly topUp: string;
  /** Ours: the same for every call about this top-up. */
  readonly payment: string;
  /** Without tax. */
  readonly amount: Money;
  readonly currency: string;
  /** The vendor's own words, such as which card is to be charged. */
  readonly note: string | null;
  /** Nobody is there to confirm it: the workspace's rule asked. */
  readonly isAutomatic: boolean;
}

/** Money that came in. */
export interface TopUpMoney {
  /** Usually ours; the provider's own where it knows no other. */
  readonly payment: string;
  /** Without tax; null: the price. */
  readonly amount: Money | null;
  /** Of all of it; null: the workspace's. */
  readonly currency: string | null;
  readonly tax: Money;
  /** What the provider kept. */
  readonly fee: Money;
}

/** What is known of a payment. */
export type TopUpPaymentOutcome =
  | { readonly kind: "succeeded"; readonly received: TopUpMoney }
  /** Under way: a webhook or a poll tells the end. */
  | { readonly kind: "processing"; readonly payment: string }
  /** The customer has something to do, at this address or by this text. */
  | { readonly kind: "requires_action"; readonly payment: string; readonly action: string }
  | { readonly kind: "declined"; readonly payment: string; readonly reason: string }
  /** The provider did not answer, or not clearly. */
  | { readonly kind: "unknown"; readonly payment: string };

/** A way to be paid. Both calls may throw: that is `unknown`. */
export interface TopUpPaymentProvider {
  readonly name: string;
  /** Asks for money. The same payment id asked for again is the same payment. */
  collect(request: TopUpPaymentRequest): Promise<TopUpPaymentOutcome>;
  /** What has become of a payment that was asked for. */
  poll(request: TopUpPaymentRequest): Promise<TopUpPaymentOutcome>;
}
