import { limits } from "./limits.ts";
import type { Money } from "./money.ts";
import type { Position } from "./position.ts";

/** Quantities per usage bucket (`input_text`, `output_text`, `cache_read`, `seconds`, …): integers, buckets that exclude each other. */
export type Usage = Readonly<Record<string, number>>;

/** The caller's own text attributes of a hold or debit; at most `limits.attributesBytesMax` as JSON. */
export type Attributes = Readonly<Record<string, string>>;

/** The row of the rate card that priced a usage. */
export interface RateRow {
  readonly card: string;
  readonly row: string;
  /** The price was negotiated with this customer over it. */
  readonly negotiated?: true;
}

/** What a call cost the vendor itself: minor units with up to nine digits after the point. */
export interface VendorCost {
  readonly amount: string;
  readonly currency: string;
}

/** How a call ended: whole, cut off after some output, before any output, or stopped by whoever asked. */
export type Outcome = "delivered" | "partial" | "failed" | "cancelled";

/** One settlement or debit, as a row of `GET /v1/workspaces/{workspace}/usage`. */
export interface UsageRow {
  readonly id: string;
  readonly occurredAt: string;
  readonly member: string;
  readonly groups: readonly string[];
  readonly run?: string;
  readonly project?: string;
  readonly meter?: string;
  readonly model?: string;
  readonly usage?: Usage;
  /** Of a level: from when to when `usage` was there. */
  readonly from?: string;
  readonly to?: string;
  readonly credits: string;
  /** How the credits come about: `1,200 input_text x 0.0000025 = 0.003`. */
  readonly arithmetic?: string;
  /** Of the credits, what lots gave then. */
  readonly drawn?: string;
  /** What these cost, by the very lots that gave them: all parts together come to what a lot cost. */
  readonly worth?: Money;
  /** Of what it came to owe, what lots paid since, and what these credits cost. */
  readonly paidLater?: { readonly credits: string; readonly worth: Money };
  /** What no lot paid and stands on a line of an invoice. */
  readonly billed?: { readonly credits: string; readonly amount: Money; readonly line: string };
  /** Of the usage, by bucket, what an allowance took: it cost no credits. Of a level: times hours. */
  readonly allowance?: Readonly<Record<string, string>>;
  readonly refunded?: string;
  /** What the refunded credits had cost that went back to lots. */
  readonly refundedWorth?: Money;
  readonly rate?: RateRow;
  readonly unrated?: boolean;
  readonly late?: boolean;
  readonly outcome?: Outcome;
  /** The usage was reckoned by the caller, not told by the provider. */
  readonly estimated?: boolean;
  /** The provider's own id of the answer. */
  readonly response?: string;
  readonly attributes?: Attributes;
  /** What the call cost the vendor, where the catalog says so. Only for keys that are not bound to a workspace. */
  readonly cost?: VendorCost;
  readonly position: Position;
}

/** A page of usage rows, newest last. */
export interface UsagePage {
  readonly data: readonly UsageRow[];
  readonly nextCursor?: string;
}

/** What the usage rows are narrowed by; every one that is given must match. */
export interface UsageQuery {
  readonly limit?: number;
  readonly cursor?: string;
  readonly from?: string;
  readonly to?: string;
  readonly member?: string;
  readonly group?: string;
  readonly project?: string;
  readonly meter?: string;
  readonly model?: string;
  /** The provider's own id of the answer. */
  readonly response?: string;
}

/** Whether attributes keep to their bound, which a schema cannot say. */
export function attributesFit(attributes: Attributes): boolean {
  return new TextEncoder().encode(JSON.stringify(attributes)).length <= limits.attributesBytesMax;
}
