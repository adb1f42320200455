/** Owns what a plan is made of (DESIGN, section 6). A subscription keeps the plan that it pinned: no later catalog changes it. */
import type { Credits, Money } from "../amount.ts";
import type { AllowanceTerms } from "../allowances/terms.ts";
import type { BilledLine, PlanOverage } from "../billed/terms.ts";
import type { Minimum } from "../pricing/commitment.ts";
import type { UnitPrice } from "../pricing/unit-price.ts";
import type { NegotiatedRates } from "../rating/rate-card.ts";
import type { FairnessPreset } from "../fairness/setting.ts";
import type { Cadence, Instant } from "../instant.ts";
import type { Limit, RateLimitRule } from "../limits/limit.ts";
import type { Member } from "../members/member.ts";
import type { UnusedTerms } from "../pool/unused.ts";
import type { OutcomeTerms } from "../outcomes/terms.ts";

/** What is paid in each period, in advance. */
export interface Fee {
  readonly amount: Money;
  /** Stand-alone selling price of the access that it buys: the weight by which a bundle's price is split (FINANCE, E9). */
  readonly standalone: Money;
}

/** Seats: how many are paid for, and what one costs. */
export interface SeatTerms {
  /** Of one seat. */
  readonly fee: Fee;
  /** Fewer cannot be had; so many are paid for at least. */
  readonly minimum: number;
  /** null: as many as are wanted. */
  readonly maximum: number | null;
  /** Whether only members with a seat may spend. */
  readonly isRequired: boolean;
  /** Members that take a seat of their own; all others ride on their sponsor's. Left out: persons. */
  readonly counts?: readonly Member["kind"][];
  /** Whether a member for whom there is no seat left gets one that is bought there and then; left out: it is refused. */
  readonly isAddedFor?: boolean;
}

/** Unused credits that go on into the next period: as many as all that is said here allows. */
export interface Rollover {
  /** Of the credits that the period included, in basis points. */
  readonly shareBps: number;
  /** null: no such bound. */
  readonly amountMax: Credits | null;
  /** Rolled credits together, with those of earlier periods; null: no such bound. */
  readonly balanceMax: Credits | null;
  /** How many periods they live on. */
  readonly periods: number;
}

/** Credits that come with each period. */
export interface IncludedCredits extends UnusedTerms {
  readonly credits: Credits;
  readonly per: "plan" | "seat";
  /** Stand-alone selling price of `credits`; null: they are part of the access and carry no money of their own (ratable). */
  readonly standalone: Money | null;
  /** Of ratable ones: what `credits` would cost alone, for what is kept of a fee that is given back (RULES 15). Left out: all that is paid. */
  readonly worth?: Money;
  /** How often they come, where that is more often than the fee; null: with each period. */
  readonly every: Cadence | null;
  /** Lower burns first. */
  readonly priority: number;
  readonly rollover: Rollover | null;
}

/** Prices of one customer, over a version of a plan. */
export interface Negotiation {
  /** Tells these prices from others over the same version, whenever they hold. */
  readonly id: string;
  /** null: as listed. */
  readonly base: Money | null;
  /** Of one seat; null: as listed. */
  readonly seat: Money | null;
  /** Of usage that no lot pays, line by line; left out, like what follows: as listed. */
  readonly usage?: readonly BilledLine[];
  readonly outcomes?: readonly { readonly type: string; readonly price: UnitPrice }[];
  /** What its usage costs in credits, over whichever rate card the plan goes by. */
  readonly rates?: NegotiatedRates;
  /** As it was said, for whoever asks: JSON. Left out: fees alone. */
  readonly said?: string;
  /** It begins with the first period that begins then or later; left out or null: when it is put. */
  readonly from?: Instant | null;
  /** The first period that begins then or later goes by the list; null: no end. */
  readonly until: Instant | null;
}

/** Usage at list price that is paid for in advance, term by term, for less than it is worth (FINANCE, E15c). */
export interface Drawdown extends UnusedTerms {
  /** One for each term, in order, the last for all that follow; a ramp has different ones. */
  readonly terms: readonly DrawdownTerm[];
  /** Periods that a term has. */
  readonly periods: number;
  /** Lower burns first. */
  readonly priority: number;
  /** What of a term's unused credits goes on into the next; null: it expires. */
  readonly rollover: Rollover | null;
}

