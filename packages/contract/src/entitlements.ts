import type { PlanLimit, Rate } from "./limit.ts";
import type { Money } from "./money.ts";
import type { Position } from "./position.ts";

/** Usage that is free up to so much of a period, beside the pool: units of a meter's bucket, or (a first step of a price at 0) credits. */
export interface MeterAllowance {
  /** Left out: all meters that have no price of their own. */
  readonly meter?: string;
  /** Left out: the numbers count credits. */
  readonly bucket?: string;
  /** The numbers count the bucket times hours: it is a level. */
  readonly perHour?: true;
  readonly included: string;
  readonly used: string;
  /** Set aside for calls in flight. */
  readonly held: string;
  readonly left: string;
  /** Used past it. */
  readonly past: string;
  /** What comes past it: a price in money, credits by the rate card, or a refusal. */
  readonly beyond: "bill" | "credits" | "refuse";
  /** When it begins anew; left out where it does not. */
  readonly resetsAt?: string;
}

/** What a workspace may do by its plan, and what it has made of it in this period. */
export interface Entitlements {
  /** Left out, with its version, where the workspace is on no plan: then nothing is closed to it, and it has no features. */
  readonly plan?: string;
  readonly planVersion?: string;
  readonly features: readonly string[];
  /** Names and patterns with `*`; left out: all. */
  readonly meters?: readonly string[];
  readonly models?: readonly string[];
  /** Credits that came with the period, and what of them is used, held or gone. */
  readonly includedCredits: { readonly included: string; readonly used: string };
  readonly allowances: readonly MeterAllowance[];
  /** Left out: the plan has none. */
  readonly seats?: { readonly paid: number; readonly assigned: number };
  /** A guaranteed rate, of which `left` requests or credits fit now; `share` is percent of the plan's credits. Left out: nothing is reserved. */
  readonly reservedCapacity?: {
    readonly rate: Rate;
    readonly left: string;
    readonly group?: string;
    readonly share?: string;
  };
  /** What the plan lets nobody go past, whatever limits the workspace sets itself. Left out: it has none. */
  readonly limits?: readonly PlanLimit[];
  /** Money of usage that no lot paid, in this period; without `cap` it has no bound. */
  readonly spend: { readonly cap?: Money; readonly billed: Money };
  readonly at: Position;
}

/** What a name is of; left out: a feature, else a meter, else a model that the plan's list or a row names. */
export interface EntitlementQuery {
  readonly kind?: "feature" | "meter" | "model";
  /** For whom policies are asked; left out: those that bind everybody. */
  readonly member?: string;
}

/** Whether a feature, a meter or a model is open. */
export interface Entitlement {
  readonly feature: string;
  readonly included: boolean;
  readonly plan?: string;
  /** The policy of acceptable use that closes what the plan opens. Hours, and texts to be accepted, are not asked here. */
  readonly policy?: string;
  readonly at: Position;
}
