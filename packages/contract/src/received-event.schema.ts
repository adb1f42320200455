import { Type } from "typebox";
import { CreditsTotalSchema, oneOf, strictObject } from "./formats.schema.ts";
import { limits } from "./limits.ts";
import { ProblemSchema } from "./problem.schema.ts";
import type { EventsRequest } from "./received-event.ts";

const example = {
  specversion: "1.0",
  id: "req-1",
  source: "service-0",
  type: "usage.report",
  subject: "ana",
  time: "2026-11-30T12:00:00Z",
  data: { member: "ana", credits: "3.5" },
};

/** Each event is read by itself, so that a bad one does not stop the others: the form of all is all that is asked here. */
export const EventsRequestSchema = Type.Unsafe<EventsRequest>({
  title: "ReceivedEvents",
  description:
    "A CloudEvent 1.0 with JSON in `data`, or an array of such. Fields that have no meaning here are let be.",
  anyOf: [
    { type: "object", additionalProperties: true },
    { type: "array", maxItems: limits.eventsAtOnceMax },
  ],
  examples: [example, [example, { ...example, id: "req-2" }]],
});

export const EventResultSchema = strictObject(
  {
    index: Type.Integer({ minimum: 0, description: "The event's place in the call, from 0." }),
    source: Type.Optional(Type.String()),
    id: Type.Optional(Type.String()),
    status: oneOf(["accepted", "duplicate", "refused"], {
      description: "`duplicate`: it was accepted before, and nothing happened now.",
    }),
    of: Type.Optional(Type.String({ description: "The debit, or the outcome, that it is." })),
    charged: Type.Optional(CreditsTotalSchema),
    problem: Type.Optional(ProblemSchema),
  },
  { title: "EventResult" },
);

export const EventsTakenSchema = strictObject(
  {
    accepted: Type.Integer({ minimum: 0 }),
    duplicates: Type.Integer({ minimum: 0 }),
    refused: Type.Integer({ minimum: 0 }),
    results: Type.Array(EventResultSchema),
  },
  {
    title: "EventsTaken",
    description: "What became of each event, in their order.",
    examples: [
      {
        accepted: 1,
        duplicates: 0,
        refused: 0,
        results: [
          {
            index: 0,
            source: "service-0",
            id: "req-1",
            status: "accepted",
            of: "dbt_01jd8z5r7x9z1d4f6h8k0n2q4s",
            charged: "3.5",
          },
        ],
      },
    ],
  },
);
