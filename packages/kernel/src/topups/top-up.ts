import type { Credits, Money } from "../amount.ts";
import type { Instant, Interval } from "../instant.ts";
import type { Pack } from "./pack.ts";

/** Where a top-up that waits for its payment stands; `requested`: no provider has answered yet. */
export type WaitingStatus = "requested" | "processing" | "requires_action";

/** Credits that were asked for, and what came of it. */
export interface TopUp {
  readonly id: string;
  /** Whether the workspace's rule asked for it. */
  readonly isAutomatic: boolean;
  readonly pack: Pack;
  readonly quantity: number;
  /** Of all packs, without tax. */
  readonly amount: Money;
  /** Of all packs, bonus included. */
  readonly credits: Credits;
  /** The vendor's own words, such as which card is to be charged. */
  readonly note: string | null;
  readonly requestedAt: Instant;
  readonly status: WaitingStatus | "succeeded" | "failed" | "charged_back";
  /** The payment that is known of last; of a top-up that succeeded the one that paid it. */
  readonly payment: string | null;
  /** What the customer has to do, or why the payment failed. */
  readonly detail: string | null;
  /** The lots that it became. */
  readonly grants: readonly string[];
  /** Of one that succeeded; left out in older ones, and of all others. */
  readonly invoice?: string;
  /** When it succeeded or failed. */
  readonly resolvedAt: Instant | null;
}

/** When a workspace buys by itself, and where that stands. */
export interface TopUpRule {
  readonly isEnabled: boolean;
  readonly pack: Pack;
  /** It buys when what is available, less debt, with what is asked for, is less than this. */
  readonly threshold: Credits;
  /** It buys as many packs as reach this. */
  readonly target: Credits;
  /** What it may cost in a calendar month at most, without tax. */
  readonly monthlyCeiling: Money;
  /** Payments that failed in a row; at `failuresMax` the rule is off until it is put anew, or a payment succeeds. */
  readonly failures: number;
  /** Nothing is asked for before. */
  readonly retryAt: Instant | null;
  /** The month in which it was granted something last, and how much money that was. */
  readonly month: (Interval & { readonly spent: Money }) | null;
  /** What the ids of its requests begin with. */
  readonly series: string;
  /** Requests so far, which their ids count. */
  readonly asked: number;
}

/** Failures in a row after which a rule is off. */
export const failuresMax = 3;

/** Whether a top-up still waits for its payment. */
export const isWaiting = ({ status }: Pick<TopUp, "status">): boolean =>
  status === "requested" || status === "processing" || status === "requires_action";
