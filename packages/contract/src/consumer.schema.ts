import { Type } from "typebox";
import { CloudEventSchema, EventQuerySchema } from "./event.schema.ts";
import {
  CallerIdSchema,
  CursorSchema,
  InstantSchema,
  oneOf,
  strictObject,
} from "./formats.schema.ts";
import { limits } from "./limits.ts";

export const ConsumerRequestSchema = strictObject(
  { from: Type.Optional(oneOf(["start", "now"])) },
  { title: "ConsumerRequest", examples: [{ from: "now" }] },
);

export const ConsumerSchema = strictObject(
  {
    id: CallerIdSchema,
    since: Type.Optional(InstantSchema),
    createdAt: InstantSchema,
  },
  {
    title: "Consumer",
    examples: [
      { id: "warehouse", since: "2026-11-30T12:00:00Z", createdAt: "2026-11-30T12:00:00Z" },
    ],
  },
);

export const ConsumerQuerySchema = strictObject({
  limit: EventQuerySchema.properties.limit,
  wait: EventQuerySchema.properties.wait,
});

const idPattern: string = `^[A-Za-z0-9_.:@-]{1,${limits.callerIdCharactersMax}}$`;

/** A cursor for each of these workspaces. */
const CursorsSchema = Type.Record(Type.String({ pattern: idPattern }), CursorSchema, {
  additionalProperties: false,
  maxProperties: limits.pageRowsMax,
  examples: [{ acme: "9.0.1f3a90bc" }],
});

export const ConsumerPageSchema = strictObject(
  {
    data: Type.Array(CloudEventSchema),
    next: CursorsSchema,
    lost: Type.Optional(
      Type.Array(strictObject({ workspace: CallerIdSchema, cursor: CursorSchema })),
    ),
  },
  { title: "ConsumerPage" },
);

export const AcknowledgementSchema = strictObject(
  { through: CursorsSchema },
  { title: "Acknowledgement", examples: [{ through: { acme: "9.0.1f3a90bc" } }] },
);

export const AcknowledgedSchema = strictObject(
  { workspaces: Type.Integer({ minimum: 0 }) },
  { title: "Acknowledged", examples: [{ workspaces: 1 }] },
);

export const ConsumerRemovedSchema = strictObject(
  { id: CallerIdSchema, removed: Type.Literal(true) },
  { title: "ConsumerRemoved", examples: [{ id: "warehouse", removed: true }] },
);
