/** Owns what a plan of a catalog means: exact money in minor units, credits in micro-credits, and defaults. */
import { parseDuration } from "@cistern/contract";
import type { IncludedCredits, Pack, Plan, SeatTerms } from "@cistern/kernel";
import type { Meter, Tell } from "./catalog.ts";
import { minorDigits } from "./currency.ts";
import type { PlanAlone } from "./follow-plans.ts";
import { Amounts } from "./plan-amounts.ts";
import type { PlanForm } from "./plan-form.ts";
import { readAllowances } from "./read-allowances.ts";
import { readBilling } from "./read-billing.ts";
import { readLimits } from "./read-limits.ts";
import { readOffer } from "./read-offer.ts";
import { type Definitions, readOutcome } from "./read-outcome.ts";
import { readPrepaid, rolloverOf } from "./read-prepaid.ts";
import { readUnused } from "./read-unused.ts";
import { readReserved } from "./read-reserved.ts";

const priorityDefault = 40;
/** Of a currency that is not known no amount is too fine. */
const digitsMax = 4;
const graceDefault = "PT1H";

/** Where a plan stands, and who is told what is wrong with it. */
export interface PlanSurroundings {
  readonly name: string;
  /** As a JSON pointer. */
  readonly path: string;
  readonly tell: Tell;
  readonly meters: ReadonlyMap<string, Meter>;
  readonly outcomes: Definitions;
  /** Names of the rate cards of the catalog. */
  readonly rateCards: ReadonlySet<string>;
  readonly packs: ReadonlyMap<string, Pack>;
}

/** Reads a plan, and tells all that is wrong with it; what follows it, and its version, are `follow-plans.ts`. */
export function readPlan(
  form: PlanForm,
  { name, path, tell, meters, outcomes: definitions, rateCards, packs }: PlanSurroundings,
): PlanAlone {
  const { currency } = form;
  const digits = minorDigits(currency);
  if (digits === undefined)
    tell({ path: `${path}/currency`, message: `is ${currency}, which is no currency of ISO 4217` });
  const reader = new Amounts(digits ?? digitsMax, tell);
  const base = form.base === undefined ? null : reader.fee(form.base, `${path}/base`);
  const seats = form.seats === undefined ? null : seatsOf(form.seats, `${path}/seats`, reader);
  const included = includedOf(form, path, reader);
  const around = { tell, definitions, digits: digits ?? digitsMax };
  const outcomes = Object.entries(form.outcomes ?? {}).flatMap(
    ([type, price]) =>
      readOutcome(type, price, { path: `${path}/outcomes/${type}`, ...around }) ?? [],
  );
  checkPacks(form, { path, tell, packs });
  const step = reader.credits(form.grantStep ?? "1", `${path}/grantStep`);
  return {
    name,
    currency,
    cadence: cadenceOf(form.every ?? "month"),
    base,
    seats,
    included,
    outcomes,
    ...readBilling(form, {
      path,
      tell,
      meters,
      digits: digits ?? digitsMax,
      money: (text, at) => reader.money(text, at),
    }),
    proration: form.proration ?? "second",
    grantStep: step,
    trialDays: form.trialDays ?? 0,
    modification: form.modification ?? "separate",
    graceMs: parseDuration(form.finalizeAfter ?? graceDefault),
    ...(form.prepaid === undefined
      ? {}
      : {
          drawdown: readPrepaid(form.prepaid, {
            path: `${path}/prepaid`,
            reader,
            digits: digits ?? digitsMax,
          }),
        }),
    ...(form.reservedCapacity === undefined
      ? {}
      : { reserved: readReserved(form.reservedCapacity, `${path}/reservedCapacity`, reader) }),
    ...readAllowances(form, { path, tell, meters }),
    ...readLimits(form, { path, tell }),
    ...readOffer(form, { path, tell, meters, rateCards }),
    ...(form.topUps === undefined ? {} : { topUps: form.topUps }),
    ...(form.fairness === undefined ? {} : { fairness: form.fairness }),
    ...platformCostOf(form, `${path}/platformCost`, reader),
  };
}

