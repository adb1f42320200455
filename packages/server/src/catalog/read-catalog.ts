/**
 * Owns what makes a catalog sound, and how it becomes exact numbers.
 *
 * C1 every fault of the form is told, each with its place, and every fault of the meaning once the form is right; a catalog with
 * any is refused whole. C2 no price passes through a floating-point
 * number. C3 for each call at most one row is the most specific (the kernel's M2). C4 the hash is of the content alone.
 */
import { limits, strictObject } from "@cistern/contract";
import { clash } from "@cistern/kernel";
import canonicalize from "canonicalize";
import { createHash } from "node:crypto";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { Settings } from "typebox/system";
import { type Catalog, CatalogFault, type CatalogProblem, type CatalogRow } from "./catalog.ts";
import { unitPrice } from "./unit-price.ts";

const namePattern: string = "^[a-z][a-z0-9_-]{0,63}$";
const bucketPattern: string = "^[a-z][a-z0-9_]{0,63}$";
const pricePattern: string = "^[0-9]{1,12}(\\.[0-9]{1,12})?$";
const rowsMax = 10_000;

const name = Type.String({ pattern: namePattern });
const PricesSchema = Type.Record(
  Type.String({ pattern: bucketPattern }),
  Type.String({
    pattern: pricePattern,
    description: 'credits as text, up to 12 digits on either side of the point, such as "2.5"',
  }),
  { additionalProperties: false, minProperties: 1, maxProperties: limits.usageBucketsMax },
);
const RowSchema = strictObject({
  meter: name,
  model: Type.Optional(Type.String({ minLength: 1, maxLength: limits.meterCharactersMax })),
  attributes: Type.Optional(
    Type.Record(Type.String({ minLength: 1, maxLength: 64 }), Type.String(), {
      minProperties: 1,
      maxProperties: 16,
    }),
  ),
  perMillion: Type.Optional(PricesSchema),
  perThousand: Type.Optional(PricesSchema),
  perUnit: Type.Optional(PricesSchema),
});
const CatalogSchema = strictObject({
  meters: Type.Record(
    name,
    strictObject({
      buckets: Type.Array(Type.String({ pattern: bucketPattern }), {
        minItems: 1,
        maxItems: limits.usageBucketsMax,
        uniqueItems: true,
      }),
    }),
    { additionalProperties: false, minProperties: 1 },
  ),
  rateCards: Type.Record(
    name,
    strictObject({ rows: Type.Array(RowSchema, { minItems: 1, maxItems: rowsMax }) }),
    { additionalProperties: false, minProperties: 1 },
  ),
});

type Source = Static<typeof CatalogSchema>;
type SourceRow = Static<typeof RowSchema>;

const check = Compile(CatalogSchema);
const groups = [
  ["perMillion", 1_000_000n],
  ["perThousand", 1_000n],
  ["perUnit", 1n],
] as const;

/**
 * Reads a catalog, whether it was written by `defineCatalog` or as JSON.
 *
 * @throws CatalogFault with all that is wrong (C1); `source` names the catalog in its message.
 */
export function readCatalog(value: unknown, source: string): Catalog {
  if (!check.Check(value)) throw new CatalogFault(source, shapeProblems(value));
  const problems: CatalogProblem[] = [];
  const rateCards = new Map<string, readonly CatalogRow[]>();
  for (const [card, { rows }] of Object.entries(value.rateCards)) {
    const path = `/rateCards/${card}/rows`;
    rateCards.set(
      card,
      rows.map((row, index) => readRow(row, value.meters, { path: `${path}/${index}`, problems })),
    );
    problems.push(...clashes(rateCards.get(card) ?? [], path));
  }
  if (problems.length > 0) throw new CatalogFault(source, problems);
  const meters = Object.entries(value.meters).map(
    ([meter, { buckets }]) => [meter, buckets] as const,
  );
  return { hash: hashOf(value), meters: new Map(meters), rateCards };
}

function readRow(
  row: SourceRow,
  meters: Source["meters"],
  { path, problems }: { path: string; problems: CatalogProblem[] },
): CatalogRow {
  const { meter, model = null, attributes = {} } = row;
  const buckets = Object.hasOwn(meters, meter) ? meters[meter]?.buckets : undefined;
  if (buckets === undefined)
    problems.push({
      path: `${path}/meter`,
      message: `is ${meter}, which is no meter of this catalog; it has ${Object.keys(meters).join(", ")}`,
    });
  if (model === "*")
    problems.push({ path: `${path}/model`, message: "is *; leave it out to price every model" });
  const prices = new Map<string, ReturnType<typeof unitPrice>>();
  for (const [group, per] of groups)
    for (const [bucket, text] of Object.entries(row[group] ?? {})) {
      const at = `${path}/${group}/${bucket}`;
      if (buckets !== undefined && !buckets.includes(bucket))
        problems.push({
          path: at,
          message: `is no bucket of ${meter}, which has ${buckets.join(", ")}`,
        });
      if (prices.has(bucket)) problems.push({ path: at, message: "is priced twice in this row" });
      prices.set(bucket, unitPrice(text, per));
    }
  if (prices.size === 0)
    problems.push({ path, message: "has no price; say perMillion, perThousand or perUnit" });
  return { id: rowId(meter, model, attributes), meter, model, attributes, prices };
}

/** Stable over versions of the catalog, since it names what the row is for. */
function rowId(
  meter: string,
  model: string | null,
  attributes: Readonly<Record<string, string>>,
): string {
  const query = new URLSearchParams(attributes);
  query.sort();
  return `${meter}/${model ?? "*"}${query.size === 0 ? "" : `?${query.toString()}`}`;
}

/** C3. */
function clashes(rows: readonly CatalogRow[], path: string): CatalogProblem[] {
  const byMeter = Map.groupBy(rows.entries(), ([, { meter }]) => meter);
  return [...byMeter.values()].flatMap((same) =>
    same.flatMap(([index, row], at) => {
      const [other] = same.slice(0, at).find(([, before]) => clash(before, row)) ?? [];
      if (other === undefined) return [];
      return {
        path: `${path}/${index}`,
        message: `prices calls that row ${other} prices too, and neither is more specific; add to the model or to the attributes of one`,
      };
    }),
  );
}

/** C1: the validator stops after a few unless it is told otherwise. */
function shapeProblems(value: unknown): CatalogProblem[] {
  const { maxErrors } = Settings.Get();
  Settings.Set({ maxErrors: Number.MAX_SAFE_INTEGER });
  try {
    return check
      .Errors(value)
      .filter(({ keyword }) => keyword !== "boolean")
      .map(({ instancePath, message, params }) => ({
        path: instancePath,
        message: `${message}${"additionalProperties" in params ? `: ${String(params.additionalProperties)}` : ""}`,
      }));
  } finally {
    Settings.Set({ maxErrors });
  }
}

/** C4. */
function hashOf(value: Source): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error("A catalog has no canonical form.");
  return createHash("sha256").update(text).digest("hex");
}
