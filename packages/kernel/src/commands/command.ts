/** What a workspace can be asked to do. Parsed and well-formed: only state can still refuse it. New ids come with it. */
import type { Credits, Money } from "../amount.ts";
import type { Payment } from "../events.ts";
import type { Hold } from "../holds/hold.ts";
import type { Instant, Interval } from "../instant.ts";
import type { LimitRule, LimitScope } from "../limits/limit.ts";
import type { Evidence, Signal } from "../outcomes/case.ts";
import type { Channel } from "../outcomes/terms.ts";
import type { GrantSource, Restriction } from "../pool/lot.ts";
import type { Outcome } from "../rating/outcome.ts";
import type { Usage } from "../rating/tariff.ts";
import type { Negotiation, Plan } from "../subscriptions/plan.ts";
import type { Pack } from "../topups/pack.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** What a call costs: credits as said, or units to be rated. */
export type Amount =
  | { readonly kind: "credits"; readonly credits: Credits }
  | { readonly kind: "usage"; readonly usage: Usage };

/** Units that were there all the time from one instant to another, such as GiB stored: of a meter that measures levels. */
export interface Level {
  readonly kind: "level";
  readonly usage: Usage;
  readonly over: Interval;
}

/** Creates the workspace; refused when it exists. */
export interface CreateWorkspace {
  readonly kind: "createWorkspace";
  readonly workspace: Omit<Workspace, "createdAt" | "status">;
}
/** Changes what is given. */
export interface UpdateWorkspace {
  readonly kind: "updateWorkspace";
  readonly changes: Partial<Omit<Workspace, "id" | "createdAt" | "currency">>;
}
/** Registers a member, or changes it; a deactivated one is active again. */
export interface PutMember {
  readonly kind: "putMember";
  readonly member: string;
  readonly memberKind: "person" | "agent" | "key";
  readonly groups: readonly string[];
  readonly home: string | null;
  readonly sponsor: string | null;
}
/** Ends a member's right to spend. */
export interface DeactivateMember {
  readonly kind: "deactivateMember";
  readonly member: string;
}
/** Registers a group. */
export interface PutGroup {
  readonly kind: "putGroup";
  readonly group: string;
}
/** Sets a limit. */
export interface PutLimit {
  readonly kind: "putLimit";
  readonly limit: string;
  readonly scope: LimitScope;
  readonly rule: LimitRule;
}
/** Removes a limit. */
export interface RemoveLimit {
  readonly kind: "removeLimit";
  readonly limit: string;
}
/** Credits that come with a purchase, as a lot of their own. */
export interface Bonus {
  readonly grant: string;
  readonly credits: Credits;
  /** What the bonus would cost alone, beside the `cost` of the grant; null shares the cost by credits. */
  readonly ssp: Money | null;
}
/** Adds credits. */
export interface Grant {
  readonly kind: "grant";
  readonly grant: string;
  readonly credits: Credits;
  readonly source: GrantSource;
  readonly cost: Money;
  /** null: the workspace's. */
  readonly currency: string | null;
  readonly priority: number;
  /** null: now. */
  readonly effectiveAt: Instant | null;
  readonly expiresAt: Instant | null;
  readonly appliesTo: Restriction | null;
  readonly reference: string | null;
  /** A second lot that comes with a purchase and takes its share of the cost. */
  readonly bonus?: Bonus;
  /** Left out: invoiced, without tax. */
  readonly payment?: Payment;
  /** Basis points expected never to be used; left out: none recognised before the lot ends. */
  readonly breakage?: number;
  /** What expires of it is owed to the state; left out: it is breakage. */
  readonly escheats?: boolean;
}
/** Takes credits back; null: all that is left, and the lot is over. */
export interface Revoke {
  readonly kind: "revoke";
  readonly grant: string;
  readonly credits: Credits | null;
}
/** Pays money back for a lot. */
export interface Repay {
  readonly kind: "repay";
  readonly repayment: string;
  readonly grant: string;
  /** Unused credits that are paid back; null: all that are available, unless it is goodwill. */
  readonly credits: Credits | null;
  /** Money for what was used; null: none. */
  readonly goodwill: Money | null;
  /** null: the workspace's. */
  readonly currency: string | null;
  /** null: now. */
  readonly occurredAt: Instant | null;
  readonly reason: string | null;
}
/** Books that a bank took back what was paid for a lot. */
export interface ChargeBack {
  readonly kind: "chargeBack";
  readonly chargeback: string;
  readonly grant: string;
  readonly fee: Money;
  /** Of the fee; null: the workspace's. */
  readonly currency: string | null;
  /** null: now. */
  readonly occurredAt: Instant | null;
  readonly reason: string | null;
}
/** Ends a dormant lot in favour of the state. */
export interface Escheat {
  readonly kind: "escheat";
  readonly grant: string;
}
/** Says what share of a lot is expected never to be used, in basis points; null for no estimate. */
export interface ReviseBreakage {
  readonly kind: "reviseBreakage";
  readonly grant: string;
  readonly breakage: number | null;
}
/** Asks for credits before a call. */
export interface OpenHold {
  readonly kind: "openHold";
  readonly hold: string;
  readonly member: string;
  readonly meter: string | null;
  readonly model: string | null;
  readonly amount: Amount;
  readonly ttlMs: number;
  readonly run: string | null;
  readonly project: string | null;
  readonly attributes: Readonly<Record<string, string>> | null;
}
/** Asks for more, of credits, of time, or both. */
export interface ExtendHold {
  readonly kind: "extendHold";
  readonly hold: string;
  readonly credits: Credits;
  /** From now; null keeps the expiry. */
  readonly ttlMs: number | null;
  /** The hold as read from the journal, when memory no longer has it: only to say why it cannot be extended. */
  readonly recalled: Hold | null;
}
/** Says what a call used. */
export interface SettleHold {
  readonly kind: "settleHold";
  readonly hold: string;
  /** The model that answered, where the call was re-routed to another one. Left out or null: the one that was held for. */
  readonly model?: string | null;
  /** `unmeasured`: nobody knows what was used. */
  readonly amount: Amount | { readonly kind: "unmeasured" };
  /** Of a final settle alone, as is `unmeasured`. */
  readonly outcome: Outcome | null;
  readonly isFinal: boolean;
  /** The request's fingerprint when it comes under its default key. */
  readonly fingerprint: string | null;
  /** The hold as read from the journal, when memory no longer has it (RULES 25). */
  readonly recalled: Hold | null;
}
/** Gives a hold up. */
export interface ReleaseHold {
  readonly kind: "releaseHold";
  readonly hold: string;
  readonly fingerprint: string | null;
  readonly recalled: Hold | null;
}
/** Reports usage that was not held. */
export interface Debit {
  readonly kind: "debit";
  readonly debit: string;
  readonly member: string;
  readonly meter: string | null;
  readonly model: string | null;
  readonly amount: Amount | Level;
  /** null: now, and of a level when it began. */
  readonly occurredAt: Instant | null;
  readonly run: string | null;
  readonly project: string | null;
  readonly attributes: Readonly<Record<string, string>> | null;
}
/** Undoes a settlement, in part or whole (null: all that is left). */
export interface Refund {
  readonly kind: "refund";
  readonly refund: string;
  readonly of: string;
  readonly credits: Credits | null;
  readonly reason: string | null;
  readonly recalled: Hold | null;
}
/** Closes a month of the books; months are closed in order. */
export interface CloseMonth {
  readonly kind: "closeMonth";
  /** `YYYY-MM`, in the workspace's zone. */
  readonly month: string;
}

