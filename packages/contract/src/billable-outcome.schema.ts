import { Type } from "typebox";
import {
  CallerIdSchema,
  CustomerIdSchema,
  InstantSchema,
  NoteSchema,
  PositionSchema,
  instant,
  oneOf,
  ourId,
  strictObject,
} from "./formats.schema.ts";
import { limits } from "./limits.ts";
import { pageOf } from "./page.schema.ts";
import { SignedMoneySchema } from "./subscription.schema.ts";

const namePattern: string = "^[a-z][a-z0-9_-]{0,63}$";
const hashPattern: string = "^[A-Za-z0-9:+/=_-]{8,128}$";

const OutcomeIdSchema = ourId("out", "outcome");
const OutcomeTypeSchema = Type.String({
  pattern: namePattern,
  description: "A type of outcome that the plan has.",
  examples: ["resolution"],
});
const PartSchema = Type.String({
  pattern: namePattern,
  description: "A part of the outcome that the plan pays for at a fraction.",
  examples: ["assisted"],
});
const ChannelSchema = oneOf(["chat", "ticket"], { description: "How the conversation is held." });
const QuantitySchema = Type.Integer({ minimum: 1, maximum: limits.outcomeQuantityMax });
const EvidenceSchema = strictObject(
  {
    hash: Type.String({
      pattern: hashPattern,
      description: "Of the transcript, document or recording: never its content.",
      examples: ["sha256:9f86d081884c7d65"],
    }),
    attestor: Type.Optional(CallerIdSchema),
  },
  { title: "OutcomeEvidence" },
);
export const OutcomeCaseSchema = strictObject(
  { customer: CustomerIdSchema, topic: CallerIdSchema },
  { title: "OutcomeCase", description: "One end customer's topic." },
);
const SignalKindSchema = oneOf(["contact", "handover", "negative_feedback"], {
  description:
    "The end customer wrote, a person took over, or the end customer was not content with the answer.",
});
const StatusSchema = oneOf([
  "claimed",
  "billed",
  "disputed",
  "reversed",
  "superseded",
  "not_billable",
]);
const ReasonSchema = oneOf([
  "not_substantive",
  "human_took_over",
  "negative_feedback",
  "duplicate_evidence",
  "test_traffic",
  "trial",
  "contacted_again",
  "reopened",
  "dispute_upheld",
]);
const OccurredAtSchema = Type.Optional(
  instant("When it happened, at most 35 days ago; now where it is left out."),
);

export const OutcomeRequestSchema = strictObject(
  {
    type: OutcomeTypeSchema,
    customer: Type.Optional(CustomerIdSchema),
    topic: Type.Optional(CallerIdSchema),
    conversation: Type.Optional(CallerIdSchema),
    channel: Type.Optional(ChannelSchema),
    quantity: Type.Optional(QuantitySchema),
    part: Type.Optional(PartSchema),
    evidence: Type.Optional(EvidenceSchema),
    substantive: Type.Optional(
      Type.Boolean({ description: "Whether there was a substantive answer; default true." }),
    ),
    test: Type.Optional(Type.Boolean({ description: "Test traffic is never billed." })),
    occurredAt: OccurredAtSchema,
  },
  {
    title: "OutcomeRequest",
    description: "Says that a result was reached.",
    examples: [
      { type: "resolution", customer: "cus_9", topic: "refund", conversation: "conv_1" },
      { type: "document", quantity: 12, evidence: { hash: "sha256:9f86d081884c7d65" } },
    ],
  },
);

export const OutcomeMoveSchema = strictObject(
  {
    kind: oneOf(["billed", "reversed"]),
    amount: SignedMoneySchema,
    line: Type.String(),
    reverses: Type.Optional(Type.String({ description: "The line that this takes back from." })),
  },
  { title: "OutcomeMove" },
);

export const OutcomeChangeSchema = strictObject(
  {
    id: OutcomeIdSchema,
    type: OutcomeTypeSchema,
    status: StatusSchema,
    reason: Type.Optional(ReasonSchema),
    billedAt: Type.Optional(InstantSchema),
    moves: Type.Array(OutcomeMoveSchema),
  },
  { title: "OutcomeChange", description: "An outcome that a call changed." },
);

