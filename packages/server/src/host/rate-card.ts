/**
 * Owns the JSON form of a rate card: `{ id, rows: [{ meter, model?, perMillion: { bucket: credits } }] }`, where credits are
 * decimals written as text, so that no price passes through a floating-point number.
 */
import {
  creditsPattern,
  limits,
  MeterSchema,
  ModelSchema,
  parseCredits,
  strictObject,
} from "@cistern/contract";
import { type RateCard, type RateRow, credits, isPattern } from "@cistern/kernel";
import { Type } from "typebox";
import { Compile } from "typebox/compile";

/** Rates that cannot be used; the message names the place and what is expected there. */
export class RatesFault extends Error {
  override readonly name = "RatesFault";
}

const rowsMax = 10_000;
const bucketPattern: string = "^[a-z][a-z0-9_]{0,63}$";

const RatesSchema = strictObject({
  id: Type.String({ minLength: 1, maxLength: 64, description: "a name of 1 to 64 characters" }),
  rows: Type.Array(
    strictObject({
      meter: MeterSchema,
      model: Type.Optional(ModelSchema),
      perMillion: Type.Record(
        Type.String({ pattern: bucketPattern }),
        Type.String({
          pattern: creditsPattern,
          description: 'credits per million units as text, such as "2.5"',
        }),
        { additionalProperties: false, minProperties: 1, maxProperties: limits.usageBucketsMax },
      ),
    }),
    { minItems: 1, maxItems: rowsMax },
  ),
});

const check = Compile(RatesSchema);

/**
 * Reads a rate card.
 *
 * @example readRateCard({ id: "card", rows: [{ meter: "chat", model: "gpt-5", perMillion: { input_text: "2.5" } }] }, "rates.json")
 * @throws RatesFault where it is none; `source` names it in the message.
 */
export function readRateCard(value: unknown, source: string): RateCard {
  if (!check.Check(value)) {
    const [first] = check.Errors(value).filter((error) => error.keyword !== "boolean");
    const place = first === undefined || first.instancePath === "" ? "/" : first.instancePath;
    throw new RatesFault(
      `${source}: ${place} ${first?.message ?? "is no rate card"}${textHint(first)}. A row is { "meter": "chat", "model": "gpt-5", "perMillion": { "input_text": "2.5" } } with credits per million units as text.`,
    );
  }
  const seen = new Set<string>();
  const rows = value.rows.map(({ meter, model, perMillion }): RateRow => {
    const id = `${meter}/${model ?? "*"}`;
    if (model !== undefined && isPattern(model))
      throw new RatesFault(
        `${source}: ${id} is a pattern. Push a catalog for that (cistern catalog push).`,
      );
    if (seen.has(id)) throw new RatesFault(`${source}: two rows price ${id}. Keep one of them.`);
    seen.add(id);
    const prices = Object.entries(perMillion).map(
      ([bucket, text]) => [bucket, credits(parseCredits(text))] as const,
    );
    return {
      id,
      meter,
      model: model ?? null,
      attributes: {},
      per: 1_000_000n,
      prices: Object.fromEntries(prices),
    };
  });
  return { id: value.id, rows };
}

/** Where the file has an unknown field, the message must name it. */
function textHint(error: { readonly params?: object } | undefined): string {
  const params = error?.params;
  if (params === undefined || !("additionalProperties" in params)) return "";
  return ` ${JSON.stringify(params.additionalProperties)}`;
}