/** Begins a subscription, or changes the one that lives: its plan, its seats, or both. */
export interface PutSubscription {
  readonly kind: "putSubscription";
  /** The id of a new one. */
  readonly subscription: string;
  /** null: as it is. One of the same name is the one that was pinned, unless it is to be pinned anew. */
  readonly plan: Plan | null;
  readonly isPinnedAnew: boolean;
  /** Where no plan is named: the versions that the plan which runs, and a planned one of its name, are pinned anew to. Left out: none is. */
  readonly newest?: readonly Plan[];
  /** Prices of this customer; null: those of the list. Left out: what was negotiated stays with its plan. */
  readonly negotiated?: {
    readonly spans: readonly Negotiation[];
    /** Said as a list, so that faults name which one it is. */
    readonly isList: boolean;
    /** Of all its money; null: the workspace's. */
    readonly currency: string | null;
  } | null;
  /** null: as they are, now and as planned; of a new plan as many as it has at least. */
  readonly seats: number | null;
  /** null: at once what costs as much or more, and the rest at the end of the period. */
  readonly when: "now" | "period_end" | null;
}
/** Gives a member a seat of the subscription. */
export interface AssignSeat {
  readonly kind: "assignSeat";
  readonly member: string;
}
/** Takes it back. */
export interface ReleaseSeat {
  readonly kind: "releaseSeat";
  readonly member: string;
}
/** What the end of the period brings: another one, a pause, or the end. */
export interface SetPeriodEnd {
  readonly kind: "setPeriodEnd";
  readonly atEnd: "renew" | "pause" | "end";
}
/** Ends the subscription at once: time that was paid for is given back. */
export interface CancelSubscription {
  readonly kind: "cancelSubscription";
}
/** Issues a draft. */
export interface FinalizeInvoice {
  readonly kind: "finalizeInvoice";
  readonly invoice: string;
  /** Sequential by issuer; given out for this invoice alone. */
  readonly number: string;
  /** Basis points of the subtotal; 0 for none. */
  readonly taxBps: number;
  /** Days to pay. */
  readonly termsDays: number;
  readonly purchaseOrder: string | null;
}
/** Books money received for an invoice; null: all that is due. */
export interface PayInvoice {
  readonly kind: "payInvoice";
  readonly invoice: string;
  readonly payment: string;
  readonly amount: Money | null;
  readonly currency: string | null;
  readonly fee: Money;
  readonly reference: string | null;
}
/** Takes an unpaid invoice back, or gives up on what is due. */
export interface VoidInvoice {
  readonly kind: "voidInvoice";
  readonly invoice: string;
  readonly status: "void" | "uncollectible";
  readonly reason: string | null;
}
/** Takes a part of an issued invoice back, tax included. */
export interface CreditInvoice {
  readonly kind: "creditInvoice";
  readonly creditNote: string;
  /** null: it gets one when it is durable, since a credit that is refused must not use up a number. */
  readonly number: string | null;
  readonly invoice: string;
  readonly amount: Money;
  readonly currency: string | null;
  readonly reason: string | null;
}
/** Says that a result was reached. */
export interface ClaimOutcome {
  readonly kind: "claimOutcome";
  readonly outcome: string;
  readonly type: string;
  /** The end customer; null, like topic, conversation and channel, for things. */
  readonly customer: string | null;
  readonly topic: string | null;
  readonly conversation: string | null;
  readonly channel: Channel | null;
  readonly quantity: bigint;
  /** null: the whole. */
  readonly part: string | null;
  readonly evidence: Evidence | null;
  readonly isTest: boolean;
  readonly isSubstantive: boolean;
  /** null: now. */
  readonly occurredAt: Instant | null;
}
/** Says what somebody did in a case. */
export interface SignalCase {
  readonly kind: "signalCase";
  readonly signal: Signal["kind"];
  readonly customer: string;
  readonly topic: string;
  readonly conversation: string | null;
  /** null: now. */
  readonly occurredAt: Instant | null;
}
/** Says that an outcome is none after all. */
export interface ReopenOutcome {
  readonly kind: "reopenOutcome";
  readonly outcome: string;
  /** null: now. */
  readonly occurredAt: Instant | null;
}
/** Says that an outcome is one. */
export interface ConfirmOutcome {
  readonly kind: "confirmOutcome";
  readonly outcome: string;
  readonly attestor: string | null;
  /** null: now. */
  readonly occurredAt: Instant | null;
}
/** Raises a dispute (`resolution: null`), or resolves the one that waits. */
export interface DisputeOutcome {
  readonly kind: "disputeOutcome";
  readonly outcome: string;
  readonly reason: string | null;
  readonly resolution: "upheld" | "rejected" | null;
}
/** Asks for credits that are paid for now. */
export interface RequestTopUp {
  readonly kind: "requestTopUp";
  readonly topUp: string;
  readonly pack: Pack;
  readonly quantity: number;
  readonly note: string | null;
}
/** What is known of the payment of a top-up. */
export type TopUpOutcome =
  | {
      readonly kind: "succeeded";
      /** Without tax; null: the price. */
      readonly amount: Money | null;
      readonly tax: Money;
      /** What the payment provider kept. */
      readonly fee: Money;
      /** Of these; null: the workspace's. */
      readonly currency: string | null;
    }
  | { readonly kind: "processing" }
  | { readonly kind: "requires_action"; readonly action: string }
  | { readonly kind: "declined"; readonly reason: string };
