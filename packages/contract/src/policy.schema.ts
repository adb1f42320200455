import { Type } from "typebox";
import {
  CallerIdSchema,
  InstantSchema,
  MeterSchema,
  ModelSchema,
  oneOf,
  PositionSchema,
  strictObject,
} from "./formats.schema.ts";
import { limits } from "./limits.ts";
import { pageOf } from "./page.schema.ts";

export const PolicyScopeSchema = Type.Union(
  [
    strictObject({ kind: Type.Literal("workspace") }),
    strictObject({ kind: Type.Literal("group"), id: CallerIdSchema }),
    strictObject({ kind: Type.Literal("member"), id: CallerIdSchema }),
  ],
  {
    title: "PolicyScope",
    description: "Whom it binds: everybody, a group, or a member with what it sponsors.",
    examples: [{ kind: "group", id: "growth" }],
  },
);

export const WeekdaySchema = oneOf(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);

export const PolicyHoursSchema = strictObject(
  {
    days: Type.Array(WeekdaySchema, { minItems: 1, maxItems: 7, uniqueItems: true }),
    from: Type.String({
      pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$",
      description: "HH:MM by the clock of the workspace's zone.",
      examples: ["08:00"],
    }),
    to: Type.String({
      pattern: "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
      description:
        "HH:MM, which is outside; where it is not after `from` it stands on the next day.",
      examples: ["18:00"],
    }),
  },
  {
    title: "PolicyHours",
    examples: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "08:00", to: "18:00" }],
  },
);

const lists = {
  meters: Type.Optional(
    Type.Array(MeterSchema, {
      maxItems: limits.policyNamesMax,
      uniqueItems: true,
      description: "Names, and patterns with `*`. Left out: all; empty: none.",
    }),
  ),
  models: Type.Optional(
    Type.Array(ModelSchema, {
      maxItems: limits.policyNamesMax,
      uniqueItems: true,
      description: "As `meters`.",
    }),
  ),
  hours: Type.Optional(
    Type.Array(PolicyHoursSchema, {
      maxItems: limits.policyHoursMax,
      description: "When calls may begin or be extended. Left out: always; empty: never.",
    }),
  ),
};

const VersionSchema = Type.String({
  minLength: 1,
  maxLength: limits.callerIdCharactersMax,
  description: "Your name of this version of the text.",
  examples: ["2026-11"],
});

const HashSchema = Type.String({
  pattern: "^[0-9a-f]{64}$",
  description: "SHA-256 of the text in UTF-8, in hex.",
});

export const PolicyTextNameSchema = strictObject(
  { version: VersionSchema, hash: HashSchema },
  { title: "PolicyTextName" },
);

const example = {
  scope: { kind: "group", id: "growth" },
  meters: ["chat"],
  models: ["gpt-5*"],
  hours: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "08:00", to: "18:00" }],
} as const;
const textName = { version: "2026-11", hash: "5e".repeat(32) };
const at = { seq: 9, index: 0 };

export const PolicyRequestSchema = strictObject(
  {
    scope: PolicyScopeSchema,
    ...lists,
    text: Type.Optional(
      strictObject(
        {
          version: VersionSchema,
          text: Type.String({ minLength: 1, maxLength: limits.policyTextCharactersMax }),
        },
        { description: "A text for people. One that changed is another version." },
      ),
    ),
    mustAccept: Type.Optional(
      Type.Boolean({
        description: "Nobody spends who has not accepted this version of the text. Default false.",
      }),
    ),
  },
  { title: "PolicyRequest", examples: [example] },
);

export const PolicySchema = strictObject(
  {
    id: CallerIdSchema,
    scope: PolicyScopeSchema,
    ...lists,
    text: Type.Optional(PolicyTextNameSchema),
    mustAccept: Type.Boolean(),
    at: PositionSchema,
  },
  { title: "Policy", examples: [{ id: "office", ...example, mustAccept: false, at }] },
);

export const PolicyPageSchema = pageOf(PolicySchema, "PolicyPage");

export const PolicyRemovedSchema = strictObject(
  { id: CallerIdSchema, removed: Type.Literal(true), at: PositionSchema },
  { title: "PolicyRemoved" },
);

export const AcceptanceRequestSchema = strictObject(
  { member: CallerIdSchema, version: VersionSchema },
  { title: "AcceptanceRequest", examples: [{ member: "ana", version: "2026-11" }] },
);

const acceptance = {
  policy: CallerIdSchema,
  member: CallerIdSchema,
  text: PolicyTextNameSchema,
  acceptedAt: InstantSchema,
  at: PositionSchema,
};

export const AcceptanceSchema = strictObject(acceptance, {
  title: "Acceptance",
  examples: [
    {
      policy: "acceptable-use",
      member: "ana",
      text: textName,
      acceptedAt: "2026-11-30T12:00:00Z",
      at,
    },
  ],
});

export const AcceptancePageSchema = pageOf(
  strictObject(
    {
      ...acceptance,
      current: Type.Boolean({ description: "It is of the version that stands." }),
    },
    { title: "AcceptanceRow" },
  ),
  "AcceptancePage",
);

export const PolicyTextSchema = strictObject(
  { hash: HashSchema, text: Type.String() },
  { title: "PolicyText", examples: [{ hash: textName.hash, text: "Be kind." }] },
);

export const PolicyRefusalSchema = strictObject(
  {
    id: CallerIdSchema,
    forbids: Type.Optional(oneOf(["meter", "model", "hours"])),
    name: Type.Optional(
      Type.String({ description: "The meter, or the model. Left out: the call names none." }),
    ),
    allowed: Type.Optional(Type.Array(Type.String(), { description: "Names and patterns." })),
    hours: Type.Optional(Type.Array(PolicyHoursSchema)),
    timeZone: Type.Optional(Type.String()),
    text: Type.Optional(PolicyTextNameSchema),
    member: Type.Optional(Type.String({ description: "Who accepts the text for this call." })),
    accepted: Type.Optional(Type.String({ description: "The version that it accepted last." })),
  },
  {
    title: "PolicyRefusal",
    description:
      "The policy that refused, and what it allows; or which text of it is to be accepted.",
    examples: [{ id: "office", forbids: "meter", name: "image", allowed: ["chat"] }],
  },
);

export const PolicyStandingSchema = strictObject(
  {
    id: CallerIdSchema,
    scope: PolicyScopeSchema,
    ...lists,
    open: Type.Boolean({ description: "Its hours, if it has any, allow now." }),
    opensAt: Type.Optional(InstantSchema),
    text: Type.Optional(
      strictObject({
        version: VersionSchema,
        hash: HashSchema,
        mustAccept: Type.Boolean(),
        member: Type.String({ description: "Who accepts it for this member." }),
        accepted: Type.Optional(
          Type.String({ description: "The version that was accepted last." }),
        ),
      }),
    ),
  },
  { title: "PolicyStanding" },
);
