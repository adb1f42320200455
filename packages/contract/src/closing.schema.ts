import { Type } from "typebox";
import { CallerIdSchema, InstantSchema, PositionSchema, strictObject } from "./formats.schema.ts";

export const MonthSchema = Type.String({
  pattern: "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])$",
  description: "A month, in the zone of each workspace.",
  examples: ["2026-10"],
});

export const ClosingRequestSchema = strictObject(
  { month: MonthSchema },
  { title: "ClosingRequest", examples: [{ month: "2026-10" }] },
);

export const ClosingSchema = strictObject(
  {
    month: MonthSchema,
    start: InstantSchema,
    end: InstantSchema,
    closedAt: InstantSchema,
    at: PositionSchema,
  },
  { title: "Closing" },
);

const count = Type.Integer({ minimum: 0 });

export const BooksClosedSchema = strictObject(
  {
    month: MonthSchema,
    closed: count,
    closedBefore: count,
    notBegun: Type.Integer({ minimum: 0, description: "Workspaces that begin after the month." }),
    refused: Type.Array(strictObject({ workspace: CallerIdSchema, reason: Type.String() })),
  },
  { title: "BooksClosed" },
);