/** Books what is known of the payment of a top-up. */
export interface ResolveTopUp {
  readonly kind: "resolveTopUp";
  readonly topUp: string;
  /** Counts once for ever. null: none is known, and then it has not succeeded. */
  readonly payment: string | null;
  readonly outcome: TopUpOutcome;
  /** The ids of the lot that it becomes, and of its bonus. */
  readonly grant: string;
  readonly bonusGrant: string;
}
/** Sets when the workspace buys by itself. An enabled rule begins anew: no failure counts any more. */
export interface PutTopUpRule {
  readonly kind: "putTopUpRule";
  readonly isEnabled: boolean;
  readonly pack: Pack;
  readonly threshold: Credits;
  readonly target: Credits;
  readonly monthlyCeiling: Money;
  /** Of the ceiling. */
  readonly currency: string;
  /** What the ids of its requests begin with. */
  readonly series: string;
}

/** Every command. */
export type Command =
  | CreateWorkspace
  | UpdateWorkspace
  | PutMember
  | DeactivateMember
  | PutGroup
  | PutLimit
  | RemoveLimit
  | Grant
  | Revoke
  | Repay
  | ChargeBack
  | Escheat
  | ReviseBreakage
  | OpenHold
  | ExtendHold
  | SettleHold
  | ReleaseHold
  | Debit
  | Refund
  | PutSubscription
  | AssignSeat
  | ReleaseSeat
  | SetPeriodEnd
  | CancelSubscription
  | FinalizeInvoice
  | PayInvoice
  | VoidInvoice
  | CreditInvoice
  | ClaimOutcome
  | SignalCase
  | ReopenOutcome
  | ConfirmOutcome
  | DisputeOutcome
  | RequestTopUp
  | ResolveTopUp
  | PutTopUpRule
  | CloseMonth;
