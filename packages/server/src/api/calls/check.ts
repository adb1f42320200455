/**
 * Owns the check of a request against its schemas: nothing is converted, filled in or left out. Only a query, which is text
 * everywhere, has its numbers read.
 */
import { type SchemaFault, type Violation, faultText, schemaFaults } from "@cistern/contract";
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
    if (!byPlace.has(pointer)) byPlace.set(pointer, { pointer, detail: faultText(schema, error) });
  }
  return [...byPlace.values()].slice(0, violationsMax);
}
