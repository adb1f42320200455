/**
 * Owns the margin of each customer by component of its plan: revenue against what the vendor pays itself.
 *
 * M1 revenue of all components is that of `revenue by kind`, and vendor cost of all components is what ModelCost has, in a span of
 * days, to the cent. M2 vendor cost that was posted in the span is shared by what the calls of each component cost exactly (R3).
 * M3 platform cost is a figure of the plan's and in no ledger; where the plan says none, none is shown. M4 a cost in another
 * currency than the revenue stands in rows of its own: it is nobody's margin until it is translated.
 */
import { type Event, half, split } from "@cistern/kernel";
import { amountText } from "../amount-text.ts";
import type { BooksSource } from "../books-source.ts";
import { monthOf, startOfDay, startOfNextDay } from "../days.ts";
import { createDating } from "../keep-books.ts";
import {
  LotSources,
  type MarginComponent,
  costShares,
  marginComponents,
  revenueShares,
} from "./shares.ts";
import { Terms } from "./terms.ts";

/** Of what. */
export interface MarginOptions {
  readonly source: BooksSource;
  /** One workspace; left out: all. */
  readonly workspaceId?: string | undefined;
  /** First day, `YYYY-MM-DD`, in each workspace's zone. */
  readonly from: string;
  /** Last day, included. */
  readonly to: string;
  readonly onProgress?: (done: { readonly workspaces: number }) => void;
}

/** The margin of a component: flat, so that JSON, CSV and a terminal show the same. Amounts are exact decimals. */
export type MarginRow = {
  /** Empty in the total of all. */
  readonly workspace: string;
  /** Empty in totals, and without a subscription. */
  readonly plan: string;
  /** `total` of a workspace, or of all. */
  readonly component: MarginComponent | "total";
  readonly currency: string;
  readonly revenue: string;
  readonly vendorCost: string;
  /** Of fees, and of totals; empty where no plan says it. */
  readonly platformCost: string;
  /** Revenue less costs. */
  readonly margin: string;
  /** Of the revenue, with one decimal; empty where there is none. */
  readonly marginPercent: string;
};

interface Sums {
  revenue: bigint;
  vendor: bigint;
  /** null: not given (M3). */
  platform: bigint | null;
}

interface Place {
  readonly plan: string;
  readonly component: MarginComponent;
  readonly currency: string;
}

/**
 * The margin of a span of days, by workspace, plan and component, with a total for each workspace and for all, by currency. Rejects
 * with `BooksFault`.
 *
 * @example
 * await marginReport({ source, from: "2026-10-01", to: "2026-10-31" });
 */
export async function marginReport(options: MarginOptions): Promise<readonly MarginRow[]> {
  const { source, workspaceId, onProgress } = options;
  const rows: MarginRow[] = [];
  const all = new Map<string, Sums>();
  let workspaces = 0;
  for await (const id of workspaceId === undefined ? source.workspaces() : [workspaceId]) {
    const margin = await marginOf(id, options);
    const own = new Map<string, Sums>();
    for (const [{ plan, component, currency }, sums] of margin) {
      rows.push(rowOf({ workspace: id, plan, component, currency }, sums));
      for (const totals of [own, all]) addTo(totals, currency, sums);
    }
    rows.push(...totalsOf(id, own));
    workspaces += 1;
    onProgress?.({ workspaces });
  }
  return [...rows, ...totalsOf("", all)];
}

/** Sums of one workspace, in the order of plans and components. */
async function marginOf(
  workspaceId: string,
  { source, from, to }: MarginOptions,
): Promise<readonly (readonly [Place, Sums])[]> {
  const workspace = new WorkspaceMargin(from, to);
  for await (const { event } of source.events(workspaceId)) {
    workspace.take(event);
    // Nothing is posted there any more (RULES 16), so the rest of the journal need not be read.
    if (event.kind === "period.closed" && event.month >= monthOf(to)) break;
  }
  return workspace.sums();
}

/** Reads one workspace, event by event. Mutable. */
class WorkspaceMargin {
  readonly #span: { readonly from: string; readonly to: string };
  readonly #terms: Terms;
  readonly #lots = new LotSources();
  readonly #dateOf = createDating();
  readonly #sums = new Map<string, { readonly place: Place; readonly sums: Sums }>();
  /** By currency: what was posted in the span, and exactly what by whom. */
  readonly #costs = new Map<string, { posted: bigint; nanos: Map<string, bigint> }>();
  #currency = "";

