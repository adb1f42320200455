import { Type } from "typebox";
import { CallerIdSchema, InstantSchema, PositionSchema, strictObject } from "./formats.schema.ts";
import { SubscriptionChangeSchema } from "./subscription.schema.ts";

const CountSchema = Type.Integer({ minimum: 0 });
const holder = { member: CallerIdSchema, since: InstantSchema };
const example = { member: "ana", since: "2026-11-01T00:00:00Z" };

export const SeatHolderSchema = strictObject(holder, { title: "SeatHolder", examples: [example] });

export const SeatPageSchema = strictObject(
  {
    paid: CountSchema,
    assigned: CountSchema,
    data: Type.Array(SeatHolderSchema),
    nextCursor: Type.Optional(Type.String()),
  },
  { title: "SeatPage", examples: [{ paid: 5, assigned: 1, data: [example] }] },
);

export const SeatSchema = strictObject(
  {
    ...holder,
    assigned: CountSchema,
    change: Type.Optional(SubscriptionChangeSchema),
    at: PositionSchema,
  },
  {
    title: "Seat",
    description: "`change` is what one more seat came to that was bought for this member.",
    examples: [{ ...example, assigned: 1, at: { seq: 9, index: 0 } }],
  },
);

export const SeatReleasedSchema = strictObject(
  { member: CallerIdSchema, assigned: CountSchema, at: PositionSchema },
  { title: "SeatReleased", examples: [{ member: "ana", assigned: 0, at: { seq: 9, index: 0 } }] },
);
