// Owns: how a fault of form is told to a person. T1: what is right is said in words, never by a regular expression alone.
import type { TSchema } from "typebox";
import type { SchemaFault } from "./schema-faults.ts";

/**
 * What is wrong at the place of a fault, and what is right there.
 *
 * @example faultText(schema, fault) // 'must be one of ["month","year"]'
 */
export function faultText(schema: TSchema, fault: SchemaFault): string {
  const { keyword, params, message } = fault;
  if (keyword === "additionalProperties" && "additionalProperties" in params)
    return unknownText(schema, fault, params.additionalProperties);
  if (keyword === "enum" && "allowedValues" in params)
    return `must be one of ${JSON.stringify(params.allowedValues)}`;
  if (keyword === "const" && "allowedValue" in params)
    return `must be ${JSON.stringify(params.allowedValue)}`;
  const words = worded.has(keyword) ? wordsAt(schema, fault) : undefined;
  return words === undefined ? message : `does not fit: ${words}`;
}

/** Faults that tell a program what is wrong; a description tells a person. */
const worded: ReadonlySet<string> = new Set(["pattern", "oneOf", "anyOf"]);

/** Of an object with fields there is none of that name; of one with names of others' choice the name is not of their form. */
function unknownText(schema: TSchema, { schemaPath }: SchemaFault, names: unknown): string {
  const listed = JSON.stringify(names).slice(1, -1);
  const patterns = fieldOf(partAt(schema, schemaPath), "patternProperties");
  const [pattern] = typeof patterns === "object" && patterns !== null ? Object.keys(patterns) : [];
  if (pattern === undefined) return `must not have the unknown field ${listed}`;
  const words = patternWords.get(pattern);
  return words === undefined
    ? `must not have the name ${listed}, which does not match ${pattern}`
    : `must not have the name ${listed}: names are ${words}`;
}

function wordsAt(schema: TSchema, { schemaPath, params }: SchemaFault): string | undefined {
  const described = fieldOf(partAt(schema, schemaPath), "description");
  if (typeof described === "string") return described;
  const pattern = fieldOf(params, "pattern");
  return typeof pattern === "string" ? patternWords.get(pattern) : undefined;
}

function partAt(schema: TSchema, schemaPath: string): unknown {
  let part: unknown = schema;
  for (const step of schemaPath.split("/").slice(1))
    part = fieldOf(part, step.replaceAll("~1", "/").replaceAll("~0", "~"));
  return part;
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

const lowerCase = "up to 64 lower-case letters, digits";
const wholeCharacters = "text of whole characters, without halves of surrogate pairs";
const duration = 'days, hours, minutes or seconds, such as "P14D" or "PT1H"';

/** Of patterns that names have, too, which no description can be given to. */
const patternWords: ReadonlyMap<string, string> = new Map([
  ["^[a-z][a-z0-9_-]{0,63}$", `${lowerCase}, _ and -, beginning with a letter`],
  ["^[a-z][a-z0-9_]{0,63}$", `${lowerCase} and _, beginning with a letter`],
  [
    "^(\\*|[a-z][a-z0-9_-]{0,63})$",
    `${lowerCase}, _ and -, beginning with a letter, or * for all others`,
  ],
  [
    "^[a-z*][a-z0-9_*-]{0,63}$",
    `${lowerCase}, _ and -, beginning with a letter; * stands for any characters`,
  ],
  ["^[a-z0-9][a-z0-9_.:-]{0,63}$", `${lowerCase}, and any of _ . : - after the first`],
  ["^\\P{Surrogate}*$", wholeCharacters],
  ["^\\P{Surrogate}{1,128}$", `${wholeCharacters}, up to 128`],
  ["^[A-Z]{3}$", 'a currency code (ISO 4217), such as "EUR"'],
  ["^P(?:[0-9]{1,4}D|T[0-9]{1,5}[HMS])$", duration],
]);
