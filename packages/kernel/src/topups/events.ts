/** Owns the facts of top-ups and of the rule that asks for them. */
import type { Fact, PoolFact } from "../fact.ts";
import type { PurchaseInvoiced } from "../invoices/events.ts";
import type { Payment } from "../pool/events.ts";
import type { Lot } from "../pool/lot.ts";
import type { TopUp, TopUpRule } from "./top-up.ts";

/** Credits are wanted: whoever collects payments is to ask for this one. */
export interface TopUpRequested extends Fact<"top_up.requested"> {
  readonly topUp: TopUp;
  /** The rule that asked for it, as this leaves it; null where somebody did. */
  readonly rule: TopUpRule | null;
}

/** Its payment is under way, or waits for the customer. */
export interface TopUpPending extends Fact<"top_up.pending"> {
  readonly topUp: TopUp;
}

/** Its payment came, and became credits: a new lot, before the transfers of the same event. */
export interface TopUpSucceeded extends PoolFact<"top_up.succeeded"> {
  readonly topUp: TopUp;
  readonly lot: Lot;
  /** A second lot, sold with the first, with its share of the price. */
  readonly bonus?: Lot;
  readonly payment: Payment;
  /** Its invoice. Left out in events that are older than this. */
  readonly purchase?: PurchaseInvoiced;
  /** The workspace's rule, as this leaves it; null where it has none. */
  readonly rule: TopUpRule | null;
}

/** Its payment was declined, or given up. */
export interface TopUpFailed extends Fact<"top_up.failed"> {
  readonly topUp: TopUp;
  /** The rule that asked for it, as this leaves it; null where somebody did. */
  readonly rule: TopUpRule | null;
}

/** The rule as it stands now. */
export interface TopUpRuleUpdated extends Fact<"top_up.rule_updated"> {
  readonly rule: TopUpRule;
}

/** A notice: with the failure before it the rule is off, until it is put anew or a payment succeeds. */
export interface TopUpRuleDisabled extends Fact<"top_up.rule_disabled"> {
  readonly topUp: string;
  readonly failures: number;
  readonly detail: string | null;
}
