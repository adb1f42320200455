import { Type } from "typebox";
import {
  CallerIdSchema,
  CreditsSchema,
  CreditsTotalSchema,
  InstantSchema,
  instant,
  oneOf,
  ourId,
  PositionSchema,
  PositiveCreditsSchema,
  SignedAmountSchema,
  strictObject,
} from "./formats.schema.ts";

const GiftIdSchema = ourId("gft", "gift");

const whole = 1_000;
const reachMax = 100_000;

const ReserveSchema = Type.Integer({
  minimum: 0,
  maximum: whole,
  description:
    "Thousandths of the fair share that are reserved at the start; left out: those of the preset.",
});

export const FairnessPresetSchema = oneOf(["off", "strict", "balanced", "lend_early"]);

const settingFields = {
  preset: oneOf(["plan", "off", "strict", "balanced", "lend_early"]),
  reserve: Type.Optional(ReserveSchema),
  reach: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: reachMax,
      description:
        "How far above the fair share a member may go, in thousandths; left out: that of the preset.",
    }),
  ),
};

export const FairnessSettingSchema = strictObject(settingFields, {
  title: "FairnessSetting",
  description:
    "How the members share the pool. `plan` (the default): as the plan says, which is `balanced` unless it says otherwise; without a plan `off`, which is first come, first served. `strict` reserves every fair share whole at the start, `balanced` 70 %, `lend_early` half. `reserve` and `reach` replace the preset's; `off` has none. What is said replaces all that was said before.",
  examples: [{ preset: "balanced" }],
});

export const DrawnSharesSchema = strictObject(
  {
    reserve: CreditsTotalSchema,
    pot: CreditsTotalSchema,
    pots: Type.Array(
      strictObject({
        node: Type.String({ examples: ["workspace", "group:growth"] }),
        credits: CreditsTotalSchema,
      }),
    ),
    others: Type.Optional(CreditsTotalSchema),
  },
  {
    title: "DrawnShares",
    description:
      "What this drew of a pool that is shared: of the member's own reserve, and of the team's pots from near to far. Left out where the pool is not shared.",
    examples: [{ reserve: "50", pot: "25", pots: [{ node: "workspace", credits: "25" }] }],
  },
);

export const DeniedByReasonSchema = strictObject(
  { code: Type.String(), calls: Type.Integer({ minimum: 0 }), credits: CreditsTotalSchema },
  { title: "DeniedByReason", examples: [{ code: "borrow_limit", calls: 3, credits: "225" }] },
);

const ReachSchema = Type.Integer({
  minimum: 0,
  maximum: whole,
  description: "Thousandths of the workspace's reach: 1000 leaves it alone, 0 keeps to the share.",
});

export const GroupShareSchema = strictObject(
  {
    group: CallerIdSchema,
    guarantee: CreditsTotalSchema,
    share: CreditsTotalSchema,
    used: CreditsTotalSchema,
    reserved: CreditsTotalSchema,
    pot: CreditsTotalSchema,
  },
  {
    title: "GroupShare",
    description:
      "Where the member's home group stands: what never leaves it (scaled down where all guarantees exceed what the period has), its fair share, what its members used (open holds included), what it has, and what of that is in its pot, open to its members alone.",
    examples: [
      {
        group: "growth",
        guarantee: "600",
        share: "800",
        used: "120",
        reserved: "600",
        pot: "180",
      },
    ],
  },
);

