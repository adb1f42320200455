/**
 * Owns events in the API's own document: each type as a webhook, with the schema of its data. Their components are theirs alone
 * and leave objects open: types are versioned by adding fields, and a receiver that refused them would lose events.
 */
import { eventSchema, eventTypeNames, eventTypes, fieldMeaning } from "@cistern/contract";

/** The part of the document that tells of events. */
export interface EventDocuments {
  readonly webhooks: Readonly<Record<string, object>>;
  readonly schemas: Readonly<Record<string, unknown>>;
}

export function eventDocuments(): EventDocuments {
  const schemas: Record<string, unknown> = {};
  const webhooks = eventTypeNames.map((type) => {
    const schema = published({ ...eventSchema(type), title: `${wordOf(type)}Event` }, "", schemas);
    return [
      type,
      {
        post: {
          operationId: type,
          summary: eventTypes[type],
          tags: ["Events"],
          requestBody: {
            required: true,
            content: { "application/cloudevents+json": { schema } },
          },
          responses: { "2XX": { description: "It was taken. Anything else is tried again." } },
        },
      },
    ] as const;
  });
  return { webhooks: Object.fromEntries(webhooks), schemas };
}

/** `hold.settled` as `HoldSettled`. */
const wordOf = (type: string): string =>
  type.replaceAll(/(?:^|[._])([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** A schema with its titled parts as components; `shape` is the titled one around it. */
function published(value: unknown, shape: string, schemas: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => published(one, shape, schemas));
  if (typeof value !== "object" || value === null) return value;
  const title = "title" in value && typeof value.title === "string" ? value.title : undefined;
  const name = title === undefined || /(Data|Event)$/.test(title) ? title : `Event${title}`;
  const inside = title ?? shape;
  if (name !== undefined && name in schemas) return { $ref: `#/components/schemas/${name}` };
  const copy = Object.fromEntries(
    Object.entries(value)
      .filter(([key, part]) => key !== "additionalProperties" || part !== false)
      .map(([key, part]: [string, unknown]) => {
        if (key === "examples") return [key, part];
        return [
          key,
          key === "properties" ? fields(part, inside, schemas) : published(part, inside, schemas),
        ];
      }),
  );
  if (name === undefined) return copy;
  schemas[name] = { ...copy, title: name };
  return { $ref: `#/components/schemas/${name}` };
}

/** Each field with what it means before what kind of value it is. */
function fields(properties: unknown, shape: string, schemas: Record<string, unknown>): object {
  return Object.fromEntries(
    Object.entries(properties ?? {}).map(([name, schema]: [string, object]) => {
      const part = published(schema, shape, schemas);
      const meaning = fieldMeaning(shape, name, schema);
      if (typeof part !== "object" || part === null || meaning === undefined) return [name, part];
      const kind = "description" in part ? part.description : undefined;
      const isKind = typeof kind === "string" && kind !== meaning;
      return [name, { ...part, description: isKind ? `${meaning} ${kind}` : meaning }];
    }),
  );
}
