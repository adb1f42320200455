/** Owns what of a span is read, whichever encoding it came in. What cannot be one is told; what no other part asks for is let be. */
import { isFields } from "./cloud-event.ts";

/** A value of an attribute; what nests is let be. */
export type AttributeValue = string | number | boolean;

/** A span with its own attributes and those of whoever made it. */
export interface ReceivedSpan {
  /** 32 hex digits in small letters. */
  readonly traceId: string;
  /** 16. */
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly endedAtMs: number;
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  readonly resource: ReadonlyMap<string, AttributeValue>;
}

/** A span that cannot be read, and why. */
export interface BadSpan {
  readonly kind: "bad";
  readonly why: string;
}

/** Whether a span could not be read. */
export const isBad = (span: object): span is BadSpan => "kind" in span && span.kind === "bad";

/** All spans of a request in their order; undefined: it is none. */
export function readSpans(body: unknown): readonly (ReceivedSpan | BadSpan)[] | undefined {
  const groups = isFields(body) ? listAt(body, "resourceSpans") : undefined;
  if (groups === undefined) return undefined;
  const spans: (ReceivedSpan | BadSpan)[] = [];
  for (const group of groups) {
    if (!isFields(group)) return undefined;
    const { resource: said = {} } = group;
    const resource = attributesOf(said);
    const scopes = listAt(group, "scopeSpans");
    if (scopes === undefined || resource === undefined) return undefined;
    for (const scope of scopes) {
      const sent = isFields(scope) ? listAt(scope, "spans") : undefined;
      if (sent === undefined) return undefined;
      for (const span of sent) spans.push(readSpan(span, resource));
    }
  }
  return spans;
}

/** A list that is left out is empty. */
function listAt(
  fields: Readonly<Record<string, unknown>>,
  name: string,
): readonly unknown[] | undefined {
  const list = fields[name] ?? [];
  return Array.isArray(list) ? list : undefined;
}

function readSpan(span: unknown, resource: ReceivedSpan["resource"]): ReceivedSpan | BadSpan {
  if (!isFields(span)) return bad("a span is no object");
  const traceId = idOf(span["traceId"], 32);
  const spanId = idOf(span["spanId"], 16);
  if (traceId === undefined || spanId === undefined)
    return bad("a span has no traceId of 16 bytes, or no spanId of 8");
  const attributes = attributesOf(span);
  if (attributes === undefined) return bad(`span ${spanId} has attributes that are no list`);
  const endedAtMs = msOf(span["endTimeUnixNano"]) ?? msOf(span["startTimeUnixNano"]);
  if (endedAtMs === undefined) return bad(`span ${spanId} says no time that can be read`);
  const { name } = span;
  return {
    traceId,
    spanId,
    parentSpanId: idOf(span["parentSpanId"], 16),
    name: typeof name === "string" ? name : "",
    endedAtMs,
    attributes,
    resource,
  };
}

const bad = (why: string): BadSpan => ({ kind: "bad", why });

/** Hex as JSON has it, or bytes; one of zeros is none. */
function idOf(value: unknown, digits: number): string | undefined {
  const text =
    value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value).toLowerCase();
  return text.length === digits && /^[0-9a-f]+$/.test(text) && /[1-9a-f]/.test(text)
    ? text
    : undefined;
}

/** The end of year 9999: what can be written as an instant. */
const msMax = 253_402_300_799_999n;
const nanosPerMs = 1_000_000n;

/** Nanoseconds since 1970 as text, or as a number that JSON has rounded; 0 is none. */
function msOf(value: unknown): number | undefined {
  const text = typeof value === "number" && Number.isFinite(value) ? value.toFixed(0) : value;
  if (typeof text !== "string" || !/^\d{1,20}$/.test(text)) return undefined;
  const ms = BigInt(text) / nanosPerMs;
  return ms > 0n && ms <= msMax ? Number(ms) : undefined;
}

function attributesOf(of: unknown): ReadonlyMap<string, AttributeValue> | undefined {
  const list = isFields(of) ? listAt(of, "attributes") : undefined;
  if (list === undefined) return undefined;
  const found = new Map<string, AttributeValue>();
  for (const one of list) {
    if (!isFields(one) || typeof one["key"] !== "string") continue;
    const value = valueOf(one["value"]);
    if (value !== undefined) found.set(one["key"], value);
  }
  return found;
}

function valueOf(value: unknown): AttributeValue | undefined {
  if (!isFields(value)) return undefined;
  const { stringValue, boolValue, intValue, doubleValue } = value;
  if (typeof stringValue === "string") return stringValue;
  if (typeof boolValue === "boolean") return boolValue;
  if (typeof doubleValue === "number") return doubleValue;
  if (typeof intValue === "number") return intValue;
  return typeof intValue === "string" && /^-?\d{1,20}$/.test(intValue)
    ? Number(intValue)
    : undefined;
}