export const MemberShareSchema = strictObject(
  {
    period: strictObject({ start: InstantSchema, end: InstantSchema }),
    shared: Type.Optional(
      Type.Boolean({
        description: "Others draw on the same share: agents and keys of one sponsor, or guests.",
      }),
    ),
    weight: Type.Integer({ minimum: 0, description: "Thousandths of a seat." }),
    guarantee: CreditsTotalSchema,
    reach: ReachSchema,
    share: CreditsTotalSchema,
    used: CreditsTotalSchema,
    reserved: CreditsTotalSchema,
    faded: CreditsTotalSchema,
    fromPot: CreditsTotalSchema,
    potLeft: CreditsTotalSchema,
    open: CreditsTotalSchema,
    blockedBy: Type.Optional(oneOf(["reserved_for_others", "borrow_limit"])),
    freesAt: Type.Optional(InstantSchema),
    denied: Type.Array(DeniedByReasonSchema, {
      description:
        "What was refused since the period began, by reason; counted by the hour, best effort.",
    }),
    group: Type.Optional(GroupShareSchema),
  },
  {
    title: "MemberShare",
    description:
      "Where the member stands in the sharing of the pool: its fair share, used (open holds included), reserved for it now, faded to the team, drawn from the pot, and open to it now.",
  },
);

export const ShareFiguresSchema = strictObject(
  {
    poolLeft: CreditsTotalSchema,
    reservedForOthers: CreditsTotalSchema,
    others: Type.Integer({ minimum: 0 }),
    openToYou: CreditsTotalSchema,
    share: CreditsTotalSchema,
    used: CreditsTotalSchema,
    limit: CreditsTotalSchema,
    potLeft: CreditsTotalSchema,
    renewsAt: InstantSchema,
  },
  {
    title: "ShareFigures",
    description:
      "What a refusal for fairness stands on: what the pool has left, what of it is reserved for others, the member's share and use, and what it may have above its share (`limit`) of what is left in the pots.",
  },
);

export const NextStepsSchema = Type.Array(
  Type.Union([
    strictObject({ kind: Type.Literal("ask_for_less"), credits: CreditsTotalSchema }),
    strictObject({ kind: Type.Literal("wait"), until: InstantSchema }),
    strictObject({ kind: Type.Literal("ask_owner_for_gift") }),
    strictObject({ kind: Type.Literal("top_up") }),
  ]),
  { description: "What may be done after a refusal for fairness." },
);

export const GiftRequestSchema = strictObject(
  { from: CallerIdSchema, to: CallerIdSchema, credits: PositiveCreditsSchema },
  { title: "GiftRequest", examples: [{ from: "ben", to: "ana", credits: "200" }] },
);

export const GiftSchema = strictObject(
  {
    id: GiftIdSchema,
    from: CallerIdSchema,
    to: CallerIdSchema,
    credits: CreditsTotalSchema,
    at: PositionSchema,
  },
  { title: "Gift" },
);

export const GuaranteeRequestSchema = strictObject(
  { credits: CreditsSchema },
  { title: "GuaranteeRequest", examples: [{ credits: "500" }] },
);

export const ReachRequestSchema = strictObject(
  { reach: ReachSchema },
  { title: "ReachRequest", examples: [{ reach: 500 }] },
);

export const MemberTermsSchema = strictObject(
  {
    member: CallerIdSchema,
    guarantee: CreditsTotalSchema,
    reach: ReachSchema,
    at: PositionSchema,
  },
  {
    title: "MemberTerms",
    examples: [{ member: "ana", guarantee: "500", reach: 1000, at: { seq: 4, index: 0 } }],
  },
);

export const GroupTermsSchema = strictObject(
  { group: CallerIdSchema, guarantee: CreditsTotalSchema, at: PositionSchema },
  {
    title: "GroupTerms",
    examples: [{ group: "growth", guarantee: "600", at: { seq: 4, index: 0 } }],
  },
);

export const FairnessStandingSchema = strictObject(
  {
    setting: FairnessSettingSchema,
    inForce: FairnessPresetSchema,
    reserve: Type.Optional(Type.Integer()),
    reach: Type.Optional(Type.Integer()),
    chosenBy: Type.Optional(CallerIdSchema),
    at: PositionSchema,
  },
  {
    title: "FairnessStanding",
    examples: [
      {
        setting: { preset: "plan" },
        inForce: "balanced",
        reserve: 700,
        reach: 1000,
        at: { seq: 9, index: 0 },
      },
    ],
  },
);

