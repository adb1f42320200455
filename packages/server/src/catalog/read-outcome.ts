/** Owns what billable outcomes of a catalog mean: exact prices, durations in milliseconds, and defaults. */
import { parseDuration } from "@cistern/contract";
import {
  type OutcomeTerms,
  type PriceTier,
  type UnitPrice,
  conversationDefaults,
  faultOfPrice,
} from "@cistern/kernel";
import type { Tell } from "./catalog.ts";
import { decimal } from "./fraction.ts";
import type { OutcomeForm, UnitPriceForm } from "./outcome-form.ts";

const dayMs = 24 * 60 * 60 * 1_000;
/** What the kernel remembers of a case is longer than these together with what may come late. */
const windowMaxMs = 30 * dayMs;
const reopenMaxMs = 60 * dayMs;

/** Outcomes by their type, without a price. */
export type Definitions = ReadonlyMap<string, OutcomeForm>;

/** Tells what is wrong with the windows of an outcome. */
export function checkOutcome(form: OutcomeForm, path: string, tell: Tell): void {
  const tooLong = (field: string, said: string | undefined, mostMs: number): void => {
    if (said !== undefined && parseDuration(said) > mostMs)
      tell({ path: `${path}/${field}`, message: `is longer than ${mostMs / dayMs} days` });
  };
  tooLong("reopenWindow", form.reopenWindow, reopenMaxMs);
  if (form.kind === "quantity") return;
  tooLong("linkWindow", form.linkWindow, windowMaxMs);
  tooLong("maturity/chat", form.maturity?.chat, windowMaxMs);
  tooLong("maturity/ticket", form.maturity?.ticket, windowMaxMs);
}

/** What a plan pays for an outcome; undefined where the catalog has none of that type. */
export function readOutcome(
  type: string,
  said: UnitPriceForm,
  {
    path,
    tell,
    definitions,
    digits,
  }: { path: string; tell: Tell; definitions: Definitions; digits: number },
): OutcomeTerms | undefined {
  const form = definitions.get(type);
  if (form === undefined) {
    tell({
      path,
      restsOn: [path.slice(0, path.lastIndexOf("/")), "/outcomes"],
      message: `is ${type}, which is no outcome of the catalog`,
    });
    return undefined;
  }
  const price = readUnitPrice(said, { path, tell, digits });
  const parts = Object.entries(form.parts ?? {}).map(([name, share]) => ({
    name,
    shareBps: bpsOf(share),
  }));
  const expectedBps = form.expected === undefined ? null : bpsOf(form.expected);
  const reopenMs = durationOf(form.reopenWindow, conversationDefaults.reopenMs);
  if (form.kind === "quantity") {
    const needsConfirmation = form.confirmation ?? false;
    return { kind: "quantity", type, price, parts, reopenMs, expectedBps, needsConfirmation };
  }
  const { linkMs, maturityMs, reviewFrom } = conversationDefaults;
  return {
    kind: "conversation",
    type,
    price,
    parts,
    reopenMs,
    expectedBps,
    linkMs: durationOf(form.linkWindow, linkMs),
    maturityMs: {
      chat: durationOf(form.maturity?.chat, maturityMs.chat),
      ticket: durationOf(form.maturity?.ticket, maturityMs.ticket),
    },
    reviewFrom: {
      topics: form.review?.topics ?? reviewFrom.topics,
      conversations: form.review?.conversations ?? reviewFrom.conversations,
    },
  };
}

const bpsOf = (percent: string): number => Number(decimal(percent).mul(100));

const durationOf = (said: string | undefined, usual: number): number =>
  said === undefined ? usual : parseDuration(said);

/** A price by quantity in exact minor units: of a fraction of one, for as many more units. */
export function readUnitPrice(
  said: UnitPriceForm,
  { path, tell, digits }: { path: string; tell: Tell; digits: number },
): UnitPrice {
  if (typeof said === "string") {
    const extra = finerBy([said], digits);
    return { kind: "per_unit", per: 10n ** extra, price: scaled(said, digits, extra) };
  }
  if (said.kind === "package") {
    if (finerBy([said.price], digits) > 0n)
      tell({ path: `${path}/price`, message: tooFine(said.price, digits) });
    return { kind: "package", per: BigInt(said.per), price: scaled(said.price, digits, 0n) };
  }
  const extra = finerBy(
    said.tiers.map(({ price }) => price),
    digits,
  );
  const tiers = said.tiers.map(({ upTo, price, flat }, index): PriceTier => {
    if (flat !== undefined && finerBy([flat], digits) > 0n)
      tell({ path: `${path}/tiers/${index}/flat`, message: tooFine(flat, digits) });
    return {
      upTo: upTo === undefined ? null : BigInt(upTo),
      price: scaled(price, digits, extra),
      ...(flat === undefined ? {} : { flat: scaled(flat, digits, 0n) }),
    };
  });
  const price: UnitPrice = { kind: said.kind, per: BigInt(said.per ?? 1) * 10n ** extra, tiers };
  const fault = faultOfPrice(price);
  if (fault !== undefined)
    tell({
      path: `${path}/tiers`,
      restsOn: [`${path}/tiers/`],
      message: `are no steps: ${fault}`,
    });
  return price;
}

const tooFine = (text: string, digits: number): string =>
  `is ${text}, which has more than the ${digits} digit(s) after the point that the currency has`;

/** How many digits some have beyond those of the currency. */
const finerBy = (texts: readonly string[], digits: number): bigint =>
  BigInt(Math.max(0, ...texts.map((text) => placesOf(text) - digits)));

const placesOf = (text: string): number => (text.split(".")[1] ?? "").replace(/0+$/, "").length;

/** In minor units, times 10^extra; what is finer than that was told. */
function scaled(text: string, digits: number, extra: bigint): bigint {
  const [whole = "", part = ""] = text.split(".");
  const places = digits + Number(extra);
  return BigInt(whole + part.slice(0, places).padEnd(places, "0"));
}
