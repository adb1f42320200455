import { Type } from "typebox";
import { CreditsTotalSchema, InstantSchema, oneOf, strictObject } from "./formats.schema.ts";
import { NegotiatedPricesSchema } from "./negotiated-prices.schema.ts";
import { SignedMoneySchema } from "./subscription.schema.ts";
import { pageOf } from "./page.schema.ts";

const versionFields = {
  version: Type.Integer({ minimum: 1, description: "From 1, without gaps.", examples: [3] }),
  hash: Type.String({
    pattern: "^[0-9a-f]{64}$",
    description: "SHA-256 of the content as canonical JSON (RFC 8785).",
  }),
  effectiveAt: InstantSchema,
  status: oneOf(["past", "in_force", "upcoming"], {
    description: "`in_force` prices calls now; `upcoming` will, from `effectiveAt` on.",
  }),
};

const content = (description: string) =>
  Type.Record(Type.String(), Type.Unknown(), { additionalProperties: false, description });

export const CatalogVersionSchema = strictObject(versionFields, { title: "CatalogVersion" });

export const CatalogSchema = strictObject(
  {
    ...versionFields,
    content: content("The catalog as it was pushed."),
    credits: strictObject(
      {
        singular: Type.String({ examples: ["credit"] }),
        plural: Type.String({ examples: ["credits"] }),
        decimals: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 6,
            description: "How many people see; left out: as many as there are.",
          }),
        ),
      },
      { description: "What credits are called where people read of them." },
    ),
  },
  { title: "Catalog" },
);

export const CatalogVersionPageSchema = pageOf(CatalogVersionSchema, "CatalogVersionPage");

export const CatalogRequestSchema = strictObject(
  {
    content: content("The catalog as cistern.config.ts exports it, or the JSON file says it."),
    effectiveAt: Type.Optional(InstantSchema),
  },
  {
    title: "CatalogRequest",
    description:
      "A catalog that is to be the newest version, from `effectiveAt` on: at least a minute ahead, and as soon as may be where it is left out.",
  },
);

export const CatalogPushedSchema = strictObject(
  {
    ...versionFields,
    unchanged: Type.Optional(
      Type.Boolean({
        description: "The newest version has this content already: nothing was pushed.",
      }),
    ),
  },
  { title: "CatalogPushed" },
);

export const CatalogDiffRequestSchema = strictObject(
  { content: content("The catalog as cistern.config.ts exports it, or the JSON file says it.") },
  { title: "CatalogDiffRequest" },
);

export const CatalogChangeSchema = strictObject(
  {
    kind: oneOf(["added", "removed", "changed"]),
    what: Type.String({ examples: ["plan team"] }),
    details: Type.Array(Type.String({ examples: ["seats.fee: 20.00 -> 25.00"] })),
  },
  { title: "CatalogChange" },
);

export const RepricedUsageSchema = strictObject(
  {
    from: InstantSchema,
    to: InstantSchema,
    card: Type.String(),
    newCard: Type.String(),
    charged: CreditsTotalSchema,
    repriced: CreditsTotalSchema,
    migrated: Type.Optional(CreditsTotalSchema),
    unpriced: Type.Integer({ minimum: 0 }),
  },
  {
    title: "RepricedUsage",
    description:
      "Usage of the last whole period (of the first one so far): as charged, and as the new rate card would have charged it, with the allowances of the newer version of the plan. Rows for which it has no price are counted, and stay as charged.",
  },
);

export const AllowanceImpactSchema = strictObject(
  {
    meter: Type.String(),
    bucket: Type.String(),
    pinned: CreditsTotalSchema,
    newer: CreditsTotalSchema,
    used: CreditsTotalSchema,
  },
  {
    title: "AllowanceImpact",
    description:
      "Units of a bucket that a whole period includes, by either version of the plan, and what this period has used so far; of a level: times hours.",
  },
);

export const SubscriptionImpactSchema = strictObject(
  {
    workspace: Type.String(),
    subscription: Type.String(),
    plan: Type.String(),
    planVersion: Type.String(),
    newerVersion: Type.Optional(
      Type.String({ description: "The subscription keeps its own until it is migrated." }),
    ),
    planRemoved: Type.Optional(Type.Literal(true)),
    negotiated: Type.Optional(NegotiatedPricesSchema),
    negotiatedLater: Type.Optional(Type.Array(NegotiatedPricesSchema)),
    nextBill: Type.Optional(
      strictObject(
        { pinned: SignedMoneySchema, newer: Type.Optional(SignedMoneySchema) },
        {
          description:
            "What the next invoice will come to by what is known now, without tax: as it is, and if the subscription were migrated at the end of its period (left out where that is refused).",
        },
      ),
    ),
    billedUsage: Type.Optional(
      strictObject(
        { pinned: SignedMoneySchema, newer: SignedMoneySchema },
        { description: "Usage billed so far in this period, at the prices of either version." },
      ),
    ),
    allowances: Type.Optional(Type.Array(AllowanceImpactSchema)),
    usage: Type.Optional(RepricedUsageSchema),
  },
  { title: "SubscriptionImpact" },
);

export const CatalogDiffSchema = strictObject(
  {
    changes: Type.Array(CatalogChangeSchema),
    subscriptions: Type.Array(SubscriptionImpactSchema),
    nextCursor: Type.Optional(Type.String()),
  },
  {
    title: "CatalogDiff",
    description:
      "What a push would change, and the subscriptions that it touches, of one page of workspaces.",
  },
);
