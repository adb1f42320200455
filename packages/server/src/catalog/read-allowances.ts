/** Owns what a plan of a catalog includes of its meters beside credits. */
import { type AllowanceTerms, type Plan, fits } from "@cistern/kernel";
import type { Meter, Tell } from "./catalog.ts";
import type { PlanForm } from "./plan-form.ts";

/** Where the allowances stand. */
export interface AllowanceSurroundings {
  readonly path: string;
  readonly tell: Tell;
  readonly meters: ReadonlyMap<string, Meter>;
}

type AllowanceForm = NonNullable<PlanForm["allowances"]>[string][string];

/** Left out where there are none, so that plans which do not say any keep their versions. */
export function readAllowances(
  form: PlanForm,
  around: AllowanceSurroundings,
): Pick<Plan, "allowances"> {
  const terms = Object.entries(form.allowances ?? {}).flatMap(([meter, buckets]) => {
    checkMeter(form, meter, around);
    return Object.entries(buckets).map(([bucket, one]) =>
      termsOf(form, one, { ...around, meter, bucket }),
    );
  });
  return terms.length === 0 ? {} : { allowances: terms };
}

function checkMeter(
  { meters: opened }: PlanForm,
  meter: string,
  { path, tell, meters }: AllowanceSurroundings,
): void {
  const at = `${path}/allowances/${meter}`;
  if (!meters.has(meter))
    tell({
      path: at,
      restsOn: [`${path}/allowances`, "/meters"],
      message: `is of ${meter}, which is no meter of the catalog`,
    });
  else if (opened !== undefined && !opened.some((pattern) => fits(pattern, meter)))
    tell({
      path: at,
      restsOn: [`${path}/allowances`, `${path}/meters/`],
      message: `is of ${meter}, which the plan does not open (meters)`,
    });
}

function termsOf(
  { seats }: PlanForm,
  { included, per = "plan", beyond = "credits" }: AllowanceForm,
  {
    path,
    tell,
    meters,
    meter,
    bucket,
  }: AllowanceSurroundings & { readonly meter: string; readonly bucket: string },
): AllowanceTerms {
  const at = `${path}/allowances/${meter}/${bucket}`;
  const known = meters.get(meter);
  if (known && !known.buckets.includes(bucket))
    tell({
      path: at,
      restsOn: [`${path}/allowances/${meter}`, `/meters/${meter}/buckets/`],
      message: `is of ${bucket}, which is no bucket of ${meter}; it has ${known.buckets.join(", ")}`,
    });
  if (per === "seat" && seats === undefined)
    tell({ path: `${at}/per`, message: "is seat, and the plan has no seats" });
  const isLevel = known?.kind === "level";
  if (isLevel && beyond === "refuse")
    tell({
      path: `${at}/beyond`,
      restsOn: [`${at}/beyond`, `/meters/${meter}/kind`],
      message: "is refuse, and a level is reported when it has been there: say credits",
    });
  return {
    meter,
    bucket,
    included: BigInt(included),
    per,
    beyond,
    ...(isLevel ? { isLevel } : {}),
  };
}
