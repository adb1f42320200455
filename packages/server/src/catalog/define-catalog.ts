/** Owns the form in which a catalog is written: what `cistern.config.ts` exports, checked by the editor while it is typed. */
import type { EventRuleSource, TracesSource } from "./define-intake.ts";
import type { OutcomeSource } from "./define-outcome.ts";
import type { PackSource } from "./define-pack.ts";
import type { PlanSource } from "./define-plan.ts";

/** A kind of usage, and the buckets in which it is measured; each unit of usage is in exactly one. */
export interface MeterSource {
  /** `level`: what is there over time, such as GiB stored, and is priced by the hour. Left out: what is used is counted. */
  readonly kind?: "level";
  readonly buckets: readonly string[];
  /** What a call is charged by how it ended; what is left out: see the defaults of `OutcomesSource`. */
  readonly outcomes?: OutcomesSource;
}

/**
 * `usage`: the usage at its price. `nothing`. `estimate`: what the hold has left. A settle that says credits is charged those,
 * whatever the outcome.
 */
export interface OutcomesSource {
  /** Default `usage`. */
  readonly delivered?: "usage" | "nothing" | "estimate";
  /** Cut off after some output. Default `usage`. */
  readonly partial?: "usage" | "nothing" | "estimate";
  /** Before any output. Default `nothing`. */
  readonly failed?: "usage" | "nothing" | "estimate";
  /** Stopped by whoever asked. Default `usage`. */
  readonly cancelled?: "usage" | "nothing" | "estimate";
  /** Charged by usage, of which none was reported. Default `estimate`. */
  readonly unmeasured?: "nothing" | "estimate";
}

/** Prices as decimals in text, in credits, of a million, a thousand or one unit; each bucket in one of them. */
export interface PricesSource<Bucket extends string = string> {
  readonly perMillion?: Readonly<Partial<Record<Bucket, string>>>;
  readonly perThousand?: Readonly<Partial<Record<Bucket, string>>>;
  readonly perUnit?: Readonly<Partial<Record<Bucket, string>>>;
}

/** Prices of a call whose context has more than `above` units; a bucket that is left out costs what it did before. */
export interface ContextTierSource<Bucket extends string = string> extends PricesSource<Bucket> {
  readonly above: number;
}

/** A row of a rate card. Of the rows that match a call the most specific prices it: by the model, then by the attributes. */
export interface RateRowSource<
  Meter extends string = string,
  Bucket extends string = string,
> extends PricesSource<Bucket> {
  readonly meter: Meter;
  /** A name, or a pattern in which `*` stands for any characters; left out: any model that no other row prices. */
  readonly model?: string;
  /** The call must have all of these, such as `{ tier: "batch" }`. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** What a call costs at least that used anything, in credits. */
  readonly minimum?: string;
  /** Of the last micro-credit; `half` where nothing is said. */
  readonly rounding?: "half" | "up" | "down";
  /** All prices of the row times this, such as `"1.2"`. */
  readonly multiplier?: string;
  readonly context?: ContextSource<Bucket>;
  /** What such calls cost you. It changes no charge; usage rows show it to keys that are not bound to a workspace. */
  readonly cost?: CostSource<Bucket>;
}

/** Prices by the length of the context, which is the sum over `buckets`; they hold for all that the call used. */
export interface ContextSource<Bucket extends string = string> {
  readonly buckets: readonly Bucket[];
  readonly tiers: readonly ContextTierSource<Bucket>[];
}

/** What you pay: decimals in the currency itself, such as `"1.25"` dollars; of every bucket that the row has a price for. */
export interface CostSource<Bucket extends string = string> extends PricesSource<Bucket> {
  /** ISO 4217, such as `"USD"`. */
  readonly currency: string;
  readonly context?: ContextSource<Bucket>;
}