function platformCostOf(
  { platformCost, seats }: PlanForm,
  path: string,
  reader: Amounts,
): Pick<Plan, "platformCost"> {
  if (platformCost === undefined) return {};
  const { perPeriod = "0", perSeat = "0" } = platformCost;
  if (platformCost.perSeat !== undefined && seats === undefined)
    reader.tell({
      path: `${path}/perSeat`,
      restsOn: [path],
      message: "is of a seat, and the plan has no seats",
    });
  return {
    platformCost: {
      perPeriod: reader.money(perPeriod, `${path}/perPeriod`),
      perSeat: reader.money(perSeat, `${path}/perSeat`),
    },
  };
}

/** Packs that a plan offers exist, and are sold in its currency. */
function checkPacks(
  { topUps = [], currency }: PlanForm,
  { path, tell, packs }: Pick<PlanSurroundings, "path" | "tell" | "packs">,
): void {
  for (const [index, name] of topUps.entries()) {
    const pack = packs.get(name);
    const at = `${path}/topUps/${index}`;
    if (pack === undefined)
      tell({
        path: at,
        restsOn: [at, "/packs"],
        message: `is ${name}, which is no pack of this catalog`,
      });
    else if (pack.currency !== currency)
      tell({
        path: at,
        restsOn: [at, `${path}/currency`, `/packs/${name}/currency`],
        message: `is ${name}, which is sold in ${pack.currency} and not in ${currency}`,
      });
  }
}

const cadenceOf = (every: NonNullable<PlanForm["every"]>): Plan["cadence"] =>
  typeof every === "string" ? { unit: every, count: 1 } : every;

function seatsOf(form: NonNullable<PlanForm["seats"]>, path: string, reader: Amounts): SeatTerms {
  const { minimum = 1, maximum = null, required = false, counts, autoAdd = false } = form;
  if (maximum !== null && maximum < minimum)
    reader.tell({
      path: `${path}/maximum`,
      restsOn: [`${path}/maximum`, `${path}/minimum`],
      message: `is less than the minimum of ${minimum}`,
    });
  return {
    fee: reader.fee(form, path),
    minimum,
    maximum,
    isRequired: required,
    ...(counts === undefined ? {} : { counts }),
    ...(autoAdd ? { isAddedFor: true } : {}),
  };
}

function includedOf(form: PlanForm, path: string, reader: Amounts): IncludedCredits | null {
  const { included } = form;
  if (included === undefined) return null;
  const at = `${path}/included`;
  const { per = "plan", value, recognition, priority = priorityDefault, rollover } = included;
  const isMonthly =
    included.every === "month" && form.every !== undefined && form.every !== "month";
  const { unit } = cadenceOf(form.every ?? "month");
  if (isMonthly && unit !== "year" && unit !== "month")
    reader.tell({
      path: `${at}/every`,
      restsOn: [`${at}/every`, `${path}/every/`],
      message: `is month, and periods are counted in ${unit}s`,
    });
  if (per === "seat" && form.seats === undefined)
    reader.tell({ path: `${at}/per`, message: "is seat, and the plan has no seats" });
  const isPriced = form.base !== undefined || form.seats !== undefined;
  if (isPriced && value === undefined && recognition !== "ratable")
    reader.tell({
      path: at,
      restsOn: [`${at}/value`, `${at}/recognition`],
      message:
        'has no value: say what the credits cost alone (value), or that they carry no money of their own (recognition: "ratable")',
    });
  return {
    credits: reader.credits(included.credits, `${at}/credits`),
    per,
    every: isMonthly ? { unit: "month", count: 1 } : null,
    ...valueOf(included, at, reader),
    ...readUnused(included, at, reader.tell),
    priority,
    rollover:
      rollover === undefined
        ? null
        : rolloverOf(rollover, { path: `${at}/rollover`, reader, periods: 1 }),
  };
}

/** In the books ratable credits have no value; it is kept for what is paid back when they are gone (RULES 15). */
function valueOf(
  { value, recognition }: NonNullable<PlanForm["included"]>,
  at: string,
  reader: Amounts,
): Pick<IncludedCredits, "standalone" | "worth"> {
  if (value === undefined) return { standalone: null };
  const amount = reader.money(value, `${at}/value`);
  return recognition === "ratable" ? { standalone: null, worth: amount } : { standalone: amount };
}
