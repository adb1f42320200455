/** Owns the form in which plans are written in a catalog. Money is a decimal in the plan's currency, such as `"20.00"`. */

import type { LimitRequest, Rate } from "@cistern/contract";
import type { FairnessPreset } from "@cistern/kernel";
import type { UnitPriceSource } from "./define-outcome.ts";

/** How long a period is. */
export type EverySource =
  | "month"
  | "year"
  | { readonly unit: "day" | "week" | "month" | "year"; readonly count: number };

/** What is paid in advance for each period. */
export interface FeeSource {
  readonly fee: string;
  /** Stand-alone selling price, by which a bundle is shared in the books; the fee itself where nothing is said. */
  readonly value?: string;
}

/** Seats: what one costs a period. */
export interface SeatsSource extends FeeSource {
  /** Default 1. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** Only members with a seat may spend. Default false. */
  readonly required?: boolean;
  /** Kinds of members that take a seat of their own; default persons alone. Agents and keys that take none ride on their sponsor's. */
  readonly counts?: readonly ("person" | "agent" | "key")[];
  /** A member for whom no seat is left gets one that is bought for it, instead of a refusal. Default false. */
  readonly autoAdd?: boolean;
}

/** Unused credits that go on into the next period: the least of what is said. */
export interface RolloverSource {
  /** Of what the period included, such as `"50"` percent; default all. */
  readonly percent?: string;
  /** Credits. */
  readonly amount?: string;
  /** Rolled credits together, those of earlier periods too. */
  readonly balance?: string;
  /** How many periods they live on, or months where credits come by the month; default 1. */
  readonly periods?: number;
}

/** Credits that come with each period. */
export interface IncludedSource {
  readonly credits: string;
  /** Default `plan`. */
  readonly per?: "plan" | "seat";
  /** `month`: so many each month of a longer period. Default `period`. */
  readonly every?: "period" | "month";
  /** Stand-alone selling price of `credits`. A plan that costs something says this, or that they are ratable; of these it may, for what is paid back (`recognition`). */
  readonly value?: string;
  /**
   * `ratable`: they carry no money of their own; the whole price is for access, and earned by the day. Who gives time back at once whose
   * credits are gone is still paid back that much less: by their share of the price where they have a `value`, else by all of it.
   */
  readonly recognition?: "consumption" | "ratable";
  /** Lower burns first; default 40, before what is bought. */
  readonly priority?: number;
  readonly rollover?: RolloverSource;
  /** Percent expected never to be used, such as `"10"`, recognised with use; left out: when they end. */
  readonly breakage?: string;
  /** What expires of them is owed to the state by law, and is never breakage. */
  readonly escheat?: boolean;
}

/**
 * What is billed at least, usage and outcomes of the period counted. An outcome counts in the period in which it is billed, and no longer
 * counts there once it is taken back: what that period lacks then is charged.
 */
export interface MinimumSource {
  /** One for each period of a term; a ramp has different ones. The term begins again after the last. */
  readonly amounts: readonly string[];
  /** Whether what is missing is billed for each period, or once at the end of the term. Default `period`. */
  readonly trueUp?: "period" | "term";
  /**
   * What is billed as missing may be used up by usage above the minimum of so many later periods of the term (default 1), which then is
   * not billed again. Left out: it is not. Of a commitment that is trued up by the period.
   */
  readonly rollover?: { readonly periods?: number };
  /** Whether who ends the subscription in a term owes what is left of it. Default `charge`. */
  readonly onCancel?: "charge" | "waive";
}

/** Usage at list price that is paid for in advance, for less: a lot of credits that burns before anything is overage. */
export interface PrepaidSource {
  /** What each term costs, and what that buys at list price. One for each term, the last for all that follow; a ramp has different ones. */
  readonly terms: readonly { readonly price: string; readonly list: string }[];
  /** What a credit costs by the list, such as `"0.01"`: a term brings `list / creditPrice` credits. */
  readonly creditPrice: string;
  /** Periods that a term has; default 1. */
  readonly periods?: number;
  /** Lower burns first; default 45, after what is included and before what is bought. */
  readonly priority?: number;
  /** Percent expected never to be used, such as `"10"`, recognised with use; left out: when they end. */
  readonly breakage?: string;
  /** What expires of them is owed to the state by law, and is never breakage. */
  readonly escheat?: boolean;
  /** Of what a term brought. How many `periods` it lives on: default as many as a term has. Left out: what is unused expires. */
  readonly rollover?: RolloverSource;
}

/** A fee that buys a guaranteed rate, and a share of the plan's credits: for the workspace, or for one group of it. */
export interface ReservedCapacitySource extends FeeSource {
  /** Calls within it are refused by no rate of the workspace or of the group. */
  readonly rate: Rate;
  /** The id of a group; default the whole workspace. */
  readonly group?: string;
  /** Of the credits that come with the plan, such as `"20"` percent: a lot that the group alone can use. */
  readonly share?: string;
}

/** What happens to usage that the pool does not carry, where the workspace does not say so itself. */
export type OverageSource =
  | { readonly kind: "deny" }
  /** Owed in credits, up to a limit; what is granted next pays it. */
  | { readonly kind: "debt"; readonly limit: string }
  /** Billed at a price by the credit. */
  | { readonly kind: "bill"; readonly price: UnitPriceSource };

