import { type Amount, credits, microCreditsPerCredit } from "@cistern/kernel";
import { heldCredits, settledCredits } from "./spender.ts";

/** What calls ask for: credits as said, or usage of a meter that a rate card prices. */
export interface Asks {
  readonly meter: string | null;
  readonly held: Amount;
  readonly settled: Amount;
  /** The same, as the bodies of requests have it. */
  readonly heldBody: object;
  readonly settledBody: object;
  /** What the n-th call is for. */
  called(turn: number): Called;
}

/** A model and attributes, as a card prices them; null: the call names none. */
export interface Called {
  readonly model: string | null;
  readonly attributes: Readonly<Record<string, string>> | null;
}

const noModel: Called = { model: null, attributes: null };

/** As the rivals have it. */
export const asksByCredits: Asks = {
  meter: null,
  held: { kind: "credits", credits: credits(heldCredits) },
  settled: { kind: "credits", credits: credits(settledCredits) },
  heldBody: { credits: String(heldCredits / microCreditsPerCredit) },
  settledBody: { credits: String(settledCredits / microCreditsPerCredit) },
  called: () => noModel,
};

const chat = "chat";
const rows = 1_000;

/** A tenth of the rows are patterns, and a tenth price a tier of a model that another row prices. */
export const pricedModels = Array.from({ length: rows }, (_, index) => {
  const kind = index % 10;
  const model = kind === 1 ? `family-${index}-*` : `model-${kind === 2 ? index - 2 : index}`;
  const attributes = kind === 2 ? { tier: "batch" } : null;
  return { model, attributes, called: { model: model.replace("*", "7"), attributes } };
});

/** What 1,000,000 units cost, in credits. */
export const pricesPerMillion = { input_text: "1000", cache_read: "100", output_text: "6000" };

/** 4 credits of input, and 6 of output where it is as long as it may be. */
const heldUsage = { input_text: 4_000, output_text: 1_000 };
const settledUsage = { input_text: 4_000, output_text: 500 };

/** What calls of the planned workspace ask for, in turns for so many of the card's rows. */
const asksOfRows = (rowsAsked: number): Asks => ({
  meter: chat,
  held: { kind: "usage", usage: heldUsage },
  settled: { kind: "usage", usage: settledUsage },
  heldBody: { meter: chat, estimate: heldUsage },
  settledBody: { usage: settledUsage },
  called: (turn) => pricedModels[(turn * 7) % rowsAsked]?.called ?? noModel,
});

/** Every row of the card in turns: no call is near one of the same price. */
export const asksByUsage: Asks = asksOfRows(rows);

/** As a team asks: for eight rows, one of them a pattern and one a tier. */
export const asksByUsageOfTeam: Asks = asksOfRows(8);