const DisputeSchema = strictObject(
  {
    status: oneOf(["waiting", "upheld", "rejected"]),
    raisedAt: InstantSchema,
    reason: Type.Optional(NoteSchema),
    holdsBack: Type.Boolean({
      description:
        "While it waits, the outcome is on no invoice. False: it was invoiced before, and comes off the next one if this is upheld.",
    }),
  },
  { description: "What was said against it last." },
);

const ConfirmationSchema = strictObject(
  { confirmedAt: InstantSchema, attestor: Type.Optional(CallerIdSchema) },
  { description: "Who said last that it is one." },
);

export const BillableOutcomeSchema = strictObject(
  {
    id: OutcomeIdSchema,
    type: OutcomeTypeSchema,
    status: StatusSchema,
    reason: Type.Optional(ReasonSchema),
    case: Type.Optional(OutcomeCaseSchema),
    conversation: Type.Optional(CallerIdSchema),
    channel: Type.Optional(ChannelSchema),
    quantity: QuantitySchema,
    part: Type.Optional(PartSchema),
    evidence: Type.Optional(EvidenceSchema),
    test: Type.Optional(Type.Boolean()),
    occurredAt: InstantSchema,
    dispute: Type.Optional(DisputeSchema),
    confirmation: Type.Optional(ConfirmationSchema),
    billedAt: Type.Optional(instant("Since when it is due.")),
    amount: Type.Optional(SignedMoneySchema),
    line: Type.Optional(Type.String({ description: "The line that it stands on." })),
    changes: Type.Optional(Type.Array(OutcomeChangeSchema)),
    at: PositionSchema,
  },
  {
    title: "BillableOutcome",
    examples: [
      {
        id: "out_01jd8z3m5v7x9b2c4f6h8k0n2q",
        type: "resolution",
        status: "claimed",
        case: { customer: "cus_9", topic: "refund" },
        conversation: "conv_1",
        channel: "chat",
        quantity: 1,
        occurredAt: "2026-11-30T12:00:00Z",
        changes: [
          {
            id: "out_01jd8z3m5v7x9b2c4f6h8k0n2q",
            type: "resolution",
            status: "claimed",
            moves: [],
          },
        ],
        at: { seq: 12, index: 0 },
      },
    ],
  },
);

export const BillableOutcomePageSchema = pageOf(BillableOutcomeSchema, "BillableOutcomePage");

export const SignalRequestSchema = strictObject(
  {
    kind: SignalKindSchema,
    customer: CustomerIdSchema,
    topic: CallerIdSchema,
    conversation: Type.Optional(CallerIdSchema),
    occurredAt: OccurredAtSchema,
  },
  {
    title: "SignalRequest",
    description:
      "Says what somebody did in a case. Without a conversation it is of the case of this end customer and topic that has an outcome in hand, as long as its reopen window runs.",
    examples: [{ kind: "contact", customer: "cus_9", topic: "refund", conversation: "conv_1" }],
  },
);

export const SignalSchema = strictObject(
  {
    kind: SignalKindSchema,
    case: OutcomeCaseSchema,
    conversation: Type.Optional(CallerIdSchema),
    occurredAt: InstantSchema,
    changes: Type.Array(OutcomeChangeSchema),
    at: PositionSchema,
  },
  { title: "Signal", description: "What a signal changed." },
);

export const ReopenRequestSchema = strictObject(
  { occurredAt: OccurredAtSchema },
  { title: "ReopenRequest", examples: [{}] },
);

export const ConfirmRequestSchema = strictObject(
  { attestor: Type.Optional(CallerIdSchema), occurredAt: OccurredAtSchema },
  { title: "ConfirmRequest", examples: [{ attestor: "cus_9" }] },
);

export const DisputeRequestSchema = strictObject(
  {
    reason: Type.Optional(NoteSchema),
    resolution: Type.Optional(
      oneOf(["upheld", "rejected"], {
        description:
          "Resolves the dispute that waits: upheld, the outcome is never billed; rejected, it goes on. Left out, a dispute is raised.",
      }),
    ),
  },
  { title: "DisputeRequest", examples: [{ reason: "not solved" }, { resolution: "rejected" }] },
);
