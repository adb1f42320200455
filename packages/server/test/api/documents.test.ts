/** What the API says of itself: OpenAPI, the reference, problem pages, metrics. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Route,
  eventDataSchemas,
  eventTypeNames,
  eventTypes,
  fieldMeaning,
  problemCodes,
  routes,
} from "@cistern/contract";
import { Validator } from "@seriousme/openapi-schema-validator";
import type { TSchema } from "typebox";
import { startApi, valueAt, workspaceWith } from "./api-server.ts";

const api = await startApi();
const anonymous = { apiKey: null } as const;

test("the OpenAPI document is valid 3.1 and lists every route, with its problems", async () => {
  const document = (await api.get("/openapi.json", anonymous)).body;
  const { valid, errors } = await new Validator().validate({ ...document });
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(valueAt(document, "openapi"), "3.1.0");
  const all: readonly (readonly [string, Route])[] = Object.entries(routes);
  const paths = document["paths"];
  assert.ok(typeof paths === "object" && paths !== null);
  for (const [name, route] of all) {
    const listed: unknown = Reflect.get(paths, route.path);
    const operation = valueAt(listed, route.method.toLowerCase());
    assert.equal(valueAt(operation, "operationId"), name);
    for (const status of Object.keys(route.responses))
      assert.ok(valueAt(operation, `responses.${status}`), `${name} ${status}`);
  }
  const listed = Object.values(paths).reduce<number>((sum, one: unknown) => {
    assert.ok(typeof one === "object" && one !== null);
    return sum + Object.keys(one).length;
  }, 0);
  assert.equal(listed, all.length);
});

test("each type of event stands in it as a webhook, with the fields of its data, their units and what they mean; others may be added", async () => {
  const document = (await api.get("/openapi.json", anonymous)).body;
  for (const type of eventTypeNames) {
    const webhook = valueAt(Object(document["webhooks"])[type], "post");
    assert.equal(valueAt(webhook, "summary"), eventTypes[type]);
  }
  const settled = valueAt(document, "components.schemas.HoldSettledData");
  assert.equal(
    valueAt(settled, "properties.charged.description"),
    "Credits that this charged: of grants, as debt and billed. Credits as a decimal.",
  );
  assert.equal(valueAt(settled, "additionalProperties"), undefined);
  assert.equal(
    valueAt(document, "components.schemas.EventPoolBalance.additionalProperties"),
    undefined,
  );
  assert.equal(valueAt(document, "components.schemas.PoolBalance.additionalProperties"), false);
});

test("every field of every event says what it means", () => {
  const silent = new Set<string>();
  const visit = (value: unknown, shape: string): void => {
    if (typeof value !== "object" || value === null) return;
    const inside = "title" in value && typeof value.title === "string" ? value.title : shape;
    if ("properties" in value)
      for (const [name, schema] of Object.entries<TSchema>(Object(value.properties)))
        if (fieldMeaning(inside, name, schema) === undefined) silent.add(`${inside}.${name}`);
    for (const part of Object.values(value)) visit(part, inside);
  };
  for (const [type, schema] of Object.entries(eventDataSchemas)) visit(schema, type);
  assert.deepEqual([...silent], []);
});

test("every reference in the document leads somewhere", async () => {
  const { text, body } = await api.get("/openapi.json", anonymous);
  const references = new Set(
    [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map((one) => one[1] ?? ""),
  );
  assert.ok(references.size > 20);
  for (const name of references) assert.ok(valueAt(body, `components.schemas.${name}`), name);
});

test("the reference needs nothing from elsewhere", async () => {
  const page = await api.get("/docs/", anonymous);
  assert.equal(page.status, 200);
  const links = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((one) => one[1] ?? "");
  assert.ok(links.length > 4);
  for (const link of links) {
    assert.ok(!/^(https?:)?\/\//.test(link), link);
    const part = await api.get(new URL(link, `${api.url}/docs/`).pathname, anonymous);
    assert.equal(part.status, 200, link);
  }
  assert.ok(!(page.headers.get("content-security-policy") ?? "").includes("http"));
});

test("each problem has a page, where its type leads", async () => {
  for (const code of problemCodes) {
    const page = await api.get(`/problems/${code}`, anonymous);
    assert.equal(page.status, 200, code);
    assert.match(page.text, new RegExp(code));
  }
  assert.equal((await api.get("/problems/none", anonymous)).status, 404);
});

test("metrics tell of requests by route, of the engine, and of the projections' lag", async () => {
  await workspaceWith(api, "acme", "10");
  const { text } = await api.get("/metrics", anonymous);
  assert.match(
    text,
    /cistern_http_request_duration_seconds_count\{method="POST",route="\/v1\/workspaces",status="201"\} 1/,
  );
  assert.match(text, /cistern_engine_commands_accepted_total 2/);
  assert.match(text, /cistern_projection_lag_seconds /);
  assert.match(text, /process_cpu_seconds_total/);
});
