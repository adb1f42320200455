import { Type } from "typebox";
import { creditsPattern } from "./credits.ts";
import {
  CallerIdSchema,
  CreditsSchema,
  CurrencySchema,
  InstantSchema,
  NameSchema,
  oneOf,
  PositionSchema,
  strictObject,
} from "./formats.schema.ts";
import { FairnessSettingSchema } from "./fairness.schema.ts";
import { limits } from "./limits.ts";

export const OverageSchema = Type.Union(
  [
    strictObject({ kind: Type.Literal("plan") }),
    strictObject({ kind: Type.Literal("deny") }),
    strictObject({ kind: Type.Literal("debt"), limit: CreditsSchema }),
  ],
  {
    title: "Overage",
    description:
      "What happens past the pool: what the plan says (`plan`, the default; without a plan nothing is lent), `deny`, or `debt` up to a limit.",
    examples: [{ kind: "debt", limit: "500" }],
  },
);

const TimeZoneSchema = Type.String({
  minLength: 1,
  maxLength: 64,
  description: "IANA time zone of the calendar windows.",
  examples: ["Europe/Berlin"],
});
const MemberPolicySchema = oneOf(["open", "known"], {
  description: "`open`: ids never registered may spend as guests; `known`: members only.",
});
const GuestsMaxSchema = Type.Integer({
  minimum: 0,
  maximum: limits.guestsMax,
  description: `How many unregistered ids may spend (default ${limits.guestsDefault}).`,
});
const LowBalanceSchema = Type.String({
  pattern: creditsPattern,
  description: "At so many credits left (available and held) `balance.low` is told; 0: never.",
  examples: ["500"],
});
const OverrunSchema = oneOf(["draw_more_then_debt", "cap_at_hold"], {
  description:
    "A settle above its hold: draws more and then owes (default), or the vendor bears the rest.",
});
const OwnersSchema = Type.Array(CallerIdSchema, {
  maxItems: limits.ownersMax,
  uniqueItems: true,
  description: "Members who may answer every request for more; without any, whom you name.",
});
const StatusSchema = oneOf(["active", "suspended"]);

const example = {
  id: "acme",
  name: "Acme",
  timeZone: "Europe/Berlin",
  currency: "EUR",
  overage: { kind: "deny" },
};

export const WorkspaceRequestSchema = strictObject(
  {
    id: CallerIdSchema,
    name: Type.Optional(NameSchema),
    timeZone: Type.Optional(TimeZoneSchema),
    currency: Type.Optional(CurrencySchema),
    overage: Type.Optional(OverageSchema),
    members: Type.Optional(MemberPolicySchema),
    guestsMax: Type.Optional(GuestsMaxSchema),
    lowBalance: Type.Optional(LowBalanceSchema),
    overrun: Type.Optional(OverrunSchema),
    fairness: Type.Optional(FairnessSettingSchema),
    owners: Type.Optional(OwnersSchema),
  },
  { title: "WorkspaceRequest", examples: [example] },
);

export const WorkspacePatchSchema = strictObject(
  {
    name: Type.Optional(NameSchema),
    timeZone: Type.Optional(TimeZoneSchema),
    overage: Type.Optional(OverageSchema),
    members: Type.Optional(MemberPolicySchema),
    guestsMax: Type.Optional(GuestsMaxSchema),
    lowBalance: Type.Optional(LowBalanceSchema),
    overrun: Type.Optional(OverrunSchema),
    fairness: Type.Optional(FairnessSettingSchema),
    owners: Type.Optional(OwnersSchema),
    status: Type.Optional(StatusSchema),
  },
  { title: "WorkspacePatch", minProperties: 1, examples: [{ status: "suspended" }] },
);

export const WorkspaceSchema = strictObject(
  {
    id: CallerIdSchema,
    name: Type.Optional(NameSchema),
    timeZone: TimeZoneSchema,
    currency: CurrencySchema,
    status: StatusSchema,
    overage: OverageSchema,
    members: MemberPolicySchema,
    guestsMax: GuestsMaxSchema,
    lowBalance: Type.Optional(LowBalanceSchema),
    overrun: OverrunSchema,
    fairness: FairnessSettingSchema,
    owners: Type.Optional(OwnersSchema),
    createdAt: InstantSchema,
    at: PositionSchema,
  },
  {
    title: "Workspace",
    examples: [
      {
        ...example,
        status: "active",
        members: "open",
        guestsMax: limits.guestsDefault,
        overrun: "draw_more_then_debt",
        fairness: { preset: "plan" },
        createdAt: "2026-11-01T00:00:00Z",
        at: { seq: 1, index: 0 },
      },
    ],
  },
);
