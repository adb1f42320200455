import { Type } from "typebox";
import {
  CallerIdSchema,
  CreditsTotalSchema,
  InstantSchema,
  PositionSchema,
  oneOf,
  strictObject,
} from "./formats.schema.ts";
import { limits } from "./limits.ts";
import { PageQuerySchema, pageOf } from "./page.schema.ts";

const PercentsSchema = Type.Array(Type.Integer({ minimum: 1, maximum: 100 }), {
  minItems: 1,
  maxItems: limits.alertPercentsMax,
  uniqueItems: true,
  description: "Percents of what may be used, whole ones, each once.",
  examples: [[50, 80, 100]],
});

const GradeSchema = oneOf(["note", "notify", "lower", "pause"]);

export const AlertWatchSchema = Type.Union(
  [
    strictObject({ kind: Type.Literal("pool"), percents: PercentsSchema }),
    strictObject({
      kind: oneOf(["group", "member", "run"]),
      id: Type.Optional(CallerIdSchema),
      percents: PercentsSchema,
    }),
    strictObject({ kind: Type.Literal("forecast") }),
    strictObject({ kind: Type.Literal("unusual"), most: GradeSchema }),
  ],
  {
    title: "AlertWatch",
    description:
      "`pool`: of what the pool has had since its last renewal or top-up. `group`, `member`, `run`: of their caps; without `id` of each. `forecast`: the pool will end before its period, which is the window of the plan's credits, else the sharing period, else lasts until the last expiry of its grants, else until the end of the calendar month. `unusual`: use that is far above what is usual; `most` is the furthest that is done about it: written down (`note`), told (`notify`), the member's reach lowered until somebody reviews it (`lower`), a key deactivated (`pause`).",
    examples: [{ kind: "pool", percents: [80, 100] }],
  },
);

const TimeOfDaySchema = Type.String({
  pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$",
  description: "A time of the day in the workspace's zone.",
  examples: ["22:00"],
});

export const AlertRecipientSchema = strictObject(
  {
    id: CallerIdSchema,
    quiet: Type.Optional(strictObject({ from: TimeOfDaySchema, until: TimeOfDaySchema })),
  },
  {
    title: "AlertRecipient",
    description: "Who is told. What is raised in the quiet hours says from when on to deliver it.",
    examples: [{ id: "ana", quiet: { from: "22:00", until: "07:00" } }],
  },
);

const RecipientsSchema = Type.Array(AlertRecipientSchema, {
  minItems: 1,
  maxItems: limits.alertRecipientsMax,
  description: "At least one: an alert for nobody is never told.",
});
const example = { watch: { kind: "pool", percents: [80, 100] }, recipients: [{ id: "ana" }] };

export const AlertRuleRequestSchema = strictObject(
  { watch: AlertWatchSchema, recipients: RecipientsSchema },
  { title: "AlertRuleRequest", examples: [example] },
);

export const AlertRuleSchema = strictObject(
  {
    id: CallerIdSchema,
    watch: AlertWatchSchema,
    recipients: RecipientsSchema,
    at: PositionSchema,
  },
  { title: "AlertRule", examples: [{ id: "low", ...example, at: { seq: 4, index: 0 } }] },
);

export const AlertRulePageSchema = pageOf(AlertRuleSchema, "AlertRulePage");

export const AlertRuleRemovedSchema = strictObject(
  { id: CallerIdSchema, removed: Type.Literal(true), at: PositionSchema },
  { title: "AlertRuleRemoved" },
);

export const AlertFindingSchema = Type.Union(
  [
    strictObject({
      kind: Type.Literal("threshold"),
      percent: Type.Integer(),
      used: CreditsTotalSchema,
      of: CreditsTotalSchema,
      limit: Type.Optional(Type.String()),
    }),
    strictObject({
      kind: Type.Literal("forecast"),
      left: CreditsTotalSchema,
      pacePerDay: CreditsTotalSchema,
      emptyAt: InstantSchema,
      periodEndsAt: InstantSchema,
    }),
    strictObject({
      kind: Type.Literal("unusual"),
      rule: oneOf(["pace", "day", "newcomer", "key", "joins", "sponsor", "short_lived"]),
      seen: CreditsTotalSchema,
      usual: CreditsTotalSchema,
      bound: Type.Optional(CreditsTotalSchema),
      score: Type.Optional(Type.String({ description: "Deviations from the usual, a decimal." })),
      signs: Type.Array(
        oneOf(["network", "concurrency", "model", "round_the_clock", "no_new_members"]),
      ),
    }),
  ],
  { title: "AlertFinding", description: "Why there is an alert: what was seen, and beside what." },
);

const VerdictSchema = oneOf(["fine", "confirmed"]);
const AlertIdSchema = Type.String({
  pattern: "^alt_[0-9A-Za-z]{26}$",
  description: "The alert's id.",
});

export const AlertSchema = strictObject(
  {
    id: AlertIdSchema,
    rule: CallerIdSchema,
    subject: strictObject({
      kind: oneOf(["workspace", "group", "member", "run"]),
      id: CallerIdSchema,
    }),
    finding: AlertFindingSchema,
    text: Type.String(),
    grade: GradeSchema,
    to: Type.Array(
      strictObject({ recipient: CallerIdSchema, deliverAfter: Type.Optional(InstantSchema) }),
    ),
    raisedAt: InstantSchema,
    verdict: Type.Optional(VerdictSchema),
    at: PositionSchema,
  },
  { title: "Alert" },
);

export const AlertPageSchema = pageOf(AlertSchema, "AlertPage");

/** Which alerts. */
export const AlertQuerySchema = strictObject({
  ...PageQuerySchema.properties,
  awaiting: Type.Optional(
    Type.Boolean({
      description: "Those alone that wait for a review (`true`), or that do not (`false`).",
    }),
  ),
});

export const AlertReviewRequestSchema = strictObject(
  { verdict: VerdictSchema },
  {
    title: "AlertReviewRequest",
    description:
      "`fine`: what was seen is usual from now on, and a reach that was lowered is as before. `confirmed`: it was what it seemed.",
    examples: [{ verdict: "fine" }],
  },
);
