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

const ScopesSchema = Type.Array(oneOf(["admin", "usage:write", "read", "gateway:use"]), {
  minItems: 1,
  uniqueItems: true,
  description:
    "`admin` everything, `usage:write` spend, `read` look, `gateway:use` call models through the gateway and no more.",
});

export const ApiKeyRequestSchema = strictObject(
  {
    name: NameSchema,
    scopes: ScopesSchema,
    workspace: Type.Optional(CallerIdSchema),
    member: Type.Optional(
      Type.Unsafe<string>({
        ...CallerIdSchema,
        description:
          "The one member of that workspace whom it spends for through the gateway. Needs `workspace`, and the one scope `gateway:use`.",
      }),
    ),
  },
  {
    title: "ApiKeyRequest",
    examples: [
      { name: "backend", scopes: ["usage:write"], workspace: "acme" },
      { name: "ana's editor", scopes: ["gateway:use"], workspace: "acme", member: "ana" },
    ],
  },
);

const keyFields = {
  id: KeyIdSchema,
  name: NameSchema,
  prefix: Type.String({ examples: ["cst_Ab3"] }),
  scopes: ScopesSchema,
  workspace: Type.Optional(CallerIdSchema),
  member: Type.Optional(CallerIdSchema),
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
