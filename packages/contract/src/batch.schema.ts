import { Type } from "typebox";
import { oneOf, strictObject } from "./formats.schema.ts";
import { limits } from "./limits.ts";

export const OperationSchema = strictObject(
  {
    method: oneOf(["POST", "PUT", "PATCH", "DELETE"]),
    path: Type.String({ minLength: 1, maxLength: 2048, examples: ["/v1/workspaces/acme/holds"] }),
    idempotencyKey: Type.Optional(
      Type.String({ description: "As the header of its own call would be; checked with it." }),
    ),
    body: Type.Optional(Type.Unknown()),
  },
  { title: "Operation" },
);

export const OperationResultSchema = strictObject(
  {
    status: Type.Integer(),
    body: Type.Unknown(),
    replayed: Type.Optional(Type.Boolean()),
    retryAfter: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { title: "OperationResult" },
);

export const BatchRequestSchema = strictObject(
  {
    operations: Type.Array(OperationSchema, {
      minItems: 1,
      maxItems: limits.batchOperationsMax,
    }),
  },
  {
    title: "BatchRequest",
    examples: [
      {
        operations: [
          {
            method: "POST",
            path: "/v1/workspaces/acme/holds",
            idempotencyKey: "k1",
            body: { member: "ana", credits: "75" },
          },
        ],
      },
    ],
  },
);

export const BatchResponseSchema = strictObject(
  { results: Type.Array(OperationResultSchema) },
  { title: "BatchResponse" },
);
