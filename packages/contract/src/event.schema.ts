import { Type } from "typebox";
import { CursorSchema, InstantSchema, strictObject } from "./formats.schema.ts";
import type { EventType } from "./event.ts";
import { eventTypeNames } from "./event.ts";
import { durationPattern } from "./duration.ts";
import { limits } from "./limits.ts";
import { PageQuerySchema } from "./page.schema.ts";

const anyField: string = "^.*$";
const typesPattern: string = "^[a-z_]+\\.[a-z_]+(,[a-z_]+\\.[a-z_]+)*$";

export const CloudEventSchema = strictObject(
  {
    specversion: Type.Literal("1.0"),
    id: Type.String({ examples: ["acme:9.0:1f3a90bc"] }),
    source: Type.String({ examples: ["/workspaces/acme"] }),
    type: Type.Unsafe<EventType>(Type.String({ enum: [...eventTypeNames] })),
    subject: Type.Optional(Type.String()),
    time: InstantSchema,
    datacontenttype: Type.Optional(Type.Literal("application/json")),
    data: Type.Record(Type.String({ pattern: anyField }), Type.Unknown(), {
      description: "The fact, by type.",
    }),
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
