import { Type } from "typebox";
import {
  CallerIdSchema,
  InstantSchema,
  KeyIdSchema,
  NameSchema,
  oneOf,
  strictObject,
} from "./formats.schema.ts";
import { pageOf } from "./page.schema.ts";

const ScopesSchema = Type.Array(oneOf(["admin", "usage:write", "read"]), {
  minItems: 1,
  uniqueItems: true,
  description: "`admin` everything, `usage:write` spend, `read` look.",
});

export const ApiKeyRequestSchema = strictObject(
  { name: NameSchema, scopes: ScopesSchema, workspace: Type.Optional(CallerIdSchema) },
  {
    title: "ApiKeyRequest",
    examples: [{ name: "backend", scopes: ["usage:write"], workspace: "acme" }],
  },
);

const keyFields = {
  id: KeyIdSchema,
  name: NameSchema,
  prefix: Type.String({ examples: ["cst_Ab3"] }),
  scopes: ScopesSchema,
  workspace: Type.Optional(CallerIdSchema),
  createdAt: InstantSchema,
  revokedAt: Type.Optional(InstantSchema),
};

export const ApiKeySchema = strictObject(keyFields, { title: "ApiKey" });

export const ApiKeyCreatedSchema = strictObject(
  {
    ...keyFields,
    key: Type.Optional(
      Type.String({ description: "The secret, shown once; a replayed answer leaves it out." }),
    ),
  },
  { title: "ApiKeyCreated" },
);

export const ApiKeyPageSchema = pageOf(ApiKeySchema, "ApiKeyPage");
