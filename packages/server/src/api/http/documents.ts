/** Owns the API's own documents: OpenAPI 3.1 at /openapi.json, the reference at /docs, and a page for every problem. */
import {
  IdempotencyHeaders,
  type OperationName,
  ProblemSchema,
  type Route,
  bodyProblems,
  commonProblems,
  isProblemCode,
  problemCodes,
  problems,
  routes,
} from "@cistern/contract";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance, FastifySchema } from "fastify";
import { problemAdvice } from "../problems/advice.ts";
import { eventDocuments } from "./event-documents.ts";
import { hoistSchemas } from "./hoist-schemas.ts";

const description = `Members of a workspace spend from one shared pool of prepaid credits. Every call is authorized with a **hold** before it runs and **settled** with what it really used.

Try it: choose *Authorize* and paste an API key; create a workspace, grant credits, open a hold.`;

/** All from here, and over whatever the page came over: the library's own policy would send a browser to https. */
const contentSecurity = {
  "default-src": ["'self'"],
  "base-uri": ["'self'"],
  "object-src": ["'none'"],
  "frame-ancestors": ["'self'"],
  "img-src": ["'self'", "data:"],
  "style-src": ["'self'", "'unsafe-inline'"],
};

/** Adds the documents. To be called before the routes that they describe are added. */
export async function serveDocuments(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Cistern", version, description, license: { name: "Apache-2.0" } },
      servers: [{ url: "/" }],
      components: { securitySchemes: { key: { type: "http", scheme: "bearer" } } },
    },
    transform: ({ schema, url, route }) => {
      const name = route.config?.operation;
      const isListed = name !== undefined && isOperationName(name) && route.method !== "HEAD";
      return isListed
        ? { schema: documented(name, routes[name]), url }
        : { schema: { ...schema, hide: true }, url };
    },
    transformObject: (document) =>
      "openapiObject" in document
        ? withEvents(hoistSchemas(document.openapiObject))
        : document.swaggerObject,
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: contentSecurity,
    theme: { title: "Cistern API" },
    uiConfig: {
      persistAuthorization: true,
      displayRequestDuration: true,
      validatorUrl: null,
      docExpansion: "list",
      tryItOutEnabled: true,
      defaultModelsExpandDepth: 0,
    },
  });
  let printed: string | undefined;
  app.get("/openapi.json", { schema: { hide: true } }, (_request, reply) =>
    reply
      .header("content-type", "application/json")
      .send((printed ??= JSON.stringify(app.swagger()))),
  );
  app.get<{ Params: { code: string } }>(
    "/problems/:code",
    { schema: { hide: true } },
    ({ params: { code } }, reply) =>
      isProblemCode(code)
        ? reply
            .type("text/plain")
            .send(
              `${code}: ${problems[code].title} (${problems[code].status})\n\n${problemAdvice[code]}\n`,
            )
        : reply.callNotFound(),
  );
}

/** The document with what leaves as events. */
function withEvents<Document extends { components?: { schemas?: object } }>(
  document: Document,
): Document {
  const { webhooks, schemas } = eventDocuments();
  const { components = {} } = document;
  return {
    ...document,
    webhooks,
    components: { ...components, schemas: { ...components.schemas, ...schemas } },
  };
}

function isOperationName(text: string): text is OperationName {
  return Object.hasOwn(routes, text);
}

/** A row of the contract as @fastify/swagger takes it. */
function documented(name: string, route: Route): FastifySchema {
  const { idempotency } = route;
  return {
    operationId: name,
    summary: route.summary,
    description: descriptionOf(route),
    tags: [route.tag],
    ...(route.scopes.length === 0 ? {} : { security: [{ key: [] }] }),
    ...(route.params === undefined ? {} : { params: route.params }),
    ...(route.query === undefined ? {} : { querystring: route.query }),
    ...(route.body === undefined ? {} : { body: route.body }),
    ...(route.mediaTypes === undefined ? {} : { consumes: [...route.mediaTypes] }),
    ...(idempotency.kind === "ignored" ? {} : { headers: headersOf(name, route) }),
    response: { ...answersOf(route), ...refusalsOf(route) },
  };
}

/** Each operation shows a key of its own: the page sends what it shows, and a key stands for one request of the workspace. */
function headersOf(name: string, { idempotency }: Route): object {
  const { properties } = IdempotencyHeaders;
  const key = { ...properties["idempotency-key"], examples: [`${name}-1`] };
  return {
    ...IdempotencyHeaders,
    properties: { ...properties, "idempotency-key": key },
    ...(idempotency.kind === "required" ? { required: ["idempotency-key"] } : {}),
  };
}

function descriptionOf({ description: text, scopes }: Route): string {
  return scopes.length === 0
    ? `${text} Asks for no key.`
    : `${text}\n\nScopes: ${["admin", ...scopes.filter((scope) => scope !== "admin")].join(", ")}.`;
}

function answersOf({ responses, summary, isTable, isInvoice }: Route): Record<string, object> {
  const csv = { "text/csv": { schema: { type: "string" } } };
  const pdf = { "application/pdf": { schema: { type: "string", format: "binary" } } };
  const table = isTable === true ? csv : isInvoice === true ? { ...csv, ...pdf } : {};
  return Object.fromEntries(
    Object.entries(responses).map(([status, schema]) => [
      status,
      { description: summary, content: { "application/json": { schema }, ...table } },
    ]),
  );
}

/** All problems of a route by status, each status with its codes. */
function refusalsOf(route: Route): Record<string, object> {
  const possible = new Set([
    ...route.problems,
    ...commonProblems,
    ...(route.body === undefined ? [] : bodyProblems),
  ]);
  const byStatus = new Map<number, string[]>();
  for (const code of problemCodes.filter((one) => possible.has(one))) {
    const { status, title } = problems[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\` ${title}`]);
  }
  return Object.fromEntries(
    [...byStatus]
      .filter(([status]) => route.responses[status] === undefined)
      .map(([status, codes]) => [
        status,
        {
          description: codes.join(" · "),
          content: { "application/problem+json": { schema: ProblemSchema } },
        },
      ]),
  );
}
