import type { DrawnShares } from "./fairness.ts";
import type { LotShare, PoolBalance, UnitShare } from "./hold.ts";
import type { Money } from "./money.ts";
import type { Position } from "./position.ts";
import type { Attributes, RateRow, Usage } from "./usage.ts";

/** Usage that already happened: either `credits`, or a `meter` with its `usage`. It is never refused for credits or limits. */
export interface DebitRequest {
  readonly member: string;
  readonly credits?: string;
  readonly meter?: string;
  readonly model?: string;
  readonly usage?: Usage;
  /** When it happened, within 180 days; left out: now. Whether it is billed, and at which price, is by the terms of then. */
  readonly occurredAt?: string;
  /** Of a meter that measures a level: from when to when all of `usage` was there, such as GiB stored. */
  readonly from?: string;
  readonly to?: string;
  /** The caller reckoned the usage: the provider did not tell it. It changes no charge. */
  readonly estimated?: boolean;
  /** The provider's own id of the answer, such as `chatcmpl-9q2`: what was observed elsewhere is matched by it. */
  readonly response?: string;
  readonly run?: string;
  readonly project?: string;
  readonly attributes?: Attributes;
}

/** What a debit charged. */
export interface Debit {
  readonly id: string;
  readonly member: string;
  readonly charged: string;
  /** Of a level: when it began. */
  readonly occurredAt: string;
  readonly from?: string;
  readonly to?: string;
  /** Of a level that was told before for a part of that time: the rest, which alone is charged. Left out where all of it is. */
  readonly chargedFor?: readonly { readonly from: string; readonly to: string }[];
  readonly lots: readonly LotShare[];
  /** Used of allowances. */
  readonly allowance?: readonly UnitShare[];
  /** What it drew of shares of the pool. */
  readonly drawn?: DrawnShares;
  /** The part of `charged` that became debt. */
  readonly debt?: string;
  /** The part of `charged` that no lot paid and the invoice will. */
  readonly billed?: string;
  /** Usage of a trial beyond its credits: neither charged now nor later. */
  readonly loss?: string;
  /** What it changes of the shortfall of its period's commitment: below zero where it is charged in its place. */
  readonly shortfall?: Money;
  readonly unrated?: boolean;
  /** The usage was reckoned by the caller. */
  readonly estimated?: boolean;
  /** The provider's own id of the answer. */
  readonly response?: string;
  readonly rate?: RateRow;
  readonly balance: PoolBalance;
  readonly at: Position;
}

/** Gives credits of a settlement back; `credits` left out is all that is left. */
export interface RefundRequest {
  /** A hold or a debit. */
  readonly of: string;
  readonly credits?: string;
  readonly reason?: string;
}

/** What a refund returned, to the lots that it came from. */
export interface Refund {
  readonly id: string;
  readonly of: string;
  readonly credits: string;
  readonly refundedInTotal?: string;
  readonly lots: readonly LotShare[];
  /** Given back to allowances: a settlement that is refunded whole gives back its units too. */
  readonly allowance?: readonly UnitShare[];
  /** The part of `credits` that cancelled debt. */
  readonly debt?: string;
  /** The part of `credits` that was taken off the bill. */
  readonly billed?: string;
  /** What it changes of the shortfall of its period's commitment: below zero where it is charged in its place. */
  readonly shortfall?: Money;
  readonly reason?: string;
  readonly balance: PoolBalance;
  readonly at: Position;
}
