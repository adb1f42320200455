/**
 * Owns the check of a request against its schemas: nothing is converted, filled in or left out. Only a query, which is text
 * everywhere, has its numbers read.
 */
import type { Violation } from "@cistern/contract";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { Value } from "typebox/value";

/** A compiled schema. */
export interface Check<T> {
  is(value: unknown): value is T;
  /** What is wrong with a value that does not fit. */
  violations(value: unknown): readonly Violation[];
}

const violationsMax = 10;

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
    violations: (value) => violationsOf(schema, compiled.Errors(value)),
  };
}

/** The query with its numbers as numbers, where the schema asks for some. */
export function readQuery(schema: TSchema | undefined, query: unknown): unknown {
  return schema === undefined ? query : Value.Convert(schema, query);
}

interface SchemaError {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

/** Errors as people read them: one a place, the deepest first, without those that only repeat another. */
function violationsOf(schema: TSchema, errors: readonly SchemaError[]): readonly Violation[] {
  const telling = errors.filter(({ keyword }) => keyword !== "boolean");
  const deepest = telling.toSorted(
    (a, b) => b.instancePath.split("/").length - a.instancePath.split("/").length,
  );
  const byPlace = new Map<string, Violation>();
  for (const error of deepest) {
    const pointer = error.instancePath;
    if (!byPlace.has(pointer)) byPlace.set(pointer, { pointer, detail: detailOf(schema, error) });
  }
  return [...byPlace.values()].slice(0, violationsMax);
}

function detailOf(schema: TSchema, error: SchemaError): string {
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
function descriptionAt(schema: TSchema, { schemaPath }: SchemaError): string | undefined {
  let part: unknown = schema;
  for (const step of schemaPath.split("/").slice(1)) {
    if (typeof part !== "object" || part === null) return undefined;
    part = Reflect.get(part, step.replaceAll("~1", "/").replaceAll("~0", "~"));
  }
  if (typeof part !== "object" || part === null || !("description" in part)) return undefined;
  return typeof part.description === "string" ? part.description : undefined;
}
