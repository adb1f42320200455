/**
 * Owns the check of a request against its schemas: nothing is converted, filled in or left out. Only a query, which is text
 * everywhere, has its numbers read.
 */
import { type SchemaFault, type Violation, schemaFaults } from "@cistern/contract";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { Value } from "typebox/value";

/** A compiled schema. */
export interface Check<T> {
  is(value: unknown): value is T;
  /** What is wrong with a value that does not fit. */
  violations(value: unknown): readonly Violation[];
}

const violationsMax = 50;
/** What a validator looks for, of which some are told. */
const faultsMax = 500;

/** Compiles a schema; without one there is nothing to check. */
export function compileCheck<T>(schema: TSchema | undefined): Check<T> {
  if (schema === undefined)
    return {
      is: (_value: unknown): _value is T => true,
      violations: () => [],
    };
  const compiled = Compile(schema);
  return {
    is: (value: unknown): value is T => compiled.Check(value),
    violations: (value) => violationsOf(schema, schemaFaults(compiled, value, faultsMax)),
  };
}

/** The query with its numbers as numbers, where the schema asks for some. */
export function readQuery(schema: TSchema | undefined, query: unknown): unknown {
  return schema === undefined ? query : Value.Convert(schema, query);
}

/** Errors as people read them: one a place, the deepest first, without those that only repeat another. */
function violationsOf(schema: TSchema, errors: readonly SchemaFault[]): readonly Violation[] {
  const deepest = errors.toSorted(
    (a, b) => b.instancePath.split("/").length - a.instancePath.split("/").length,
  );
  const byPlace = new Map<string, Violation>();
  for (const error of deepest) {
    const pointer = error.instancePath;
    if (!byPlace.has(pointer)) byPlace.set(pointer, { pointer, detail: detailOf(schema, error) });
  }
  return [...byPlace.values()].slice(0, violationsMax);
}

function detailOf(schema: TSchema, error: SchemaFault): string {
  const { keyword, params, message } = error;
  if (keyword === "additionalProperties" && "additionalProperties" in params)
    return `must not have the unknown field ${JSON.stringify(params.additionalProperties).slice(1, -1)}`;
  if (keyword === "enum" && "allowedValues" in params)
    return `must be one of ${JSON.stringify(params.allowedValues)}`;
  if (keyword === "const" && "allowedValue" in params)
    return `must be ${JSON.stringify(params.allowedValue)}`;
  const words =
    keyword === "pattern" || keyword === "oneOf" ? descriptionAt(schema, error) : undefined;
  return words === undefined ? message : `does not fit: ${words}`;
}

/** A pattern tells a program what is wrong; its description tells a person. */
function descriptionAt(schema: TSchema, { schemaPath }: SchemaFault): string | undefined {
  let part: unknown = schema;
  for (const step of schemaPath.split("/").slice(1)) {
    if (typeof part !== "object" || part === null) return undefined;
    part = Reflect.get(part, step.replaceAll("~1", "/").replaceAll("~0", "~"));
  }
  if (typeof part !== "object" || part === null || !("description" in part)) return undefined;
  return typeof part.description === "string" ? part.description : undefined;
}
