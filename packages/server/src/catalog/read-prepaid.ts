/** Owns what a plan of a catalog says of what is prepaid, and of what rolls on at the end of its time. */
import {
  type Credits,
  type Drawdown,
  type Money,
  type Rollover,
  credits,
  creditsMax,
  microCreditsPerCredit,
} from "@cistern/kernel";
import { type Amounts, minor } from "./plan-amounts.ts";
import type { PlanForm, PrepaidForm } from "./plan-form.ts";
import { readUnused } from "./read-unused.ts";
import { readUnitPrice } from "./read-outcome.ts";

const priorityDefault = 45;

/** Reads terms; each brings as many credits as its list price buys. */
export function readPrepaid(
  form: PrepaidForm,
  { path, reader, digits }: { path: string; reader: Amounts; digits: number },
): Drawdown {
  const { periods = 1, priority = priorityDefault, rollover } = form;
  const at = `${path}/creditPrice`;
  const price = readUnitPrice(form.creditPrice, { path: at, digits, tell: reader.tell });
  const isPriced = price.kind === "per_unit" && price.price > 0n;
  if (!isPriced) reader.tell({ path: at, message: "is 0; say what a credit costs by the list" });
  const creditsFor = (list: Money, place: string): Credits => {
    if (!isPriced) return credits(1n);
    const micro = list * price.per * microCreditsPerCredit;
    const found = micro / price.price;
    const isSound = micro % price.price === 0n && found > 0n && found <= creditsMax;
    if (!isSound)
      reader.tell({
        path: place,
        restsOn: [place, at],
        message: `buys no number of credits at ${form.creditPrice} for one: it must be whole in millionths, above 0, and at most 10^12 credits`,
      });
    return credits(isSound ? found : 1n);
  };
  return {
    terms: form.terms.map((term, index) => {
      const place = `${path}/terms/${index}`;
      const [paid, list] = [
        reader.money(term.price, `${place}/price`),
        reader.money(term.list, `${place}/list`),
      ];
      if (list < paid)
        reader.tell({
          path: `${place}/list`,
          restsOn: [`${place}/list`, `${place}/price`],
          message: `is less than the price of ${term.price}`,
        });
      return { price: paid, list, credits: creditsFor(list, `${place}/list`) };
    }),
    periods,
    priority,
    ...readUnused(form, path, reader.tell),
    rollover:
      rollover === undefined
        ? null
        : rolloverOf(rollover, { path: `${path}/rollover`, reader, periods }),
  };
}

/** What goes on of unused credits; `periods` is how long they live on where nothing is said. */
export function rolloverOf(
  form: NonNullable<NonNullable<PlanForm["included"]>["rollover"]>,
  { path, reader, periods: otherwise }: { path: string; reader: Amounts; periods: number },
): Rollover {
  const { percent = "100", amount, balance, periods = otherwise } = form;
  return {
    shareBps: Number(minor(percent, 2) ?? 0n),
    amountMax: amount === undefined ? null : reader.credits(amount, `${path}/amount`),
    balanceMax: balance === undefined ? null : reader.credits(balance, `${path}/balance`),
    periods,
  };
}
