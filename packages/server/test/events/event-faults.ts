/** Owns how an event is held against the schema of its type. */
import { type CloudEvent, type EventType, eventSchema } from "@cistern/contract";
import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";

const compiled = new Map<string, Validator>();

/** What of an event does not fit, each with the event's type. Journals that the kernel made name things by ids that are not ours. */
export function faultsOf(
  event: CloudEvent,
  { isOfKernel }: { readonly isOfKernel: boolean },
): readonly string[] {
  const fits = compiledFor(event.type, isOfKernel);
  const { type, data } = event;
  if (fits.Check(event)) return [];
  return fits
    .Errors(event)
    .map(
      ({ instancePath, message }) => `${type}${instancePath}: ${message}; ${JSON.stringify(data)}`,
    );
}

function compiledFor(type: EventType, isOfKernel: boolean): Validator {
  const name = `${type} ${isOfKernel}`;
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const schema = eventSchema(type);
  const made = Compile(isOfKernel ? withoutIds(schema) : schema);
  compiled.set(name, made);
  return made;
}

const idPattern = /^\^\(?[a-z|]+\)?_\[/;

/** The same schema, with any text for an id of ours, and without what only requests are held to: the kernel takes commands as they are. */
function withoutIds(schema: TSchema): TSchema {
  const text = JSON.stringify(schema, (key, value: unknown) => {
    if (key === "minProperties") return undefined;
    if (typeof value !== "object" || value === null || !("pattern" in value)) return value;
    const { pattern, ...rest } = value;
    return typeof pattern === "string" && idPattern.test(pattern) ? rest : value;
  });
  const copy: TSchema = JSON.parse(text);
  return copy;
}
