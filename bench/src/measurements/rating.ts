import { type RateCard, type RateRow, findPrice, rate } from "@cistern/kernel";
import { median } from "../load/samples.ts";
import type { Measurement } from "./measurement.ts";

const rows = 1_000;
const callsEach = 200_000;

/** Finding the row of a call and rating its usage, on a card of many rows: names, patterns, and a row for each tier of some. */
export const rating: Measurement = {
  name: "rating",
  about: `rating by a card of ${rows} rows, and of 1`,
  async run({ pace }) {
    const calls = Math.ceil(callsEach * pace.scale);
    const contestants = { large: cardOf(rows), small: cardOf(1) };
    const times: Record<keyof typeof contestants, number[]> = { large: [], small: [] };
    for (const card of Object.values(contestants)) microseconds(card, calls);
    for (let round = 0; round < pace.rounds; round += 1)
      for (const name of round % 2 === 0
        ? (["large", "small"] as const)
        : (["small", "large"] as const))
        times[name].push(microseconds(contestants[name], calls));
    return {
      "rating.1000_rows_us": median(times.large),
      "rating.1_row_us": median(times.small),
    };
  },
};

/** A tenth of the rows are patterns, and a tenth price a tier of a model that another row prices. */
function cardOf(size: number): RateCard {
  const all = Array.from({ length: size }, (_, index): RateRow => {
    const kind = index % 10;
    const model = kind === 1 ? `family-${index}-*` : `model-${kind === 2 ? index - 2 : index}`;
    return {
      id: `row-${index}`,
      meter: "chat",
      model,
      attributes: kind === 2 ? { tier: "batch" } : {},
      per: 1_000n,
      prices: { input_text: 2_500n, cache_read: 250n, output_text: 10_001n },
    };
  });
  return { id: `card-${size}`, rows: all };
}

/** A call in turns by a name, by a pattern and by a tier. */
function microseconds(card: RateCard, calls: number): number {
  const { rows: all } = card;
  const usage = { input_text: 1_180, cache_read: 20, output_text: 512 };
  let charged = 0n;
  const begun = performance.now();
  for (let call = 0; call < calls; call += 1) {
    const row = all[(call * 7) % all.length];
    if (row === undefined) throw new Error("The card has no row");
    const model = row.model?.replace("*", "7") ?? null;
    const found = findPrice(card, { meter: "chat", model, attributes: row.attributes });
    if (found.kind !== "price") throw new Error(`No price for ${model}`);
    charged += rate(found.price, usage) ?? 0n;
  }
  const elapsedMs = performance.now() - begun;
  const each = (1_180n * 2_500n + 20n * 250n + 512n * 10_001n + 500n) / 1_000n;
  if (charged !== each * BigInt(calls)) throw new Error(`Charged ${charged} for ${calls} calls`);
  return (elapsedMs * 1_000) / calls;
}
