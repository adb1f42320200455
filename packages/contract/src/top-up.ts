import type { Money } from "./money.ts";
import type { Position } from "./position.ts";

/** Packs of the catalog to buy. Nothing is granted before the payment has come. */
export interface TopUpRequest {
  readonly pack: string;
  /** Default 1. */
  readonly quantity?: number;
  /** For whoever collects the payment, such as which card is to be charged. */
  readonly note?: string;
}

/** `requested`: no payment provider has answered yet. */
export type TopUpStatus =
  | "requested"
  | "processing"
  | "requires_action"
  | "succeeded"
  | "failed"
  | "charged_back";

/** Credits that were asked for, and what came of it. */
export interface TopUp {
  readonly id: string;
  readonly status: TopUpStatus;
  /** Whether the workspace's rule asked for it. */
  readonly automatic: boolean;
  readonly pack: string;
  readonly quantity: number;
  /** Of all packs, bonus included. */
  readonly credits: string;
  /** Of all packs, without tax. */
  readonly amount: Money;
  readonly note?: string;
  /** The payment that is known of last. */
  readonly payment?: string;
  /** What the customer has to do before it is paid. */
  readonly action?: string;
  /** Why it failed. */
  readonly reason?: string;
  /** What it became. */
  readonly grants?: readonly string[];
  /** Its invoice, of one that was paid; left out of those that are older than that. */
  readonly invoice?: string;
  readonly requestedAt: string;
  readonly resolvedAt?: string;
  readonly at: Position;
}

/** Top-ups, in the order of their ids. */
export interface TopUpPage {
  readonly data: readonly TopUp[];
  readonly nextCursor?: string;
}

/** Money that came for a top-up. */
export interface TopUpPaid {
  /** Counts once for ever: told again, the first answer comes again. */
  readonly payment: string;
  /** Without tax; left out, the price. */
  readonly amount?: Money;
  /** Paid beside it; default nothing. */
  readonly tax?: Money;
  /** What the payment provider kept; default nothing. */
  readonly fee?: Money;
}

/** Why no money comes. */
export interface TopUpFailure {
  readonly reason: string;
  readonly payment?: string;
}

/** When the workspace buys by itself. */
export interface TopUpRuleRequest {
  readonly enabled: boolean;
  readonly pack: string;
  /** It buys when what is available, less debt, with what is asked for, is less than this. */
  readonly threshold: string;
  /** It buys as many packs as reach this. */
  readonly target: string;
  /** What it may cost in a calendar month of the workspace's zone at most, without tax. */
  readonly monthlyCeiling: Money;
}

/** The rule, and where it stands. */
export interface TopUpRule extends TopUpRuleRequest {
  /** `disabled`: too many payments failed; put the rule again, or pay a top-up, to go on. */
  readonly status: "on" | "off" | "disabled";
  /** Payments that failed in a row. */
  readonly failures: number;
  /** The plan of now does not offer the pack, so nothing is bought. */
  readonly packNotInPlan?: true;
  /** Nothing is asked for before. */
  readonly retryAt?: string;
  /** What was granted for it in the calendar month that counts. */
  readonly spent?: { readonly amount: Money; readonly from: string; readonly to: string };
  /** The top-up of it that waits for its payment. */
  readonly pending?: string;
  readonly at: Position;
}
