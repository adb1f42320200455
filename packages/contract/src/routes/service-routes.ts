import {
  ApiKeyCreatedSchema,
  ApiKeyPageSchema,
  ApiKeyRequestSchema,
  ApiKeySchema,
} from "../api-key.schema.ts";
import { BatchRequestSchema, BatchResponseSchema } from "../batch.schema.ts";
import { HealthSchema } from "../health.schema.ts";
import { PageQuerySchema } from "../page.schema.ts";
import { KeyParams } from "./parameters.schema.ts";
import type { Route } from "./route.ts";

/** Batches, API keys, and the state of the service itself. */
export const serviceRoutes = {
  runBatch: {
    method: "POST",
    path: "/v1/batch",
    tag: "Batch",
    summary: "Many operations in one call",
    description:
      "One answer each, in order. Operations of one workspace run in order; nothing is atomic, and a refused operation does not stop the later ones. Each has its own Idempotency-Key and needs its own scope.",
    scopes: ["usage:write", "read"],
    body: BatchRequestSchema,
    idempotency: { kind: "ignored" },
    responses: { 200: BatchResponseSchema },
    problems: [],
  },
  createKey: {
    method: "POST",
    path: "/v1/keys",
    tag: "Keys",
    summary: "Make an API key",
    description: "The secret stands in this answer alone; only its hash is kept.",
    scopes: ["admin"],
    body: ApiKeyRequestSchema,
    idempotency: { kind: "required" },
    responses: { 201: ApiKeyCreatedSchema },
    problems: ["idempotency_key_missing", "unknown_workspace", "idempotency_key_reused"],
  },
  listKeys: {
    method: "GET",
    path: "/v1/keys",
    tag: "Keys",
    summary: "List API keys",
    description: "Never the secrets; revoked keys carry the instant.",
    scopes: ["admin"],
    query: PageQuerySchema,
    idempotency: { kind: "ignored" },
    responses: { 200: ApiKeyPageSchema },
    problems: [],
  },
  revokeKey: {
    method: "DELETE",
    path: "/v1/keys/{key}",
    tag: "Keys",
    summary: "Revoke an API key",
    description: "It opens nothing from now on.",
    scopes: ["admin"],
    params: KeyParams,
    idempotency: { kind: "optional" },
    responses: { 200: ApiKeySchema },
    problems: ["unknown_key"],
  },
  livez: {
    method: "GET",
    path: "/livez",
    tag: "Service",
    summary: "Is the process alive?",
    description: "Answers as long as the process can answer.",
    scopes: [],
    idempotency: { kind: "ignored" },
    responses: { 200: HealthSchema },
    problems: [],
  },
  readyz: {
    method: "GET",
    path: "/readyz",
    tag: "Service",
    summary: "Can it decide?",
    description: "503 while the database is out of reach or the server drains.",
    scopes: [],
    idempotency: { kind: "ignored" },
    responses: { 200: HealthSchema, 503: HealthSchema },
    problems: [],
  },
} as const satisfies Readonly<Record<string, Route>>;
