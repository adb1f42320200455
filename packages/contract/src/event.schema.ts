import { Type } from "typebox";
import { CursorSchema, InstantSchema, strictObject } from "./formats.schema.ts";
import { type CloudEvent, type EventType, eventTypeNames, eventTypes } from "./event.ts";
import { eventDataSchemas } from "./event-data.schema.ts";
import { durationPattern } from "./duration.ts";
import { limits } from "./limits.ts";
import { PageQuerySchema } from "./page.schema.ts";

const anyField: string = "^.*$";
const typesPattern: string = "^[a-z_]+\\.[a-z_]+(,[a-z_]+\\.[a-z_]+)*$";

/** The fact inside an envelope whose type is not known yet. */
export const EventFactSchema = Type.Record(Type.String({ pattern: anyField }), Type.Unknown(), {
  description: "The fact; its fields by type stand under `webhooks`.",
});

const envelope = strictObject(
  {
    specversion: Type.Literal("1.0"),
    id: Type.String({ examples: ["acme:9.0:1f3a90bc"] }),
    source: Type.String({ examples: ["/workspaces/acme"] }),
    type: Type.String({ enum: [...eventTypeNames] }),
    subject: Type.Optional(Type.String()),
    time: InstantSchema,
    datacontenttype: Type.Optional(Type.Literal("application/json")),
    data: EventFactSchema,
  },
  {
    title: "CloudEvent",
    examples: [
      {
        specversion: "1.0",
        id: "acme:9.0:1f3a90bc",
        source: "/workspaces/acme",
        type: "hold.settled",
        subject: "hld_01jd8z4q6w8y0c3e5g7j9m1p3r",
        time: "2026-11-30T12:00:00Z",
        data: { charged: "60" },
      },
    ],
  },
);

/** The envelope; `data` by type is in `eventDataSchemas`. */
export const CloudEventSchema = Type.Unsafe<CloudEvent>(envelope);

/** A whole event of one type, as JSON Schema: with it a receiver checks what came. */
export const eventSchema = (type: EventType) =>
  strictObject({
    ...envelope.properties,
    type: Type.Literal(type, { description: eventTypes[type] }),
    data: eventDataSchemas[type],
  });

export const EventPageSchema = strictObject(
  { data: Type.Array(CloudEventSchema), next: CursorSchema },
  { title: "EventPage" },
);

export const EventQuerySchema = strictObject({
  after: Type.Optional(CursorSchema),
  limit: PageQuerySchema.properties.limit,
  wait: Type.Optional(
    Type.String({
      pattern: durationPattern,
      description: `Where there is nothing new, how long the answer waits for something; at most PT${limits.eventsWaitMaxMs / 1_000}S.`,
      examples: ["PT30S"],
    }),
  ),
  types: Type.Optional(
    Type.String({
      pattern: typesPattern,
      maxLength: limits.eventTypesCharactersMax,
      description: "Only events of these types, with commas between.",
      examples: ["hold.settled,limit.reached"],
    }),
  ),
});