/** Prices by meter and model, under a name. */
export interface RateCardSource<Row = RateRowSource> {
  /** All prices of all rows times this; minimums stay as they are. */
  readonly multiplier?: string;
  readonly rows: readonly Row[];
}

/** How people see credits: on invoices as PDF, and by `cistern catalog`. Answers, CSV and books have exact decimals of `credits` as ever. */
export interface CreditsSource {
  /** Default `credit` and `credits`. */
  readonly name?: { readonly singular: string; readonly plural: string };
  /** How many decimals are shown, 0 to 6, rounded where there are more; left out: as many as there are. Credits are counted in millionths all the same. */
  readonly decimals?: number;
}

/** A catalog as it is written. */
export interface CatalogSource {
  readonly credits?: CreditsSource;
  readonly meters: Readonly<Record<string, MeterSource>>;
  readonly rateCards: Readonly<Record<string, RateCardSource>>;
  /** Results that plans may pay for, by their type. */
  readonly outcomes?: Readonly<Record<string, OutcomeSource>>;
  readonly plans?: Readonly<Record<string, PlanSource>>;
  /** What is sold beside plans: credits at a price. */
  readonly packs?: Readonly<Record<string, PackSource>>;
  /** How usage events of other producers (CloudEvents, OpenMeter) become usage, by their `type`. */
  readonly events?: Readonly<Record<string, EventRuleSource>>;
  /** What spans that arrive over OTLP are for. */
  readonly traces?: TracesSource;
  readonly books?: BooksSettingsSource;
}

/** What of it the books have. */
export interface BooksSettingsSource {
  /** Whether what calls cost you is posted (ModelCost against AccruedProvider). Default true. */
  readonly modelCost?: boolean;
}

/** Rows that name a meter of these, and of its buckets alone. */
export type RateRowOf<Meters extends CatalogSource["meters"]> = {
  [Meter in keyof Meters & string]: RateRowSource<Meter, Meters[Meter]["buckets"][number]>;
}[keyof Meters & string];

/** The buckets of each of these meters. */
type BucketsOf<Meters extends CatalogSource["meters"]> = {
  readonly [Meter in keyof Meters]: Meters[Meter]["buckets"][number];
};

/**
 * Gives its argument back; a row that names a meter or a bucket, or a plan that names an outcome, a rate card or a pack, which the catalog has not, is an
 * error in the editor.
 *
 * @example
 * export default defineCatalog({
 *   meters: { chat: { buckets: ["input_text", "output_text"] } },
 *   rateCards: {
 *     standard: { rows: [{ meter: "chat", model: "gpt-5*", perMillion: { input_text: "125", output_text: "1000" } }] },
 *   },
 * });
 */
export function defineCatalog<
  const Meters extends CatalogSource["meters"],
  const Cards extends Readonly<Record<string, RateCardSource<RateRowOf<NoInfer<Meters>>>>>,
  const Outcomes extends NonNullable<CatalogSource["outcomes"]> = Readonly<Record<never, never>>,
  const Packs extends NonNullable<CatalogSource["packs"]> = Readonly<Record<never, never>>,
  PlanName extends string = string,
>(catalog: {
  readonly credits?: CreditsSource;
  readonly meters: Meters;
  readonly rateCards: Cards;
  readonly outcomes?: Outcomes;
  readonly plans?: Readonly<
    Record<
      PlanName,
      PlanSource<
        keyof NoInfer<Meters> & string,
        keyof NoInfer<Outcomes> & string,
        keyof NoInfer<Cards> & string,
        keyof NoInfer<Packs> & string,
        NoInfer<PlanName>,
        BucketsOf<NoInfer<Meters>>
      >
    >
  >;
  readonly packs?: Packs;
  readonly events?: Readonly<Record<string, EventRuleSource<keyof NoInfer<Meters> & string>>>;
  readonly traces?: TracesSource<keyof NoInfer<Meters> & string>;
  readonly books?: BooksSettingsSource;
}): CatalogSource {
  return catalog;
}
