import { Type } from "typebox";
import {
  CallerIdSchema,
  CreditsSchema,
  CreditsTotalSchema,
  DurationSchema,
  HoldIdSchema,
  InstantSchema,
  instant,
  oneOf,
  PositionSchema,
  strictObject,
} from "./formats.schema.ts";
import { limits } from "./limits.ts";
import { pageOf } from "./page.schema.ts";

const StepsSchema = Type.Integer({ minimum: 1, maximum: limits.runStepsMax });
const DeadlineSchema = instant("From here on nothing is approved in it.");

export const RunRequestSchema = strictObject(
  {
    id: CallerIdSchema,
    member: CallerIdSchema,
    parent: Type.Optional(CallerIdSchema),
    limit: Type.Optional(CreditsSchema),
    maxSteps: Type.Optional(StepsSchema),
    maxToolCalls: Type.Optional(StepsSchema),
    maxSameAction: Type.Optional(
      Type.Union([StepsSchema, Type.Null()], {
        description: `How often one \`action\` is approved: ${limits.runSameActionDefault} where it is left out; null: nobody counts.`,
      }),
    ),
    deadline: Type.Optional(DeadlineSchema),
    idle: Type.Optional(DurationSchema),
    prepay: Type.Optional(
      Type.Boolean({
        description:
          "Set its limit aside at once: its member's calls are taken from that, whatever others leave in the pool. Asked of pool, shares and caps like a hold of that size; for at most 24 hours, which is its deadline where none is given. What is left goes back when the run ends.",
      }),
    ),
  },
  {
    title: "RunRequest",
    description:
      "An envelope around the calls of one piece of work. Holds and debits that name it count in it, and in every run around it.",
    examples: [
      { id: "research-42", member: "ana", limit: "500", maxSteps: 150 },
      { id: "research-42-a", member: "ana", parent: "research-42", limit: "400" },
      {
        id: "nightly-7",
        member: "ana",
        limit: "500",
        deadline: "2026-12-01T06:00:00Z",
        prepay: true,
      },
    ],
  },
);

export const RunRaiseSchema = strictObject(
  {
    limit: Type.Optional(CreditsSchema),
    maxSteps: Type.Optional(StepsSchema),
    maxToolCalls: Type.Optional(StepsSchema),
    maxSameAction: Type.Optional(StepsSchema),
    deadline: Type.Optional(DeadlineSchema),
  },
  {
    title: "RunRaise",
    description:
      "Higher bounds in place of those that the run has. Without any, a pause is ended and nothing raised.",
    examples: [{ limit: "800" }, {}],
  },
);

export const RunCloseRequestSchema = strictObject({}, { title: "RunCloseRequest", examples: [{}] });

export const RunBoundSchema = oneOf(
  ["limit", "maxSteps", "maxToolCalls", "maxSameAction", "deadline"],
  { title: "RunBound" },
);

export const RunSchema = strictObject(
  {
    id: CallerIdSchema,
    member: CallerIdSchema,
    parent: Type.Optional(CallerIdSchema),
    status: oneOf(["open", "paused", "closed", "expired"]),
    because: Type.Optional(
      strictObject(
        { run: CallerIdSchema, bound: Type.Optional(RunBoundSchema) },
        {
          description:
            "Which run paused it or has ended: it, or one around it; and what refused there.",
        },
      ),
    ),
    limit: Type.Optional(CreditsTotalSchema),
    maxSteps: Type.Optional(Type.Integer()),
    maxToolCalls: Type.Optional(Type.Integer()),
    maxSameAction: Type.Optional(Type.Integer()),
    deadline: Type.Optional(InstantSchema),
    idle: DurationSchema,
    prepaid: Type.Optional(
      strictObject(
        { hold: HoldIdSchema, left: CreditsTotalSchema },
        {
          description:
            "The hold that its limit was set aside with, and what of that no call has now. Left out of runs that prepaid nothing.",
        },
      ),
    ),
    used: CreditsTotalSchema,
    remaining: Type.Optional(CreditsTotalSchema),
    steps: Type.Integer(),
    toolCalls: Type.Integer(),
    openHolds: Type.Integer(),
    openRuns: Type.Integer(),
    openedAt: InstantSchema,
    endedAt: Type.Optional(InstantSchema),
    at: PositionSchema,
  },
  {
    title: "Run",
    description: "A run, and what was counted in it so far, its children included.",
    examples: [
      {
        id: "research-42",
        member: "ana",
        status: "open",
        limit: "500",
        maxSteps: 150,
        maxSameAction: 5,
        idle: "PT1H",
        used: "75",
        remaining: "425",
        steps: 1,
        toolCalls: 0,
        openHolds: 1,
        openRuns: 0,
        openedAt: "2026-11-30T12:00:00Z",
        at: { seq: 8, index: 0 },
      },
    ],
  },
);

export const RunPageSchema = pageOf(RunSchema, "RunPage");
