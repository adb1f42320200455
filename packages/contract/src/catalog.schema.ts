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

export const CatalogVersionSchema = strictObject(versionFields, { title: "CatalogVersion" });

export const CatalogSchema = strictObject(
  {
    ...versionFields,
    content: Type.Record(Type.String(), Type.Unknown(), {
      additionalProperties: false,
      description: "The catalog as it was pushed.",
    }),
  },
  { title: "Catalog" },
);

export const CatalogVersionPageSchema = pageOf(CatalogVersionSchema, "CatalogVersionPage");
