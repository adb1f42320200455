/** Owns how an event of another producer becomes a debit, by a rule of the catalog. */
import { limits } from "@cistern/contract";
import { type EventFault, type ReadEvent, fault, isFields } from "./cloud-event.ts";

/** What a bucket takes: a field, the same number of each event, or a field of those events alone in which others say this. */
export type Quantity =
  | string
  | number
  | { readonly field: string; readonly where: Readonly<Record<string, string>> };

/** How events of one type become usage. Fields stand in `data`, with dots for what lies deeper. */
export interface EventRule {
  readonly meter: string;
  readonly usage: Readonly<Record<string, Quantity>>;
  readonly model?: string;
  readonly member?: string;
  readonly run?: string;
  readonly project?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** The body of the debit, or what is missing of it. `member`: the event's subject, where that is one. */
export function mappedDebit(
  rule: EventRule,
  { data = {}, time, type }: ReadEvent,
  member: string | undefined,
): object | EventFault {
  if (!isFields(data)) return fault("/data", "must be an object");
  const usage: Record<string, number> = {};
  for (const [bucket, quantity] of Object.entries(rule.usage)) {
    const units = unitsOf(quantity, data);
    if (typeof units === "object") return units;
    if (units !== undefined) usage[bucket] = units;
  }
  if (Object.keys(usage).length === 0)
    return fault("/data", `has none of what the catalog takes of ${type}: ${told(rule)}`);
  const by = { model: rule.model, run: rule.run, project: rule.project };
  const named: Record<string, string> = {};
  for (const [name, field] of Object.entries(by)) {
    const text = field === undefined ? undefined : textIn(data, field);
    if (text !== undefined) named[name] = text;
  }
  const whose = memberOf(rule, data, member);
  if (typeof whose === "object") return whose;
  return {
    member: whose,
    meter: rule.meter,
    usage,
    ...named,
    ...(time === undefined ? {} : { occurredAt: time }),
    ...attributesOf(rule, data),
  };
}

const told = ({ usage }: EventRule): string =>
  Object.values(usage)
    .map((one) => (typeof one === "object" ? one.field : String(one)))
    .join(", ");

function memberOf(
  { member: field }: EventRule,
  data: Readonly<Record<string, unknown>>,
  subject: string | undefined,
): string | EventFault {
  const place = field ?? "member";
  const member = field === undefined && subject !== undefined ? subject : textIn(data, place);
  return member ?? fault(pointerOf(place), "is missing: it says who used it");
}

/** Undefined: the event says nothing of this bucket. */
function unitsOf(
  quantity: Quantity,
  data: Readonly<Record<string, unknown>>,
): number | undefined | EventFault {
  if (typeof quantity === "number") return quantity;
  if (typeof quantity === "object") {
    const isMeant = Object.entries(quantity.where).every(
      ([field, wanted]) => textIn(data, field) === wanted,
    );
    return isMeant ? unitsOf(quantity.field, data) : undefined;
  }
  const value = valueAt(data, quantity);
  if (value === undefined || value === null) return undefined;
  const units = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof units === "number" &&
    Number.isInteger(units) &&
    units >= 0 &&
    units <= limits.usageQuantityMax
    ? units
    : fault(pointerOf(quantity), `must be a whole number from 0 to ${limits.usageQuantityMax}`);
}

function attributesOf(
  { attributes = {} }: EventRule,
  data: Readonly<Record<string, unknown>>,
): { readonly attributes?: Readonly<Record<string, string>> } {
  const found = Object.entries(attributes).flatMap(([name, field]) => {
    const text = textIn(data, field);
    return text === undefined ? [] : [[name, text] as const];
  });
  return found.length === 0 ? {} : { attributes: Object.fromEntries(found) };
}

/** A number or a truth is written as text. */
function textIn(data: Readonly<Record<string, unknown>>, field: string): string | undefined {
  const value = valueAt(data, field);
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

function valueAt(data: Readonly<Record<string, unknown>>, field: string): unknown {
  let part: unknown = data;
  for (const name of namesIn(field)) {
    if (!isFields(part) || !Object.hasOwn(part, name)) return undefined;
    part = part[name];
  }
  return part;
}

const namesIn = (field: string): readonly string[] => field.replace(/^\$\./, "").split(".");

const pointerOf = (field: string): string => `/data/${namesIn(field).join("/")}`;
