/** Owns what a pack is made of: credits that are sold as one. A top-up keeps the terms that it was asked for with. */
import type { Credits, Money } from "../amount.ts";
import type { Cadence } from "../instant.ts";

/** Credits at a price. */
export interface Pack {
  readonly name: string;
  /** ISO 4217; that of the workspace. */
  readonly currency: string;
  /** Without tax; more than 0. */
  readonly price: Money;
  /** More than 0. */
  readonly credits: Credits;
  /** Come with it as a lot of their own, with a share of the price by credits (FINANCE, E8); 0 for none. */
  readonly bonus: Credits;
  /** From the grant on, by the calendar of the workspace's zone; null for never. */
  readonly expiresAfter: Cadence | null;
  /** Lower burns first. */
  readonly priority: number;
  /** Basis points expected never to be used; null recognises none before the lot ends. */
  readonly breakage: number | null;
  /** What expires is owed to the state; left out: it is breakage. */
  readonly escheats?: true;
}

/** All credits of so many packs. */
export const creditsOf = ({ credits, bonus }: Pack, quantity: number): bigint =>
  (credits + bonus) * BigInt(quantity);