export const FairnessChosenSchema = strictObject(
  { setting: FairnessSettingSchema, chosenBy: CallerIdSchema, at: PositionSchema },
  {
    title: "FairnessChosen",
    examples: [{ setting: { preset: "balanced" }, chosenBy: "ana", at: { seq: 9, index: 0 } }],
  },
);

export const ReplayQuerySchema = strictObject({
  period: Type.Optional(
    Type.String({
      pattern: "^(last|current|[0-9]{4}-(0[1-9]|1[0-2]))$",
      description:
        "`last` (the default): the last period that is over; `current`: the one that runs, so far; or a calendar month such as `2026-10`.",
    }),
  ),
});

const CallTallySchema = strictObject(
  { calls: Type.Integer({ minimum: 0 }), credits: CreditsTotalSchema },
  { title: "CallTally" },
);

const ReplayedMemberSchema = strictObject(
  {
    member: CallerIdSchema,
    asked: CallTallySchema,
    denied: CallTallySchema,
    used: SignedAmountSchema,
  },
  { title: "ReplayedMember" },
);

const outcomeFields = {
  asked: CallTallySchema,
  denied: CallTallySchema,
  limited: CallTallySchema,
  used: SignedAmountSchema,
  idle: CreditsTotalSchema,
  light: strictObject(
    {
      asked: CreditsTotalSchema,
      denied: CreditsTotalSchema,
      deniedCalls: Type.Integer({ minimum: 0 }),
    },
    { description: "Of members who asked for at most their fair share." },
  ),
  members: Type.Array(ReplayedMemberSchema),
  membersLeftOut: Type.Optional(Type.Integer({ minimum: 1 })),
};

const ReplayPeriodSchema = strictObject({ from: InstantSchema, to: InstantSchema });

export const ReplayOutcomeSchema = strictObject(outcomeFields, { title: "ReplayOutcome" });

export const FairnessReplaySchema = strictObject(
  {
    period: ReplayPeriodSchema,
    inForce: FairnessPresetSchema,
    happened: ReplayOutcomeSchema,
    policies: Type.Array(
      strictObject({ ...outcomeFields, preset: FairnessPresetSchema }, { title: "ReplayedPreset" }),
    ),
    refusedAsks: CallTallySchema,
    leftOut: Type.Array(strictObject({ kind: Type.String(), count: Type.Integer({ minimum: 1 }) })),
    cutAt: Type.Optional(InstantSchema),
    limits: Type.Array(Type.String()),
  },
  {
    title: "FairnessReplay",
    description:
      "A past period under each preset, by the production rules, against what really happened.",
  },
);

export const FairnessRecommendationSchema = strictObject(
  {
    period: ReplayPeriodSchema,
    inForce: FairnessPresetSchema,
    preset: FairnessPresetSchema,
    change: Type.Boolean(),
    because: Type.String(),
  },
  { title: "FairnessRecommendation" },
);

export const ApplyFairnessRequestSchema = strictObject(
  { ...settingFields, by: CallerIdSchema },
  { title: "ApplyFairnessRequest", examples: [{ preset: "balanced", by: "ana" }] },
);

/** What a replay found, as it is offered. */
export const FairnessOfferSchema = strictObject(
  {
    period: ReplayPeriodSchema,
    inForce: FairnessPresetSchema,
    preset: FairnessPresetSchema,
    because: Type.String({ description: "Why, with the figures." }),
    presets: Type.Array(
      strictObject(
        {
          preset: FairnessPresetSchema,
          asked: CallTallySchema,
          denied: CallTallySchema,
          fair: strictObject(
            { asked: CallTallySchema, denied: CallTallySchema },
            { description: "Of members who asked for at most their fair share." },
          ),
          used: SignedAmountSchema,
          idle: CreditsTotalSchema,
        },
        { title: "OfferedPreset" },
      ),
      { description: "What each preset would have done." },
    ),
    cutAt: Type.Optional(
      instant("The replay ended here: the period has more facts than are replayed at once."),
    ),
  },
  { title: "FairnessOffer" },
);
