import { Type } from "typebox";
import {
  CallerIdSchema,
  CreditsTotalSchema,
  DurationSchema,
  InstantSchema,
  oneOf,
  ourId,
  PositionSchema,
  PositiveCreditsSchema,
  strictObject,
} from "./formats.schema.ts";
import { limits } from "./limits.ts";
import { PageQuerySchema, pageOf } from "./page.schema.ts";

const ReasonSchema = Type.String({
  minLength: 1,
  maxLength: limits.noteCharactersMax,
  description: "For people. It stands outside the journal and can be erased.",
});
const ApprovalKindSchema = oneOf(["once", "period", "limit", "gift"], {
  description:
    "`once`: so many credits beyond the cap, each one time, until the window ends. `period`: the cap is higher until the window ends. `limit`: `credits` is the whole cap from now on, left out what it is and what was asked for; of a default for each member, for this one alone. `gift`: reserved credits of another member.",
});
const StatusSchema = oneOf(["open", "approved", "declined", "expired"]);
const asked = { member: "ana", limit: "ana-monthly", credits: "500" };

export const AskForMoreSchema = strictObject(
  {
    member: CallerIdSchema,
    limit: Type.Optional(CallerIdSchema),
    credits: PositiveCreditsSchema,
    reason: Type.Optional(ReasonSchema),
    ttl: Type.Optional(DurationSchema),
  },
  { title: "AskForMore", examples: [{ ...asked, reason: "The launch is on Friday." }] },
);

export const ApproveSchema = strictObject(
  {
    by: CallerIdSchema,
    as: ApprovalKindSchema,
    credits: Type.Optional(PositiveCreditsSchema),
    from: Type.Optional(CallerIdSchema),
    note: Type.Optional(ReasonSchema),
  },
  { title: "Approve", examples: [{ by: "kim", as: "period" }] },
);

export const DeclineSchema = strictObject(
  { by: CallerIdSchema, note: Type.Optional(ReasonSchema) },
  { title: "Decline", examples: [{ by: "kim" }] },
);

export const RequestForMoreSchema = strictObject(
  {
    id: ourId("crq", "request"),
    member: CallerIdSchema,
    limit: Type.Optional(CallerIdSchema),
    credits: CreditsTotalSchema,
    status: StatusSchema,
    reason: Type.Optional(ReasonSchema),
    createdAt: InstantSchema,
    expiresAt: InstantSchema,
    endedAt: Type.Optional(InstantSchema),
    by: Type.Optional(CallerIdSchema),
    note: Type.Optional(ReasonSchema),
    approval: Type.Optional(
      strictObject({
        as: ApprovalKindSchema,
        credits: CreditsTotalSchema,
        until: Type.Optional(InstantSchema),
        from: Type.Optional(CallerIdSchema),
      }),
    ),
    at: PositionSchema,
  },
  {
    title: "RequestForMore",
    examples: [
      {
        id: "crq_00000000000000000000000000",
        ...asked,
        status: "open",
        createdAt: "2026-11-28T12:00:00Z",
        expiresAt: "2026-12-05T12:00:00Z",
        at: { seq: 9, index: 0 },
      },
    ],
  },
);

export const RequestForMorePageSchema = pageOf(RequestForMoreSchema, "RequestForMorePage");

export const RequestForMoreQuerySchema = strictObject({
  ...PageQuerySchema.properties,
  status: Type.Optional(StatusSchema),
  member: Type.Optional(CallerIdSchema),
});

export const RequestParams = strictObject({ workspace: CallerIdSchema, request: CallerIdSchema });