/** Units of a bucket that come with each period and cost no credits. */
export interface AllowanceSource {
  /** A whole number; of a meter that measures a level, what may be there all the time, such as `"50"` GiB. */
  readonly included: string;
  /** Default `plan`. */
  readonly per?: "plan" | "seat";
  /** What comes past it: the credits of the rate card (the default), or a refusal. Usage that happened is charged all the same. */
  readonly beyond?: "credits" | "refuse";
}

/** A rate card by its name: as it moves on by date, or (`pin`) the version that is in force when the plan is pinned. */
export type PlanRateCardSource<Card extends string = string> =
  | Card
  | { readonly name?: Card; readonly pin: boolean };

/** Money of a period, such as `"4.50"`; default none. */
export interface PlatformCostSource {
  readonly perPeriod?: string;
  /** Of one seat that is paid for. */
  readonly perSeat?: string;
}

/** Which plan follows, and after how many whole periods: an offer to begin with, such as half the fee for three months. */
export interface FollowedSource<Name extends string = string> {
  /** Of the same currency, with seats where this one has them. Plans that follow each other in a circle are refused. */
  readonly plan: Name;
  readonly after: number;
}

/** The buckets of each meter, by its name. */
type BucketsByMeter = Readonly<Record<string, string>>;

type BucketOf<Buckets, Meter> = Meter extends keyof Buckets ? Buckets[Meter] & string : string;

/** A plan; `Meter`, `Outcome`, `Card`, `Pack` and `Name` (of a plan) name those of the catalog. A subscription keeps the plan that it pinned, whatever becomes of the catalog. */
export interface PlanSource<
  Meter extends string = string,
  Outcome extends string = string,
  Card extends string = string,
  Pack extends string = string,
  Name extends string = string,
  Buckets = BucketsByMeter,
> {
  /** ISO 4217; workspaces of other currencies cannot have it. */
  readonly currency: string;
  /** Default `month`. */
  readonly every?: EverySource;
  readonly base?: FeeSource;
  readonly seats?: SeatsSource;
  readonly included?: IncludedSource;
  /**
   * Prices by the credit of usage that no lot pays, by meter; `"*"` for all others. Steps count the credits of a period: a first
   * one at `"0"` is an allowance.
   */
  readonly usage?: Readonly<Partial<Record<Meter | "*", UnitPriceSource>>>;
  /**
   * Units of meters beside credits, by meter and bucket, such as `{ api: { calls: { included: "10000", beyond: "refuse" } } }`. They are
   * held before a call, and begin anew with each period (with each month, where `included` comes by the month).
   */
  readonly allowances?: {
    readonly [One in Meter]?: Readonly<Partial<Record<BucketOf<Buckets, One>, AllowanceSource>>>;
  };
  /**
   * What its workspaces may use at most, by names of your own, such as `{ daily: { scope: { kind: "eachMember" }, cap: { credits: "200",
   * window: "day" } } }`. They hold while the workspace is on the plan, beside limits of its own, which lift none of them; a member's
   * limit replaces that of each member of the same kind and window. A name that stays in a later version keeps what it counted.
   */
  readonly limits?: Readonly<Record<string, LimitRequest>>;
  /** What the plan opens of your product, by names of your own, such as `"sso"`; asked for by `GET …/entitlements`. */
  readonly features?: readonly string[];
  /** Meters that may be held for, as names or patterns such as `"image_*"`; all where it is left out. */
  readonly meters?: readonly (Meter | `${string}*${string}`)[];
  /** Models that may be held for, as names or patterns such as `"gpt-5*"`; all where it is left out. */
  readonly models?: readonly string[];
  /** Which prices its usage goes by; default `standard`, and the one that there is where there is one alone. */
  readonly rateCard?: PlanRateCardSource<Card>;
  /** Default `deny`. */
  readonly overage?: OverageSource;
  /** Holds are refused past so much of a period. */
  readonly spendCap?: string;
  readonly minimum?: MinimumSource;
  readonly prepaid?: PrepaidSource;
  readonly reservedCapacity?: ReservedCapacitySource;
  /** What is paid for results, by their type, each at its price, such as `{ resolution: "0.99" }`. */
  readonly outcomes?: [Outcome] extends [never]
    ? Readonly<Record<string, never>>
    : Readonly<Partial<Record<Outcome, UnitPriceSource>>>;
  /** Packs that can be bought under it; default all of its currency. */
  readonly topUps?: readonly Pack[];
  /** How the rest of a period is counted when something changes in it; default `second`. */
  readonly proration?: "second" | "day" | "none";
  /** Prorated credits are a multiple of this; default 1 credit. */
  readonly grantStep?: string;
  /** With which plan it goes on; left out: with itself. */
  readonly followedBy?: FollowedSource<Name>;
  /** Days without a fee before the first period, once for each workspace. Nothing used in them is billed or owed later; what its credits do not cover is your loss. */
  readonly trialDays?: number;
  /** How an upgrade is accounted for; default `separate`. */
  readonly modification?: "separate" | "prospective";
  /** How the members share the pool, where the workspace does not say otherwise: `off` (first come, first served), `strict`, `balanced` or `lend_early`; default `balanced`. */
  readonly fairness?: FairnessPreset;
  /** What a period costs you yourself beside calls, in the plan's currency; the margin report sets it against the fees. Nobody is charged it. */
  readonly platformCost?: PlatformCostSource;
  /** From the end of a period until its invoice is final, such as `PT1H`; default `PT1H`. */
  readonly finalizeAfter?: string;
}
