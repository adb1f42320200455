// Owns: a scope in the `_meta` of an MCP request, at `baggage`, where OpenTelemetry's conventions for MCP have it.
import { type CarriedScope, baggageOf, scopeFromBaggage } from "../metering/baggage.ts";
import { textAt } from "../providers/json.ts";

/**
 * The `_meta` of a request with a scope.
 *
 * @example await client.callTool({ name: "search", arguments: { q }, _meta: scopeMeta({ run: "r-7" }) });
 */
export function scopeMeta(
  scope: CarriedScope,
  meta: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return { ...meta, baggage: baggageOf(scope, textAt(meta, "baggage")) };
}

/** The scope of a request's `_meta`. */
export const scopeOfMeta = (meta: unknown): CarriedScope =>
  scopeFromBaggage(textAt(meta, "baggage"));
