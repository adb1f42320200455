/**
 * Owns which component of a plan revenue and cost of an event are of.
 *
 * S1 revenue follows the accounts: what an event posts to an account of revenue is shared among components and nothing else, so
 * all components together are `revenue by kind`. S2 a call's cost is of whatever paid the call, in proportion to its credits; of a
 * call that charges nothing it is an attempt at an outcome where the plan pays for those.
 */
import { type Event, type GrantSource, postings, split } from "@cistern/kernel";
import { type AccountKey, accountOf, rowOf } from "../chart.ts";
import { lotsBornIn } from "../lots-born.ts";

/** What a plan is made of, as the books see it. */
export const marginComponents = [
  "base_fee",
  "seat_fees",
  "reserved_capacity",
  "credits",
  "packs",
  "usage",
  "overage",
  "outcomes",
  "commitments",
  "breakage",
  "given_back",
  "uncharged",
] as const;
/** One of them. `uncharged`: calls that nobody paid for. */
export type MarginComponent = (typeof marginComponents)[number];

/** What of something a component has. */
export interface Share {
  readonly component: MarginComponent;
  readonly amount: bigint;
}

/** By which lots were sold, event by event. Mutable. */
export class LotSources {
  readonly #sources = new Map<string, GrantSource>();

  note(event: Event): void {
    for (const lot of lotsBornIn(event)) this.#sources.set(lot.id, this.#sourceOf(lot));
  }

  /** Bought beside the plan, or not. */
  componentOf(lot: string): "packs" | "credits" {
    return this.#sources.get(lot) === "purchase" ? "packs" : "credits";
  }

  /** What rolled on or came back is still what it was. */
  #sourceOf({
    source,
    reference,
  }: {
    readonly source: GrantSource;
    readonly reference: string | null;
  }): GrantSource {
    return (reference === null ? undefined : this.#sources.get(reference)) ?? source;
  }
}

/** S1: revenue that an event posts, but for that of access. */
export function revenueShares(event: Event, lots: LotSources): readonly Share[] {
  const sums = new Map<MarginComponent, bigint>();
  const add = (component: MarginComponent, amount: bigint): void => {
    sums.set(component, (sums.get(component) ?? 0n) + amount);
  };
  let usage = 0n;
  for (const posting of postings(event)) {
    const { amount } = posting;
    const { key } = accountOf(posting);
    if (!rowOf(key).name.startsWith("Revenue:")) continue;
    const component = ofAccount(key);
    if (component === "usage") usage -= amount;
    else if (component !== undefined) add(component, -amount);
  }
  const billed = "billed" in event ? event.billed : undefined;
  const onBill = billed?.line.kind === "usage" ? billed.accrual.amount : 0n;
  add("usage", onBill);
  let fromLots = usage - onBill;
  for (const { lot, money } of usageOfLots(event)) {
    if (lots.componentOf(lot) !== "packs") continue;
    add("packs", money);
    fromLots -= money;
  }
  add("credits", fromLots);
  return sharesOf(sums);
}

/** S2: nanos of a call by component. */
export function costShares(
  event: Extract<Event, { readonly kind: "hold.settled" | "usage.debited" }>,
  lots: LotSources,
  hasOutcomes: boolean,
): readonly Share[] {
  const nanos = event.cost?.nanos ?? 0n;
  const paid = new Map<MarginComponent, bigint>();
  const add = (component: MarginComponent, credits: bigint): void => {
    if (credits > 0n) paid.set(component, (paid.get(component) ?? 0n) + credits);
  };
  for (const { lot, credits } of event.charges) add(lots.componentOf(lot), credits);
  add("credits", event.debt);
  if (event.billed !== undefined) add(event.billed.line.kind, event.billed.credits);
  add("uncharged", event.loss ?? 0n);
  if (paid.size === 0)
    return [{ component: hasOutcomes ? "outcomes" : "uncharged", amount: nanos }];
  const parts = split(nanos, [...paid.values()]);
  return [...paid.keys()].map((component, index) => ({ component, amount: parts[index] ?? 0n }));
}

/** Money that lots gave for usage, or took back. */
function usageOfLots(event: Event): readonly { readonly lot: string; readonly money: bigint }[] {
  if (!("transfers" in event)) return [];
  return event.transfers.flatMap(({ lot, from, to, money, breakage = 0n }) => {
    if ((from === "consumed") === (to === "consumed")) return [];
    return { lot, money: to === "consumed" ? money - breakage : breakage - money };
  });
}

/** undefined: of access, which `Terms` shares. */
function ofAccount(key: AccountKey): MarginComponent | undefined {
  switch (key) {
    case "Usage":
      return "usage";
    case "Overage":
      return "overage";
    case "Outcomes":
      return "outcomes";
    case "Shortfall":
      return "commitments";
    case "Breakage":
      return "breakage";
    case "Subscription":
      return undefined;
    default:
      return "given_back";
  }
}

const sharesOf = (sums: ReadonlyMap<MarginComponent, bigint>): readonly Share[] =>
  [...sums].flatMap(([component, amount]) => (amount === 0n ? [] : { component, amount }));
