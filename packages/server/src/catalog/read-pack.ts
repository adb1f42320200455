/** Owns what a pack of a catalog means: exact money in minor units, credits in micro-credits, and defaults. */
import { type Cadence, type Pack, noCredits } from "@cistern/kernel";
import type { Tell } from "./catalog.ts";
import { minorDigits } from "./currency.ts";
import type { PackForm } from "./pack-form.ts";
import { Amounts } from "./plan-amounts.ts";
import { readUnused } from "./read-unused.ts";

const priorityDefault = 50;
/** Of a currency that is not known no amount is too fine. */
const digitsMax = 4;
/** Longer than any pack is sold for; an expiry has to be an instant that can be written. */
const yearsMax = 100;

/** Where a pack stands, and who is told what is wrong with it. */
export interface PackSurroundings {
  readonly name: string;
  /** As a JSON pointer. */
  readonly path: string;
  readonly tell: Tell;
}

/** Reads a pack, and tells all that is wrong with it. */
export function readPack(form: PackForm, { name, path, tell }: PackSurroundings): Pack {
  const { currency, bonus, expiresAfter, priority = priorityDefault } = form;
  const digits = minorDigits(currency);
  if (digits === undefined)
    tell({ path: `${path}/currency`, message: `is ${currency}, which is no currency of ISO 4217` });
  const reader = new Amounts(digits ?? digitsMax, tell);
  const price = reader.money(form.price, `${path}/price`);
  if (/^[0.]+$/.test(form.price))
    tell({ path: `${path}/price`, message: "is 0; credits that cost nothing are a promotion" });
  const unused = readUnused(form, path, tell);
  return {
    name,
    currency,
    price,
    credits: reader.credits(form.credits, `${path}/credits`),
    bonus: bonus === undefined ? noCredits : reader.credits(bonus, `${path}/bonus`),
    expiresAfter: lifeOf(expiresAfter, `${path}/expiresAfter`, tell),
    priority,
    breakage: unused.breakage ?? null,
    ...(unused.escheats === undefined ? {} : { escheats: unused.escheats }),
  };
}

const units = { D: "day", W: "week", M: "month", Y: "year" } as const;
const perYear = { day: 365, week: 52, month: 12, year: 1 } as const;

function lifeOf(
  text: string | undefined,
  path: string,
  tell: PackSurroundings["tell"],
): Cadence | null {
  const found = text === undefined ? null : /^P([0-9]+)([DWMY])$/.exec(text);
  if (found === null) return null;
  const unit = Object.entries(units).find(([letter]) => letter === found[2])?.[1] ?? "day";
  const count = Number(found[1]);
  if (count > yearsMax * perYear[unit])
    tell({ path, message: `is ${text}, which is more than ${yearsMax} years` });
  return { unit, count };
}