/** What a term costs, and buys. */
export interface DrawdownTerm {
  readonly price: Money;
  /** What `credits` cost by the list; the discount is what lies between. */
  readonly list: Money;
  readonly credits: Credits;
}

/** A fee that buys a guaranteed rate, and a share of the plan's credits, for the workspace or for one group of it. */
export interface ReservedCapacity {
  readonly fee: Fee;
  readonly rate: RateLimitRule;
  /** Of the credits that come with the plan, in basis points; 0 for none, and where it is for the whole workspace. */
  readonly shareBps: number;
  /** null: for the whole workspace. */
  readonly group: string | null;
}

/** The prices of usage that a plan goes by (RULES 19). */
export interface PlanRateCard {
  readonly name: string;
  /** `true`: the version that is in force when the plan is pinned stays. */
  readonly isPinned: boolean;
  /** The id of that version; left out until the plan is pinned, and where it moves on by date. */
  readonly version?: string;
}

/** What a plan lets its workspace do, whatever credits there are. */
export interface PlanEntitlements {
  /** Names of the vendor's own. */
  readonly features: readonly string[];
  /** Meters that may be held for, as patterns in which `*` stands for any characters; null: all. */
  readonly meters: readonly string[] | null;
  /** Models, likewise. */
  readonly models: readonly string[] | null;
}

/** How a part of a period is counted: by time, by calendar days, or not at all. */
export type Proration = "second" | "day" | "none";

/** The terms of a subscription. */
export interface Plan {
  readonly name: string;
  /** The name and the beginning of a hash of all that it says. */
  readonly version: string;
  /** ISO 4217; that of the workspace. */
  readonly currency: string;
  readonly cadence: Cadence;
  readonly base: Fee | null;
  readonly seats: SeatTerms | null;
  readonly included: IncludedCredits | null;
  /** Results that are paid for, by their type; none where it is empty. */
  readonly outcomes: readonly OutcomeTerms[];
  /** What usage is billed at least; null for nothing. */
  readonly minimum: Minimum | null;
  /** What is prepaid and drawn down; left out: nothing. */
  readonly drawdown?: Drawdown;
  /** Left out: nothing is reserved. */
  readonly reserved?: ReservedCapacity;
  /** What happens past the pool, where the workspace does not say otherwise. */
  readonly overage: PlanOverage;
  readonly proration: Proration;
  /** Prorated credits are a multiple of this (RULES 17). */
  readonly grantStep: Credits;
  /** Days without a fee, before the first period; 0 for none. */
  readonly trialDays: number;
  /** Whether an upgrade is revenue of its own, or its price joins what is left of the old one (FINANCE, E11). */
  readonly modification: "separate" | "prospective";
  /** From the end of a period until its invoice is final: usage that comes late is still on it. */
  readonly graceMs: number;
  /** What of it was negotiated, with the plan as it is listed, and what holds later; an empty id: nothing yet. Left out: nothing. */
  readonly negotiated?: Negotiation & {
    readonly list: Plan;
    readonly later?: readonly Negotiation[];
  };
  /** Left out: no features, all meters and models. */
  readonly entitles?: PlanEntitlements;
  /** Left out: the rate card of workspaces without a plan, as it moves on by date. */
  readonly rateCard?: PlanRateCard;
  /** Units of meters that cost no credits, one for each bucket at most. Left out: none. */
  readonly allowances?: readonly AllowanceTerms[];
  /** What its workspaces may use at most, whatever limits they set themselves; ids are those of `planLimitId`. Left out: none. */
  readonly limits?: readonly Limit[];
  /** Names of the packs that can be bought under it; left out: all of its currency. */
  readonly topUps?: readonly string[];
  /** What follows, when so many whole periods of this plan have begun after the running one. Left out: nothing else. */
  readonly followedBy?: { readonly plan: Plan; readonly after: number };
  /** How the pool is shared where the workspace does not say; left out: `balanced`. */
  readonly fairness?: FairnessPreset;
  /** What the vendor's platform costs for it, for the margin alone. Left out: not said. */
  readonly platformCost?: PlatformCost;
}

/** What a vendor pays itself for a period, beside calls: hosting, licences, support. */
export interface PlatformCost {
  readonly perPeriod: Money;
  /** Of one seat that is paid for. */
  readonly perSeat: Money;
}
