import { Type } from "typebox";
import { InstantSchema, oneOf, strictObject } from "./formats.schema.ts";
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