  constructor(from: string, to: string) {
    this.#span = { from, to };
    this.#terms = new Terms(
      (zone) => startOfDay(from, zone),
      (zone) => startOfNextDay(to, zone),
    );
  }

  take(event: Event): void {
    if (event.kind === "workspace.created") this.#currency = event.workspace.currency;
    this.#lots.note(event);
    const before = this.#terms.plan;
    this.#terms.note(event);
    // What an event of a subscription posts is of the plan that it ends.
    const plan = before === "" ? this.#terms.plan : before;
    // Shares of access are told at each recognition, in the span or not.
    const access =
      event.kind === "subscription.recognised" ? this.#terms.recognised(event.amount) : [];
    const date = this.#dateOf(event);
    if (date < this.#span.from || date > this.#span.to) return;
    const currency = this.#currency;
    for (const { plan: of, component, amount } of access)
      this.#at({ plan: of, component, currency }).revenue += amount;
    for (const { component, amount } of revenueShares(event, this.#lots))
      this.#at({ plan, component, currency }).revenue += amount;
    this.#cost(event);
  }

  #cost(event: Event): void {
    if (event.kind !== "hold.settled" && event.kind !== "usage.debited") return;
    const { cost } = event;
    if (cost?.accrued === undefined) return;
    const { plan, hasOutcomes } = this.#terms;
    const costs = this.#costs.get(cost.currency) ?? { posted: 0n, nanos: new Map() };
    this.#costs.set(cost.currency, costs);
    costs.posted += cost.accrued;
    for (const { component, amount } of costShares(event, this.#lots, hasOutcomes)) {
      const key = keyOf({ plan, component, currency: cost.currency });
      this.#at({ plan, component, currency: cost.currency });
      costs.nanos.set(key, (costs.nanos.get(key) ?? 0n) + amount);
    }
  }

  sums(): readonly (readonly [Place, Sums])[] {
    this.#terms.finish();
    for (const { posted, nanos } of this.#costs.values()) this.#share(posted, nanos);
    for (const [plan, cost] of this.#terms.platform)
      for (const component of ["base_fee", "seat_fees"] as const)
        this.#at({ plan, component, currency: this.#currency }).platform = cost[component];
    return [...this.#sums.values()]
      .filter(
        ({ sums: { revenue, vendor, platform } }) =>
          revenue !== 0n || vendor !== 0n || (platform ?? 0n) !== 0n,
      )
      .map(({ place, sums }) => [place, sums] as const)
      .toSorted(([a], [b]) => (orderOf(a) < orderOf(b) ? -1 : 1));
  }

  /** M2. */
  #share(posted: bigint, nanos: ReadonlyMap<string, bigint>): void {
    const keys = [...nanos.keys()].toSorted();
    const weights = keys.map((key) => {
      const weight = nanos.get(key) ?? 0n;
      return weight > 0n ? weight : 0n;
    });
    // All of it may be a part that made its call cheaper.
    const isWeighed = weights.some((weight) => weight > 0n);
    const parts = split(posted, isWeighed ? weights : weights.map(() => 1n));
    for (const [index, key] of keys.entries()) {
      const found = this.#sums.get(key);
      if (found !== undefined) found.sums.vendor += parts[index] ?? 0n;
    }
  }

  #at(place: Place): Sums {
    const key = keyOf(place);
    const found = this.#sums.get(key);
    if (found !== undefined) return found.sums;
    const sums = { revenue: 0n, vendor: 0n, platform: null };
    this.#sums.set(key, { place, sums });
    return sums;
  }
}

const keyOf = ({ plan, component, currency }: Place): string =>
  JSON.stringify([currency, plan, component]);

const orderOf = ({ plan, component, currency }: Place): string =>
  JSON.stringify([plan, String(marginComponents.indexOf(component)).padStart(2, "0"), currency]);

function addTo(
  totals: Map<string, Sums>,
  currency: string,
  { revenue, vendor, platform }: Sums,
): void {
  const sums = totals.get(currency) ?? { revenue: 0n, vendor: 0n, platform: null };
  sums.revenue += revenue;
  sums.vendor += vendor;
  if (platform !== null) sums.platform = (sums.platform ?? 0n) + platform;
  totals.set(currency, sums);
}

const totalsOf = (workspace: string, totals: ReadonlyMap<string, Sums>): readonly MarginRow[] =>
  [...totals]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, sums]) => rowOf({ workspace, plan: "", component: "total", currency }, sums));

function rowOf(
  place: Pick<MarginRow, "workspace" | "plan" | "component" | "currency">,
  { revenue, vendor, platform }: Sums,
): MarginRow {
  const print = (amount: bigint): string => amountText(amount, place.currency);
  const margin = revenue - vendor - (platform ?? 0n);
  return {
    ...place,
    revenue: print(revenue),
    vendorCost: print(vendor),
    platformCost: platform === null ? "" : print(platform),
    margin: print(margin),
    marginPercent: revenue > 0n ? tenths(half(margin * 1_000n, revenue)) : "",
  };
}

function tenths(amount: bigint): string {
  const size = amount < 0n ? -amount : amount;
  return `${amount < 0n ? "-" : ""}${size / 10n}.${size % 10n}`;
}
