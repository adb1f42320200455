import type { Money } from "./money.ts";
import type { NegotiatedPrices } from "./negotiated-prices.ts";

/** One thing that a push would change. */
export interface CatalogChange {
  readonly kind: "added" | "removed" | "changed";
  /** Such as `meter chat`, `standard chat/gpt-5*` or `plan team`. */
  readonly what: string;
  /** For readers: what is added or removed, or each value as `before -> after`. */
  readonly details: readonly string[];
}

/** Usage of a subscription's last whole period (of the first one so far), in credits, as charged and under the new rate card. */
export interface RepricedUsage {
  readonly from: string;
  readonly to: string;
  readonly card: string;
  readonly newCard: string;
  readonly charged: string;
  /** By the push alone: what was free by the pinned plan stays free. */
  readonly repriced: string;
  /** If the subscription were migrated too; left out where its allowances are the same. */
  readonly migrated?: string;
  /** Rows for which the new card has no price: they count as charged. */
  readonly unpriced: number;
}

/** Units of a bucket that a whole period includes: by the pinned version, and by the newer one; "0" where it has no such allowance. Of a level: times hours. */
export interface AllowanceImpact {
  readonly meter: string;
  readonly bucket: string;
  readonly pinned: string;
  readonly newer: string;
  /** Of this period so far, within and past the allowance. */
  readonly used: string;
}

/** A subscription that a change touches. */
export interface SubscriptionImpact {
  readonly workspace: string;
  readonly subscription: string;
  readonly plan: string;
  readonly planVersion: string;
  /** The version of the plan that the catalog would have; the subscription keeps its own until it is migrated. */
  readonly newerVersion?: string;
  /** What was negotiated with this customer, and would stay: it holds, or holds later. */
  readonly negotiated?: NegotiatedPrices;
  readonly negotiatedLater?: readonly NegotiatedPrices[];
  /** The catalog has no plan of this name any more; the subscription goes on with what it pinned. */
  readonly planRemoved?: true;
  /**
   * What the next invoice will come to by what is known now, without tax, by the rules that make it: as it is, and if the subscription
   * were migrated at the end of its period (`newer`; left out where that is refused).
   */
  readonly nextBill?: { readonly pinned: Money; readonly newer?: Money };
  /** The usage that this period has billed so far, at the prices of either version; left out where both are the same. */
  readonly billedUsage?: { readonly pinned: Money; readonly newer: Money };
  /** Units that a period would include, where the newer version says others. */
  readonly allowances?: readonly AllowanceImpact[];
  /** Left out: its rate card stays, and its allowances do. */
  readonly usage?: RepricedUsage;
}

/** What a catalog would change, beside the newest version that was pushed; before the first, beside the one that the server was started with. */
export interface CatalogDiff {
  readonly changes: readonly CatalogChange[];
  /** Of the workspaces of this page. */
  readonly subscriptions: readonly SubscriptionImpact[];
  readonly nextCursor?: string;
}

/** A catalog to compare. */
export interface CatalogDiffRequest {
  /** As `cistern.config.ts` exports it, or the JSON file says it. */
  readonly content: Readonly<Record<string, unknown>>;
}
